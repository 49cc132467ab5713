"""A lake for somebody who looks at it, in a notebook or a Python shell: by name, and to read only.

    from jobs.runtime.exploring import open_lake
    lake = open_lake()
    lake.sql("select segment, count(*) as n from gold.customer_360 group by segment")

Opening takes no lock and makes no folder, no key and no record. Bronze, which is in clear text,
is left out unless it is asked for: a notebook keeps what it shows.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from deltalake import DeltaTable
from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import DataFrame, SparkSession

from conf.errors import UsageError
from conf.settings import LAYERS, load_settings
from jobs.runtime.any_table import AnyTable, are_little, nearest
from jobs.runtime.lake import Lake
from jobs.runtime.session import open_session
from jobs.runtime.table_names import Readable, readable, register

_SHOWS = (["SHOW"], ["DESCRIBE"], ["DESC"], ["EXPLAIN"])  # a statement's first word
_NOT_FOUND = ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND")
_SHOWN = {
    "spark.sql.repl.eagerEval.enabled": "true",  # a DataFrame at a cell's end is shown as a table
    "spark.sql.repl.eagerEval.truncate": "80",
    "spark.sql.execution.arrow.pyspark.enabled": "true",  # toPandas
    # A small session's expressions are not compiled, and then spark.catalog.listTables() fails.
    "spark.sql.codegen.factoryMode": "FALLBACK",
}


def open_lake(
    lake: str | None = None, *, namespace: str | None = None, with_bronze: bool = False
) -> OpenLake:
    """The lake at a folder or s3a://bucket/prefix, or as ATLAS_* says.

    Raises: UsageError if there is no table that may be read, TransientError for a bucket that does
    not answer.
    """
    opened = OpenLake(Lake(load_settings(lake=lake, namespace=namespace)), with_bronze)
    if not opened.tables:
        refused = "; ".join(opened.readable.refused.values())
        todo = "correct ATLAS_LAKE or ATLAS_NAMESPACE, or run the pipeline"
        raise UsageError(refused or f"no tables in the lake {opened.place}; {todo}")
    return opened


class OpenLake:
    """The tables of a lake by name; the Spark session is opened when it is first needed."""

    def __init__(self, lake: Lake, with_bronze: bool = False) -> None:
        self._lake = lake
        self._layers = LAYERS if with_bronze else [la for la in LAYERS if la != "bronze"]
        self.readable: Readable = readable(lake, self._layers)

    @property
    def place(self) -> str:
        """Where the lake lies."""
        settings = self._lake.settings
        return "/".join(
            [settings.lake, *([] if settings.namespace == "default" else [settings.namespace])]
        )

    @property
    def tables(self) -> list[str]:
        """The names of the tables that may be read, such as `gold.customer_360`."""
        return list(self.readable.paths)

    @cached_property
    def spark(self) -> SparkSession:
        """The session; what is written through it is not stopped by Atlas."""
        told = [name for name in self.tables if not name.startswith("ops.")]
        small = are_little(self._lake, told)
        spark = open_session(self._lake.settings, "atlas explore", small=small, is_job=False)
        for name, value in _SHOWN.items():
            spark.conf.set(name, value)
        return spark

    def sql(self, query: str, args: dict[str, Any] | None = None) -> DataFrame:
        """Rows of a query over the tables by name; `args` fill in its `:name` parameters.

        Raises: UsageError for a statement that does more than read, and for an unknown table.
        """
        check_reads(self.spark, query)
        register(self.spark, self.readable.paths)  # another lake may have been asked meanwhile
        try:
            return self.spark.sql(query, args)
        except AnalysisException as error:
            if error.getErrorClass() not in _NOT_FOUND:
                raise
            missing = (error.getMessageParameters() or {}).get("relationName", "").replace("`", "")
        if self._look_again():
            return self.sql(query, args)
        raise self._not_there(missing)

    def table(self, name: str, version: int | None = None) -> DataFrame:
        """A table as it is, or as it was at a version. Raises: UsageError for an unknown one."""
        at = "" if version is None else f" version as of {int(version)}"
        return self.sql(f"select * from {self._checked(name)}{at}")

    def delta(self, name: str, version: int | None = None) -> DeltaTable:
        """The same table without Spark, for delta-rs. Raises: UsageError for an unknown one."""
        table = self._lake.rust_table(self._checked(name))
        if table is None:
            raise self._not_there(name)
        return (
            table
            if version is None
            else AnyTable(name, self._lake.path(name), table).at(version).table
        )

    def _checked(self, name: str) -> str:
        if name in self.readable.paths or (self._look_again() and name in self.readable.paths):
            return name
        raise self._not_there(name)

    def _look_again(self) -> bool:
        """Whether there are other tables than before."""
        before, self.readable = self.readable, readable(self._lake, self._layers)
        return before.paths != self.readable.paths

    def _not_there(self, name: str) -> UsageError:
        layer = name.partition(".")[0]
        if why := self.readable.refused.get(layer):
            return UsageError(f"{name} cannot be read: {why}")
        if layer in LAYERS and layer not in self._layers:
            return UsageError(
                f"{name} is not opened: Bronze is in clear text, and a notebook keeps what it "
                "shows; whoever may read it opens the lake with open_lake(with_bronze=True)"
            )
        return UsageError(
            f"no table {name} in the lake {self.place}, or your keys may not read it; "
            f"{nearest(name, self.tables)}"
        )


def check_reads(spark: SparkSession, statement: str) -> None:
    """Raises: UsageError for a statement that is no query, SHOW, DESCRIBE or EXPLAIN; ParseException
    for what is no SQL at all."""
    if statement.upper().split(maxsplit=1)[:1] in _SHOWS:
        return
    session: Any = spark._jsparkSession
    parser = session.sessionState().sqlParser()
    try:
        parser.parseQuery(statement)
    except ParseException:
        parser.parsePlan(statement)
        raise UsageError(
            "the lake is open to read: a query, SHOW, DESCRIBE or EXPLAIN; what writes is a job"
        ) from None
