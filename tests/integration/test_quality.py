"""Quality on generated data equals the truth; an error stops a table, a warning does not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import jobs.build_gold
from conf.settings import load_settings
from jobs.generate_sources import generate_sources
from jobs.runtime.accounting import verify_table
from jobs.runtime.lake import Lake
from jobs.runtime.runs import Run
from tests.lakes import counts, rows, run_pipeline
from tests.unit.contract_texts import column, key, table, write
from transformations.order_totals import order_totals


def metrics(lake: Path, table: str, population: str) -> dict[str, tuple[object, ...]]:
    found = rows(lake, "ops.quality_metrics")
    return {
        m["check"] if m["check"] != "score" else m["dimension"]: (
            m["outcome"],
            m["rows_failing"],
            m["rows_checked"],
        )
        for m in sorted(found, key=lambda m: m["measured_at"])
        if (m["table"], m["population"]) == (table, population)
    }


@pytest.mark.parametrize(
    "seed", [1, pytest.param(2, marks=pytest.mark.full), pytest.param(3, marks=pytest.mark.full)]
)
def test_the_sample_s_faults_are_measured_exactly(spark, tmp_path, seed):
    truth = generate_sources(tmp_path / "s", 300, 900, seed=seed)
    done = run_pipeline(spark, tmp_path / "s", tmp_path / "lake")
    assert done.exit_code == 0, done.message
    customers = metrics(tmp_path / "lake", "customers", "delivered")
    told = truth["customers"]
    assert customers["email_missing"] == ("pass", told["missing_email"], told["rows"])
    assert customers["phone_format"] == ("pass", told["invalid_phone"], told["rows"])
    assert customers["id_repeated"][1:] == (
        2 * (told["rows"] - told["distinct_ids"]),
        told["rows"],
    )
    orders = metrics(tmp_path / "lake", "orders", "delivered")
    assert orders["amount_not_negative"] == (
        "warn",
        truth["orders"]["negative_amount"],
        truth["orders"]["rows"],
    )
    published = metrics(tmp_path / "lake", "orders", "published")
    assert published["amount_not_negative"][:2] == ("pass", 0)


@pytest.fixture
def place(tmp_path) -> Path:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "sources").mkdir()
    return tmp_path


def deliver(place: Path, name: str, *prices: float) -> None:
    lines = [f"{name}-{n},{price}" for n, price in enumerate(prices)]
    (place / "sources" / f"{name}.csv").write_text("\n".join(["part_id,price", *lines, ""]))


def contract(place: Path, severity: str, **words: str) -> None:
    quality = [
        check("price_plausible", {"failed rows": {"fail condition": "price > 100"}}, severity),
        check("rows_as_usual", "change percent for row_count between -50 and 50"),
    ]
    price = column("price", "number", {"treatment": "keep"}, classification="internal")
    parts = table("parts", [key("part_id"), price], words, quality=quality)
    write(place / "contracts", parts, file="parts")


def check(name: str, implementation: object, severity: str = "warning") -> dict[str, object]:
    told = {"name": name, "type": "custom", "engine": "soda", "dimension": "accuracy"}
    return {**told, "severity": severity, "implementation": implementation}


def run(spark, place: Path) -> Run:
    return run_pipeline(spark, place / "sources", place / "lake", contracts=place / "contracts")


def test_an_error_stops_the_table_and_a_warning_does_not(spark, place):
    contract(place, "error")
    deliver(place, "parts", 1, 2)
    assert run(spark, place).exit_code == 0
    before = rows(place / "lake", "silver.parts")
    deliver(place, "parts_2", 1, 200, 300)
    stopped = run(spark, place)
    assert stopped.exit_code == 3
    assert "price_plausible (accuracy) is 2, allowed = 0 (2 of 3 rows)" in stopped.message
    assert counts(stopped, "parts") == {"read": 3, "held": 3}
    assert rows(place / "lake", "silver.parts") == before
    held = metrics(place / "lake", "parts", "published")
    assert held["price_plausible"] == ("fail", 2, 3)
    assert held["accuracy"][1:] == (2, 6)  # of two checks over three rows each
    verify_table(Lake(load_settings(lake=str(place / "lake"))), "parts", "test")

    contract(place, "warning")
    taken = run(spark, place)
    assert (taken.exit_code, counts(taken, "parts")) == (0, {"read": 3, "inserted": 3})
    assert metrics(place / "lake", "parts", "published")["price_plausible"] == ("warn", 2, 3)
    told = verify_table(Lake(load_settings(lake=str(place / "lake"))), "parts", "test")
    assert (told.read, told.held) == (5, 0)


def test_later_deliveries_wait_behind_a_held_one_where_the_contract_says_so(spark, place):
    contract(place, "error", heldDeliveries="wait")
    deliver(place, "parts", 200)
    assert counts(run(spark, place), "parts") == {"read": 1, "held": 1}
    deliver(place, "parts_2", 1, 2)
    behind = run(spark, place)
    assert (behind.exit_code, behind.tables) == (3, {})
    assert behind.message.startswith("still held: parts: held: quality of what would be published")

    contract(place, "warning", heldDeliveries="wait")
    assert counts(run(spark, place), "parts") == {"read": 3, "inserted": 3}


def test_a_change_is_judged_by_what_was_published_before(spark, place):
    contract(place, "warning")
    outcomes = []
    for number, count in enumerate((4, 5, 20)):
        deliver(place, f"parts_{number}", *([1.0] * count))
        run(spark, place)
        outcomes.append(metrics(place / "lake", "parts", "delivered")["rows_as_usual"])
    assert outcomes == [("not_evaluated", 0, 4), ("pass", 0, 5), ("warn", 20, 20)]


def test_gold_that_does_not_add_up_to_silver_is_not_replaced(spark, tmp_path, monkeypatch):
    generate_sources(tmp_path / "s", 60, 200, seed=5)
    assert run_pipeline(spark, tmp_path / "s", tmp_path / "lake").exit_code == 0
    before = rows(tmp_path / "lake", "gold.customer_360")
    assert metrics(tmp_path / "lake", "customer_360", "published")["revenue_as_in_silver"] == (
        "pass",
        0,
        len(before),
    )

    def loses_a_customer(day):
        return lambda orders: order_totals(day)(orders).limit(5)

    monkeypatch.setattr(jobs.build_gold, "order_totals", loses_a_customer)
    stopped = run_pipeline(spark, tmp_path / "s", tmp_path / "lake", as_of=datetime(2030, 1, 1))
    assert stopped.exit_code == 3
    assert "gold.customer_360: not replaced: " in stopped.message
    assert "orders_as_in_silver (consistency) is " in stopped.message
    assert rows(tmp_path / "lake", "gold.customer_360") == before
