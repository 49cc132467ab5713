"""A lake that somebody looks at: by name, to read only, and what is told of what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.errors import ParseException

from conf.errors import UsageError
from conf.settings import Settings
from jobs.runtime import exploring
from jobs.runtime.exploring import check_reads, open_lake
from jobs.runtime.lake import Lake, Transaction

SCHEMA = "name string, v bigint"


@pytest.fixture(autouse=True)
def _settings_of_the_session(spark):
    before = {name: spark.conf.get(name, None) for name in exploring._SHOWN}
    yield
    for name, value in before.items():
        spark.conf.unset(name) if value is None else spark.conf.set(name, value)


@pytest.fixture
def folder(spark, tmp_path) -> str:
    return filled(spark, tmp_path / "lake", 1)


@pytest.fixture(scope="module")
def standing(spark, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A lake for tests that only read."""
    return filled(spark, tmp_path_factory.mktemp("standing") / "lake", 1)


def filled(spark, folder: Path, value: int, *names: str) -> str:
    lake = Lake(Settings(lake=str(folder)))
    lake.use(spark)
    for name in names or ("bronze.t", "silver.t", "gold.customer_360"):
        row = spark.createDataFrame([(name, value)], SCHEMA)
        lake.append(row, name, Transaction("app", value))
    return str(folder)


def values(frame) -> list[int]:
    return sorted(r["v"] for r in frame.collect())


def test_a_query_by_name(standing):
    lake = open_lake(standing)
    assert lake.tables == ["silver.t", "gold.customer_360"]
    query = "select s.v + g.v as v from silver.t s, gold.customer_360 g where s.name = :name"
    assert values(lake.sql(query, {"name": "silver.t"})) == [2]
    assert "<table" in lake.sql("select v from silver.t")._repr_html_()
    assert [t.name for t in lake.spark.catalog.listTables("silver")] == ["t"]


def test_earlier_versions_with_and_without_spark(spark, folder):
    filled(spark, Path(folder), 5, "silver.t")
    lake = open_lake(folder)
    assert values(lake.table("silver.t")) == [1, 5]
    assert values(lake.table("silver.t", version=0)) == [1]
    assert (lake.delta("silver.t").version(), lake.delta("silver.t", 0).version()) == (1, 0)
    assert len(lake.delta("silver.t", 0).file_uris()) == 1
    with pytest.raises(UsageError, match=r"silver.t has no version 7; there are 0 to 1"):
        lake.delta("silver.t", 7)


def test_each_of_two_lakes_gives_its_own(spark, folder, tmp_path):
    one, two = open_lake(folder), open_lake(filled(spark, tmp_path / "two", 2))
    for _ in range(2):
        assert values(one.sql("select v from silver.t")) == [1]
        assert values(two.sql("select v from silver.t")) == [2]


def test_a_table_that_came_later_is_found(spark, folder):
    lake = open_lake(folder)
    assert values(lake.sql("select v from silver.t")) == [1]
    filled(spark, Path(folder), 3, "gold.later")
    assert values(lake.sql("select v from gold.later")) == [3]
    assert lake.tables[-1] == "gold.later"


@pytest.mark.parametrize("without_spark", [False, True])
def test_a_name_that_is_wrong_is_told_with_those_there_are(standing, without_spark):
    lake = open_lake(standing)
    ask = lake.delta if without_spark else lake.table
    with pytest.raises(UsageError, match=r"no table gold.customer360 in the lake .*lake, or your keys may not read it; did you mean gold.customer_360"):  # fmt: skip
        ask("gold.customer360")
    with pytest.raises(UsageError, match=r"no table nothing .*there are gold.customer_360 and silver.t"):  # fmt: skip
        ask("nothing")


def test_bronze_is_opened_for_who_asks_for_it(standing):
    lake = open_lake(standing)
    for ask in (lake.table, lake.delta):
        with pytest.raises(UsageError, match=r"bronze.t is not opened: Bronze is in clear text"):
            ask("bronze.t")
    assert values(open_lake(standing, with_bronze=True).table("bronze.t")) == [1]
    with pytest.raises(UsageError, match=r"bronze.t is not opened"):
        lake.sql("select * from bronze.t")


def test_no_lake_is_told_and_not_made(tmp_path):
    with pytest.raises(
        UsageError, match=f"no tables in the lake {tmp_path}/none; correct ATLAS_LAKE"
    ):
        open_lake(str(tmp_path / "none"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "select 1",
        "  \n with a as (select 1 as v) select * from a",
        "(values (1))",
        "table gold.customer_360",
        "from gold.customer_360 select v",
        "describe history gold.customer_360",
        "DESC gold.customer_360",
        "show tables in gold",
        "explain delete from gold.customer_360",
        "select * from gold.customer_360 version as of 0",
    ],
)
def test_what_reads_is_let_through(spark, statement):
    check_reads(spark, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into gold.customer_360 values ('x', 1)",
        "with a as (select 'x' as name, 1 as v) insert into gold.customer_360 select * from a",
        "from silver.t insert into gold.customer_360 select *",
        "insert overwrite directory '/tmp/x' using parquet select 1",
        "update gold.customer_360 set v = 2",
        "delete from gold.customer_360",
        "merge into gold.customer_360 t using silver.t s on t.v = s.v when matched then delete",
        "truncate table gold.customer_360",
        "drop table gold.customer_360",
        "create table gold.x using delta as select 1",
        "alter table gold.customer_360 add column x int",
        "optimize gold.customer_360",
        "vacuum gold.customer_360",
        "restore table gold.customer_360 to version as of 0",
        "create table gold.x shallow clone gold.customer_360",
        "convert to delta parquet.`/tmp/x`",
        "set spark.sql.ansi.enabled = true",
        "/* a comment */ delete from gold.customer_360",
    ],
)
def test_what_writes_is_refused(spark, standing, statement):
    lake = open_lake(standing)
    with pytest.raises(
        UsageError, match="the lake is open to read: a query, SHOW, DESCRIBE or EXPLAIN"
    ):
        lake.sql(statement)
    assert lake.delta("gold.customer_360").version() == 0


def test_what_is_no_sql_stays_an_error_of_spark(standing):
    with pytest.raises(ParseException):
        open_lake(standing).sql("selec 1")
