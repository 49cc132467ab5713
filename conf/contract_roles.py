"""What a table and its columns must be to play a role for Gold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conf.contract import ROLE_COLUMNS, Column, SourceContract, Treatment
from conf.contract_problems import closest
from conf.errors import listed

Found = tuple[tuple[str, ...], str]  # column and word where the problem is, the problem

_MONEY = re.compile(r"decimal\((\d+),(\d+)\)")
_TIMES = ("date", "timestamp")
_AS_IT_IS = (Treatment.KEEP,)


@dataclass(frozen=True)
class _Demand:
    treatments: tuple[Treatment, ...]
    types: tuple[str, ...]


_DEMANDS: Mapping[str, _Demand] = {
    "customer": _Demand((Treatment.HASH, Treatment.KEEP), ("string", "integer")),
    "order": _Demand((Treatment.HASH, Treatment.KEEP), ("string", "integer")),
    "order_date": _Demand(_AS_IT_IS, _TIMES),
    "amount": _Demand(_AS_IT_IS, ("number", "integer")),
    "status": _Demand(_AS_IT_IS, ("string",)),
    "currency": _Demand(_AS_IT_IS, ("string",)),
    "created_at": _Demand(_AS_IT_IS, _TIMES),
    "tier": _Demand(_AS_IT_IS, ("string",)),
    "city": _Demand(_AS_IT_IS, ("string",)),
    "birth_date": _Demand((Treatment.GENERALIZE,), _TIMES),
    "postal_code": _Demand((Treatment.GENERALIZE,), ("string",)),
}


def role_columns(source: SourceContract) -> tuple[str, ...]:
    """The role columns a table may have."""
    needed, optional = ROLE_COLUMNS.get(source.role or "", ((), ()))
    return needed + optional


def role_problems(source: SourceContract) -> Iterator[Found]:
    """Problems of a table's role; columns without a meaning for it included."""
    for column in source.columns:
        yield from _column_problems(source, column)
    if source.role is None:
        for word, given in (
            ("revenueStatuses", source.revenue_statuses),
            ("currency", source.currency),
        ):
            if given:
                yield (word,), "is for the role orders; the table has no role"
        return
    yield from _completeness(source)
    yield from (_orders if source.role == "orders" else _customers)(source)


def _column_problems(source: SourceContract, column: Column) -> Iterator[Found]:
    if column.role is None:
        return
    place = (column.name, "goldRole")
    if source.role is None:
        yield place, f"found {column.role}; the table has no role: add customers or orders"
    elif column.role not in role_columns(source):
        yield place, f"found {column.role!r}; {closest(column.role, role_columns(source))}"
    else:
        demand = _DEMANDS[column.role]
        if column.logical_type not in demand.types:
            types = listed(demand.types)
            yield place, f"{column.role} of type {column.logical_type}; allowed are {types}"
        # Without a classification, or with an unknown target, the treatment is not known yet.
        is_known = column.is_classified and not column.references
        if is_known and column.treatment not in demand.treatments:
            allowed = listed(demand.treatments)
            yield place, f"{column.role} with treatment {column.treatment}; allowed are {allowed}"


def _completeness(source: SourceContract) -> Iterator[Found]:
    needed, _ = ROLE_COLUMNS[source.role or ""]
    given = Counter(c.role for c in source.columns if c.role)
    if absent := [role for role in needed if role not in given]:
        yield ("role",), f"{source.role}: no column has goldRole {listed(absent)}"
    for role, count in given.items():
        if count > 1:
            names = listed(c.name for c in source.columns if c.role == role)
            yield ("role",), f"{source.role}: goldRole {role} is given to {names}; one may have it"


def _customers(source: SourceContract) -> Iterator[Found]:
    column = source.role_column("customer")
    if column and source.key != (column.name,):
        found = listed(source.key) if source.key else "none"
        yield (column.name, "goldRole"), f"customer must be the table's primary key; it is {found}"
    for word, given in (
        ("revenueStatuses", source.revenue_statuses),
        ("currency", source.currency),
    ):
        if given:
            yield (word,), "is for the role orders; the table has the role customers"


def _orders(source: SourceContract) -> Iterator[Found]:
    status, currency = source.role_column("status"), source.role_column("currency")
    if currency is None and source.currency is None:
        yield ("role",), "orders: give a column goldRole currency, or the table a constant currency"
    if currency is not None and source.currency is not None:
        yield ("currency",), f"found {source.currency}, but {currency.name} has goldRole currency"
    if source.revenue_statuses and status is None:
        yield ("revenueStatuses",), "no column has goldRole status"
    if status and not source.revenue_statuses:
        yield (
            (status.name, "goldRole"),
            "status: revenueStatuses must say which of them are revenue",
        )
    for found in source.revenue_statuses if status and status.allowed else ():
        if status and found not in status.allowed:
            yield ("revenueStatuses",), f"found {found!r}; {closest(found, status.allowed)}"
    amount = source.role_column("amount")
    if amount and amount.logical_type == "number" and not _fits_money(amount.spark_type):
        yield (
            (amount.name, "physicalType"),
            f"found {amount.spark_type}; an amount must fit decimal(18,2)",
        )


def _fits_money(spark_type: str) -> bool:
    found = _MONEY.fullmatch(spark_type)
    return bool(found) and int(found[2]) <= 2 and int(found[1]) - int(found[2]) <= 16  # type: ignore[index]
