"""The key filter follows its table: never a missed key, and made anew when it does not belong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import functions as F

from conf.settings import Settings
from jobs.runtime import key_filter
from jobs.runtime.key_filter import KeyFilter
from jobs.runtime.lake import Lake, Transaction
from tests.gold import contract, kept
from transformations.versions import batch_key_hashes, silver_key_hashes
from udfs.key_filters import FALSE_POSITIVES, filter_of, may_be_in

TWO_PARTS = contract("t", "orders", [kept("a", "string"), kept("b", "bigint")], ("a", "b"))


def keys(spark, *numbers):
    """Silver rows with the keys (x, n); the file's own folder name holds a blank."""
    return spark.createDataFrame([("x", n) for n in numbers], "a string, b bigint")


@pytest.fixture
def lake(spark, tmp_path, monkeypatch):
    monkeypatch.setattr(key_filter, "MIN_KEYS", 1)
    lake = Lake(Settings(lake=str(tmp_path / "my lake")))
    lake.use(spark)
    lake.append(keys(spark, 1, 2, 3), "silver.t", Transaction("app", 1))
    return lake


def known(spark, filters, *numbers):
    """Which of the numbers the filters take for known."""
    hashes = keys(spark, *numbers).select("b", silver_key_hashes(TWO_PARTS))
    rows = hashes.where(may_be_in(filters, F.col("key_hash"))).collect()
    return {row["b"] for row in rows}


def test_a_filter_knows_every_key_and_few_others(spark):
    told = keys(spark, *range(5000)).repartition(3)
    filters = [filter_of(told.select(silver_key_hashes(TWO_PARTS)), 5000)]
    found = known(spark, filters, *range(25_000))
    assert set(range(5000)) <= found
    assert len(found) - 5000 <= 20_000 * FALSE_POSITIVES * 20  # 0.4 are expected
    assert len(filters[0]) * 8 / 5000 < 23


def test_a_batch_and_silver_hash_a_key_alike(spark):
    batch = spark.createDataFrame([(["x", "2"],)], "_key array<string>")
    (of_batch,) = batch.select(batch_key_hashes(TWO_PARTS)).collect()
    (of_silver,) = keys(spark, 2).select(silver_key_hashes(TWO_PARTS)).collect()
    assert of_batch["key_hash"] == of_silver["key_hash"]


def test_the_filter_of_a_table_follows_it(spark, lake):
    filters = KeyFilter(lake, TWO_PARTS).segments()
    assert len(filters) == 1
    assert known(spark, filters, 1, 2, 3, 4) == {1, 2, 3}
    lake.append(keys(spark, 4), "silver.t", Transaction("app", 2))
    KeyFilter(lake, TWO_PARTS).add(keys(spark, 4), 1, filters)
    filters = KeyFilter(lake, TWO_PARTS).segments()
    assert len(filters) == 2
    assert known(spark, filters, 1, 4, 5) == {1, 4}
    KeyFilter(lake, TWO_PARTS).add(keys(spark), 0, filters)  # a batch of updates alone
    assert len(KeyFilter(lake, TWO_PARTS).segments()) == 2


def test_a_filter_of_another_version_is_made_anew(spark, lake):
    KeyFilter(lake, TWO_PARTS).segments()
    lake.append(keys(spark, 9), "silver.t", Transaction("app", 2))  # and a crash before `add`
    assert known(spark, KeyFilter(lake, TWO_PARTS).segments(), 1, 9, 10) == {1, 9}


def test_a_damaged_filter_is_made_anew(spark, lake):
    KeyFilter(lake, TWO_PARTS).segments()
    (path,) = Path(lake.path("ops._key_filters")).iterdir()
    path.write_bytes(b"{}\nnothing")
    assert known(spark, KeyFilter(lake, TWO_PARTS).segments(), 3, 10) == {3}


def test_a_small_table_keeps_none(spark, lake, monkeypatch):
    monkeypatch.setattr(key_filter, "MIN_KEYS", 4)
    keys_of = KeyFilter(lake, TWO_PARTS)
    assert keys_of.segments() is None
    keys_of.add(keys(spark, 4), 1, None)
    keys_of.add(keys(spark, 1, 2, 3), 3, None)
    assert not Path(lake.path("ops._key_filters")).exists()


def test_a_large_first_batch_makes_it(spark, lake, monkeypatch):
    monkeypatch.setattr(key_filter, "MIN_KEYS", 3)
    KeyFilter(lake, TWO_PARTS).add(keys(spark, 1, 2, 3), 3, None)
    assert Path(lake.path("ops._key_filters"), "t").exists()
    assert known(spark, KeyFilter(lake, TWO_PARTS).segments(), 1, 2, 3, 4) == {1, 2, 3}


def test_many_segments_become_one(spark, lake, monkeypatch):
    monkeypatch.setattr(key_filter, "MAX_SEGMENTS", 1)
    filters = KeyFilter(lake, TWO_PARTS).segments()
    lake.append(keys(spark, 4), "silver.t", Transaction("app", 2))
    KeyFilter(lake, TWO_PARTS).add(keys(spark, 4), 1, filters)
    filters = KeyFilter(lake, TWO_PARTS).segments()
    assert len(filters) == 1
    assert known(spark, filters, 1, 4, 5) == {1, 4}
