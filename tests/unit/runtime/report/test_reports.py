"""Every run leaves its report, however it ends; that it cannot is a note and nothing more."""

from __future__ import annotations

import json
import logging
import re
import signal
import sys
from pathlib import Path

import pytest
import structlog

from conf.errors import DataQualityError, UsageError
from conf.settings import load_settings
from jobs import report
from jobs.runtime.cli import run_job
from jobs.runtime.counts import TableCounts
from jobs.runtime.runs import Run
from tests.run_records import three_runs


@pytest.fixture(autouse=True)
def _as_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    handler, level = signal.getsignal(signal.SIGTERM), logging.getLogger("py4j").level
    yield
    signal.signal(signal.SIGTERM, handler)
    logging.getLogger("py4j").setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def job(folder: Path, work, **options) -> int:
    return run_job("pipeline", work, lake=str(folder / "lake"), log_file=folder / "log", **options)


def nothing(run: Run) -> None:
    pass


def held(run: Run) -> None:
    run.count("customers", TableCounts(read=10, held=10))
    run.problem(DataQualityError("customers: held: missing_email is 12 %"))


def broken(run: Run) -> None:
    raise RuntimeError("Bodil Planted")


def reports(folder: Path) -> dict[str, str]:
    """The status that each report tells, by run."""
    pages = {p.stem: p.read_text(encoding="utf-8") for p in folder.rglob("*.html")}
    return {run: re.search(r'<h1>.*"badge (\w+)"', page)[1] for run, page in pages.items()}


@pytest.mark.parametrize(
    ("work", "code", "status"),
    [(nothing, 0, "succeeded"), (held, 3, "stopped"), (broken, 1, "failed")],
)
def test_a_run_leaves_its_report_beside_the_lake(tmp_path, capsys, work, code, status):
    assert job(tmp_path, work) == code
    (path,) = (tmp_path / "reports").iterdir()
    assert reports(tmp_path) == {path.stem: status}
    assert f"Report: {path}" in capsys.readouterr().out.splitlines()
    assert "Bodil Planted" not in path.read_text(encoding="utf-8")


def test_the_jobs_inside_a_run_have_no_page_of_their_own(tmp_path):
    def work(run: Run) -> None:
        with run.child("refine").recorded():
            pass

    assert job(tmp_path, work) == 0
    assert len(reports(tmp_path)) == 1


def test_a_cancelled_run_leaves_its_report(tmp_path):
    def work(run: Run) -> None:
        raise KeyboardInterrupt

    assert job(tmp_path, work, as_json=True) == 1
    assert list(reports(tmp_path).values()) == ["cancelled"]


def test_a_killed_run_s_report_is_made_by_the_next(tmp_path):
    live = tmp_path / "lake" / "ops" / "_live"
    live.mkdir(parents=True)
    told = {"run_id": "dead", "parent_run_id": None, "job": "pipeline", "stage": "merge orders",
            "started_at": "2026-01-01T00:00:00+00:00", "started_by": "somebody"}  # fmt: skip
    (live / "dead.json").write_text(json.dumps(told))
    assert job(tmp_path, nothing) == 0
    found = reports(tmp_path)
    assert found.pop("dead") == "killed" and list(found.values()) == ["succeeded"]


def test_elsewhere_by_setting_and_apart_by_namespace(tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_REPORTS", str(tmp_path / "else where"))
    assert job(tmp_path, nothing, namespace="acme") == 0
    assert len(reports(tmp_path / "else where" / "acme")) == 1
    assert not (tmp_path / "reports").exists()


def test_the_place_of_a_report(tmp_path):
    assert load_settings(lake="/a/lake").report("r") == Path("/a/reports/r.html")
    bucket = load_settings(lake="s3a://bucket/lake")
    assert bucket.report("r") == tmp_path / "reports" / "r.html"
    with pytest.raises(UsageError, match=r"ATLAS_REPORTS: .*must be a folder of this machine"):
        load_settings(reports="s3a://bucket/reports")


def test_a_report_that_cannot_be_written_is_a_note(tmp_path, capsys):
    (tmp_path / "reports").write_text("a file stands where the folder should")
    assert job(tmp_path, nothing) == 0
    told = capsys.readouterr()
    assert re.search(r"note: no report could be written to .*\.html: File exists\n", told.err)
    assert "Report:" not in told.out


def test_records_that_cannot_be_read_are_a_note(tmp_path, capsys):
    def work(run: Run) -> None:
        metrics = tmp_path / "lake" / "ops" / "quality_metrics" / "_delta_log"
        metrics.mkdir(parents=True)
        (metrics / "00000000000000000000.json").write_text("no log")

    assert job(tmp_path, work) == 0
    assert "note: no report could be made: " in capsys.readouterr().err
    assert reports(tmp_path) == {}


def test_a_report_can_be_made_again(tmp_path, monkeypatch, capsys):
    three_runs(tmp_path)
    lake = str(tmp_path / "lake")
    report.main("two", lake=lake)
    path = tmp_path / "reports" / "two.html"
    assert capsys.readouterr().out == f"{path}\n"
    assert reports(tmp_path) == {"two": "succeeded"}
    with pytest.raises(SystemExit) as ended:
        report.main("four", lake=lake)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"error: no run four has ended on the lake at {lake}/ops\n"


def test_what_draws_the_page_is_not_loaded_before_it_is_needed():
    import subprocess

    code = "import sys, jobs.pipeline; print([m for m in ('plotly', 'jinja2') if m in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[4],
    )  # fmt: skip
    assert told.stdout == "[]\n"
