"""What one source contract must mean, beyond its form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from conf.contract import DELIVERED_AT, PARENT, Column, Form, SourceContract, Treatment
from conf.contract_database import database_problems
from conf.contract_formats import ENCODINGS, canonical_encoding, pattern_problems, zone_problem
from conf.contract_problems import Problem, closest
from conf.contract_quality_meaning import quality_problems
from conf.contract_roles import Found, role_problems
from conf.contract_rules import rule_problems
from conf.errors import listed

NOT_PERSONAL = ("public", "internal", "confidential")
PERSONAL = ("pii-direct", "pii-indirect", "pii-text", "pii-sensitive")
CLASSIFICATIONS = (*NOT_PERSONAL, *PERSONAL)

CORRECTIONS = "corrections"
"""Bronze's table of corrected values: no source may have its name."""

_TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_COLUMN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


def source_problems(source: SourceContract) -> list[Problem]:
    """Problems of one source table on its own, foreign keys resolved as far as they can be."""
    found = [*_table_problems(source), *role_problems(source)]
    for column in source.columns:
        found += [((column.name, *place), text) for place, text in _column_problems(source, column)]
    return [Problem(source.path, (source.table, *place), text) for place, text in found]


def is_table_name(name: str) -> bool:
    return bool(_TABLE_NAME.fullmatch(name))


def _table_problems(source: SourceContract) -> Iterator[Found]:
    if not is_table_name(source.table):
        yield (), "a table's name is lower-case letters, digits and _, a letter first"
    if source.table == CORRECTIONS:
        yield (), "the name is that of Bronze's table of corrected values; give the table another"
    if not source.columns:
        yield (), "it has no columns (properties)"
    yield from _encoding_problems(source)
    yield from _name_problems(source)
    yield from _sequence_problems(source)
    yield from _width_problems(source)
    yield from database_problems(source)
    if source.source.kind == "csv" and source.source.delimiter == source.source.quote:
        yield ("quote",), f"found {source.source.quote!r}, which is the delimiter too"
    if all(c.treatment is Treatment.DROP for c in source.columns) and source.columns:
        yield (), "every column has treatment drop: nothing is left for Silver"
    yield from _rules(source)
    for name, text in quality_problems(source.checks, quality_columns(source)):
        yield ("quality", name), text


def quality_columns(source: SourceContract) -> dict[str, str]:
    """What checks may be of, by logical type: the contract's columns, their valid flags, the
    delivery's time, why a row is quarantined, and each foreign key's parent (null: not known)."""
    flags = {c.valid_flag: "boolean" for c in source.columns if c.valid_flag}
    parents = {f"{PARENT}{c.name}": "struct" for c in source.columns if c.references}
    columns = {c.name: c.logical_type for c in source.columns}
    return columns | flags | parents | {DELIVERED_AT: "timestamp", "_reasons": "array"}


def _encoding_problems(source: SourceContract) -> Iterator[Found]:
    if canonical_encoding(source.source.encoding) is None:
        found = source.source.encoding
        yield ("encoding",), f"found {found!r}; {closest(found, ENCODINGS)}"


def _rules(source: SourceContract) -> Iterator[Found]:
    for name in _twice(rule.name for rule in source.rules):
        yield ("rules", name), "two rules have this name"
    for rule in source.rules:
        for text in rule_problems(rule.expression, (c.name for c in source.columns)):
            yield ("rules", rule.name), text


def _name_problems(source: SourceContract) -> Iterator[Found]:
    """Names that Spark could not tell apart: for it `Id` and `ID` are one."""
    if twice := _twice(c.name for c in source.columns):
        for name in twice:
            yield (name,), "two columns have this name (upper and lower case are one to Spark)"
        return
    for name in _twice(c.source_name for c in source.columns):
        text = f"{name!r} is the source name of two columns (upper and lower case are one to Spark)"
        yield (_named(source, name),), text
    own = {c.name.lower() for c in source.columns}
    flagged = [c for c in source.columns if c.valid_flag]
    for column in flagged:
        if str(column.valid_flag).lower() in own:
            yield (column.name, "validFlag"), f"found {column.valid_flag}, which is a column"
    in_silver = [c.silver_name for c in source.columns if c.treatment is not Treatment.DROP]
    flags = [c.valid_flag for c in flagged if c.valid_flag and c.valid_flag.lower() not in own]
    for name in _twice(in_silver + flags):
        text = f"two columns of Silver are called {name}; silverName or validFlag can say otherwise"
        yield (), text


def _named(source: SourceContract, source_name: str) -> str:
    lower = source_name.lower()
    return [c.name for c in source.columns if c.source_name.lower() == lower][-1]


def _twice(names: Iterable[str]) -> list[str]:
    spelled: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for name in names:
        spelled.setdefault(name.lower(), name)
        counted[name.lower()] += 1
    return [spelled[lower] for lower, count in counted.items() if count > 1]


def _sequence_problems(source: SourceContract) -> Iterator[Found]:
    if source.sequence_by is None:
        return
    column = next((c for c in source.columns if c.name == source.sequence_by), None)
    if column is None:
        names = [c.name for c in source.columns]
        yield (
            ("sequenceBy",),
            f"no column {source.sequence_by}; {closest(source.sequence_by, names)}",
        )
    elif column.treatment is not Treatment.KEEP:
        # Silver keeps the sequence to tell later which version is newer.
        text = f"{column.name} has treatment {column.treatment}; Silver keeps a sequence as it is"
        yield ("sequenceBy",), f"{text}: allowed is keep"
    elif not source.key:
        yield ("sequenceBy",), "needs a primaryKey: it orders the versions of a key"


def _width_problems(source: SourceContract) -> Iterator[Found]:
    if source.source.kind != "fixed-width":
        for column in source.columns:
            if column.start is not None or column.width is not None:
                yield (
                    (column.name,),
                    f"start and width are for fixed-width, not {source.source.kind}",
                )
        return
    for column in source.columns:
        absent = [word for word in ("start", "width") if getattr(column, word) is None]
        if absent:
            yield (column.name,), f"fixed-width needs {listed(absent)}"
    placed = sorted((c for c in source.columns if c.start and c.width), key=lambda c: c.start or 0)
    for left, right in pairwise(placed):
        end = (left.start or 0) + (left.width or 0) - 1
        if end >= (right.start or 0):
            text = f"found {right.start}, but {left.name} reaches to character {end}"
            yield (right.name, "start"), text


def _column_problems(source: SourceContract, column: Column) -> Iterator[Found]:
    if not _COLUMN_NAME.fullmatch(column.name):
        yield (
            (),
            "a column's name is letters, digits and _, a letter first; physicalName may differ",
        )
    yield from _privacy_problems(source, column)
    yield from _treatment_problems(column)
    yield from _type_problems(column)
    yield from _time_problems(column)


def _privacy_problems(source: SourceContract, column: Column) -> Iterator[Found]:
    kind, is_key = column.classification, column.name in source.key
    if kind is not None and kind not in CLASSIFICATIONS:
        yield ("classification",), f"found {kind!r}; {closest(kind, CLASSIFICATIONS)}"
        return
    if column.references:
        return  # it has the treatment of the key it refers to
    if not column.is_classified and (is_key or column.role):
        what = "a key" if is_key else f"goldRole {column.role}"
        yield (), f"{what} needs a classification or a treatment: {listed(Treatment)}"
    elif kind in PERSONAL and not column.is_classified:
        yield ("classification",), f"{kind} needs a treatment: {listed(Treatment)}"
    elif is_key and column.treatment not in (Treatment.HASH, Treatment.KEEP):
        yield ("treatment",), f"found {column.treatment}; a key allows hash and keep"
    elif column.treatment is Treatment.KEEP:
        yield from _kept_problems(column)


def _kept_problems(column: Column) -> Iterator[Found]:
    """Clear text in Silver: never of what is said to be personal."""
    kind = column.classification
    if kind in PERSONAL and kind != "pii-indirect":
        yield ("treatment",), f"found keep, but {kind} may not stand in Silver as clear text"
    elif column.form is not Form.TEXT and kind not in NOT_PERSONAL:
        text = f"found keep for form {column.form}; allowed with classification"
        yield ("treatment",), f"{text} {listed(NOT_PERSONAL)} only"


def _treatment_problems(column: Column) -> Iterator[Found]:
    if column.treatment is Treatment.GENERALIZE and column.generalize is None:
        yield ("treatment",), "generalize needs the word generalize: year or prefix:N"
    if column.generalize and column.treatment is not Treatment.GENERALIZE:
        yield ("generalize",), f"is for treatment generalize, found {column.treatment}"
    if column.generalize == "year" and column.logical_type not in ("date", "timestamp"):
        yield ("generalize",), f"year is for dates and timestamps, found {column.logical_type}"
    if column.generalize == "year" and any("yyyy" not in f for f in column.formats):
        yield ("generalize",), "year needs formats with yyyy: with yy everyone is born after 2000"
    if (column.generalize or "").startswith("prefix") and column.logical_type != "string":
        yield ("generalize",), f"prefix is for strings, found {column.logical_type}"
    if column.valid_flag and column.form is Form.TEXT:
        yield ("validFlag",), "needs a form: email, phone or cpr"
    if column.form is not Form.TEXT and column.logical_type != "string":
        yield ("form",), f"{column.form} is for strings, found {column.logical_type}"


def _type_problems(column: Column) -> Iterator[Found]:
    if column.logical_type == "number" and not _is_number_type(column.spark_type):
        found = column.spark_type
        yield ("physicalType",), f"found {found!r}; allowed are double and decimal(p,s), p to 38"
    separators = (column.decimal_separator, column.thousands_separator)
    if separators != (".", "") and column.logical_type not in ("number", "integer"):
        yield (), f"decimal and thousands separators are for numbers, found {column.logical_type}"
    elif separators[0] == separators[1]:
        yield (
            ("thousandsSeparator",),
            f"found {separators[1]!r}, which is the decimal separator too",
        )
    if column.allowed and column.logical_type not in ("string", "integer"):
        yield ("enum",), f"is for strings and integers, found {column.logical_type}; write a rule"


def _is_number_type(spark_type: str) -> bool:
    decimal = _DECIMAL.fullmatch(spark_type)
    if decimal is None:
        return spark_type == "double"
    precision, scale = int(decimal[1]), int(decimal[2])
    return 0 < precision <= 38 and scale <= precision


def _time_problems(column: Column) -> Iterator[Found]:
    if problem := zone_problem(column.timezone):
        yield ("defaultTimezone",), problem
    if column.formats and column.logical_type not in ("date", "timestamp"):
        yield ("format",), f"is for dates and timestamps, found {column.logical_type}"
        return
    for pattern in column.formats:
        for text in pattern_problems(pattern, column.timezone):
            yield ("format",), text
