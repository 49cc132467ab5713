"""One driver a lake, and runs that died."""

import os
import subprocess
import sys

import pytest

from conf.errors import TransientError
from jobs.runtime.live import LiveFile, live_runs, process_identity, sole_driver, wait_until_gone
from jobs.runtime.small_files import FolderFiles

HOLD = """
import sys
from jobs.runtime.live import LiveFile, sole_driver
from jobs.runtime.small_files import FolderFiles
files = FolderFiles(sys.argv[1])
with sole_driver(files, 0):
    LiveFile(files, {"run_id": "other", "job": "pipeline", "started_at": "2026"}).update()
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_driver_is_told_who_holds_the_lake(holder, tmp_path):
    with (
        pytest.raises(TransientError, match=f"in use by pipeline other .process {holder.pid}."),
        sole_driver(FolderFiles(tmp_path), 0.3),
    ):
        pass


def test_a_killed_driver_frees_the_lake_at_once(holder, tmp_path):
    holder.kill()
    holder.wait()
    with sole_driver(FolderFiles(tmp_path), 0):
        assert [run["run_id"] for run in live_runs(FolderFiles(tmp_path))] == ["other"]


def test_the_heartbeat_replaces_the_file_and_stop_removes_it(tmp_path):
    live = LiveFile(FolderFiles(tmp_path), {"run_id": "r", "job": "refine", "started_at": "2026"})
    live.start()
    live.update(stage="merge")
    (run,) = live_runs(FolderFiles(tmp_path))
    assert (run["stage"], run["python"]["pid"]) == ("merge", os.getpid())
    live.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_dead_run_whose_jvm_lives_on_is_waited_for(tmp_path):
    run = {"run_id": "r", "python": None, "jvm": process_identity(os.getpid())}
    with pytest.raises(TransientError, match=r"its jvm process .* still runs"):
        wait_until_gone(run, 0.3)


def test_a_process_id_used_again_is_another_process():
    own = process_identity(os.getpid())
    wait_until_gone({"run_id": "r", "python": {**own, "started": own["started"] - 60}}, 0)
