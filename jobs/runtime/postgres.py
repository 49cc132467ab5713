"""A PostgreSQL database: one snapshot that many connections read, and its errors in our words.

The driver's own text of an error may hold a value of a row; it is told nowhere. Connections are
made inside the JVM, so that a password is no argument, no Spark setting and in no plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from py4j.java_gateway import JavaPackage
from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.sql import DataFrame, SparkSession

from conf.errors import AtlasError, SourceError, TransientError, UsageError
from conf.jdbc import Connection
from jobs.runtime.pull_sql import BEGIN, SETTINGS

DRIVER = "org.postgresql.Driver"
_FETCH = 5_000  # rows of one answer: without it the driver keeps a whole partition in memory
_OPTIONS = {
    "ApplicationName": "atlas",
    "tcpKeepAlive": "true",
    "logServerErrorDetail": "false",
}

_TOLD = {
    # SQLSTATE: what was found, what to do
    "28P01": ("refuses the password or the user", "check user and password of the connection"),
    "28000": ("does not let the user in", "check user, pg_hba.conf and sslmode of the connection"),
    "3D000": ("does not exist there", "check the name at the end of the URL"),
    "42P01": ("has no such table", "check jdbcTable or jdbcQuery and its schema"),
    "3F000": ("has no such schema", "check jdbcTable or jdbcQuery"),
    "42703": ("has no such column", "check the columns that jdbcQuery names"),
    "42501": ("does not give the user the right to read this", "grant SELECT on it and its schema"),
    "42601": ("cannot read the query", "correct jdbcQuery: one SELECT"),
    "25006": ("would be written to by the query", "jdbcQuery must only read"),
    "57014": ("ended the query before it was done", "raise statement_timeout for this user"),
    "25P03": ("ended the transaction for waiting", "raise its time limits for this user"),
}
_TRANSIENT = ("08", "53", "57P", "40", "58")  # connection, resources, shutdown, conflict, system


class Snapshot:
    """A database as it was at one moment, to be read by several connections at once."""

    def __init__(self, spark: SparkSession, connection: Connection, table: str) -> None:
        self._spark, self._connection, self._table = spark, connection, table
        self._jdbc = self._connected()
        for statement in (BEGIN, *SETTINGS):
            self._execute(statement)
        self._name = self._execute("select pg_export_snapshot()")[0][0]

    def close(self) -> None:
        with suppress(Py4JError):
            self._jdbc.close()

    def ask(self, sql: str) -> list[tuple[str | None, ...]]:
        """The rows of a query, as text. Raises: SourceError, TransientError."""
        return self._execute(sql)

    def columns(self, source: str) -> list[tuple[str, str]]:
        """(name, PostgreSQL's type) of what stands after `from`. Raises: as `ask`."""
        with self._our_words():
            statement = self._jdbc.prepareStatement(f"select * from {source} s limit 0")
            told = statement.getMetaData()
            places = range(1, told.getColumnCount() + 1)
            return [(told.getColumnLabel(n), told.getColumnTypeName(n)) for n in places]

    def frame(self, sql: str, predicates: Sequence[str]) -> DataFrame:
        """The rows of a query, read by Spark: a partition and a connection for each predicate, each
        of this snapshot."""
        begin = "; ".join((BEGIN, f"set transaction snapshot '{self._name}'", *SETTINGS))
        return self._spark.read.jdbc(
            self._connection.url,
            f"({sql}) pulled",
            predicates=list(predicates),
            properties={
                **_OPTIONS,
                "user": self._connection.user,
                "password": self._connection.password,
                "driver": DRIVER,
                "fetchsize": str(_FETCH),  # also what makes Spark read in a transaction
                "sessionInitStatement": begin,
                "pushDownPredicate": "false",
            },
        )

    def error_of(self, error: Exception) -> AtlasError | None:
        """What a failure of reading means: None if it was not the database's."""
        is_held = False  # without the connection that holds it a snapshot is gone for the others
        with suppress(Py4JError):
            is_held = self._jdbc.isValid(5)
        state = _state(error) if is_held else "08006"
        return self._told(state) if state else None

    def _connected(self) -> Any:
        jvm: Any = self._spark._jvm
        properties = jvm.java.util.Properties()
        told = {"user": self._connection.user, "password": self._connection.password, **_OPTIONS}
        for name, value in told.items():
            properties.setProperty(name, value)
        # Not DriverManager: it does not see what spark.jars.packages brought.
        driver = jvm.org.postgresql.Driver
        if isinstance(driver, JavaPackage):
            raise UsageError(
                "PostgreSQL's driver is not on Spark's class path: run with spark-submit "
                "--properties-file spark-defaults.conf, whose spark.jars.packages names it"
            )
        with self._our_words():
            connection = driver().connect(self._connection.url, properties)
            connection.setAutoCommit(False)
        return connection

    def _execute(self, sql: str) -> list[tuple[str | None, ...]]:
        with self._our_words():
            statement = self._jdbc.createStatement()
            try:
                if not statement.execute(sql):
                    return []
                found = statement.getResultSet()
                width = range(1, found.getMetaData().getColumnCount() + 1)
                rows = []
                while found.next():
                    rows.append(tuple(found.getString(n) for n in width))
                return rows
            finally:
                with suppress(Py4JError):
                    statement.close()

    @contextmanager
    def _our_words(self) -> Iterator[None]:
        try:
            yield
        except Py4JJavaError as error:
            self._raise(error)

    def _raise(self, error: Py4JJavaError) -> NoReturn:
        state = _state(error)
        if state is None:
            raise error
        raise self._told(state) from None

    def _told(self, state: str) -> AtlasError:
        where = f"{self._connection.place} (connection {self._connection.name})"
        if state.startswith(_TRANSIENT):
            return TransientError(
                f"{self._table}: {where}: does not answer or broke off (SQLSTATE {state}): is it up "
                "and reachable from here, and are port and sslmode right? Then run again: nothing of "
                "the pull was kept"
            )
        found, todo = _TOLD.get(state, ("raises an error for the query", "try it with psql"))
        return SourceError(self._table, where, f"{found} (SQLSTATE {state})", todo)


@contextmanager
def snapshot(spark: SparkSession, connection: Connection, table: str) -> Iterator[Snapshot]:
    """A snapshot for as long as it is needed: it keeps PostgreSQL from tidying up after updates.

    Raises: SourceError, TransientError.
    """
    held = Snapshot(spark, connection, table)
    try:
        yield held
    finally:
        held.close()


def _state(error: Exception) -> str | None:
    """The SQLSTATE of an error or of one of its causes, if PostgreSQL's driver raised it."""
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    with suppress(Py4JError):
        for _ in range(10):
            if java is None:
                break
            if java.getClass().getName().startswith("org.postgresql."):
                return str(java.getSQLState() or "XX000")
            java = java.getCause()
    return None
