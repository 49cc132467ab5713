"""Where a run's events lie until they are in the lake: a file on this machine for each teller.

The listener writes to the driver's disk. At a run's end its files go to `ops/_lineage/pending`; those
that a killed run left are brought there by the next run on this machine.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Iterable
from pathlib import Path

from platformdirs import user_state_path

from conf.s3 import is_s3
from conf.settings import Settings
from jobs.runtime.small_files import SmallFiles

OURS, LISTENERS = ".atlas.jsonl", ".spark.jsonl"
"""How the files end whose name begins with the run."""


class Spool:
    """The events of one run."""

    def __init__(self, settings: Settings, run_id: str) -> None:
        self._folder = _folder(settings)
        self._run_id = run_id

    def prepare(self) -> None:
        """Make the folder, for its owner's eyes only."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def listener(self) -> Path:
        """What Spark's listener appends to."""
        return self._folder / f"{self._run_id}{LISTENERS}"

    def append(self, event: str) -> None:
        """Keep an event of our own."""
        self.prepare()
        with (self._folder / f"{self._run_id}{OURS}").open("a", encoding="utf-8") as file:
            file.write(event + "\n")

    def deliver(self, pending: SmallFiles, unsent: SmallFiles | None, alive: Iterable[str]) -> None:
        """Bring to the lake what this run and dead ones told; others may still be writing.
        `unsent`: where a server's copy waits."""
        others = set(alive) - {self._run_id}
        told = [p for p in self._folder.glob("*.jsonl") if p.name.partition(".")[0] not in others]
        known = set(pending.names()) if told else set()
        for path in sorted(told):
            run_id, _, teller = path.name.partition(".")
            name, number = path.name, 1
            while name in known:  # what the listener told after the first time
                name, number = f"{run_id}.{number}.{teller}", number + 1
            content = path.read_bytes()
            if unsent is not None:  # by time: as they came they are sent
                copy = f"{time.time_ns():020}.{path.name}.gz"
                unsent.write(copy, gzip.compress(content, mtime=0))
            pending.write(name, content)
            known.add(name)
            path.unlink()


def _folder(settings: Settings) -> Path:
    """Beside the records of a local lake; of a bucket's lake, the user's place for such files."""
    ops = settings.layer("ops")
    if not is_s3(ops):
        return Path(ops) / "_lineage" / "open"
    lake = hashlib.sha256(ops.encode()).hexdigest()[:16]
    return user_state_path("atlas", appauthor=False) / "lineage" / lake
