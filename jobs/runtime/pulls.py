"""A pull: what a database holds beyond the last one, as a delivery that one snapshot gives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contract import DatabaseSource, SourceContract
from conf.errors import AtlasError, SourceError, listed
from conf.jdbc import Connection, Databases
from jobs.runtime.deliveries import Arrival
from jobs.runtime.headers import compared
from jobs.runtime.postgres import Snapshot, snapshot
from jobs.runtime.pull_sql import NUMBERS, PARTITIONERS, TIMES, PullSql, source_of
from jobs.runtime.records import Record
from transformations.bronze import bronze_from_columns, with_provenance
from transformations.names import ERROR, RAW, ROW

_MASK = (1 << 33) - 1  # below it a row's place in its partition, above it the partition


@dataclass(frozen=True)
class Pull:
    """What one snapshot has for a table, and how it is read."""

    contract: SourceContract
    arrival: Arrival
    sql: PullSql
    predicates: Sequence[str]
    first_rows: Mapping[int, int]  # partition -> rows of those before it
    snapshot: Snapshot

    def is_new_after(self, last: Record | None) -> bool:
        """Whether it holds anything that the delivery before it does not."""
        if self.arrival.records == 0:
            return False
        if last is None or last["source_name"] != self.arrival.source_name:
            return True
        return last["again_sha256"] != self.arrival.content_sha256

    def error_of(self, error: Exception) -> AtlasError | None:
        """What a failure of reading means; None if it was not the database's."""
        return self.snapshot.error_of(error)

    def bronze(self, *, delivery: int, run_id: str, ingested_at: datetime) -> DataFrame:
        """The delivery in Bronze's shape, as `read_bronze` gives a file's."""
        return self._rows().transform(
            with_provenance(
                self.contract,
                delivery=delivery,
                run_id=run_id,
                source_file=self.arrival.source_name,
                ingested_at=ingested_at,
            )
        )

    def _rows(self) -> DataFrame:
        """`_bronze_row` (from 1, by key), and the columns as `bronze_from_columns` gives them."""
        read = self.snapshot.frame(self.sql.rows(), self.predicates)
        place = F.monotonically_increasing_id()
        first = F.create_map(*(F.lit(n) for pair in self.first_rows.items() for n in pair))
        values = [f"c{n}" for n in range(len(self.sql.types))]
        numbered = read.select(*values, place.alias("_id")).select(
            (F.col("_id").bitwiseAND(_MASK) + 1 + first[F.shiftright("_id", 33).cast("int")]).alias(
                ROW
            ),
            F.lit(None).cast("string").alias(ERROR),
            F.lit(None).cast("binary").alias(RAW),
            *values,
        )
        return numbered.transform(bronze_from_columns(self.contract, tuple(self.sql.types)))


@contextmanager
def opened_pull(
    spark: SparkSession, contract: SourceContract, databases: Databases, last: Record | None
) -> Iterator[Pull]:
    """What there is to take in after the `last` received delivery (None: everything).

    Raises: UsageError for a connection that is not told, SourceError, TransientError.
    """
    pulled = contract.database
    assert pulled is not None
    connection = databases.connection(pulled.connection)
    with snapshot(spark, connection, contract.table) as held:
        sql = _sql(contract, pulled, held, connection, last)
        yield _pull(contract, pulled, connection, held, sql)


def source_name(pulled: DatabaseSource) -> str:
    """What a pull's rows come from, in one word: a query by its fingerprint."""
    query = hashlib.sha256((pulled.query or "").encode()).hexdigest()[:12]
    return f"{pulled.connection}:{pulled.table or f'query {query}'}"


def _sql(
    contract: SourceContract,
    pulled: DatabaseSource,
    held: Snapshot,
    connection: Connection,
    last: Record | None,
) -> PullSql:
    source = source_of(pulled)
    columns = held.columns(source)
    types = dict(columns)
    found = _Columns(contract, connection, types)
    if len(types) < len(columns):
        names = [name for name, _ in columns]
        raise found.error(
            f"has {listed(sorted({n for n in names if names.count(n) > 1}))} more than once",
            "give each column of jdbcQuery a name of its own",
        )
    return PullSql(
        source=source,
        types=types,
        key=found.named(contract.key, "primaryKey"),
        watermark=found.of_type(pulled.watermark, "watermark", found.watermarks(pulled)),
        overlap=pulled.overlap,
        lower=_lower(pulled, last),
        partitioned_by=found.of_type(pulled.partition_column, "partitionColumn", PARTITIONERS),
    )


@dataclass(frozen=True)
class _Columns:
    """The columns of a source, and what a contract wants of them."""

    contract: SourceContract
    connection: Connection
    types: Mapping[str, str]

    def error(self, found: str, todo: str) -> SourceError:
        assert self.contract.database is not None
        place = f"{self.connection.place} ({source_name(self.contract.database)})"
        return SourceError(self.contract.table, place, found, todo)

    def named(self, columns: Sequence[str], word: str) -> tuple[str, ...]:
        """Their names in the database. Raises: SourceError if one is not there."""
        names = [self.contract.column(c).source_name for c in columns]
        for name in names:
            if name not in self.types:
                raise self.error(
                    f"has no column {name}, the contract's {word}; it has {listed(self.types)}",
                    f"correct physicalName or {word} in {self.contract.path}",
                )
        return tuple(names)

    def of_type(self, column: str | None, word: str, allowed: Sequence[str]) -> str | None:
        """Its name in the database. Raises: SourceError for a type that cannot serve."""
        if column is None:
            return None
        (name,) = self.named([column], word)
        if self.types[name] not in allowed:
            raise self.error(
                f"the {word} {name} is a {self.types[name]}; allowed are {listed(allowed)}",
                f"take another column in {self.contract.path}, or cast it in jdbcQuery",
            )
        return name

    def watermarks(self, pulled: DatabaseSource) -> tuple[str, ...]:
        """The types that a watermark may have, its overlap being what it is."""
        kind = self.contract.column(str(pulled.watermark)).logical_type if pulled.watermark else ""
        return TIMES if kind in ("date", "timestamp") else NUMBERS


def _lower(pulled: DatabaseSource, last: Record | None) -> str | None:
    """The watermark to go on from: none if the last one was of another source or column."""
    if pulled.watermark is None or last is None or last["source_name"] != source_name(pulled):
        return None
    column, _, value = (last["watermark"] or "").partition("=")
    return value if column == pulled.watermark and value else None


def _pull(
    contract: SourceContract,
    pulled: DatabaseSource,
    connection: Connection,
    held: Snapshot,
    sql: PullSql,
) -> Pull:
    ((watermark,),) = held.ask(sql.bounds())
    splits = (
        [str(v) for (v,) in held.ask(sql.splits(pulled.partitions))] if sql.partitioned_by else []
    )
    counts = [tuple(map(int, map(str, row))) for row in held.ask(sql.counts(splits, watermark))]
    ((now,),) = held.ask("select extract(epoch from now())")
    first_rows, records = {}, 0
    for partition, rows, *_ in counts:
        first_rows[partition] = records
        records += rows
    header, known = tuple(sql.types), tuple(c.source_name for c in contract.columns)
    missing, extra = compared(contract, header)
    if len(missing) == len(contract.columns):
        raise _Columns(contract, connection, sql.types).error(
            f"has none of the contract's columns; it has {listed(header)}",
            f"correct the names, or set physicalName in {contract.path}",
        )
    arrival = Arrival(
        table=contract.table,
        source_name=source_name(pulled),
        path=connection.place,
        size=sum(row[2] for row in counts),
        modified_at=datetime.fromtimestamp(float(str(now)), UTC),
        content_sha256=_digest(header, [(row[1], *row[3:5]) for row in counts]),
        records=records,
        header=header,
        missing_columns=missing,
        extra_columns=extra,
        known_columns=known,
        watermark=f"{pulled.watermark}={watermark}" if watermark is not None else None,
        again_sha256=_digest(header, [row[5:8] for row in counts]),
    )
    return Pull(contract, arrival, sql, sql.predicates(splits), first_rows or {0: 0}, held)


def _digest(header: Sequence[str], sums: Sequence[Sequence[int]]) -> str:
    """Of names and rows, in whatever order and partitions these came."""
    told = [*header, *(str(sum(column)) for column in zip(*sums, strict=True))]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()
