"""The lake: the one way to read and write its Delta tables.

Tables have names (`bronze.customers`, `ops.quarantine`); where they lie is known here alone.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from delta.tables import DeltaTable
from deltalake import DeltaTable as RustTable
from deltalake import QueryBuilder
from pyspark.sql import Column, DataFrame, SparkSession

from conf.s3 import is_s3
from conf.settings import Settings
from jobs.runtime.commits import RUN, WRITE, Commits
from jobs.runtime.leases import Leases
from jobs.runtime.objects import check_reachable, our_words
from jobs.runtime.records import RecordLog, delta_table
from jobs.runtime.small_files import SmallFiles, small_files

_TXN_CONF = {
    "app": "spark.databricks.delta.write.txnAppId",
    "version": "spark.databricks.delta.write.txnVersion",
}
_SHUFFLE_PARTITIONS, _ROWS_A_PARTITION = "spark.sql.shuffle.partitions", 200_000
_ADAPTIVE = "spark.sql.adaptive.enabled"
_METADATA_CONF = "spark.databricks.delta.commitInfo.userMetadata"


@dataclass(frozen=True)
class Transaction:
    """Names one write, so that doing it again does nothing.

    `version` is a delivery or batch number: it only grows for an `app` and table, since Delta
    silently skips every version at or below the highest it has seen.
    """

    app: str
    version: int
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def metadata(self) -> dict[str, Any]:
        return {"app": self.app, "version": self.version, "counts": dict(self.counts)}


def lease_of(name: str) -> str:
    """Which lease a table's writer holds: what refines a table holds its Bronze and Silver together,
    what builds Gold all of it."""
    layer, _, table = name.partition(".")
    return {"bronze": table, "silver": table, "gold": "gold"}.get(layer, name)


def commit_time(entry: Mapping[str, Any]) -> datetime:
    """When a version was written, from its entry in the table's history."""
    return datetime.fromtimestamp(entry["timestamp"] / 1000, UTC)


class Lake:
    """Reads and writes Delta tables by name."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.leases = Leases(
            self.files("ops._leases"), settings.wait_seconds, settings.lease_seconds
        )
        self.run_id: str | None = None  # of the run that writes
        self._spark: SparkSession | None = None

    def use(self, spark: SparkSession) -> None:
        """Give the lake the session its DataFrames live in."""
        self._spark = spark

    @property
    def spark(self) -> SparkSession:
        if self._spark is None:
            raise RuntimeError("the lake has no session yet: open one first")
        return self._spark

    def describe_jobs(self, text: str) -> None:
        """Name what Spark's UI and event log show from here on; no session, no matter."""
        if self._spark is not None:
            self._spark.sparkContext.setJobDescription(text)

    def path(self, name: str) -> str:
        """Where a table lies: `silver.orders` -> <lake>/silver/orders."""
        return self.settings.table(name)

    def tables(self, layer: str) -> list[str]:
        """The names of a layer's tables, in order. Raises: UsageError, TransientError of a bucket."""
        folders = (folder for folder in self.files(layer).folders() if folder[0] not in "_.")
        names = (f"{layer}.{folder}" for folder in folders)
        return [name for name in names if "_delta_log" in self.files(name).folders()]

    def check_reachable(self) -> None:
        """Ask a bucket that the records lie in for its first object: clear words before anything is
        begun. Raises: UsageError, TransientError."""
        ops = self.settings.layer("ops")
        if is_s3(ops):
            check_reachable(ops, self.settings.s3)

    def create_layers(self) -> None:
        """Make the folders of local layers; Bronze is for its owner's eyes only."""
        for layer, mode in (("bronze", 0o700), ("silver", 0o755), ("gold", 0o755), ("ops", 0o755)):
            place = self.settings.layer(layer)
            if not is_s3(place):
                Path(place).mkdir(parents=True, exist_ok=True)
                Path(place).chmod(mode)

    def log(self, name: str, schema: pa.Schema) -> RecordLog:
        """A small append-only table of records."""
        return RecordLog(self.path(name), schema, self.settings.s3)

    def files(self, name: str) -> SmallFiles:
        """Small files beside the tables: `ops._live` -> those in <lake>/ops/_live."""
        return small_files(self.path(name), self.settings.s3)

    def commits(self, name: str) -> Commits | None:
        """What is known of a table's commits; None on a folder, where no commit can be lost."""
        path, s3 = self.path(name), self.settings.s3
        return Commits(name, path, self.files("ops._commits"), s3) if is_s3(path) else None

    # Without Spark: what only reads the log or counts needs no JVM.

    def rust_table(self, name: str) -> RustTable | None:
        return delta_table(self.path(name), self.settings.s3)

    def exists(self, name: str) -> bool:
        return self.rust_table(name) is not None

    def history(self, name: str, limit: int | None = None) -> list[dict[str, Any]]:
        """The entries of a table's log, newest first; none if there is no such table."""
        table = self.rust_table(name)
        with our_words(self.path(name), self.settings.s3):
            return list(table.history(limit)) if table is not None else []

    def version_at(self, name: str, moment: datetime) -> int | None:
        """The newest version that was committed by then; None if there was no table yet."""
        for entry in self.history(name):
            if commit_time(entry) <= moment:
                return int(entry["version"])
        return None

    def query(self, name: str, sql: str) -> list[dict[str, Any]]:
        """Rows of a SQL query over table `t`, by delta-rs; none if there is no such table."""
        return self.query_tables(sql, t=name) if self.exists(name) else []

    def query_tables(self, sql: str, **names: str) -> list[dict[str, Any]]:
        """Rows of a SQL query over several tables that are there, each by its name in the query."""
        engine = QueryBuilder()
        for alias, name in names.items():
            if (table := self.rust_table(name)) is not None:
                engine = engine.register(alias, table)
        place = self.path(next(iter(names.values()), "ops._none"))
        with our_words(place, self.settings.s3):
            return list(pa.table(engine.execute(sql).read_all()).to_pylist())

    def committed(self, name: str, app: str) -> int:
        """The highest version of `app` in the table's log; -1 if there is none."""
        table = self.rust_table(name)
        version = table.transaction_version(app) if table is not None else None
        return -1 if version is None else version

    def commit(self, name: str, app: str, version: int) -> dict[str, Any] | None:
        """What the commit of (`app`, `version`) recorded: version, time, counts, metrics."""
        for entry in self.history(name):
            told = json.loads(entry.get("userMetadata") or "{}")
            if (told.get("app"), told.get("version")) == (app, version):
                return {
                    "version": entry["version"],
                    "committed_at": commit_time(entry),
                    "counts": told["counts"],
                    "metrics": entry.get("operationMetrics", {}),
                }
        return None

    # With Spark.

    def read(self, name: str, version: int | None = None) -> DataFrame:
        """The table as it is, or as it was at a version of its log."""
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.load(self.path(name))

    def append(
        self, df: DataFrame, name: str, txn: Transaction, *, append_only: bool = False
    ) -> None:
        """Append once: a repeated transaction is skipped. New columns widen the table."""
        if self.committed(name, txn.app) >= txn.version:
            return
        with self._writing(name, txn.metadata) as metadata:
            (
                df.write.format("delta")
                .mode("append")
                .option("mergeSchema", "true")
                .option("txnAppId", txn.app)
                .option("txnVersion", txn.version)
                .option("userMetadata", metadata)
                .options(**({"delta.appendOnly": "true"} if append_only else {}))
                .save(self.path(name))
            )

    def overwrite(self, df: DataFrame, name: str, metadata: Mapping[str, Any]) -> None:
        """Replace a table's content and schema in one commit; older versions stay readable."""
        with self._writing(name, metadata) as told:
            (
                df.write.format("delta")
                .mode("overwrite")
                .option("overwriteSchema", "true")
                .option("userMetadata", told)
                .save(self.path(name))
            )

    def merge(
        self,
        staged: DataFrame,
        name: str,
        txn: Transaction,
        *,
        key: Sequence[str],
        columns: Sequence[str],
    ) -> None:
        """Upsert `staged` by `key`: rewrites the files its keys fall in. New columns widen it."""
        on = " and ".join(f"t.`{k}` = s.`{k}`" for k in key)
        values: dict[str, str | Column] = {f"`{c}`": f"s.`{c}`" for c in columns}
        target = DeltaTable.forPath(self.spark, self.path(name)).alias("t")
        merge = target.merge(staged.alias("s"), on).withSchemaEvolution()
        with self._writing(name, txn.metadata) as metadata, self._transaction(txn, metadata):
            (merge.whenMatchedUpdate(set=values).whenNotMatchedInsert(values=values).execute())

    @contextmanager
    def _writing(self, name: str, metadata: Mapping[str, Any]) -> Iterator[str]:
        """Hold the table's lease for one commit, and keep what was committed.

        Gives the commit's `userMetadata`. Raises: TransientError if somebody else holds it,
        LostLeaseError if it ran out, before the write or meanwhile.
        """
        lease, write, commits = lease_of(name), uuid.uuid4().hex, self.commits(name)
        with self.leases.holding(lease):
            self.leases.check(lease)
            yield json.dumps({**metadata, WRITE: write, RUN: self.run_id})
            if commits is not None:
                commits.keep(write)
            self.leases.check(lease)

    @contextmanager
    def _transaction(self, txn: Transaction, metadata: str) -> Iterator[None]:
        """Session settings for one MERGE; left set, they would swallow writes to other tables."""
        settings = {
            _TXN_CONF["app"]: txn.app,
            _TXN_CONF["version"]: str(txn.version),
            _METADATA_CONF: metadata,
        }
        try:
            for name, value in settings.items():
                self.spark.conf.set(name, value)
            yield
        finally:
            for name in settings:
                self.spark.conf.unset(name)

    @contextmanager
    def shuffled_for(self, rows: int) -> Iterator[None]:
        """Enough shuffle partitions for so many rows, and never fewer than are set.

        A batch is cached, and Spark does not split the partitions of a cached frame: five million
        rows in four of them took more than a heap of 4 GB for their sorts.
        """
        before = self.spark.conf.get(_SHUFFLE_PARTITIONS) or "1"
        wanted = -(-rows // _ROWS_A_PARTITION)
        with self._set(_SHUFFLE_PARTITIONS, str(max(int(before), wanted))):
            yield

    @contextmanager
    def _set(self, name: str, value: str) -> Iterator[None]:
        """One of the session's settings for a while; it has a default, or was set."""
        before = self.spark.conf.get(name)
        self.spark.conf.set(name, value)
        try:
            yield
        finally:
            self.spark.conf.set(name, str(before))

    def stage(self, df: DataFrame, name: str) -> DataFrame:
        """Write rows for the time between two steps, and read them from there.

        Plain Parquet, since nobody else may see them: a log would only cost seconds.
        """
        # OpenLineage's listener leaves out adaptive plans where Delta's extension is set; this one
        # has no shuffle that could be adapted.
        with self._set(_ADAPTIVE, "false"):
            df.write.mode("overwrite").parquet(self.path(name))
        return self.spark.read.schema(df.schema).parquet(self.path(name))

    def remove(self, name: str) -> None:
        """Remove a table's files physically: for staging, never for a layer's table."""
        if not name.startswith("ops._"):
            raise ValueError(f"{name} is not a temporary table")
        self.files(name).remove_all()
