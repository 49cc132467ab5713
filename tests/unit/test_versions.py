"""Which version of a key wins, and what it means for Silver."""

from __future__ import annotations

import dataclasses

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.contract import Column, SourceContract, SourceFormat, Treatment
from transformations.versions import (
    matched_with,
    quarantine_rows,
    reference_rows,
    with_winners,
)

CONTRACT = SourceContract(
    table="things",
    path="things.odcs.yaml",
    digest="d",
    version="1",
    source=SourceFormat("csv"),
    columns=(
        Column("id", "id", "string", "string", treatment=Treatment.KEEP, silver_name="id"),
        Column("v", "v", "string", "string", treatment=Treatment.KEEP, silver_name="v"),
    ),
    key=("id",),
)
SEQUENCED = dataclasses.replace(CONTRACT, sequence_by="v")

SCHEMA = (
    "_bronze_delivery bigint, _bronze_row bigint, _key array<string>, _row_hash string, "
    "_sequence string, _reasons array<string>"
)
SILVER = (
    "id string, _silver_row_hash string, _silver_sequence string, _silver_delivery bigint, "
    "_silver_row bigint"
)

Row = tuple[int, int, str, str]


def rows(spark: SparkSession, *given: Row, sequenced: bool = False) -> DataFrame:
    """(delivery, row, key, content); a sequenced row's sequence is its content's first letter."""
    return spark.createDataFrame(
        [(d, r, [k], c, c[0] if sequenced else None, []) for d, r, k, c in given], SCHEMA
    )


def outcomes(df: DataFrame) -> dict[tuple[int, int], tuple[str | None, int | None, int | None]]:
    return {
        (r._bronze_delivery, r._bronze_row): (r._outcome, r._winner_delivery, r._winner_row)
        for r in df.collect()
    }


def test_without_a_sequence_the_first_row_of_the_latest_delivery_wins(spark):
    df = rows(spark, (1, 1, "a", "x"), (2, 1, "a", "y"), (2, 2, "a", "z"))
    assert outcomes(df.transform(with_winners(CONTRACT))) == {
        (1, 1): ("duplicates", 2, 1),
        (2, 1): (None, 2, 1),
        (2, 2): ("duplicates", 2, 1),
    }


def test_with_a_sequence_the_greatest_wins_wherever_it_stands(spark):
    df = rows(
        spark, (1, 1, "a", "9 new"), (2, 1, "a", "1 old"), (2, 2, "a", "5 mid"), sequenced=True
    )
    assert outcomes(df.transform(with_winners(SEQUENCED))) == {
        (1, 1): (None, 1, 1),
        (2, 1): ("duplicates", 1, 1),
        (2, 2): ("duplicates", 1, 1),
    }


def test_of_equal_sequences_the_later_row_wins(spark):
    df = rows(spark, (1, 1, "a", "5 x"), (1, 2, "a", "5 y"), sequenced=True)
    assert outcomes(df.transform(with_winners(SEQUENCED)))[1, 2] == (None, 1, 2)


def test_of_equal_rows_in_one_delivery_the_first_wins(spark):
    df = rows(spark, (1, 1, "a", "x"), (1, 2, "a", "x"))
    assert outcomes(df.transform(with_winners(CONTRACT))) == {
        (1, 1): (None, 1, 1),
        (1, 2): ("duplicates", 1, 1),
    }


def test_the_delivery_that_brought_a_content_first_stands_for_it(spark):
    df = rows(spark, (1, 1, "a", "old"), (2, 1, "a", "x"), (3, 1, "a", "x"))
    assert outcomes(df.transform(with_winners(CONTRACT))) == {
        (1, 1): ("duplicates", 2, 1),
        (2, 1): (None, 2, 1),
        (3, 1): ("duplicates", 2, 1),
    }


@pytest.mark.parametrize("sequenced", [False, True])
def test_a_row_that_lost_in_its_delivery_brings_no_version(spark, sequenced):
    """Refined one by one, delivery 2 would be unchanged: its other row was never in Silver."""
    loser, repeat = (1, 2) if sequenced else (2, 1)
    df = rows(
        spark, (1, 1, "a", "5 x"), (2, repeat, "a", "5 x"), (2, loser, "a", "5 y"),
        sequenced=sequenced,
    )  # fmt: skip
    told = SEQUENCED if sequenced else CONTRACT
    assert outcomes(df.transform(with_winners(told))) == {
        (1, 1): (None, 1, 1),
        (2, repeat): ("duplicates", 1, 1),
        (2, loser): ("duplicates", 1, 1),
    }


def test_a_content_that_came_back_is_a_new_version(spark):
    df = rows(spark, (1, 1, "a", "x"), (2, 1, "a", "y"), (3, 1, "a", "x"))
    assert outcomes(df.transform(with_winners(CONTRACT)))[3, 1] == (None, 3, 1)


def test_a_row_with_a_reason_goes_to_quarantine_and_beats_nobody(spark):
    df = spark.createDataFrame(
        [
            (1, 1, ["a"], "x", None, []),
            (2, 1, ["a"], "y", None, ["required: name", "rule: positive"]),
            (2, 2, [None], "z", None, ["null_key"]),
        ],
        SCHEMA,
    ).transform(with_winners(CONTRACT))
    assert outcomes(df) == {
        (1, 1): (None, 1, 1),
        (2, 1): ("quarantined", None, None),
        (2, 2): ("quarantined", None, None),
    }
    assert sorted(tuple(r) for r in quarantine_rows(df).collect()) == [
        (2, 1, "required", "name", ["required: name", "rule: positive"]),
        (2, 2, "null_key", None, ["null_key"]),
    ]


def test_an_empty_lake_gets_every_winner(spark):
    df = rows(spark, (1, 1, "a", "x"), (1, 2, "a", "x"))
    marked = df.transform(with_winners(CONTRACT)).transform(matched_with(None, CONTRACT))
    assert {o for o, *_ in outcomes(marked).values()} == {"inserted", "duplicates"}


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ((7, 1, "new", "x"), ("inserted", 7, 1)),
        ((7, 1, "a", "x"), ("unchanged", 5, 2)),
        ((7, 1, "a", "y"), ("updated", 7, 1)),
        ((4, 1, "a", "y"), ("stale", 5, 2)),
        ((5, 1, "a", "y"), ("updated", 5, 1)),  # the first row of a delivery wins
        ((5, 3, "a", "y"), ("stale", 5, 2)),
    ],
)
def test_a_winner_is_compared_with_silver(spark, row, outcome):
    silver = spark.createDataFrame([("a", "x", None, 5, 2)], SILVER)
    marked = rows(spark, row).transform(with_winners(CONTRACT))
    assert outcomes(marked.transform(matched_with(silver, CONTRACT)))[row[:2]] == outcome


@pytest.mark.parametrize("sequenced", [False, True])
def test_a_content_that_left_and_came_back_in_one_batch_is_an_update(spark, sequenced):
    """As it is when the deliveries are refined one by one."""
    silver = spark.createDataFrame([("a", "5 x", "5" if sequenced else None, 1, 1)], SILVER)
    told = SEQUENCED if sequenced else CONTRACT
    df = rows(spark, (2, 1, "a", "5 y"), (3, 1, "a", "5 x"), sequenced=sequenced)
    marked = df.transform(with_winners(told)).transform(matched_with(silver, told))
    assert outcomes(marked) == {(2, 1): ("duplicates", 3, 1), (3, 1): ("updated", 3, 1)}


def test_a_content_that_came_back_beside_an_older_one_is_unchanged(spark):
    silver = spark.createDataFrame([("a", "5 x", "5", 1, 1)], SILVER)
    df = rows(spark, (2, 1, "a", "4 y"), (3, 1, "a", "5 x"), sequenced=True)
    marked = df.transform(with_winners(SEQUENCED)).transform(matched_with(silver, SEQUENCED))
    assert outcomes(marked)[3, 1] == ("unchanged", 1, 1)


def test_an_older_sequence_in_a_later_delivery_is_stale(spark):
    silver = spark.createDataFrame([("a", "5 x", "5", 1, 1)], SILVER)
    df = rows(spark, (2, 1, "a", "4 y"), (2, 2, "b", "1 z"), sequenced=True)
    marked = df.transform(with_winners(SEQUENCED)).transform(matched_with(silver, SEQUENCED))
    assert outcomes(marked) == {(2, 1): ("stale", 1, 1), (2, 2): ("inserted", 2, 2)}
    assert [tuple(r) for r in reference_rows(marked).collect()] == [(2, 1, "stale", 1, 1)]
