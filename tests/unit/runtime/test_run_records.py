"""One run, one record: however it ends, and whatever the one before it left."""

import json
import os
import shutil
from pathlib import Path

import pytest

from conf.contract import Contracts
from conf.secrets import KeySource
from conf.settings import Settings
from jobs.runtime.processes import this_process
from jobs.runtime.records import PIPELINE_RUNS, RecordLog
from jobs.runtime.run_history import RunHistory
from jobs.runtime.runs import Run, Status
from jobs.runtime.told_errors import describe


@pytest.fixture
def settings(tmp_path):
    return Settings(lake=str(tmp_path), wait_seconds=0.3)


def a_run(settings: Settings) -> Run:
    return Run("pipeline", settings, Contracts({}), KeySource())


def statuses(run: Run) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for record in run.lake.log("ops.pipeline_runs", PIPELINE_RUNS).read():
        told.setdefault(record["run_id"], []).append(record["status"])
    return told


def live_folder(run: Run) -> Path:
    return Path(run._live_files.place)


def test_a_run_that_could_not_write_its_record_is_closed_by_the_next(settings, monkeypatch):
    first = a_run(settings)
    with monkeypatch.context() as patched, pytest.raises(OSError, match="disk full"):
        with first.recorded():
            patched.setattr(RecordLog, "append", lambda *_: (_ for _ in ()).throw(disk_full()))
    assert [p.stem for p in live_folder(first).glob("*.json")] == [first.run_id]
    second = a_run(settings)
    with second.recorded():
        pass
    assert statuses(second) == {first.run_id: ["killed"], second.run_id: ["succeeded"]}
    assert list(live_folder(first).glob("*.json")) == []


TRIGGER = "airflow/atlas_dev.build_gold/0b5c8f8e-6f0c-4f0e-9a35-3a0f8f1f3f0e"


def triggers(run: Run) -> dict[str, str | None]:
    return {
        r["run_id"]: r["triggered_by"]
        for r in run.lake.log("ops.pipeline_runs", PIPELINE_RUNS).read()
    }


def test_what_triggered_a_run_is_recorded_beside_who_started_it(tmp_path):
    run = a_run(Settings(lake=str(tmp_path), parent_run=TRIGGER))
    with run.recorded(), run.child("refine").recorded():
        pass
    assert sorted(triggers(run).values(), key=str) == [None, TRIGGER]
    assert triggers(run)[run.run_id] == TRIGGER


def test_a_lake_whose_runs_have_no_such_field_is_read_and_goes_on(settings, tmp_path):
    """As an earlier version of Atlas made it."""
    before = PIPELINE_RUNS.remove(PIPELINE_RUNS.get_field_index("triggered_by"))
    old = a_run(settings)
    with old.recorded():
        pass
    place = tmp_path / "ops" / "pipeline_runs"
    (record,) = old.lake.log("ops.pipeline_runs", PIPELINE_RUNS).read()
    shutil.rmtree(place)
    del record["triggered_by"]
    RecordLog(str(place), before).append([record])
    assert triggers(old) == {old.run_id: None}
    assert [run.triggered_by for run in RunHistory(settings).ended(20)] == [None]
    new = a_run(Settings(lake=str(tmp_path), parent_run=TRIGGER))
    with new.recorded():
        pass
    assert triggers(new) == {old.run_id: None, new.run_id: TRIGGER}
    told = {run.run_id: run.triggered_by for run in RunHistory(settings).ended(20)}
    assert told == {old.run_id: None, new.run_id: TRIGGER}


def disk_full() -> OSError:
    return OSError("disk full")


def test_a_run_that_is_cancelled_after_its_end_keeps_its_record(settings, monkeypatch):
    append = RecordLog.append

    def then_terminated(log, records):
        append(log, records)
        run._has_record = True  # what the line after the append does
        raise SystemExit(1)

    run = a_run(settings)
    monkeypatch.setattr(RecordLog, "append", then_terminated)
    with pytest.raises(SystemExit), run.recorded():
        pass
    assert (run.status, statuses(run)) == (Status.SUCCEEDED, {run.run_id: ["succeeded"]})


def test_a_cancelled_run_leaves_its_live_file_so_that_the_next_waits_for_its_jvm(settings):
    """Interrupted in a call, Python goes at once; its JVM may be in the middle of a commit."""
    first = a_run(settings)
    with pytest.raises(SystemExit), first.recorded():
        first.lake.use("a session")  # type: ignore[arg-type]
        raise SystemExit(1)
    assert [p.stem for p in live_folder(first).glob("*.json")] == [first.run_id]
    second = a_run(settings)
    with second.recorded():
        pass
    assert statuses(second) == {first.run_id: ["cancelled"], second.run_id: ["succeeded"]}
    assert list(live_folder(first).glob("*.json")) == []


def test_what_was_half_written_when_a_run_was_killed_is_removed(settings):
    run = a_run(settings)
    live_folder(run).mkdir(parents=True)
    (live_folder(run) / ".abc.part").write_text("{")
    os.utime(live_folder(run) / ".abc.part", (1, 1))
    (live_folder(run) / ".now.part").write_text("{")  # of a run that is alive
    dead = {**this_process(), "python": None, "run_id": "dead", "parent_run_id": None, "job": "refine", "stage": "merge orders",
            "started_at": "2026-01-01T00:00:00+00:00", "started_by": "somebody"}  # fmt: skip
    (live_folder(run) / "dead.json").write_text(json.dumps(dead))
    with run.recorded():
        pass
    assert statuses(run) == {"dead": ["killed"], run.run_id: ["succeeded"]}
    assert sorted(p.name for p in live_folder(run).iterdir()) == [".now.part"]


def test_an_error_of_a_jvm_that_is_gone_is_still_told_in_one_line():
    class Gone:
        def getClass(self):  # noqa: N802
            raise ConnectionRefusedError

    error = RuntimeError("a value")
    error.java_exception = Gone()
    assert describe(error).startswith("unexpected RuntimeError < no answer from the JVM at ")
    assert "a value" not in describe(error)
