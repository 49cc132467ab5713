"""The sample from raw files to Gold, exact against its truth; then once more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.generate_sources import generate_sources
from tests.lakes import content, counts, rows, run_pipeline

TABLES = ("bronze.customers", "bronze.orders", "silver.customers", "silver.orders")
GOLD = ("gold.customer_360", "gold.customer_features")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    sources = tmp_path_factory.mktemp("sample sources")
    return sources, generate_sources(sources, 400, 1200, seed=7)


@pytest.fixture(scope="module")
def first(spark, sample, tmp_path_factory):
    lake = tmp_path_factory.mktemp("sample lake")
    return lake, run_pipeline(spark, sample[0], lake)


def test_every_count_is_the_truth(first, sample):
    _, run = first
    truth = sample[1]
    customers, orders = truth["customers"], truth["orders"]
    assert (run.exit_code, run.message) == (0, "")
    assert counts(run, "customers") == {
        "read": customers["rows"],
        "inserted": customers["distinct_ids"],
        "duplicates": len(customers["duplicate_lines"]),
    }
    assert counts(run, "orders") == {
        "read": orders["rows"],
        "inserted": orders["rows"] - orders["quarantined"],
        "quarantined": orders["quarantined"],
    }


def test_duplicates_name_the_row_and_its_winner(first, sample):
    lines = [r["_bronze_row"] for r in rows(first[0], "ops.duplicates")]
    assert sorted(lines) == sample[1]["customers"]["duplicate_lines"]
    first_lines = {
        r["customer_id"]: r["_bronze_row"]
        for r in reversed(
            rows(first[0], "bronze.customers", "select customer_id, _bronze_row from t order by 2")
        )
    }
    ids = {r["_bronze_row"]: r["customer_id"] for r in rows(first[0], "bronze.customers")}
    for row in rows(first[0], "ops.duplicates"):
        assert row["_winner_row"] == first_lines[ids[row["_bronze_row"]]]


def test_quarantine_tells_the_reason_and_no_value(first, sample):
    truth = sample[1]["orders"]
    told = rows(first[0], "ops.quarantine")
    reasons = [reason for row in told for reason in row["reasons"]]
    assert reasons.count("required: customer_id") == truth["missing_customer"]
    assert reasons.count("rule: amount_not_negative") == truth["negative_amount"]
    assert set(told[0]) == {
        "table", "batch", "_bronze_delivery", "_bronze_row", "reason", "rule", "reasons",
        "run_id", "recorded_at",
    }  # fmt: skip


def test_silver_holds_pseudonyms_that_join(first):
    lake, _ = first
    customers = {r["customer_id"] for r in rows(lake, "silver.customers")}
    orders = {r["customer_id"] for r in rows(lake, "silver.orders")}
    assert all(len(c) == 64 and int(c, 16) for c in customers)
    assert orders <= customers
    flags = [r["email_valid"] for r in rows(lake, "silver.customers")]
    assert flags.count(None) == 20 and False not in flags


def test_every_value_of_a_marked_column_is_counted_as_treated(first, sample):
    found = {
        r["column"]: r["count"]
        for r in rows(first[0], "ops.pii_detections")
        if r["table"] == "customers" and r["treatment"] != "detect"
    }
    silver = rows(first[0], "silver.customers")
    assert found["email_address"] == sum(r["email_address"] is not None for r in silver)
    assert found["phone_number"] == found["address"] == found["customer_id"] == len(silver)


def test_gold_has_one_row_a_customer(first):
    lake, _ = first
    keys = [r["customer_id"] for r in rows(lake, "gold.customer_360")]
    assert sorted(keys) == sorted(r["customer_id"] for r in rows(lake, "silver.customers"))
    assert all(
        value is not None for row in rows(lake, "gold.customer_features") for value in row.values()
    )
    revenue = rows(
        lake,
        "silver.orders",
        "select sum(order_amount) as s from t where status in ('completed','shipped','delivered')",
    )
    total = rows(lake, "gold.customer_360", "select sum(total_revenue) as s from t")
    assert total == revenue


def test_the_record_tells_the_run_and_its_jobs(first):
    lake, run = first
    records = {r["job"]: r for r in rows(lake, "ops.pipeline_runs")}
    assert set(records) == {"pipeline", "ingest", "refine", "build_gold"}
    assert {r["status"] for r in records.values()} == {"succeeded"}
    assert {records[j]["parent_run_id"] for j in ("ingest", "refine", "build_gold")} == {run.run_id}
    assert json.loads(records["pipeline"]["tables"]) == run.as_dict()["tables"]
    assert list((lake / "ops" / "_live").glob("*.json")) == []


def test_a_second_run_changes_nothing(spark, first, sample):
    lake, _ = first
    before = {name: content(lake, name) for name in (*TABLES, *GOLD)}
    files = {p for p in lake.rglob("*.parquet") if "ops" not in p.relative_to(lake).parts}
    again = run_pipeline(spark, sample[0], lake)
    assert (again.exit_code, again.tables) == (0, {})
    assert {p for p in lake.rglob("*.parquet") if "ops" not in p.relative_to(lake).parts} == files
    for name, frame in before.items():
        assert frame.equals(content(lake, name)), name


def test_bronze_is_private_and_append_only(first):
    lake, _ = first
    assert (lake / "bronze").stat().st_mode & 0o777 == 0o700
    log = (lake / "bronze" / "orders" / "_delta_log" / "00000000000000000000.json").read_text()
    assert '"delta.appendOnly":"true"' in log


def test_an_update_and_an_unchanged_row(spark, sample, tmp_path: Path):
    sources, lake = tmp_path / "sources", tmp_path / "lake"
    sources.mkdir()
    lines = (sample[0] / "customers.csv").read_text().splitlines()
    (sources / "customers.csv").write_text("\n".join(lines[:11]) + "\n")
    run_pipeline(spark, sources, lake)
    changed = lines[2].replace(",DK,", ",SE,").replace(",US,", ",SE,")
    (sources / "customers-2.csv").write_text("\n".join([lines[0], lines[1], changed, lines[12]]))
    run = run_pipeline(spark, sources, lake)
    assert counts(run, "customers") == {"read": 3, "inserted": 1, "updated": 1, "unchanged": 1}
    (unchanged,) = rows(lake, "ops.duplicates")
    assert (unchanged["outcome"], unchanged["_winner_delivery"], unchanged["_winner_row"]) == (
        "unchanged",
        1,
        2,
    )
