"""Alerts: who is told of what, by a real POST, and that a receiver never costs a run much."""

from __future__ import annotations

import json
import logging
import signal
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from conf.errors import DataQualityError, SourceError, UsageError
from conf.settings import load_settings
from jobs.runtime.cli import run_job
from jobs.runtime.counts import TableCounts
from jobs.runtime.lake import Lake
from jobs.runtime.records import QUALITY_METRICS
from jobs.runtime.runs import Run
from tests.numbers_at_random import cpr_of
from tests.receivers import DRIPPING, MALFORMED, SLOW, TOKEN, receiver

HELD = DataQualityError("customers: held: missing_email is 12 %, allowed is < 10 %")
NOT_TAKEN = "the receiver in ATLAS_ALERT_WEBHOOK did not take an alert: "
METRIC = {
    "layer": "silver", "table": "customers", "batch": 1, "population": "delivered",
    "check": "missing_email", "dimension": "completeness", "severity": "warning",
    "outcome": "warn", "value": 12.0, "threshold": "< 10 %", "rows_checked": 1000,
    "rows_failing": 120,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _as_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    handler, level = signal.getsignal(signal.SIGTERM), logging.getLogger("urllib3").level
    yield
    signal.signal(signal.SIGTERM, handler)
    logging.getLogger("urllib3").setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def hooked(monkeypatch):
    """Settings for a receiver, with a timeout for tests."""

    def given(url: str, timeout: float = 5.0) -> None:
        monkeypatch.setenv("ATLAS_ALERT_WEBHOOK", url)
        monkeypatch.setenv("ATLAS_ALERT_TIMEOUT", str(timeout))

    return given


def job(folder: Path, work) -> int:
    return run_job(
        "pipeline", work, lake=str(folder / "lake"), log_file=folder / "log", as_json=True
    )


def nothing(run: Run) -> None:
    pass


def held(run: Run) -> None:
    run.count("customers", TableCounts(read=10, held=10))
    run.problem(HELD)


def measured(**changes: Any):
    """Work that leaves one quality metric, as a job inside the run does."""

    def work(run: Run) -> None:
        with run.child("refine").recorded() as child:
            stamp = {"run_id": child.run_id, "measured_at": datetime.now(UTC)}
            log = run.lake.log("ops.quality_metrics", QUALITY_METRICS)
            log.append([METRIC | changes | stamp])

    return work


def records(folder: Path) -> list[dict[str, Any]]:
    lake = Lake(load_settings(lake=str(folder / "lake")))
    return lake.query("ops.pipeline_runs", "select * from t where parent_run_id is null")


def logged(folder: Path, event: str) -> list[dict[str, Any]]:
    lines = (folder / "log").read_text(encoding="utf-8").splitlines()
    found = [line for line in map(json.loads, lines) if line["event"] == event]
    return [line for line in found if line["level"] != "info"]


def dead_run(folder: Path) -> str:
    live = folder / "lake" / "ops" / "_live"
    live.mkdir(parents=True)
    told = {"run_id": "dead", "parent_run_id": None, "job": "pipeline", "stage": "merge orders",
            "started_at": "2026-01-01T00:00:00+00:00", "started_by": "somebody"}  # fmt: skip
    for run_id, more in (("dead", {}), ("child", {"parent_run_id": "dead", "job": "refine"})):
        (live / f"{run_id}.json").write_text(json.dumps(told | more | {"run_id": run_id}))
    return "dead"


def test_a_stopped_run_is_told_once_to_the_letter(tmp_path, hooked):
    with receiver() as hook:
        hooked(hook.url)
        assert job(tmp_path, held) == 3
    (record,) = records(tmp_path)
    expected = {
        "text": f"Atlas: pipeline stopped: {HELD}",
        "alert": "stopped",
        "run_id": record["run_id"],
        "job": "pipeline",
        "status": "stopped",
        "namespace": "default",
        "started_at": record["started_at"].isoformat(),
        "ended_at": record["ended_at"].isoformat(),
        "message": str(HELD),
        "tables": {"customers": TableCounts(read=10, held=10).as_dict() | {"quality": {}}},
        "checks": [],
    }
    assert hook.bodies == [expected]
    assert hook.headers[0]["Content-Type"] == "application/json; charset=utf-8"
    (line,) = logged(tmp_path, "alert")
    assert {k: line[k] for k in expected} == expected and line["level"] == "error"


def test_a_run_that_ended_well_tells_nobody(tmp_path, hooked):
    with receiver() as hook:
        hooked(hook.url)
        assert job(tmp_path, measured(outcome="pass")) == 0
    assert hook.bodies == [] and logged(tmp_path, "alert") == []


def test_quality_warnings_of_a_run_that_succeeded_are_one_alert(tmp_path, hooked):
    with receiver() as hook:
        hooked(hook.url)
        assert job(tmp_path, measured()) == 0
        assert job(tmp_path, nothing) == 0
    (body,) = hook.bodies
    assert (body["alert"], body["status"]) == ("quality_warning", "succeeded")
    assert body["message"] == "1 quality check is outside the threshold: customers"
    kept = {k: v for k, v in METRIC.items() if k not in ("layer", "batch")}
    assert body["checks"] == [kept]


def test_a_metric_that_no_json_number_can_tell_is_null(tmp_path, hooked):
    with receiver() as hook:
        hooked(hook.url)
        job(tmp_path, measured(value=float("nan")))
    assert hook.bodies[0]["checks"][0]["value"] is None


def test_a_failed_run_tells_no_value_even_of_an_error_that_holds_some(tmp_path, hooked, capfd):
    cpr, mail = cpr_of(5, "alerts"), "bodil.planted@example.dk"

    def work(run: Run) -> None:
        run.problem(SourceError("customers", f"customers-{cpr}-{mail}.csv", "is bad", "resend"))
        raise RuntimeError(f"cannot read {cpr} of {mail}")

    with receiver() as hook:
        hooked(hook.url)
        assert job(tmp_path, work) == 1
        named = SourceError("customers", f"{cpr} {mail}.csv", "is bad", "send it again")
        assert job(tmp_path, lambda run: run.problem(named)) == 1
    assert hook.bodies[0]["message"].startswith("unexpected RuntimeError at test_alerts.py:")
    assert hook.bodies[1]["message"] == "customers: <redacted> <redacted>: is bad; send it again"
    assert cpr not in json.dumps(hook.bodies) and mail not in json.dumps(hook.bodies)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_cancelled_run_is_told(tmp_path, hooked, error):
    def work(run: Run) -> None:
        raise error

    with receiver() as hook:
        hooked(hook.url)
        if error is SystemExit:
            with pytest.raises(SystemExit):
                job(tmp_path, work)
        else:
            assert job(tmp_path, work) == 1
    assert [b["alert"] for b in hook.bodies] == ["cancelled"]


def test_a_killed_run_is_told_by_the_next_as_soon_as_it_starts(tmp_path, hooked):
    dead_run(tmp_path)
    seen: list[str] = []
    with receiver() as hook:
        hooked(hook.url)
        job(tmp_path, lambda run: seen.extend(b["run_id"] for b in hook.bodies))
    assert seen == ["dead"] and len(hook.bodies) == 1
    assert (hook.bodies[0]["alert"], hook.bodies[0]["message"]) == (
        "killed",
        "killed in stage merge orders",
    )


def test_a_run_that_never_got_the_lake_is_told(tmp_path, hooked, monkeypatch):
    from jobs.runtime.leases import Leases
    from jobs.runtime.small_files import FolderFiles

    monkeypatch.setenv("ATLAS_WAIT_SECONDS", "0.1")
    held = Leases(FolderFiles(tmp_path / "lake" / "ops" / "_leases"), 1, 30)
    with receiver() as hook, held.holding("orders"):
        hooked(hook.url)
        assert job(tmp_path, nothing) == 1
    assert "orders is in use by another run" in hook.bodies[0]["message"]
    assert records(tmp_path) == []


def test_twice_500_then_200_arrives(tmp_path, hooked):
    with receiver(500, 503, 204) as hook:
        hooked(hook.url)
        assert job(tmp_path, held) == 3
    assert len(hook.bodies) == 3 and hook.bodies[0] == hook.bodies[2]
    assert logged(tmp_path, "note") == []


def test_always_500_opens_the_circuit_so_that_a_second_alert_costs_nothing(tmp_path, hooked):
    dead_run(tmp_path)
    with receiver(500) as hook:
        hooked(hook.url)
        assert job(tmp_path, held) == 3
    assert [b["run_id"] for b in hook.bodies] == ["dead"] * 3
    assert len(logged(tmp_path, "alert")) == 2, "the log is told of both"
    (note,) = logged(tmp_path, "note")
    assert note["text"] == f"{NOT_TAKEN}it answers 500"


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (302, 1), (429, 3)])
def test_only_what_may_pass_is_tried_again(tmp_path, hooked, status, requests):
    with receiver(status) as hook:
        hooked(hook.url)
        assert job(tmp_path, held) == 3
    assert len(hook.bodies) == requests
    assert logged(tmp_path, "note")[0]["text"] == f"{NOT_TAKEN}it answers {status}"


def test_nobody_listens(tmp_path, hooked):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        hooked(f"http://127.0.0.1:{unused.getsockname()[1]}/{TOKEN}")
        started = time.monotonic()
        assert job(tmp_path, held) == 3
    assert time.monotonic() - started < 3
    assert [n["text"] for n in logged(tmp_path, "note")] == [f"{NOT_TAKEN}no connection"]
    assert [r["status"] for r in records(tmp_path)] == ["stopped"]


@pytest.mark.parametrize("answer", [SLOW, DRIPPING])
def test_a_slow_receiver_costs_its_attempts_and_no_more(tmp_path, hooked, answer):
    dead_run(tmp_path)
    with receiver(answer) as hook:
        hooked(hook.url, timeout=0.3)
        started = time.monotonic()
        assert job(tmp_path, held) == 3
        seconds = time.monotonic() - started
    assert 0.9 < seconds < 4 and len(hook.bodies) == 3
    assert [n["text"] for n in logged(tmp_path, "note")] == [f"{NOT_TAKEN}no answer in time"]


@pytest.mark.parametrize("answer", [MALFORMED, 500, 302, SLOW, None])
def test_the_token_is_told_nowhere(tmp_path, hooked, monkeypatch, capfd, answer):
    monkeypatch.setenv("ATLAS_LOG_LEVEL", "DEBUG")
    with receiver(answer or 200) as hook:
        hooked(hook.url if answer is not None else f"http://no-such-host.invalid/{TOKEN}", 0.3)
        job(tmp_path, held)
    out, err = capfd.readouterr()
    assert TOKEN not in out + err
    told = [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()]
    assert told and not any(TOKEN.encode() in data for data in told)
    assert TOKEN not in repr(records(tmp_path))


@pytest.mark.parametrize("url", [f"ftp://host/{TOKEN}", TOKEN, f"http://[{TOKEN}/", "http:///x"])
def test_a_wrong_url_is_refused_without_telling_it(url, monkeypatch):
    monkeypatch.setenv("ATLAS_ALERT_WEBHOOK", url)
    with pytest.raises(UsageError, match=r"ATLAS_ALERT_WEBHOOK: .*must be a URL") as error:
        load_settings()
    assert TOKEN not in str(error.value)


def test_an_empty_url_is_none(monkeypatch):
    monkeypatch.setenv("ATLAS_ALERT_WEBHOOK", "")
    assert load_settings().alert_webhook is None


def test_metrics_that_cannot_be_read_fail_nothing(tmp_path, monkeypatch):
    from jobs.runtime import alerts

    def unreadable(*_: object) -> None:
        raise OSError("/secret/path")

    monkeypatch.setattr(alerts, "metrics_of", unreadable)
    assert job(tmp_path, held) == 3
    (note,) = logged(tmp_path, "note")
    assert note["text"] == "no alert could be made: OSError"
