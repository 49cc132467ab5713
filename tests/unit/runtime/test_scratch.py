"""Scratch: private, and nothing of a process that is gone."""

from __future__ import annotations

import os
import stat

from jobs.runtime import scratch


def test_scratch_of_a_process_that_is_gone_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(scratch.atexit, "register", lambda *_, **__: None)
    dead, alive, odd = (tmp_path / f"atlas-{n}-scratch" for n in (2**22 + 1, os.getppid(), "x-y"))
    for folder in (dead, alive, odd):
        (folder / "blockmgr").mkdir(parents=True)
    told = scratch.scratch()
    assert [f.exists() for f in (dead, alive)] == [False, True]
    assert told == tmp_path / f"atlas-{os.getpid()}-scratch"
    assert stat.S_IMODE(told.stat().st_mode) == 0o700
