"""What a contract must mean, beyond its form: each check returns its problems as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conf.contract import (
    ROLE_COLUMNS,
    Column,
    Contracts,
    Form,
    OutputContract,
    SourceContract,
    Treatment,
)
from conf.errors import listed

_TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER_TYPE = re.compile(r"double|float|decimal\(([1-9]|[12]\d|3[0-8]),(\d|[12]\d|3[0-8])\)")
_LETTERS = frozenset("GyuMLdDEHhKkmsSnaVzOXxZ")
_SQL_WORDS = frozenset(
    "and or not in is null between like rlike case when then else end true false cast as date "
    "timestamp interval decimal int bigint string double current_date current_timestamp".split()
)


def source_problems(source: SourceContract, where: str) -> list[str]:
    """Problems of one source table on its own."""
    problems = [f"{where}: {p}" for p in _table_problems(source)]
    for column in source.columns:
        problems += [f"{where}.{column.name}: {p}" for p in _column_problems(source, column)]
    return problems


def _table_problems(source: SourceContract) -> Iterator[str]:
    if not _TABLE_NAME.fullmatch(source.table):
        yield "a table's name is lower-case letters, digits and _, a letter first"
    if not source.columns:
        yield "no columns"
    if source.source.kind == "jdbc":
        yield "format jdbc: not yet; allowed are csv, jsonl, parquet, fixed-width"
    names = [c.name for c in source.columns]
    for what, given in (
        ("column name", names),
        ("physicalName", [c.source_name for c in source.columns]),
        ("Silver column", _silver_names(source)),
    ):
        twice = [n for n, count in Counter(given).items() if count > 1]
        if twice:
            yield f"{what} {listed(twice)} stands twice"
    if source.sequence_by and source.sequence_by not in names:
        yield f"sequenceBy {source.sequence_by}: no such column; there are {listed(names)}"
    yield from _width_problems(source)
    yield from _rule_problems(source)
    yield from _role_problems(source)


def _silver_names(source: SourceContract) -> list[str]:
    kept = [c.silver_name for c in source.columns if c.treatment is not Treatment.DROP]
    return kept + [c.valid_flag for c in source.columns if c.valid_flag]


def _column_problems(source: SourceContract, column: Column) -> Iterator[str]:
    if column.name.startswith("_") or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", column.name):
        yield "a column's name is letters, digits and _, a letter first; use physicalName for the source's"
    matters = column.name in source.key or column.references or column.role
    if matters and not column.references and not column.is_classified:
        yield "key, foreign-key and role columns need a treatment"
    if column.classification and column.classification.startswith("pii") and not (
        column.is_classified or column.references
    ):
        yield f"classification {column.classification} needs a treatment: {listed(Treatment)}"
    if column.name in source.key and column.treatment not in (Treatment.HASH, Treatment.KEEP):
        yield f"treatment {column.treatment} of a key: allowed are hash and keep"
    if (column.treatment is Treatment.GENERALIZE) != (column.generalize is not None):
        yield "treatment generalize and the word generalize (year or prefix:N) go together"
    if column.generalize == "year" and column.logical_type not in ("date", "timestamp"):
        yield f"generalize year needs a date or timestamp, found {column.logical_type}"
    if column.valid_flag and column.form is Form.TEXT:
        yield "validFlag needs a form: email, phone or cpr"
    if column.form is not Form.TEXT and column.logical_type != "string":
        yield f"form {column.form} needs a string, found {column.logical_type}"
    if column.logical_type == "number" and not _NUMBER_TYPE.fullmatch(column.spark_type):
        yield f"physicalType {column.spark_type}: allowed are double, float and decimal(p,s)"
    yield from _time_problems(column)
    if column.role and column.role not in _roles(source):
        yield f"goldRole {column.role}: allowed here are {listed(_roles(source))}"


def _time_problems(column: Column) -> Iterator[str]:
    try:
        ZoneInfo(column.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"defaultTimezone {column.timezone}: not an IANA zone such as Europe/Copenhagen"
    for pattern in column.formats:
        bare = re.sub(r"'[^']*'", "", pattern)
        odd = {c for c in bare if c.isalpha()} - _LETTERS
        if odd or "'" in bare:
            yield f"format {pattern}: not a Spark datetime pattern such as yyyy-MM-dd HH:mm:ss"
        elif "YYYY" in bare or "DD" in bare:
            yield f"format {pattern}: Y is the week's year and D the year's day; write y and d"
    if column.formats and column.logical_type not in ("date", "timestamp"):
        yield f"format is for dates and timestamps, found {column.logical_type}"


def _width_problems(source: SourceContract) -> Iterator[str]:
    placed = [c for c in source.columns if c.start is not None and c.width is not None]
    if source.source.kind != "fixed-width":
        if placed:
            yield "start and width are for format fixed-width"
        return
    missing = [c.name for c in source.columns if c not in placed]
    if missing:
        yield f"fixed-width: {listed(missing)} need start and width"
    placed.sort(key=lambda c: c.start or 0)
    for left, right in zip(placed, placed[1:], strict=False):
        if (left.start or 0) + (left.width or 0) > (right.start or 0):
            yield f"fixed-width: {left.name} and {right.name} overlap"


def _rule_problems(source: SourceContract) -> Iterator[str]:
    known = {c.name.lower() for c in source.columns}
    for rule in source.rules:
        text = re.sub(r"'(?:[^'\\]|\\.)*'", "", rule.expression)
        names = {m.group(1).lower() for m in re.finditer(r"\b([A-Za-z_]\w*)\b(?!\s*\()", text)}
        unknown = sorted(names - known - _SQL_WORDS)
        if unknown:
            yield f"rule {rule.name}: no column {listed(unknown)}; there are {listed(sorted(known))}"


def _roles(source: SourceContract) -> tuple[str, ...]:
    needed, optional = ROLE_COLUMNS.get(source.role or "", ((), ()))
    return needed + optional


def _role_problems(source: SourceContract) -> Iterator[str]:
    if source.role is None:
        return
    needed, _ = ROLE_COLUMNS[source.role]
    given = Counter(c.role for c in source.columns if c.role)
    absent = [role for role in needed if role not in given]
    if absent:
        yield f"role {source.role}: no column has goldRole {listed(absent)}"
    twice = [role for role, count in given.items() if count > 1]
    if twice:
        yield f"role {source.role}: goldRole {listed(twice)} stands twice"
    if source.role == "orders":
        yield from _orders_problems(source)


def _orders_problems(source: SourceContract) -> Iterator[str]:
    status, currency = source.role_column("status"), source.role_column("currency")
    if (currency is None) == (source.currency is None):
        yield "role orders: give either a column with goldRole currency or the constant currency"
    if source.revenue_statuses and status is None:
        yield "revenueStatuses: no column has goldRole status"
    if status and status.allowed:
        odd = [s for s in source.revenue_statuses if s not in status.allowed]
        if odd:
            yield f"revenueStatuses {listed(odd)}: {status.name} allows {listed(status.allowed)}"
    for role, kinds in (("order_date", ("date", "timestamp")), ("amount", ("number", "integer"))):
        column = source.role_column(role)
        if column and column.logical_type not in kinds:
            yield f"{column.name}: goldRole {role} needs {' or '.join(kinds)}"
        if column and column.treatment is not Treatment.KEEP:
            yield f"{column.name}: goldRole {role} needs treatment keep"


def output_problems(output: OutputContract, where: str) -> list[str]:
    layer, _, table = output.table.partition(".")
    if layer not in ("silver", "gold") or not _TABLE_NAME.fullmatch(table):
        return [f"{where}: an output table is silver.NAME or gold.NAME"]
    return []


def all_problems(contracts: Contracts) -> list[str]:
    """Problems that show only between contracts."""
    problems = []
    roles = Counter(s.role for s in contracts.sources.values() if s.role)
    for role, count in roles.items():
        if count > 1:
            tables = sorted(n for n, s in contracts.sources.items() if s.role == role)
            problems.append(f"role {role} is played by {listed(tables)}: one table a role")
    for source in contracts.sources.values():
        for column in source.columns:
            where = f"{source.path.rsplit('/', 1)[-1]}: {source.table}.{column.name}"
            problems += [f"{where}: {p}" for p in _reference_problems(contracts, column)]
    return problems


def _reference_problems(contracts: Contracts, column: Column) -> Iterator[str]:
    if column.references is None:
        return
    table, name = column.references
    target = contracts.sources.get(table)
    if target is None:
        yield f"refers to table {table}; there are {listed(sorted(contracts.sources))}"
    elif target.key != (name,):
        yield f"refers to {table}.{name}, but the key of {table} is {listed(target.key)}"
