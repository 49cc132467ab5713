"""Any table, or an earlier version of it, against its contract's checks; nothing is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from conf.errors import UsageError
from conf.settings import load_settings
from jobs.check_quality import NOT_MET, check_quality
from tests.lakes import rows
from tests.unit.contract_texts import column, key, table, write

ROOT = Path(__file__).parents[2]
MEASURED = ("check", "dimension", "severity", "threshold", "rows_checked", "rows_failing")
CHANGE = "compares a run with those before it; ops/quality_metrics has them"


def files(folder: Path) -> dict[str, tuple[int, int]]:
    found = [p for p in folder.rglob("*") if not p.is_dir()]
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in found}


@pytest.fixture(autouse=True)
def _nothing_is_written(sample):
    before = files(sample.lake)
    yield
    assert files(sample.lake) == before


@pytest.fixture
def check(spark):
    """The job in the test's session: the --json object."""

    def checked(lake: Path, name: str, **options: Any) -> dict[str, Any]:
        settings = load_settings(lake=str(lake), contracts=options.pop("contracts", None))
        return check_quality(settings, name, session=lambda small: spark, **options).as_dict()

    return checked


def in_run(sample, name: str, population: str) -> dict[str, dict[str, Any]]:
    """What the run that made the table measured of it, by check, or by dimension for scores."""
    told = rows(sample.lake, "ops.quality_metrics")
    return {
        m["check"] if m["check"] != "score" else m["dimension"]: m
        for m in told
        if (m["table"], m["population"]) == (name, population)
    }


def same(told: list[dict[str, Any]], measured: dict[str, dict[str, Any]]) -> None:
    """What was evaluated is what the run measured; but for the age, which is one of now."""
    for one in told:
        by_run = measured[one["check"] if one["check"] != "score" else one["dimension"]]
        assert {n: one[n] for n in MEASURED} == {n: by_run[n] for n in MEASURED}
        if one["check"] != "delivered_lately":
            assert one["value"] == by_run["value"], one["check"]


@pytest.mark.parametrize("name", ["orders", "bronze/orders"])
def test_a_source_table_is_what_was_delivered(check, sample, name):
    told = check(sample.lake, name)
    assert (told["table"], told["version"]) == ("bronze.orders", 0)
    evaluated = [c for c in told["checks"] if c["reason"] is None]
    same(evaluated, in_run(sample, "orders", "delivered"))
    assert {c["check"]: c["reason"] for c in told["checks"] if c["reason"]} == {
        "rows_as_usual": CHANGE
    }
    # In a run what was delivered only warns; here the error is one.
    outcomes = {c["check"]: c["outcome"] for c in evaluated}
    assert outcomes.pop("amount_not_negative") == "fail"
    assert set(outcomes.values()) == {"pass"}
    assert not told["is_met"]
    lost = sample.truth["orders"]["negative_amount"]
    validity = next(s for s in told["scores"] if s["dimension"] == "validity")
    assert (validity["rows_checked"], validity["rows_failing"]) == (2400, lost)


def test_one_delivery_of_several(check, sample):
    assert check(sample.lake, "customers", delivery=1)["checks"][1]["rows_checked"] == 400


def test_silver_answers_what_its_treated_columns_can(check, sample):
    told = check(sample.lake, "silver.customers")
    evaluated = [c for c in told["checks"] if c["reason"] is None]
    same(evaluated, in_run(sample, "customers", "published"))
    assert {c["check"] for c in evaluated} == {
        "id_repeated", "delivered_lately", "name_missing", "email_missing",
    }  # fmt: skip
    left = [c for c in told["checks"] if c["reason"]]
    assert {c["outcome"] for c in left} == {"not_evaluated"}
    assert {(c["value"], c["rows_checked"], c["rows_failing"]) for c in left} == {(None, 0, 0)}
    assert {c["check"]: c["reason"] for c in left} == {
        "rows_as_usual": CHANGE,
        "email_format": "reads email_address, of which Silver has a pseudonym",
        "phone_format": "reads phone_number, of which Silver has a pseudonym",
        "birth_plausible": "reads date_of_birth, of which Silver has the year",
    }
    assert told["is_met"]
    dimensions = [s["dimension"] for s in told["scores"]]
    assert dimensions == ["completeness", "uniqueness", "timeliness", "overall"]


@pytest.mark.parametrize("name", ["customer_360", "customer_features"])
def test_gold_is_compared_with_the_silver_it_was_made_from(check, sample, name):
    told = check(sample.lake, f"gold.{name}")
    measured = in_run(sample, name, "published")
    same([*told["checks"], *told["scores"]], measured)
    assert len(told["checks"] + told["scores"]) == len(measured)
    assert {c["outcome"] for c in told["checks"] if c["check"] != "k_anonymity"} == {"pass"}


def test_gold_is_asked_who_could_be_singled_out(check, sample):
    told = check(sample.lake, "gold.customer_360")
    (one,) = [c for c in told["checks"] if c["check"] == "k_anonymity"]
    assert (one["dimension"], one["outcome"], one["threshold"]) == ("privacy", "warn", "<= 0.05")
    assert one["rows_checked"] == 396 and one["rows_failing"] > 300
    assert "privacy" not in {s["dimension"] for s in told["scores"]}


def test_an_earlier_version_is_judged_as_it_was(check, spark, sample_copy):
    """Version 1 of the orders has faults: version 0 has none, and Gold came from that one."""
    path = str(sample_copy.lake / "silver" / "orders")
    orders = spark.read.format("delta").load(path)
    is_bad = F.col("order_id").isin(*sorted(r.order_id for r in orders.collect())[:7])
    damaged = F.when(is_bad, -1).otherwise(F.col("order_amount")).cast("decimal(18,2)")
    odd = F.when(is_bad, F.lit("0" * 64)).otherwise(F.col("customer_id"))
    orders.withColumns({"order_amount": damaged, "customer_id": odd}).write.format("delta").mode(
        "overwrite"
    ).save(path)

    now = check(sample_copy.lake, "silver.orders")
    assert (now["version"], now["is_met"]) == (1, False)
    failing = {c["check"]: c["rows_failing"] for c in now["checks"] if c["rows_failing"]}
    assert failing == {"amount_not_negative": 7, "customer_known": 7}

    before = check(sample_copy.lake, "silver.orders", version=0)
    assert (before["version"], before["is_met"]) == (0, True)
    same(
        [c for c in before["checks"] if c["reason"] is None],
        in_run(sample_copy, "orders", "published"),
    )
    (age,) = (c["value"] for c in before["checks"] if c["check"] == "delivered_lately")
    committed = (sample_copy.lake / "silver/orders/_delta_log/00000000000000000000.json").stat()
    delivered = (sample_copy.sources / "orders.csv").stat()
    assert age == pytest.approx(1000 * (committed.st_mtime - delivered.st_mtime), abs=2000)

    gold = check(sample_copy.lake, "gold.customer_360")
    assert {c["outcome"] for c in gold["checks"] if c["check"] != "k_anonymity"} == {"pass"}


def test_gold_that_does_not_tell_its_silver_is_compared_with_none(check, spark, sample_copy):
    path = str(sample_copy.lake / "gold" / "customer_features")
    spark.read.format("delta").load(path).write.format("delta").mode("overwrite").save(path)
    told = check(sample_copy.lake, "gold/customer_features")
    why = "compares with Silver, and its commit does not tell which orders"
    reasons = {c["check"]: c["reason"] for c in told["checks"]}
    assert reasons == {
        "one_row_a_customer": None,
        "every_customer": why,
        "orders_as_in_silver": why,
        "ratios_in_range": None,
    }


def no_session(small: bool) -> Any:
    raise AssertionError("no session is needed to say so")


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("silver.custmers", {}, "did you mean silver.customers"),
        ("ordrs", {}, "no Delta table ordrs, neither in the lake"),
        ("silver.orders", {"version": 3}, "silver.orders has no version 3; there are 0"),
        ("orders", {"delivery": 9}, "orders received no delivery 9; there are 1"),
        ("gold.customer_360", {"delivery": 1}, "gold.customer_360 is none"),
        ("ops.quarantine", {}, "ops.quarantine has no contract; there are customers, gold."),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(sample, name, options, told):
    settings = load_settings(lake=str(sample.lake))
    with pytest.raises(UsageError, match=told):
        check_quality(settings, name, session=no_session, **options)


def test_a_key_is_not_made_and_another_one_refused(sample, monkeypatch, tmp_path):
    settings = load_settings(lake=str(sample.lake))
    monkeypatch.setenv("ATLAS_PII_SECRET", "f" * 64)
    with pytest.raises(UsageError, match="not the one this lake was made with"):
        check_quality(load_settings(lake=str(sample.lake)), "orders", session=no_session)
    monkeypatch.delenv("ATLAS_PII_SECRET")
    bare = tmp_path / "lake"
    (bare / "bronze").mkdir(parents=True)
    (bare / "bronze" / "orders").symlink_to(sample.lake / "bronze" / "orders")
    with pytest.raises(UsageError, match="no pseudonymization key for the lake"):
        check_quality(settings.model_copy(update={"lake": str(bare)}), "orders", session=no_session)
    assert sorted(p.name for p in bare.iterdir()) == ["bronze"]


def test_a_table_without_checks_says_so(sample, tmp_path, capsys):
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    note = column("order_date", words={"treatment": "keep"}, classification="internal")
    write(contracts, table("orders", [key("order_id"), note]))
    settings = load_settings(lake=str(sample.lake), contracts=str(contracts))
    told = check_quality(settings, "orders", session=no_session)
    assert (told.is_met, told.as_dict()["checks"], told.as_dict()["scores"]) == (True, [], [])


@pytest.mark.full
@pytest.mark.parametrize("name", ["orders", "silver.orders", "gold.customer_360"])
def test_the_job_tells_by_exit_code_table_and_json(sample, tmp_path, name):
    def job(*arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("ATLAS_", "SPARK_"))}
        return subprocess.run(
            [sys.executable, str(ROOT / "jobs" / "check_quality.py"), name, *arguments,
             "--lake", str(sample.lake), "--log-file", str(tmp_path / "log")],
            capture_output=True, text=True, check=False, cwd=tmp_path, timeout=300,
            env=kept | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable},
        )  # fmt: skip

    done = job("--json")
    assert done.returncode == (NOT_MET if name == "orders" else 0), done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["is_met"] is (name != "orders")
    shown = job().stdout
    assert all(f"│ {c['check']} " in shown for c in told["checks"])
    assert all(f"│ {s['dimension']} " in shown for s in told["scores"])
    assert f"not evaluated: rows_as_usual: {CHANGE}" in shown or name.startswith("gold")
    missing = job("--version", "9")
    assert missing.returncode == 2
    assert "has no version 9; there are 0" in missing.stderr
