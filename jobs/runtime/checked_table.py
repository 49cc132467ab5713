"""The table that somebody asks to have checked, and the contract whose checks are about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from conf.contract import Contracts, OutputContract, SourceContract
from conf.errors import UsageError, listed
from jobs.runtime.any_table import AnyTable, find_table, nearest
from jobs.runtime.deliveries import Deliveries, DeliveryStatus
from jobs.runtime.lake import Lake, commit_time
from jobs.runtime.quality_log import DELIVERED, PUBLISHED


@dataclass(frozen=True)
class CheckedTable:
    """A table of the lake at one version, and the contract whose checks are about it."""

    table: AnyTable
    contract: SourceContract | OutputContract
    as_of: datetime | None = None  # an earlier version is judged as of when it was written
    deliveries: tuple[int, ...] = ()  # of a source table: those whose rows are looked at

    @property
    def is_source(self) -> bool:
        return self.table.name.startswith("bronze.")

    @property
    def name(self) -> str:
        return self.table.name.partition(".")[2]

    @property
    def version(self) -> int:
        return self.table.table.version()

    @property
    def population(self) -> str:
        return DELIVERED if self.is_source else PUBLISHED


def checked_table(
    lake: Lake,
    contracts: Contracts,
    told: str,
    version: int | None = None,
    delivery: int | None = None,
) -> CheckedTable:
    """The table called `orders`, `bronze.orders`, `silver/orders` or `gold.customer_360`.

    Raises: UsageError with what there is, if there is no such table, version or delivery, or no
    contract for it.
    """
    table = find_table(lake, f"bronze.{told}" if told in contracts.sources else told)
    contract = _contract(contracts, table.name)
    is_source = table.name.startswith("bronze.")
    if delivery is not None and not is_source:
        raise UsageError(f"--delivery is for a source table; {table.name} is none")
    table = table.at(version)
    numbers = _deliveries(lake, table.name, delivery) if is_source else ()
    as_of = None if version is None else commit_time(table.commit)
    return CheckedTable(table, contract, as_of, numbers)


def _contract(contracts: Contracts, name: str) -> SourceContract | OutputContract:
    layer, _, table = name.partition(".")
    known: Mapping[str, SourceContract | OutputContract] = (
        contracts.sources if layer in ("bronze", "silver") else contracts.outputs
    )
    contract = known.get(name if layer == "gold" else table)
    if contract is None:
        there = [*contracts.sources, *contracts.outputs]
        raise UsageError(f"{name} has no contract; {nearest(name, there)}")
    return contract


def _deliveries(lake: Lake, name: str, delivery: int | None) -> tuple[int, ...]:
    table = name.removeprefix("bronze.")
    received = Deliveries(lake, table, "").with_status(DeliveryStatus.RECEIVED)
    numbers = tuple(int(d["delivery"]) for d in received)
    if delivery is None:
        return numbers
    if delivery not in numbers:
        raise UsageError(
            f"{table} received no delivery {delivery}; there are {listed(map(str, numbers))}"
        )
    return (delivery,)
