"""Leases on a folder: one writer a table, and who is told what."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from conf.errors import TransientError
from jobs.runtime.leases import Leases
from jobs.runtime.processes import process_identity
from jobs.runtime.small_files import FolderFiles

HOLD = """
import sys
from jobs.runtime.leases import Leases
from jobs.runtime.small_files import FolderFiles
leases = Leases(FolderFiles(sys.argv[1]), 0, 30)
leases.tell(run_id="other", job="pipeline")
with leases.holding("orders", "customers"):
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


def leases(folder, wait=0.3):
    return Leases(FolderFiles(folder), wait, 30)


def test_a_second_run_is_told_who_holds_a_table(holder, tmp_path):
    told = rf"^customers is in use by pipeline other \(process {holder.pid} on .*, since 20.*\); "
    with pytest.raises(TransientError, match=told), leases(tmp_path).holding("customers"):
        pass


def test_other_tables_are_free_meanwhile(holder, tmp_path):
    with leases(tmp_path).holding("gold", "notes"):
        pass


def test_none_of_several_is_kept_if_one_cannot_be_had(holder, tmp_path):
    with pytest.raises(TransientError), leases(tmp_path).holding("a", "customers", "z"):
        pass
    with leases(tmp_path, 0).holding("a", "z"):
        pass


def test_a_killed_process_frees_its_tables_at_once(holder, tmp_path):
    holder.kill()
    holder.wait()
    with leases(tmp_path, 0).holding("orders", "customers"):
        pass


def test_one_that_stands_still_keeps_them(holder, tmp_path):
    holder.send_signal(signal.SIGSTOP)
    with pytest.raises(TransientError, match="in use by pipeline other"):
        with leases(tmp_path).holding("orders"):
            pass
    holder.send_signal(signal.SIGCONT)


def test_who_waits_long_enough_gets_it(holder, tmp_path):
    threading.Timer(0.5, lambda: holder.communicate("")).start()
    with leases(tmp_path, 20).holding("orders"):
        assert holder.poll() is not None or holder.stdin.closed


def test_a_jvm_that_outlives_its_python_keeps_the_table(tmp_path):
    first = leases(tmp_path)
    first._owner |= {"python": None, "run_id": "r", "job": "refine"}
    with first.holding("orders"):
        first.tell(jvm=process_identity(os.getppid()))
        first.keep_owner()
    told = f"orders: refine r is dead but its jvm process {os.getppid()} still runs"
    with pytest.raises(TransientError, match=told), leases(tmp_path).holding("orders"):
        pass


def test_what_is_held_already_is_not_waited_for(tmp_path):
    held = leases(tmp_path, 0)
    with held.holding("orders"):
        with held.holding("orders", "gold"):
            held.check("orders")
        with pytest.raises(TransientError), leases(tmp_path, 0).holding("orders"):
            pass
        with leases(tmp_path, 0).holding("gold"):
            pass
