"""Groups of rows that share their quasi-identifiers: exact numbers, in Spark and in SQL alike."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from chispa import assert_df_equality
from deltalake import DeltaTable, QueryBuilder, write_deltalake
from pyspark.sql import DataFrame, SparkSession

from jobs.runtime.anonymity import Anonymity, anonymity_of, anonymity_sql
from transformations.k_anonymity import SIZES, group_figures, k_anonymity

PEOPLE = (
    # year, town, tier: 3 + 1 + 1 (null is a value) + 5
    *[(1970, "Aarhus", "gold")] * 3,
    (1970, "Aarhus", "silver"),
    (None, "Aarhus", "gold"),
    *[(1980, "Odense", None)] * 5,
)
SCHEMA = "year int, town string, tier string"


def by_spark(df: DataFrame, columns: list[str], k: int) -> Anonymity:
    counted = df.transform(k_anonymity(columns, k)).collect()
    return anonymity_of(columns, k, [row.asDict() for row in counted])


def by_sql(table: DeltaTable, columns: list[str], k: int) -> Anonymity:
    found = QueryBuilder().register("t", table).execute(anonymity_sql(columns, k)).read_all()
    return anonymity_of(columns, k, pa.table(found).to_pylist())


def test_group_sizes_and_what_each_column_does(spark: SparkSession) -> None:
    df = spark.createDataFrame(PEOPLE, SCHEMA)
    found = df.transform(k_anonymity(["year", "town", "tier"], 4))
    names = ["left_out", *group_figures(4)]
    expected = spark.createDataFrame(
        [
            # rows, groups, smallest; below 4: groups, rows; of 1, 2-4, 5-9, 10-49, 50+: groups, rows
            (None, 10, 4, 1, 3, 5, 2, 2, 1, 3, 1, 5, 0, 0, 0, 0),
            ("year", 10, 3, 1, 1, 1, 1, 1, 1, 4, 1, 5, 0, 0, 0, 0),
            ("town", 10, 4, 1, 3, 5, 2, 2, 1, 3, 1, 5, 0, 0, 0, 0),
            ("tier", 10, 3, 1, 1, 1, 1, 1, 1, 4, 1, 5, 0, 0, 0, 0),
        ],
        "left_out string, " + ", ".join(f"{n} bigint" for n in names[1:]),
    )
    assert_df_equality(found.select(*names), expected, ignore_row_order=True, ignore_nullable=True)


def test_sizes_at_the_borders(spark: SparkSession) -> None:
    sizes = (1, 2, 4, 5, 9, 10, 49, 50, 51)
    df = spark.createDataFrame([(n,) for n in sizes for _ in range(n)], "value int")
    whole = by_spark(df, ["value"], 10).whole
    assert list(whole.by_size) == [
        ("1", 1, 1), ("2 to 4", 2, 6), ("5 to 9", 2, 14), ("10 to 49", 2, 59), ("50 and more", 2, 101)
    ]  # fmt: skip
    assert (whole.groups_below_k, whole.rows_below_k, whole.smallest) == (5, 21, 1)
    assert whole.share_below_k == 21 / 181
    assert sum(rows for _, _, rows in whole.by_size) == whole.rows == 181


def test_every_size_is_in_one_class() -> None:
    for (_, greatest), (least, _) in pairwise(SIZES):
        assert greatest is not None and least == greatest + 1
    assert (SIZES[0][0], SIZES[-1][1]) == (1, None)


def test_without_its_only_column_all_rows_are_one_group(spark: SparkSession) -> None:
    told = by_spark(spark.createDataFrame(PEOPLE, SCHEMA), ["year"], 5)
    assert (told.whole.rows_below_k, told.whole.groups) == (5, 3)
    alone = told.without["year"]
    assert (alone.groups, alone.smallest, alone.rows_below_k) == (1, 10, 0)


def test_a_table_without_rows(spark: SparkSession, tmp_path) -> None:
    columns = ["year", "town"]
    empty = pa.table({"year": pa.array([], pa.int32()), "town": pa.array([], pa.string())})
    write_deltalake(str(tmp_path), empty)
    df = spark.read.format("delta").load(str(tmp_path))
    told = by_spark(df, columns, 5)
    assert told == by_sql(DeltaTable(str(tmp_path)), columns, 5)
    assert (told.whole.rows, told.whole.groups, told.whole.smallest) == (0, 0, None)
    assert told.whole.share_below_k == 0.0
    assert set(told.without) == {"year", "town"}


def people(seed: int) -> pa.Table:
    """Rows of every type that a quasi-identifier may have; few values, so that groups form, and
    column names that the query's own could be taken for."""
    chosen = random.Random(seed)

    def some(*values: Any) -> list[Any]:
        return [chosen.choice(values) for _ in range(rows)]

    rows = chosen.randrange(1, 400)
    print(f"seed {seed}: {rows} rows")
    return pa.table(
        {
            "left_out": pa.array(some(1970, 1980, 1990, None), pa.int32()),
            "size": pa.array(some(1, -1, 10**15), pa.int64()),
            "_0": some("Aarhus", "aarhus", "Aarhus ", "", None, "Ærø", "Æro\u0308"),
            "_rows": some(True, False, None),
            "t": some(date(1, 1, 1), date(2024, 2, 29), None),
            'a"b': pa.array(some(Decimal("1.10"), Decimal("1.00"), None), pa.decimal128(18, 2)),
            "o'k c": some("x", "y", "'", '"', "`"),
        }
    )


@pytest.mark.parametrize("seed", range(6))
def test_spark_and_sql_count_the_same(spark: SparkSession, tmp_path, seed: int) -> None:
    table = people(seed)
    write_deltalake(str(tmp_path), table)
    df = spark.read.format("delta").load(str(tmp_path))
    chosen = random.Random(seed)
    columns = chosen.sample(table.column_names, chosen.randrange(1, 5))
    k = chosen.choice((2, 5, 10))
    told = by_spark(df, columns, k)
    assert told == by_sql(DeltaTable(str(tmp_path)), columns, k), (columns, k)
    assert told.whole.rows == table.num_rows
    shares = [of.share_below_k for of in told.without.values()]
    assert max(shares) <= told.whole.share_below_k, "fewer columns never single out more"
