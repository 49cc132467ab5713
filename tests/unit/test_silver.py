"""A Silver table's columns, their order and types."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from chispa import assert_df_equality
from pyspark.sql import functions as F

from conf.contract import Treatment
from conf.contract_reader import load_contracts
from conf.contract_silver import silver_contract
from tests.standard import bronze, column, contract, keys_in
from transformations.silver import silver_columns, with_silver_columns
from transformations.standardize import standardized
from transformations.treatments import treated

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
TECHNICAL = [
    ("_silver_sequence", "string"),
    ("_silver_delivery", "bigint"),
    ("_silver_row", "bigint"),
    ("_silver_row_hash", "string"),
    ("_pii_version", "string"),
    ("_silver_processed_at", "timestamp"),
    ("_silver_run_id", "string"),
]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return keys_in(tmp_path_factory.mktemp("key"))


def staged(spark, keys, told, rows=()):
    return (
        bronze(spark, told, rows)
        .transform(standardized(told, keys))
        .withColumn("_outcome", F.lit("inserted"))
        .transform(treated(told, keys))
        .transform(with_silver_columns(told, "run 1", "pii 1", NOW))
    )


@pytest.mark.parametrize("table", ["customers", "orders"])
def test_columns_are_what_the_contract_says_then_the_technical_ones(spark, keys, table):
    told = load_contracts().sources[table]
    df = staged(spark, keys, told)
    promised = load_contracts().outputs[f"silver.{table}"]
    by_name = {f.name: f.dataType.simpleString() for f in df.schema}
    assert {c.name: c.spark_type for c in promised.columns}.items() <= by_name.items()
    implied = [(c.name, c.spark_type) for c in silver_contract(told).columns]
    found = [(n, by_name[n]) for n in silver_columns(df)]
    assert [n for n, _ in found] == [n for n, _ in implied] + [n for n, _ in TECHNICAL]
    assert found[: len(implied)] == implied
    assert set(df.columns) - set(silver_columns(df)) == {"_outcome", "_pii", "_unsure"}


def test_rows_carry_their_version_and_their_run(spark, keys):
    told = contract(
        [column("v", "integer"), column("gone", treatment=Treatment.DROP)], sequence_by="v"
    )
    df = staged(spark, keys, told, [{"v": "3", "_bronze_delivery": 4, "_bronze_row": 9}])
    schema = (
        "id string, v bigint, _silver_sequence bigint, _silver_delivery bigint, _silver_row bigint,"
        "_pii_version string, _silver_processed_at timestamp, _silver_run_id string"
    )
    expected = spark.createDataFrame([("1", 3, 3, 4, 9, "pii 1", NOW, "run 1")], schema)
    found = df.select(*(c for c in silver_columns(df) if c != "_silver_row_hash"))
    assert_df_equality(found, expected, ignore_nullable=True, ignore_metadata=True)


def test_without_a_key_the_derived_one_comes_first(spark, keys):
    told = contract([column("a")], key=())
    df = staged(spark, keys, told, [{"a": "x"}])
    assert silver_columns(df) == ["_silver_key", "a", *(n for n, _ in TECHNICAL)]
    (row,) = df.collect()
    assert len(row["_silver_key"]) == len(row["_silver_row_hash"]) == 64
    assert row["_silver_key"] != row["_silver_row_hash"]
