"""The report of real runs in a real browser, with the network cut."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.generate_sources import generate_sources
from jobs.runtime.report.reports import write_report
from tests.browser import Shown, shown
from tests.lakes import rows, run_pipeline
from tests.run_records import Records, check, score, three_runs

pytestmark = pytest.mark.full


def report_of(lake: Path, run_id: str) -> Path:
    known = Records(lake.parent).lake
    (record,) = known.query("ops.pipeline_runs", f"select * from t where run_id = '{run_id}'")
    return write_report(known.settings, known, record)


def assert_drawn(page: Shown, charts: int) -> None:
    assert page.console == []
    assert f'data-drawn="{charts}"' in page.dom
    assert page.dom.count("main-svg") > charts


def test_a_run_of_the_sample_and_an_update(spark, tmp_path):
    sources, lake = tmp_path / "sources", tmp_path / "lake"
    truth = generate_sources(sources, 300, 900, seed=4)
    first = run_pipeline(spark, sources, lake)
    page = shown(report_of(lake, first.run_id), tmp_path / "profile")
    assert_drawn(page, 8)  # scores of four tables, two flows, personal data, seconds
    told = truth["orders"]
    for label in (
        "customers: 300 read",
        f"duplicates: {300 - truth['customers']['distinct_ids']}",
        f"orders: {told['rows']} read",
        f"Silver, inserted: {told['rows'] - told['quarantined']}",
        f"required: customer_id: {told['missing_customer']}",
    ):
        assert label in page.texts
    assert {"STREET_ADDRESS", "completeness", "start Spark"} - set(page.texts) == {"start Spark"}, (
        "the test's session was there before"
    )
    for entity, count in first.pii.items():
        assert f'<th scope="row">{entity}</th>' in page.dom and f"{count:,}</td>" in page.dom
    recorded = {r["run_id"]: json.loads(r["seconds"]) for r in rows(lake, "ops.pipeline_runs")}
    merge = recorded[first.run_id]["merge orders"]
    assert f'merge orders</th><td class="number">{merge:.1f}</td>' in page.dom

    header, *lines = (sources / "customers.csv").read_text().splitlines()
    changed = lines[1].replace(",DK,", ",SE,").replace(",US,", ",SE,")
    (sources / "customers-2.csv").write_text("\n".join([header, lines[0], changed]))
    second = run_pipeline(spark, sources, lake)
    page = shown(report_of(lake, second.run_id), tmp_path / "profile")
    for label in ("customers: 2 read", "Silver, updated: 1", "unchanged: 1", "overall, published"):
        assert label in page.texts
    assert page.console == []


def test_a_stopped_run_and_its_trend(tmp_path):
    three_runs(tmp_path)
    page = shown(report_of(tmp_path / "lake", "three"), tmp_path / "profile")
    assert_drawn(page, 9)
    assert {"held: 5,000", "outside", "31 Jan 02:00", "2 Feb 02:00"} <= {
        " ".join(text.split()) for text in page.texts
    }
    assert '<span class="badge fail">fail</span>' in page.dom


def test_hostile_names_stay_text_and_run_nothing(tmp_path):
    hostile = "<img src=x onerror=\"document.title='run'\"><a href='javascript:alert(1)'>x</a>"
    records = Records(tmp_path)
    records.batch("run", 2, hostile, 1, quarantined=2)
    records.quarantine(hostile, 1, {(hostile, ""): 2})
    records.detections("run", hostile, 1, {(hostile, hostile, "detect"): 1})
    records.metrics(
        "run", 1, hostile, check("published", hostile), score("published", "overall", 1)
    )
    records.run("run", 0, 3, message=hostile, seconds={f"merge {hostile}": 1.0}, tables=[hostile])
    page = shown(report_of(tmp_path / "lake", "run"), tmp_path / "profile")
    assert_drawn(page, 4)
    assert "<title>pipeline succeeded" in page.dom
    body = page.dom.split("<script", 1)[0]
    assert "<img" not in body and "javascript:alert(1)" in body and "<a " not in body
    assert f"{hostile}: 2 read" in page.texts
