"""The lake's writes: once each, with their counts, and no setting left behind."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pyspark.errors import AnalysisException

from conf.settings import Settings
from jobs.runtime.lake import Lake, Transaction

CONF = (
    "spark.databricks.delta.write.txnAppId",
    "spark.databricks.delta.write.txnVersion",
    "spark.databricks.delta.commitInfo.userMetadata",
)
SCHEMA = "id string, v bigint"


@pytest.fixture
def lake(spark, tmp_path):
    lake = Lake(Settings(lake=str(tmp_path)))
    lake.use(spark)
    return lake


def rows(lake: Lake, name: str = "silver.t") -> list[tuple[str, int]]:
    return [(r["id"], r["v"]) for r in lake.query(name, "select id, v from t order by id, v")]


def settings_of(spark) -> list[str | None]:
    return [spark.conf.get(name, None) for name in CONF]


def test_an_append_is_done_once_and_tells_its_counts(spark, lake):
    df = spark.createDataFrame([("a", 1)], SCHEMA)
    txn = Transaction("app", 3, {"records": 1})
    lake.append(df, "silver.t", txn, append_only=True)
    lake.append(df, "silver.t", txn)  # again, after a crash
    lake.append(df, "silver.t", Transaction("app", 2))  # Delta skips what is lower, too
    lake.append(df, "silver.t", Transaction("other", 1))
    assert rows(lake) == [("a", 1), ("a", 1)]
    assert (lake.committed("silver.t", "app"), lake.committed("silver.t", "none")) == (3, -1)
    commit = lake.commit("silver.t", "app", 3)
    assert commit is not None
    assert (commit["version"], commit["counts"]) == (0, {"records": 1})
    assert int(commit["metrics"]["numOutputRows"]) == 1
    assert lake.commit("silver.t", "app", 2) is None
    log = Path(lake.path("silver.t"), "_delta_log", "00000000000000000000.json").read_text()
    assert '"delta.appendOnly":"true"' in log


def test_a_merge_inserts_and_updates_once(spark, lake):
    staged = spark.createDataFrame([("a", 1), ("b", 1)], SCHEMA)
    lake.append(staged, "silver.t", Transaction("app", 1))

    def merge(df, version: int) -> None:
        txn = Transaction("app", version, {"inserted": version})
        lake.merge(df, "silver.t", txn, key=["id"], columns=["id", "v"])
        assert settings_of(spark) == [None, None, None]

    changed = spark.createDataFrame([("b", 2), ("c", 2)], SCHEMA)
    merge(changed, 1)  # this number was published already
    assert rows(lake) == [("a", 1), ("b", 1)]
    merge(changed, 2)
    assert rows(lake) == [("a", 1), ("b", 2), ("c", 2)]
    commit = lake.commit("silver.t", "app", 2)
    assert commit is not None and commit["counts"] == {"inserted": 2}
    done = {
        name: int(commit["metrics"][name]) for name in commit["metrics"] if "TargetRows" in name
    }
    assert (done["numTargetRowsInserted"], done["numTargetRowsUpdated"]) == (1, 1)


def test_a_merge_that_fails_leaves_no_setting_behind(spark, lake):
    staged = spark.createDataFrame([("a", 1)], SCHEMA)
    lake.append(staged, "silver.t", Transaction("other", 1))
    with pytest.raises(AnalysisException):
        lake.merge(staged, "silver.t", Transaction("app", 1), key=["none"], columns=["id"])
    assert settings_of(spark) == [None, None, None]
    lake.append(staged, "silver.other", Transaction("app", 1))  # would have been swallowed
    assert rows(lake, "silver.other") == [("a", 1)]


def test_overwrite_replaces_schema_and_content(spark, lake):
    lake.overwrite(spark.createDataFrame([("a", 1)], SCHEMA), "gold.t", {"silver.t": "1"})
    lake.overwrite(spark.range(2), "gold.t", {"silver.t": "2"})
    assert lake.read("gold.t").columns == ["id"]
    assert lake.query("gold.t", "select count(*) as n from t") == [{"n": 2}]


def test_old_dates_and_times_can_be_written(spark, lake):
    """0001-01-01 and Excel's first day: once they raised, so that their table stood still."""
    old = "select date'0001-01-01' as d, timestamp'1899-12-30 00:00:00' as t"
    lake.append(spark.sql(old), "silver.old", Transaction("app", 1))
    found = lake.read("silver.old").selectExpr("cast(d as string)", "cast(t as string)")
    assert [tuple(r) for r in found.collect()] == [("0001-01-01", "1899-12-30 00:00:00")]


def test_only_temporary_tables_can_be_removed(spark, lake):
    assert {r["id"] for r in lake.stage(spark.range(2), "ops._staging.t").collect()} == {0, 1}
    lake.remove("ops._staging.t")
    assert not Path(lake.path("ops._staging.t")).exists()
    lake.remove("ops._staging.t")  # nothing there: nothing to do
    for name in ("silver.t", "bronze.t", "ops.quarantine"):
        with pytest.raises(ValueError, match="is not a temporary table"):
            lake.remove(name)


def test_without_spark(tmp_path):
    lake = Lake(Settings(lake=str(tmp_path), namespace="acme", gold=str(tmp_path / "g")))
    assert lake.path("silver.orders") == f"{tmp_path}/acme/silver/orders"
    assert lake.path("ops._staging.t") == f"{tmp_path}/acme/ops/_staging/t"
    assert lake.path("gold.t") == f"{tmp_path}/g/acme/t"
    assert not lake.exists("silver.orders")
    assert lake.query("silver.orders", "select 1 from t") == []
    assert lake.commit("silver.orders", "app", 1) is None
    lake.create_layers()
    modes = {
        layer: stat.S_IMODE(Path(lake.settings.layer(layer)).stat().st_mode)
        for layer in ("bronze", "silver", "gold", "ops")
    }
    assert modes == {"bronze": 0o700, "silver": 0o755, "gold": 0o755, "ops": 0o755}
    with pytest.raises(RuntimeError, match="no session yet"):
        _ = lake.spark


@pytest.mark.parametrize(
    ("rows", "partitions"), [(0, "2"), (400_000, "2"), (400_001, "3"), (5_000_000, "25")]
)
def test_a_large_batch_is_spread_over_more_partitions(spark, lake, rows, partitions):
    name = "spark.sql.shuffle.partitions"
    with pytest.raises(ZeroDivisionError), lake.shuffled_for(rows):
        assert spark.conf.get(name) == partitions
        1 / 0  # noqa: B018
    assert spark.conf.get(name) == "2"
