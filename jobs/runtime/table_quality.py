"""The verdict on a table that is there, by its contract's checks; nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import Contracts, OutputContract, QualityCheck, SourceContract
from conf.contract_silver_checks import columns_read, unanswered
from conf.secrets import KeySource
from jobs.runtime import anonymity_check
from jobs.runtime.checked_table import CheckedTable
from jobs.runtime.deliveries import Deliveries
from jobs.runtime.freshness import LATEST_ORDER, NO_SILVER, made_from
from jobs.runtime.gold_inputs import GoldInputs, Silver
from jobs.runtime.lake import Lake
from jobs.runtime.matching import standardized_with_parents
from jobs.runtime.parents import parents_of
from jobs.runtime.quality_log import SCORE
from jobs.runtime.quality_scores import scores
from jobs.runtime.quality_verdict import Verdict
from jobs.runtime.soda_scan import Asked, Measured, Outcome, scanned
from transformations.names import DELIVERY
from transformations.parents import with_parents
from transformations.quality_rows import silver_as_checked, with_delivered_at

_NO_ROWS = "there is nothing to measure"
_CHANGE = "compares a run with those before it; ops/quality_metrics has them"


@dataclass(frozen=True)
class Rows:
    """What checks are run on, what they compare with, and those that cannot be asked, and why."""

    frame: DataFrame
    variables: Mapping[str, str] = field(default_factory=dict)
    unanswered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TableQuality:
    """What the checks of a table say, and of those that were not evaluated why."""

    checked: CheckedTable
    verdict: Verdict
    reasons: Mapping[str, str]

    @property
    def is_met(self) -> bool:
        """Whether no check or score of severity error fails."""
        return not self.verdict.stopping

    def as_dict(self) -> dict[str, Any]:
        """The object of the --json line; checks and scores in the words of `ops/quality_metrics`."""
        records = [dict(r) for r in self.verdict.records()]
        checks = [r | {"reason": self.reasons.get(r["check"])} for r in records]
        return {
            "table": self.checked.table.name,
            "version": self.checked.version,
            "is_met": self.is_met,
            "checks": [r for r in checks if r["check"] != SCORE],
            "scores": [r for r in records if r["check"] == SCORE],
        }


def table_quality(
    lake: Lake, contracts: Contracts, checked: CheckedTable, keys: KeySource | None = None
) -> TableQuality:
    """Judge a table; `keys` are for a source table alone. Raises: as `scanned`."""
    contract = checked.contract
    if not is_judged(contract):
        return TableQuality(checked, Verdict(checked.population, [], [], gates=True), {})
    rows = _rows(lake, contracts, checked, keys)
    reasons = {c.name: _CHANGE for c in contract.checks if c.is_change} | dict(rows.unanswered)
    asked = [Asked(c, c.check) for c in contract.checks if c.name not in reasons]
    measured = {m.check.name: m for m in _measured(checked, rows, asked)}
    told = [measured.get(c.name) or _not_asked(c) for c in contract.checks]
    for one in told:
        if one.outcome is Outcome.NOT_EVALUATED:
            reasons.setdefault(one.check.name, _NO_ROWS)
    verdict = Verdict(checked.population, told, scores(told, contract.thresholds), gates=True)
    if isinstance(contract, OutputContract):
        verdict = _with_anonymity(verdict, contract, rows.frame)
    return TableQuality(checked, verdict, reasons)


def is_judged(contract: SourceContract | OutputContract) -> bool:
    """Whether there is anything to measure, for which it takes a session."""
    return contract.is_judged if isinstance(contract, OutputContract) else bool(contract.checks)


def _with_anonymity(verdict: Verdict, contract: OutputContract, rows: DataFrame) -> Verdict:
    told = anonymity_check.anonymity_on(contract, rows)
    return verdict.with_check(anonymity_check.measured(contract, told)) if told else verdict


def _measured(checked: CheckedTable, rows: Rows, asked: Sequence[Asked]) -> list[Measured]:
    if not asked:
        return []
    names = {n for one in asked for n in columns_read(one.check, rows.frame.columns)}
    frame = rows.frame.select(*(f"`{n}`" for n in sorted(names))) if names else rows.frame
    frame = frame.persist(StorageLevel.MEMORY_AND_DISK)  # each query reads it
    now = {"NOW": checked.as_of.isoformat()} if checked.as_of else {}  # Soda's, for freshness
    try:
        return scanned(frame, checked.name, asked, {**rows.variables, **now})
    finally:
        frame.unpersist()


def _not_asked(check: QualityCheck) -> Measured:
    return Measured(check, Outcome.NOT_EVALUATED, None, "", 0, 0)


def _rows(lake: Lake, contracts: Contracts, checked: CheckedTable, keys: KeySource | None) -> Rows:
    contract = checked.contract
    if isinstance(contract, OutputContract):
        return _gold(lake, contracts, checked, contract)
    parents = parents_of(lake, contracts, contract, checked.as_of)
    known = Deliveries(lake, contract.table, "").all
    times = {int(d["delivery"]): d["modified_at"] for d in known}
    frame = lake.read(checked.table.name, checked.version)
    if checked.is_source:
        assert keys is not None
        delivered = frame.where(F.col(DELIVERY).isin(*checked.deliveries))
        rows = delivered.transform(standardized_with_parents(contract, keys, parents))
        return Rows(rows.transform(with_delivered_at(times)))
    rows = frame.transform(silver_as_checked(contract, times))
    return Rows(
        rows.transform(with_parents(contract, parents)),
        unanswered={**dict(_newer(contract, frame.columns)), **unanswered(contract)},
    )


def _newer(contract: SourceContract, there: Collection[str]) -> Iterator[tuple[str, str]]:
    """Checks that read a column which this version of Silver does not have yet."""
    names = {c.name: c.silver_name for c in contract.columns}
    names |= {c.valid_flag: c.valid_flag for c in contract.columns if c.valid_flag}
    for check in contract.checks:
        for column in columns_read(check, names):
            if names[column] not in there:
                yield check.name, f"reads {column}, which this version does not have"


def _gold(
    lake: Lake, contracts: Contracts, checked: CheckedTable, contract: OutputContract
) -> Rows:
    """Compared with the versions of Silver that its own commit says it was made from."""
    frame = lake.read(checked.table.name, checked.version)
    comparing = [c.name for c in contract.checks if c.has_variables]
    if not comparing:
        return Rows(frame)
    silver = _made_from(lake, contracts, checked)
    if isinstance(silver, str):
        return Rows(frame, unanswered=dict.fromkeys(comparing, silver))
    return Rows(frame, silver.totals)


def _made_from(lake: Lake, contracts: Contracts, checked: CheckedTable) -> GoldInputs | str:
    """Silver as Gold was made from it, or why that is not known."""
    inputs, tables = made_from(checked.table.commit), {}
    for role in ("orders", "customers"):
        if (contract := contracts.role(role)) is None:
            continue
        version, _, digest = inputs.get(contract.table, "").partition(" ")
        if not digest:
            return f"compares with Silver, and its commit does not tell which {contract.table}"
        if digest != contract.digest:
            return f"compares with Silver, and was made with another contract of {contract.table}"
        if version != NO_SILVER:
            rows = lake.read(f"silver.{contract.table}", int(version))
            tables[role] = Silver(contract, rows)
    day = inputs["as_of"]
    as_of = None if day == LATEST_ORDER else date.fromisoformat(day)
    return GoldInputs.of(tables["orders"], tables.get("customers"), as_of)
