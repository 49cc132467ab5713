"""The list of runs: what it tells of those that ended, of one that is alive, and how it is followed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from conf.settings import load_settings
from jobs.runs import follow, show, show_json
from jobs.runtime.live import LiveFile
from jobs.runtime.processes import process_identity
from jobs.runtime.records import PIPELINE_RUNS
from jobs.runtime.run_history import RunHistory, success_rate
from jobs.runtime.small_files import FolderFiles
from tests.run_records import Records
from tests.submitted import ROOT


@pytest.fixture
def records(tmp_path):
    """Three runs: one failed, one of a pipeline with its jobs, one that a gate stopped."""
    made = Records(tmp_path)
    made.run("bad", 0, 5, status="failed", message="orders: no such file", job="ingest")
    made.run("child", 20, 30, parent="good", job="refine", tables=["orders"])
    record = made.run("good", 10, 50)
    told = {"orders": {"read": 70, "quality": {"overall": 0.97}}, "customers": {"read": 30}}
    log = made.lake.log("ops.pipeline_runs", PIPELINE_RUNS)
    log.append([{**record, "run_id": "full", "tables": json.dumps(told)}])
    made.run("held", 60, 61, status="stopped", message="customers: held")
    return made


@pytest.fixture
def history(records, tmp_path):
    return RunHistory(load_settings(lake=str(tmp_path / "lake")))


def test_the_newest_comes_first_and_a_pipelines_jobs_are_part_of_it(history):
    runs = history.ended(20)
    assert next(run.run_id for run in runs) == "held"
    assert {run.run_id for run in runs} == {"held", "full", "good", "bad"}
    full = next(run for run in runs if run.run_id == "full")
    assert (full.rows, full.quality, full.seconds, full.status) == (100, 0.97, 40.0, "succeeded")
    assert success_rate(runs) == (2, 4)


def test_by_status_and_by_job(history):
    assert [run.run_id for run in history.ended(20, status="failed")] == ["bad"]
    assert [run.run_id for run in history.ended(20, job="ingest")] == ["bad"]
    assert history.ended(20, status="it's none") == []
    assert [run.run_id for run in history.ended(1)] == ["held"]


def test_the_other_systems_run_is_told(records, history, capsys):
    run = "airflow/atlas_dev.build_gold/0b5c8f8e-6f0c-4f0e-9a35-3a0f8f1f3f0e"
    log = records.lake.log("ops.pipeline_runs", PIPELINE_RUNS)
    log.append([{**records.run("mine", 70, 80), "run_id": "theirs", "triggered_by": run}])
    show(history, 20, None, None)
    told = [line for line in capsys.readouterr().out.splitlines() if "triggered" in line]
    assert told == [f"theirs triggered by {run}"]
    show_json(history, 20, None, None)
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert {r["run_id"]: r["triggered_by"] for r in runs if r["run_id"] in ("mine", "theirs")} == {
        "mine": None,
        "theirs": run,
    }


def a_live_run(tmp_path) -> LiveFile:
    """Of a process that is not this one and runs on."""
    started = datetime.now(UTC).isoformat()
    content = {"run_id": "alive", "parent_run_id": None, "job": "pipeline", "started_at": started,
               "started_by": "somebody", "stage": "merge orders"}  # fmt: skip
    content |= {"python": process_identity(os.getppid())}
    live = LiveFile(FolderFiles(tmp_path / "lake" / "ops" / "_live"), content)
    live.update()
    return live


def test_one_that_is_alive_is_told_first(history, tmp_path, capsys):
    a_live_run(tmp_path)
    show(history, 20, None, None)
    told = capsys.readouterr().out
    lines = [line for line in told.splitlines() if "pipeline" in line or "ingest" in line]
    assert "running" in lines[0] and "stopped" in lines[1]
    assert "alive running: in stage merge orders" in told
    assert "bad failed: orders: no such file" in told
    assert "2 of the last 4 succeeded (50%)" in told


def test_following_tells_stages_until_the_end(history, records, tmp_path, capsys):
    live = a_live_run(tmp_path)

    def goes_on() -> None:
        time.sleep(1.2)
        live.update(stage="recount")
        time.sleep(1.2)
        records.run("alive", 100, 160, status="stopped", message="orders: held")

    thread = threading.Thread(target=goes_on)
    thread.start()
    assert follow(history, None) == 3
    thread.join()
    assert capsys.readouterr().out.splitlines() == [
        "pipeline alive: merge orders",
        "pipeline alive: recount",
        "pipeline alive: stopped after 60 s orders: held",
    ]


def test_nothing_to_follow(history, capsys):
    assert follow(history, None) == 1
    assert follow(history, "nobody") == 1
    told = capsys.readouterr()
    assert "no run is alive" in told.err and "nobody: is not alive" in told.out


def test_the_command_needs_no_spark(records, tmp_path):
    code = (
        "import sys, runpy; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "finally: print('pyspark' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "jobs" / "runs.py"), "--lake",
         str(tmp_path / "lake"), "--json"],
        check=True, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert (told["succeeded"], told["of"], len(told["runs"])) == (2, 4, 4)
    assert done.stderr.split()[-1] == "False"
