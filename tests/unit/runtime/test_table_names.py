"""Names in Spark's catalog: they lead to the lake's tables, and follow the lake named last."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from chispa import assert_df_equality
from pyspark.errors import AnalysisException

from conf.errors import UsageError
from conf.settings import Settings
from jobs.runtime import table_names
from jobs.runtime.lake import Lake, Transaction
from jobs.runtime.records import QUALITY_METRICS
from jobs.runtime.session import open_session
from jobs.runtime.table_names import readable, register, register_lake


def lake_of(spark, folder: Path, value: int, **settings: str) -> Lake:
    """A lake with two tables of one row."""
    lake = Lake(Settings(lake=str(folder), **settings))
    lake.use(spark)
    for name in ("silver.t", "gold.t"):
        row = spark.createDataFrame([(name, value)], "name string, v bigint")
        lake.append(row, name, Transaction("app", 1))
    return lake


@pytest.fixture
def lake(spark, tmp_path):
    return lake_of(spark, tmp_path / "a lake", 1)


def names_in(spark) -> set[str]:
    shown = [
        r for layer in ("silver", "gold") for r in spark.sql(f"show tables in {layer}").collect()
    ]
    return {f"{r['namespace']}.{r['tableName']}" for r in shown}


def test_by_name_is_what_is_by_path(spark, lake):
    lake.append(spark.createDataFrame([("more", 2)], "name string, v bigint"), "silver.t", Transaction("app", 2))  # fmt: skip
    register_lake(spark, lake)
    assert names_in(spark) == {"silver.t", "gold.t"}
    assert_df_equality(spark.table("silver.t"), lake.read("silver.t"), ignore_row_order=True)
    first = spark.sql("select v from silver.t version as of 0")
    assert [r["v"] for r in first.collect()] == [1]
    assert [r["version"] for r in spark.sql("describe history silver.t").collect()] == [1, 0]
    columns = [r["col_name"] for r in spark.sql("describe silver.t").collect()]
    assert columns[:2] == ["name", "v"]
    joined = spark.sql("select s.v + g.v as v from silver.t s join gold.t g on g.v = s.v")
    assert [r["v"] for r in joined.collect()] == [2]


def test_a_name_follows_its_table(spark, lake):
    register_lake(spark, lake)
    assert spark.table("silver.t").count() == 1
    more = spark.createDataFrame([("more", 2, True)], "name string, v bigint, new boolean")
    lake.append(more, "silver.t", Transaction("app", 2))
    assert sorted(spark.table("silver.t").columns) == ["name", "new", "v"]
    assert spark.table("silver.t").count() == 2


def test_names_follow_the_lake_that_was_named_last(spark, lake, tmp_path):
    other = lake_of(spark, tmp_path / "other", 2)
    other.append(spark.range(1).toDF("id"), "gold.only_here", Transaction("app", 1))
    for last, value, names in (
        (lake, 1, {"silver.t", "gold.t"}),
        (other, 2, {"silver.t", "gold.t", "gold.only_here"}),
        (lake, 1, {"silver.t", "gold.t"}),
    ):
        register_lake(spark, last)
        assert names_in(spark) == names
        assert [r["v"] for r in spark.table("silver.t").collect()] == [value]


def test_a_frame_stays_with_the_lake_it_was_made_of(spark, lake, tmp_path):
    register_lake(spark, lake)
    frame = spark.table("silver.t")
    register_lake(spark, lake_of(spark, tmp_path / "other", 2))
    assert [r["v"] for r in frame.collect()] == [1]


def test_dropping_a_name_leaves_the_table(spark, lake):
    register_lake(spark, lake)
    spark.sql("drop table silver.t")
    spark.sql("drop database gold cascade")
    assert lake.query("silver.t", "select v from t") == [{"v": 1}]
    assert lake.query("gold.t", "select v from t") == [{"v": 1}]


def test_a_namespace_has_tables_of_its_own(spark, lake, tmp_path):
    own = lake_of(spark, tmp_path / "a lake", 3, namespace="acme")
    register_lake(spark, own)
    assert [r["v"] for r in spark.table("silver.t").collect()] == [3]
    assert readable(lake).paths == {n: lake.path(n) for n in ("silver.t", "gold.t")}


def test_what_is_no_table_has_no_name(spark, lake, tmp_path):
    shared = lake_of(spark, tmp_path / "x", 1, silver=str(tmp_path / "s"))
    lake_of(spark, tmp_path / "x", 2, silver=str(tmp_path / "s"), namespace="acme")
    assert Path(tmp_path / "s" / "acme" / "t").is_dir()
    shared.stage(spark.range(1), "ops._staging.t")
    (tmp_path / "x" / "gold" / "half").mkdir()
    assert set(readable(shared).paths) == {"silver.t", "gold.t"}


def test_an_analyst_gets_the_records_that_may_be_read(lake, monkeypatch):
    lake.log("ops.quality_metrics", QUALITY_METRICS).append([{"run_id": "r"}])
    tables = Lake.tables

    def refused(self, layer):
        if layer in ("bronze", "ops"):
            raise UsageError(f"{layer} is refused")
        return tables(self, layer)

    monkeypatch.setattr(Lake, "tables", refused)
    found = readable(lake)
    assert set(found.paths) == {"silver.t", "gold.t", "ops.quality_metrics"}
    assert found.refused == {"bronze": "bronze is refused"}


def test_a_metastore_is_left_alone(spark, lake, tmp_path, monkeypatch):
    register_lake(spark, lake)
    monkeypatch.setattr(
        spark.conf, "get", lambda name: {"spark.sql.catalogImplementation": "hive"}[name]
    )
    monkeypatch.setattr(table_names, "_Catalog", None)
    register(spark, {"silver.other": "/nowhere"})
    assert names_in(spark) == {"silver.t", "gold.t"}


def test_a_session_of_a_job_gets_the_names(spark, lake):
    opened = open_session(lake.settings, "a job")
    for _ in range(100):  # beside the job's work
        if names_in(spark) == {"silver.t", "gold.t"}:
            break
        time.sleep(0.1)
    assert [r["v"] for r in opened.sql("select v from gold.t").collect()] == [1]
    with pytest.raises(AnalysisException, match="cannot be found"):
        opened.sql("select * from gold.other")
