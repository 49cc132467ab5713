"""What PostgreSQL is asked for a pull: text alone, no connection.

Every value leaves the database as its own text (`::text`), so that nothing is written anew by a
driver or by Spark, and a fingerprint of each row is computed there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conf.contract import DatabaseSource

NUMBERS = ("int2", "int4", "int8", "numeric")
TIMES = ("date", "timestamp", "timestamptz")
WATERMARKS = (*NUMBERS, *TIMES)
PARTITIONERS = (*WATERMARKS, "uuid", "text", "varchar", "bpchar")

SETTINGS = (
    # A text that depends on a setting is the same for every user and machine.
    "set local timezone to 'UTC'",
    "set local datestyle to 'ISO, YMD'",
    "set local intervalstyle to 'postgres'",
    "set local extra_float_digits to 1",
    "set local bytea_output to 'hex'",
    "set local lc_monetary to 'C'",
    # The connection that holds the snapshot only waits while the others read.
    "set local idle_in_transaction_session_timeout to 0",
)
BEGIN = "set transaction isolation level repeatable read, read only"


def quoted(name: str) -> str:
    """An identifier exactly as it is."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, whatever `standard_conforming_strings` says."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"E'{escaped}'" if "\\" in text else f"'{escaped}'"


def source_of(pulled: DatabaseSource) -> str:
    """What stands after `from`: a table, or a query in parentheses."""
    if pulled.table is not None:
        return ".".join(map(quoted, pulled.table.split(".")))
    query = (pulled.query or "").rstrip("; \n\t")
    return f"(\n{query}\n)"  # on lines of its own: it may end in a comment


@dataclass(frozen=True)
class PullSql:
    """The queries of one pull. Columns go by their names in the database."""

    source: str
    types: Mapping[str, str]  # column -> PostgreSQL's name of its type, in the source's order
    key: Sequence[str] = ()
    watermark: str | None = None
    overlap: str | None = None
    lower: str | None = None  # the watermark up to which rows were taken before
    partitioned_by: str | None = None

    def bounds(self) -> str:
        """One value: the watermark of this pull.

        What lies in the future, or is no number, is no watermark: nothing newer would ever come.
        """
        if self.watermark is None:
            return "select null"
        column, kind = quoted(self.watermark), self.types[self.watermark]
        usable = {"numeric": f"{column} <> 'NaN'", "date": f"{column} <= current_date"}.get(
            kind, f"{column} <= now()" if kind in TIMES else "true"
        )
        highest = f"max({column}) filter (where {usable})"
        if self.lower is not None:
            highest = f"greatest({highest}, {self._typed(self.lower)})"
        return f"select ({highest})::text from {self.source} s where {self._wanted}"

    def splits(self, partitions: int) -> str:
        """Up to `partitions` - 1 values that divide the rows into equal parts."""
        column = quoted(str(self.partitioned_by))
        shares = ", ".join(f"{n / partitions:.6f}" for n in range(1, partitions))
        return (
            "select v::text from (select distinct v from (select unnest(percentile_disc("
            f"array[{shares}]) within group (order by {column})) v "
            f"from {self.source} s where {self._wanted}) d where v is not null) e order by e.v"
        )

    def predicates(self, splits: Sequence[str]) -> list[str]:
        """A condition on `p` for each partition; every row meets exactly one."""
        if not splits:
            return ["true"]
        kind = self.types[str(self.partitioned_by)]
        values = [f"{literal(v)}::{kind}" for v in splits]
        between = [f"p >= {low} and p < {high}" for low, high in pairwise(values)]
        return [f"(p < {values[0]} or p is null)", *between, f"p >= {values[-1]}"]

    def counts(self, splits: Sequence[str], watermark: str | None) -> str:
        """For each partition: number, rows, bytes and sums of fingerprints of all rows; then rows
        and sums of those that the next pull takes again."""
        cases = "".join(f" when {p} then {n}" for n, p in enumerate(self.predicates(splits)))
        again = self._again(watermark)
        halves = ", ".join(
            f"('x' || encode(substr(h, {at}, 7), 'hex'))::bit(56)::bigint h{n}"
            for n, at in enumerate((1, 8))
        )
        sums = "coalesce(sum(h0), 0), coalesce(sum(h1), 0)"
        tail = "coalesce(sum(h0) filter (where a), 0), coalesce(sum(h1) filter (where a), 0)"
        return (
            f"select part, count(*), sum(octet_length(t)), {sums}, "
            f"count(*) filter (where a), {tail} from (select part, a, t, {halves} from ("
            f"select case{cases} end part, {again} a, {self._row} t, {self._fingerprint} h "
            f"from ({self._selected}) q) f) g group by part order by part"
        )

    def rows(self) -> str:
        """All rows: `c0`, `c1`, ... as text and `p`, in an order that is the same each time.

        By key, the newest version of a key first: without a `sequenceBy` it is the one that counts.
        """
        order = [f"q.k{n}" for n in range(len(self.key))]
        order += ["q.w desc nulls last"] if self.watermark is not None else []
        columns = [f"c{n}" for n in range(len(self.types))]
        return (
            f"select {', '.join(columns)}, p from ({self._selected}) q "
            f"order by {', '.join([*order, self._fingerprint])}"
        )

    @property
    def _selected(self) -> str:
        values = [f"s.{quoted(name)}::text c{n}" for n, name in enumerate(self.types)]
        values += [f"s.{quoted(name)} k{n}" for n, name in enumerate(self.key)]
        if self.watermark is not None:
            values.append(f"s.{quoted(self.watermark)} w")
        part = f"s.{quoted(self.partitioned_by)}" if self.partitioned_by else "0"
        return f"select {', '.join(values)}, {part} p from {self.source} s where {self._wanted}"

    @property
    def _wanted(self) -> str:
        """Rows above the last watermark, less the overlap; those without one come each time."""
        if self.lower is None:
            return "true"
        column = quoted(str(self.watermark))
        return f"({column} > {self._less(self.lower)} or {column} is null)"

    def _again(self, watermark: str | None) -> str:
        """Whether the next pull takes a row again."""
        if watermark is None:
            return "true"
        return f"(q.w > {self._less(watermark)} or q.w is null)"

    def _less(self, watermark: str) -> str:
        value = self._typed(watermark)
        if self.overlap is None:
            return value
        is_number = self.types[str(self.watermark)] in NUMBERS
        return f"{value} - {self.overlap if is_number else f'interval {literal(self.overlap)}'}"

    def _typed(self, watermark: str) -> str:
        return f"{literal(watermark)}::{self.types[str(self.watermark)]}"

    @property
    def _row(self) -> str:
        """A row as one text; null and empty text differ in it."""
        return f"row({', '.join(f'q.c{n}' for n in range(len(self.types)))})::text"

    @property
    def _fingerprint(self) -> str:
        return f"sha256(convert_to({self._row}, 'UTF8'))"
