"""Exit codes and the --json line, with work that needs no Spark."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path

import pytest
import structlog

from conf.contract_reader import load_contracts
from conf.errors import DataQualityError, SourceError, UsageError
from conf.secrets import ENVIRONMENT
from conf.settings import load_settings
from jobs.runtime.cli import run_job, table_names
from jobs.runtime.counts import TableCounts
from jobs.runtime.lake import Lake
from jobs.runtime.leases import Leases
from jobs.runtime.runs import Run
from jobs.runtime.small_files import FolderFiles
from udfs.pii import config

SOURCE = SourceError("orders", "orders.csv", "is empty", "send it again")
WRONG = UsageError("spark.io.encryption.enabled=false: must be true")
HELD = DataQualityError("customers: held")


@pytest.fixture(autouse=True)
def _as_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def job(folder: Path, work, **options) -> int:
    told = {"lake": str(folder / "lake"), "log_file": folder / "log", "as_json": True}
    return run_job("test", work, **(told | options))


def recorded(folder: Path) -> list[tuple[str, str, str]]:
    lake = Lake(load_settings(lake=str(folder / "lake")))
    found = lake.query("ops.pipeline_runs", "select job, status, message from t order by ended_at")
    return [(r["job"], r["status"], r["message"]) for r in found]


def problems(*errors):
    def work(run: Run) -> None:
        for error in errors:
            run.problem(error)

    return work


@pytest.mark.parametrize(
    ("errors", "code", "status"),
    [
        ((), 0, "succeeded"),
        ((SOURCE,), 1, "failed"),
        ((HELD,), 3, "stopped"),
        ((HELD, SOURCE), 1, "failed"),  # of several 1 before 3
        ((WRONG, WRONG), 2, "failed"),  # encryption switched off, as each table finds out
        ((WRONG, SOURCE), 1, "failed"),
    ],
)
def test_exit_codes_and_the_json_line(tmp_path, capsys, errors, code, status):
    assert job(tmp_path, problems(*errors)) == code
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["status"], told["tables"], told["pii"]) == (status, {}, {})
    assert recorded(tmp_path) == [("test", status, "; ".join(map(str, errors)))]


def test_the_json_line_has_what_is_promised(tmp_path, capsys):
    def work(run: Run) -> None:
        with run.stage("count"):
            run.count("orders", TableCounts(read=2, inserted=1, quarantined=1))
            run.count_pii(Counter(PERSON=3, DK_CPR=1))
            run.score("orders", {"validity": 0.98, "overall": 0.99})

    assert job(tmp_path, work) == 0
    out, err = capsys.readouterr()
    (line,) = out.splitlines()
    told = json.loads(line)
    assert list(told) == ["run_id", "status", "tables", "pii", "seconds"]
    assert told["tables"] == {
        "orders": {
            "read": 2, "inserted": 1, "updated": 0, "unchanged": 0, "stale": 0, "duplicates": 0,
            "quarantined": 1, "held": 0, "quality": {"validity": 0.98, "overall": 0.99},
        }
    }  # fmt: skip
    assert told["pii"] == {"DK_CPR": 1, "PERSON": 3}
    assert list(told["seconds"]) == ["count"] and told["seconds"]["count"] >= 0
    assert "Traceback" not in err


@pytest.mark.parametrize("raised", [SOURCE, HELD, WRONG])
def test_an_error_that_is_raised_ends_the_run_as_if_told(tmp_path, capsys, raised):
    def work(run: Run) -> None:
        raise raised

    assert job(tmp_path, work) == raised.exit_code
    assert recorded(tmp_path)[0][2] == str(raised)
    assert f"error: {raised}\n" in capsys.readouterr().err


def test_the_text_of_a_foreign_error_is_never_shown(tmp_path, capsys):
    def work(run: Run) -> None:
        raise ValueError("a value of somebody")

    assert job(tmp_path, work, as_json=False) == 1
    told = "".join(capsys.readouterr()) + (tmp_path / "log").read_text() + str(recorded(tmp_path))
    assert "unexpected ValueError at test_cli.py:" in told
    assert "somebody" not in told


def test_a_cancelled_run_is_recorded(tmp_path):
    def work(run: Run) -> None:
        raise KeyboardInterrupt

    assert job(tmp_path, work) == 1
    assert recorded(tmp_path) == [
        ("test", "cancelled", "cancelled; run again to go on where it was left")
    ]


def never(run: Run) -> None:
    raise AssertionError("it was started")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"namespace": "Bad Name"}, "error: settings: ATLAS_NAMESPACE"),
        ({"contracts": Path("no such folder")}, "no such folder"),
        ({"lake": "s3a://bucket"}, "no pseudonymization key for the lake s3a://bucket"),
    ],
)
def test_wrong_usage_is_told_before_anything_starts(tmp_path, capsys, options, told):
    assert job(tmp_path, never, **options) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("error: ")) == ("", 1)
    assert told in err
    assert not (tmp_path / "lake" / "ops" / "pipeline_runs").exists()


def test_a_wrong_detector_is_told_before_anything_starts(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        config, "_text", lambda: "entities: {PERSON: {threshold: high}}\nmodels: {}"
    )
    config.pii_config.cache_clear()
    assert job(tmp_path, never) == 2
    config.pii_config.cache_clear()
    assert "conf/pii.yml: PERSON: threshold high" in capsys.readouterr().err
    assert not (tmp_path / "lake").exists()


def test_another_key_is_wrong_usage(tmp_path, monkeypatch, capsys):
    assert job(tmp_path, problems()) == 0
    other = tmp_path / "other key"
    other.write_text("o" * 40)
    other.chmod(0o600)
    monkeypatch.setenv("ATLAS_PII_SECRET_FILE", str(other))
    assert job(tmp_path, never) == 2
    assert "is not the one this lake was made with" in capsys.readouterr().err


def test_an_unknown_table_names_those_there_are(tmp_path, capsys):
    def work(run: Run) -> None:
        table_names(run.contracts, ["customers", "costumers"])

    assert job(tmp_path, work) == UsageError.exit_code
    told = "no contract for table costumers; there are customers, orders"
    assert recorded(tmp_path) == [("test", "failed", told)]


def test_the_tables_asked_for_or_all(tmp_path):
    found = []

    def work(run: Run) -> None:
        found.append((table_names(run.contracts, ["orders"]), table_names(run.contracts, None)))

    assert job(tmp_path, work) == 0
    assert found == [(["orders"], sorted(load_contracts().sources))]


def test_a_lake_that_another_run_holds_is_exit_1_and_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ATLAS_WAIT_SECONDS", "0.1")
    with Leases(FolderFiles(tmp_path / "lake" / "ops" / "_leases"), 1, 30).holding("orders"):
        assert job(tmp_path, lambda run: pytest.fail("it has no lake"), as_json=False) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("failed: orders is in use by another run (process ")
    assert recorded(tmp_path) == []
