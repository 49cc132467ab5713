"""Which checks of a source table Silver can answer: its values are treated, the checks are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum

from conf.contract import Column, Form, QualityCheck, SourceContract, Treatment
from conf.contract_checks import quality_columns
from conf.contract_rules import names_read

_REASONS = "_reasons"
_OF_PRESENCE = ("missing_count", "missing_percent")
_OF_EQUALITY = ("duplicate_count", "duplicate_percent")
_OTHER_MISSING = ("missing values", "missing regex")
_TREATED = {
    Treatment.HASH: "a pseudonym",
    Treatment.MASK: "a mask",
    Treatment.REDACT: "whether there is one",
    Treatment.DETECT: "the text without personal data",
    Treatment.DROP: "nothing",
}


class Use(IntEnum):
    """How much of a column's values a check reads."""

    PRESENCE = 1  # whether there is one
    EQUALITY = 2  # which rows have the same one
    VALUE = 3


def columns_read(check: QualityCheck, columns: Iterable[str]) -> dict[str, Use]:
    """The columns among `columns` that a check reads, each with the most that it reads of it."""
    known = {name.lower(): name for name in columns}
    read: dict[str, Use] = {}
    for name, use in _uses(check):
        if column := known.get(name.lower()):
            read[column] = max(use, read.get(column, use))
    return read


def _uses(check: QualityCheck) -> Iterator[tuple[str, Use]]:
    if check.metric in _OF_EQUALITY:
        use = Use.EQUALITY
    elif check.metric in _OF_PRESENCE and not any(w in check.settings for w in _OTHER_MISSING):
        use = Use.PRESENCE
    else:
        use = Use.VALUE
    yield from ((column, use) for column in check.columns)
    for word, text in check.settings.items():
        if word in ("filter", "fail condition") or word.endswith(" expression"):
            for name, is_null_test in names_read(str(text)):
                yield name, Use.PRESENCE if is_null_test else Use.VALUE


def unanswered(source: SourceContract) -> Mapping[str, str]:
    """Checks that Silver cannot answer, by name, and why."""
    found = ((c.name, next(_obstacles(c, source), "")) for c in source.checks)
    return {name: why for name, why in found if why}


def _obstacles(check: QualityCheck, source: SourceContract) -> Iterator[str]:
    columns = {c.name: c for c in source.columns}
    for name, use in columns_read(check, quality_columns(source)).items():
        if name == _REASONS:
            yield f"reads {_REASONS}, and rows that have any do not come to Silver"
        elif name in columns and (has := _has_less(columns[name], use)):
            yield f"reads {name}, of which Silver has {has}"


def _has_less(column: Column, use: Use) -> str:
    """What Silver has of a column where that is less than `use` asks for."""
    if _answers(column, use):
        return ""
    if column.treatment is not Treatment.GENERALIZE:
        return _TREATED[column.treatment]
    length = (column.generalize or "").removeprefix("prefix:")
    return "the year" if column.generalize == "year" else f"the first {length} characters"


def _answers(column: Column, use: Use) -> bool:
    match column.treatment:
        case Treatment.KEEP:
            return True
        case Treatment.DETECT if column.logical_type != "string":
            return True  # a hit stops the table: what is there is as it came
        case Treatment.DROP:
            return False
        case Treatment.HASH if use is Use.EQUALITY:
            return column.form not in (Form.EMAIL, Form.CPR)  # their spellings share a pseudonym
        case _:
            return use is Use.PRESENCE
