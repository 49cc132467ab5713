"""Scores, ties and the borders of the segments."""

from __future__ import annotations

from decimal import Decimal

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tests.gold import SEGMENTS
from transformations.rfm import segment, with_rfm

SCHEMA = (
    "customer_id string, days_since_last_order int, total_orders bigint, "
    "total_revenue decimal(18,2)"
)
SCORES = "recency_score int, frequency_score int, monetary_score int"

Customer = tuple[str, int | None, int, str]


def customers(spark: SparkSession, *rows: Customer) -> DataFrame:
    return spark.createDataFrame([(c, d, n, Decimal(m)) for c, d, n, m in rows], SCHEMA)


def scores(df: DataFrame) -> dict[str, tuple[int, int, int]]:
    return {
        r.customer_id: (r.recency_score, r.frequency_score, r.monetary_score)
        for r in df.transform(with_rfm()).collect()
    }


def test_scores_score_and_segment(spark):
    df = customers(
        spark,
        ("best", 0, 9, "900.00"),
        ("good", 10, 7, "50.00"),
        ("old", 400, 1, "10.00"),
        ("big", 100, 3, "1000.00"),
        ("late", 300, 3, "20.00"),
        ("none", None, 0, "0.00"),
    )
    found = df.transform(with_rfm()).drop("days_since_last_order", "total_orders", "total_revenue")
    expected = spark.createDataFrame(
        [
            ("best", 5, 5, 4, Decimal("4.7"), "champions"),
            ("good", 4, 4, 3, Decimal("3.7"), "potential_loyalists"),
            ("old", 1, 1, 1, Decimal("1.0"), "lost"),
            ("big", 3, 2, 5, Decimal("3.3"), "at_risk"),
            ("late", 2, 2, 2, Decimal("2.0"), "lost"),
            ("none", 1, 1, 1, Decimal("1.0"), "lost"),
        ],
        f"customer_id string, {SCORES}, rfm_score decimal(2,1), segment string",
    )
    assert_df_equality(found, expected, ignore_nullable=True, ignore_row_order=True)


def test_equal_values_have_equal_scores(spark):
    """Of five, two are worse than the three: 1 + floor(5 x 2 / 5) = 3, though none is better."""
    tied = [(f"tied {n}", 5, 4, "20.00") for n in range(3)]
    found = scores(customers(spark, ("w1", 9, 1, "1.00"), ("w2", 9, 1, "1.00"), *tied))
    assert found == {"w1": (1, 1, 1), "w2": (1, 1, 1)} | {c: (3, 3, 3) for c, *_ in tied}


def test_all_alike_have_the_worst_score(spark):
    found = scores(customers(spark, *((str(n), 5, 4, "20.00") for n in range(7))))
    assert set(found.values()) == {(1, 1, 1)}


def test_a_fifth_of_the_customers_is_the_border(spark):
    """Of ten, score 2 begins at two worse customers, 5 at eight; of seven at 1.4 and 5.6."""
    ten = scores(customers(spark, *((str(n), 10 - n, n + 1, f"{n}.00") for n in range(10))))
    assert [ten[str(n)][2] for n in range(10)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    seven = scores(customers(spark, *((str(n), 10 - n, n + 1, f"{n}.00") for n in range(7))))
    assert [seven[str(n)][0] for n in range(7)] == [1, 1, 2, 3, 3, 4, 5]


def test_who_never_ordered_counts_for_nobody(spark):
    """Not even beside one whose revenue is negative, hence worse than none at all."""
    never = [(f"never {n}", None, 0, "0.00") for n in range(20)]
    found = scores(customers(spark, ("a", 3, 1, "-5.00"), ("b", 2, 2, "7.00"), *never))
    assert found.pop("a") == (1, 1, 1)
    assert found.pop("b") == (3, 3, 3)
    assert set(found.values()) == {(1, 1, 1)}


@pytest.mark.parametrize("count", [0, 3])
def test_nobody_ordered(spark, count):
    found = scores(customers(spark, *((str(n), None, 0, "0.00") for n in range(count))))
    assert found == {str(n): (1, 1, 1) for n in range(count)}


def test_every_segment_begins_at_its_border(spark):
    tenths = range(10, 51)
    df = spark.createDataFrame([(Decimal(n) / 10,) for n in tenths], "score decimal(2,1)")
    found = {
        r.score: r.segment for r in df.withColumn("segment", segment(F.col("score"))).collect()
    }
    for n in tenths:
        score = Decimal(n) / 10
        expected = next((s for least, s in SEGMENTS.items() if score >= Decimal(least)), "lost")
        assert found[score] == expected
    assert found[Decimal("4.5")] == "champions"
    assert found[Decimal("4.4")] == "loyal_customers"


def test_the_windows_see_values_not_customers(spark):
    """Counted per distinct value first; a plan is printed from its end."""
    df = customers(spark, ("a", 5, 4, "20.00"))
    plan = df.transform(with_rfm())._jdf.queryExecution().optimizedPlan().toString()
    operators = [line.strip(" :+-").split(" ")[0] for line in plan.splitlines()]
    windows = [n for n, operator in enumerate(operators) if operator == "Window"]
    counts = [n for n, operator in enumerate(operators) if operator == "Aggregate"]
    assert windows and counts[-1] > windows[-1] > counts[0]
