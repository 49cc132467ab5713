"""One thing is broken at a time: its dimension's score moves and no other; only an error stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.refine import judge_batch
from jobs.runtime.quality_log import PUBLISHED, SCORE
from jobs.runtime.quality_scores import OVERALL
from tests.integration.test_quality import check
from tests.integration.test_reprocess import again, deliver, place, run  # noqa: F401
from tests.lakes import counts, rows
from tests.unit.contract_texts import column, key, table, write

ROWS = 10
GOOD = {"price": "5", "code": "c{n}", "most": "1000", "day": "2026-05-01"}
BROKEN = {  # dimension: check, what the last row of a delivery has instead, rows that fail then
    "completeness": ("missing_count(price) = 0", {"price": ""}, 1),
    "uniqueness": ("duplicate_count(code) = 0", {"code": "c0"}, 2),
    "validity": ({"invalid_count(code) = 0": {"valid regex": "^c[0-9]+$"}}, {"code": "c!"}, 1),
    "consistency": ({"failed rows": {"fail condition": "price > most"}}, {"most": "4"}, 1),
    "timeliness": (
        {"failed rows": {"fail condition": "day < date'2026-01-01'"}},
        {"day": "2025-01-01"},
        1,
    ),
    "accuracy": ({"failed rows": {"fail condition": "price > 100"}}, {"price": "101"}, 1),
}


def contract(place: Path, severity: str) -> None:  # noqa: F811
    kept = {"words": {"treatment": "keep"}, "classification": "internal"}
    columns = [
        key("part_id"),
        column("price", "number", **kept),
        column("code", **kept),
        column("most", "number", **kept),
        column("day", "date", **kept),
    ]
    checks = [
        check(dimension, told, severity)
        | {"dimension": "conformity" if dimension == "validity" else dimension}
        for dimension, (told, _, _) in BROKEN.items()
    ]
    write(place / "contracts", table("parts", columns, quality=checks), file="parts")


def lines(name: str, **instead: str) -> list[str]:
    made = [GOOD] * (ROWS - 1) + [GOOD | instead]
    return [f"{name}-{n}," + ",".join(row.values()).format(n=n) for n, row in enumerate(made)]


def scores(place: Path, run_id: str) -> dict[str, tuple[float, int, int]]:  # noqa: F811
    sql = f"select * from t where \"check\" = '{SCORE}' and population = '{PUBLISHED}'"
    batch = max(m["batch"] for m in rows(place / "lake", "ops.quality_metrics", sql))
    return {
        m["dimension"]: (m["value"], m["rows_failing"], m["rows_checked"])
        for m in rows(place / "lake", "ops.quality_metrics", f"{sql} and batch = {batch}")
    }


@pytest.mark.full
@pytest.mark.parametrize("severity", ["warning", "error"])
def test_each_dimension_moves_alone_and_only_an_error_stops(spark, place, severity):  # noqa: F811
    contract(place, severity)
    header = ",".join(["part_id", *GOOD])
    deliver(place, "parts_good", *lines("good"), header=header)
    assert run(spark, place).exit_code == 0
    assert {value for value, _, _ in scores(place, "").values()} == {1.0}
    published = ROWS
    for number, (dimension, (_, instead, failing)) in enumerate(BROKEN.items(), start=2):
        before = rows(place / "lake", "silver.parts")
        deliver(place, f"parts_{number}", *lines(dimension, **instead), header=header)
        done = run(spark, place)
        told = scores(place, done.run_id)
        share = 1 - failing / ROWS
        assert told.pop(dimension) == (pytest.approx(share), failing, ROWS)
        overall = told.pop(OVERALL)
        assert overall[0] == pytest.approx((5 + share) / 6)
        assert set(told.values()) == {(1.0, 0, ROWS)}, dimension
        if severity == "warning":
            assert (done.exit_code, counts(done, "parts")["inserted"]) == (0, ROWS)
            published += ROWS
            continue
        assert (done.exit_code, counts(done, "parts")) == (3, {"read": ROWS, "held": ROWS})
        assert (
            f"held: quality of what would be published: {dimension} ({dimension})" in done.message
        )
        assert rows(place / "lake", "silver.parts") == before
        if number % 2:  # both end with the accounting true, which the run itself recounts
            ended = again(spark, place, release=(number,))
            published += ROWS
        else:
            ended = again(spark, place, reject=(number,))
        assert ended.exit_code == 0, ended.message
    assert len(rows(place / "lake", "silver.parts")) == published


def test_judging_a_batch_takes_no_more_spark_jobs_than_it_did(spark, place, monkeypatch):  # noqa: F811
    """Six checks: five jobs; where not all that was delivered is published, five for each."""
    contract(place, "warning")
    header = ",".join(["part_id", *GOOD])
    deliver(place, "parts_1", *lines("one", price=""), header=header)
    counted = []

    def counting(*arguments):
        context, group = spark.sparkContext, f"judging {len(counted)}"
        context.setJobGroup(group, group)
        try:
            judge_batch(*arguments)
            counted.append(len(context.statusTracker().getJobIdsForGroup(group)))
        finally:
            context._jsc.clearJobGroup()

    monkeypatch.setattr("jobs.refine.judge_batch", counting)
    assert run(spark, place).exit_code == 0
    deliver(place, "parts_2", *lines("two"), ",5,c,1000,2026-05-01", header=header)
    assert run(spark, place).exit_code == 0
    assert counted == [5, 10]
