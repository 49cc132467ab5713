"""Runs that are alive, and those that died."""

import os
from datetime import UTC, datetime, timedelta

from jobs.runtime.live import LiveFile, is_over, live_runs
from jobs.runtime.processes import process_identity, this_process
from jobs.runtime.small_files import FolderFiles

PARENT = process_identity(os.getppid())


def test_the_heartbeat_replaces_the_file_and_stop_removes_it(tmp_path):
    live = LiveFile(FolderFiles(tmp_path), {"run_id": "r", "job": "refine", "started_at": "2026"})
    live.start()
    live.update(stage="merge")
    (run,) = live_runs(FolderFiles(tmp_path))
    assert (run["stage"], run["python"]["pid"]) == ("merge", os.getpid())
    live.stop()
    assert list(tmp_path.iterdir()) == []


def a_run(**changes):
    return this_process() | {"python": PARENT} | changes


def test_a_run_is_over_when_its_processes_are_gone():
    assert not is_over(a_run())
    assert not is_over(a_run(python=None, jvm=PARENT)), "its JVM may still commit"
    assert is_over(a_run(python={**PARENT, "started": PARENT["started"] - 60})), "an id used again"
    assert is_over(a_run(python=None))
    assert is_over(this_process()), "of this very process: it ended without a record"


def test_a_run_of_another_host_is_over_when_its_heartbeat_is_old():
    now = datetime.now(UTC)
    for age, over in ((90, False), (150, True)):
        beat = (now - timedelta(seconds=age)).isoformat()
        assert is_over(a_run(host="elsewhere", heartbeat_at=beat)) is over
