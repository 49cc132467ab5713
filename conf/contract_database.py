"""What a contract must mean that takes its rows from a database (`format: jdbc`)."""

from __future__ import annotations

from collections.abc import Iterator

from conf.contract import DatabaseSource, SourceContract, Treatment
from conf.contract_problems import closest
from conf.contract_roles import Found
from conf.errors import listed

_OF_TIME = ("date", "timestamp")
_OF_NUMBERS = ("integer", "number")


def database_problems(source: SourceContract) -> Iterator[Found]:
    """Problems of the words of a pull; none where files come."""
    pulled = source.database
    if pulled is None:
        return
    if bool(pulled.table) == bool(pulled.query):
        found = "both" if pulled.table else "neither"
        yield (), f"format jdbc takes one of jdbcTable and jdbcQuery, found {found}"
    if ";" in (pulled.query or "").rstrip("; \n\t"):
        yield ("jdbcQuery",), "allowed is one SELECT; it holds a semicolon"
    if not source.key and source.delivery == "increment":
        text = "a pull may hold rows of the one before it, which would be new each time"
        yield ("delivery",), f"{text}: name a primaryKey, or take delivery: full"
    yield from _partition_problems(source, pulled)
    yield from _watermark_problems(source, pulled)


def _partition_problems(source: SourceContract, pulled: DatabaseSource) -> Iterator[Found]:
    if pulled.partition_column is None:
        if pulled.partitions > 1:
            yield ("partitions",), "needs a partitionColumn to divide the rows by"
        return
    names = [c.name for c in source.columns]
    if pulled.partition_column not in names:
        found = pulled.partition_column
        yield ("partitionColumn",), f"no column {found}; {closest(found, names)}"
    if pulled.partitions == 1:
        yield ("partitionColumn",), "needs partitions, their number: 2 to 256"


def _watermark_problems(source: SourceContract, pulled: DatabaseSource) -> Iterator[Found]:
    if pulled.watermark is None:
        if pulled.overlap is not None:
            yield ("overlap",), "needs a watermark: without one every pull takes all rows"
        return
    column = next((c for c in source.columns if c.name == pulled.watermark), None)
    if column is None:
        names = [c.name for c in source.columns]
        yield ("watermark",), f"no column {pulled.watermark}; {closest(pulled.watermark, names)}"
        return
    kind = column.logical_type
    if kind not in (*_OF_TIME, *_OF_NUMBERS):
        yield ("watermark",), f"{column.name} is a {kind}; allowed are {listed(_allowed())}"
    if column.treatment is not Treatment.KEEP:
        # The last one of each pull stands in ops/deliveries and in plans.
        text = f"{column.name} has treatment {column.treatment}; its last value is recorded"
        yield ("watermark",), f"{text}: allowed is keep"
    if pulled.overlap and pulled.overlap.isdigit() != (kind in _OF_NUMBERS):
        wanted = "a whole number" if kind in _OF_NUMBERS else "a time such as 1 hour"
        yield ("overlap",), f"found {pulled.overlap!r} for type {kind}; allowed is {wanted}"


def _allowed() -> tuple[str, ...]:
    return (*_OF_NUMBERS, *_OF_TIME)
