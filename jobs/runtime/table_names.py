"""The lake's tables in Spark's catalog: `silver.customers` in SQL is what the lake calls so.

A name is put there without reading its table: CREATE TABLE reads the log, 40 to 310 ms a table,
this takes 5. Delta finds the schema in the log when the table is asked for. The catalog lives in
memory, as long as the session; with a metastore (Hive) the names are for its owner to give.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from pyspark.sql import SparkSession

from conf.errors import UsageError
from conf.s3_policies import ANALYSTS_RECORDS
from conf.settings import LAYERS
from jobs.runtime.lake import Lake
from jobs.runtime.scratch import scratch

_CATALYST = "org.apache.spark.sql.catalyst.catalog"
_STORAGE = ("inputFormat", "outputFormat", "serde", "compressed", "properties")
_FIRST_DEFAULT, _LAST_DEFAULT = 6, 20  # the parameters of CatalogTable after the provider

_given: dict[str, dict[str, str]] = {}  # Spark application: the names it has, and where they lie

_registering = Lock()


@dataclass(frozen=True)
class Readable:
    """The tables of a lake that these keys may read."""

    paths: Mapping[str, str]  # by name
    refused: Mapping[str, str] = field(default_factory=dict)  # layer: why none of its tables is


def readable(lake: Lake, layers: Iterable[str] = LAYERS) -> Readable:
    """Look which tables there are. Raises: TransientError of a bucket that does not answer."""
    paths: dict[str, str] = {}
    refused: dict[str, str] = {}
    for layer in layers:
        try:
            paths |= {name: lake.path(name) for name in _tables(lake, layer)}
        except UsageError as error:
            refused[layer] = str(error)
    return Readable(paths, refused)


def _tables(lake: Lake, layer: str) -> list[str]:
    try:
        return lake.tables(layer)
    except UsageError:
        if layer != "ops":
            raise
        # An analyst may read some of the records, and not look what others there are.
        return [name for r in ANALYSTS_RECORDS if lake.exists(name := f"ops.{r}")]


def register(spark: SparkSession, paths: Mapping[str, str]) -> None:
    """Give the session these names and no others of before: they follow the lake named last."""
    if spark.conf.get("spark.sql.catalogImplementation") != "in-memory":
        return
    with _registering:
        given = _given.setdefault(spark.sparkContext.applicationId, {})
        if given == paths:
            return
        catalog = _Catalog(spark)
        for name in [n for n, path in given.items() if paths.get(n) != path]:
            catalog.drop(name)
            del given[name]
        for name in [n for n in paths if n not in given]:
            catalog.create(name, paths[name])
            given[name] = paths[name]


def register_lake(spark: SparkSession, lake: Lake) -> None:
    """The names for a job, beside its work, which needs none of them."""
    with contextlib.suppress(Exception):  # a bucket is away, or the job has stopped its session
        register(spark, readable(lake).paths)


class _Catalog:
    """Spark's catalog in the JVM."""

    def __init__(self, spark: SparkSession) -> None:
        self._jvm: Any = spark._jvm
        session: Any = spark._jsparkSession
        self._catalog = session.sharedState().externalCatalog()
        table = self._object(f"{_CATALYST}.CatalogTable")
        numbers = range(_FIRST_DEFAULT, _LAST_DEFAULT + 1)
        self._defaults = [getattr(table, f"apply$default${n}")() for n in numbers]
        storage = self._object(f"{_CATALYST}.CatalogStorageFormat").empty()
        self._storage = [getattr(storage, part)() for part in _STORAGE]
        self._external = self._object(f"{_CATALYST}.CatalogTableType").EXTERNAL()
        for layer in LAYERS:
            self._create_database(layer)

    def create(self, name: str, path: str) -> None:
        """A name for a Delta table that is at a path; dropping it leaves the table there."""
        layer, _, table = name.partition(".")
        jvm, of = self._jvm, self._jvm.org.apache.spark.sql.catalyst
        some = jvm.scala.Option.apply
        place = some(jvm.org.apache.hadoop.fs.Path(path).toUri())
        told = of.catalog.CatalogTable(
            of.TableIdentifier(table, some(layer)),
            self._external,
            of.catalog.CatalogStorageFormat(place, *self._storage),
            jvm.org.apache.spark.sql.types.StructType(),
            some("delta"),
            *self._defaults,
        )
        self._catalog.createTable(told, True)

    def drop(self, name: str) -> None:
        layer, _, table = name.partition(".")
        self._catalog.dropTable(layer, table, True, False)

    def _create_database(self, layer: str) -> None:
        """Spark makes a folder for a database; it is one that goes with the session."""
        folder = (scratch() / "names" / layer).as_uri()
        nothing = self._object("scala.collection.immutable.Map").empty()
        catalog = self._jvm.org.apache.spark.sql.catalyst.catalog
        told = catalog.CatalogDatabase(layer, "", self._jvm.java.net.URI(folder), nothing)
        self._catalog.createDatabase(told, True)

    def _object(self, name: str) -> Any:
        """A Scala object, by the name of its class."""
        loader = self._jvm.java.lang.Thread.currentThread().getContextClassLoader()
        found = self._jvm.java.lang.Class.forName(f"{name}$", True, loader)
        return found.getField("MODULE$").get(None)
