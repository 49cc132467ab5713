"""The quality verdict of a batch: two populations are measured, one of them gates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import (
    DELIVERED_AT,
    OutputContract,
    QualityCheck,
    Severity,
    SourceContract,
    Threshold,
)
from conf.errors import DataQualityError, listed
from jobs.runtime.batches import Batch, Batches
from jobs.runtime.quality_history import asked
from jobs.runtime.quality_log import DELIVERED, PUBLISHED, SCORE, quality_metrics
from jobs.runtime.quality_scores import Score, scores
from jobs.runtime.records import Record
from jobs.runtime.runs import Run
from jobs.runtime.soda_scan import Measured, Outcome, scanned
from transformations import versions
from transformations.names import DELIVERY, OUTCOME, SETTLED


def judge_batch(run: Run, contract: SourceContract, batch: Batch, marked: DataFrame) -> None:
    """Measure what was delivered and what is about to be published; keep it in
    `ops/quality_metrics`.

    In: the marked rows of the batch, cached. What was delivered warns; what would be published
    stops the table if a check of severity error fails on it; rows of a delivery that somebody
    released are left out of that, and if all are released nothing stops. Rows taken again are not judged as a population: shares of a handful say nothing of a table.
    Raises: DataQualityError naming each such check, its value and what is allowed.
    """
    if not contract.checks or batch.is_retake:
        return
    rows = marked.where(~F.col(SETTLED)).withColumn(DELIVERED_AT, _delivered_at(batch))
    to_publish = rows.where(F.col(OUTCOME).isin(*versions.PUBLISHED))
    undecided = batch.undecided
    if undecided:
        to_publish = to_publish.where(F.col(DELIVERY).isin(*undecided))
    earlier = _earlier(run, contract, batch)
    verdicts = [
        _verdict(population, frame, contract.table, contract, earlier, gates=gates)
        for population, frame, gates in (
            (DELIVERED, rows, False),
            (PUBLISHED, to_publish, bool(undecided)),
        )
    ]
    for verdict in verdicts:
        if verdict.remark:
            what = f"quality of what was {verdict.population}"
            run.note(f"{contract.table}: {what}: {verdict.remark}")
    published = verdicts[-1]
    run.score(contract.table, {s.dimension: s.value for s in published.scores})
    _keep(run, "silver", contract.table, batch.number, verdicts)
    if published.stopping:
        raise DataQualityError(
            f"{contract.table}: held: quality of what would be published: "
            f"{'; '.join(published.stopping)}; nothing was published; deliver better rows, "
            f"correct the checks in {contract.path} and run again, or decide by "
            f"jobs/reprocess.py --table {contract.table} with --release or --reject of "
            f"{_told_deliveries(batch)}"
        )


def judge_gold(
    run: Run, contract: OutputContract, rows: DataFrame, variables: Mapping[str, str]
) -> None:
    """Measure a Gold table before it replaces the one that stands.

    Raises: DataQualityError if a check of severity error fails.
    """
    if not contract.checks:
        return
    layer, _, table = contract.table.partition(".")
    earlier = _history(run, layer, table, contract.checks)
    verdict = _verdict(PUBLISHED, rows, table, contract, earlier, variables, gates=True)
    _keep(run, layer, table, None, [verdict])
    if verdict.remark:
        run.note(f"{contract.table}: quality: {verdict.remark}")
    if verdict.stopping:
        raise DataQualityError(
            f"{contract.table}: not replaced: {'; '.join(verdict.stopping)}; the version before "
            "it stands"
        )


@dataclass(frozen=True)
class _Verdict:
    """What was measured of one population, and what follows from it."""

    population: str
    measured: Sequence[Measured]
    scores: Sequence[Score]
    gates: bool

    @property
    def remark(self) -> str:
        """Checks that fail and scores below their threshold; nothing if all is well."""
        told = [_told(m) for m in self.measured if m.outcome in (Outcome.FAIL, Outcome.WARN)]
        told += [_told_score(s) for s in self.scores if not s.is_met]
        return listed(told) if told else ""

    @property
    def stopping(self) -> list[str]:
        """Those of severity error."""
        told = [_told(m) for m in self.measured if self._stops(m.outcome, m.check.severity)]
        return told + [_told_score(s) for s in self.scores if self._stops(s.outcome, s.severity)]

    def records(self) -> Iterator[Record]:
        for m in self.measured:
            check = m.check
            severity = check.severity
            yield self._record(m, check.name, check.dimension, severity, m.outcome, m.threshold)
        for s in self.scores:
            threshold = _allowed(s.threshold)
            yield self._record(s, SCORE, s.dimension, s.severity, s.outcome, threshold)

    def _record(
        self,
        one: Measured | Score,
        check: str,
        dimension: str,
        severity: Severity,
        outcome: Outcome,
        threshold: str,
    ) -> Record:
        is_warning = outcome is Outcome.FAIL and not self._stops(outcome, severity)
        return {
            "population": self.population,
            "check": check,
            "dimension": str(dimension),
            "severity": str(severity),
            "outcome": str(Outcome.WARN if is_warning else outcome),
            "value": one.value,
            "threshold": threshold,
            "rows_checked": one.rows_checked,
            "rows_failing": one.rows_failing,
        }

    def _stops(self, outcome: Outcome, severity: Severity) -> bool:
        """An error where it gates: that is what `fail` means in the records."""
        return self.gates and outcome is Outcome.FAIL and severity is Severity.ERROR


def _verdict(
    population: str,
    rows: DataFrame,
    table: str,
    contract: SourceContract | OutputContract,
    earlier: Sequence[Record],
    variables: Mapping[str, str] | None = None,
    *,
    gates: bool,
) -> _Verdict:
    """`earlier`: what was measured of the table before, oldest first."""
    before = [r for r in earlier if r["population"] == population]
    wanted = [asked(c, [r for r in before if r["check"] == c.name]) for c in contract.checks]
    measured = scanned(rows, table, wanted, variables)
    return _Verdict(population, measured, scores(measured, contract.thresholds), gates)


def _told_deliveries(batch: Batch) -> str:
    numbers = batch.undecided
    return f"{'delivery' if len(numbers) == 1 else 'deliveries'} {', '.join(map(str, numbers))}"


def _delivered_at(batch: Batch) -> C:
    """The modification time of the row's file."""
    times = [
        part
        for number, time in batch.modified_at.items()
        for part in (F.lit(number).cast("bigint"), F.lit(time))
    ]
    return F.create_map(*times)[F.col(DELIVERY)]


def _earlier(run: Run, contract: SourceContract, batch: Batch) -> Sequence[Record]:
    """Of published batches alone: what was held or abandoned never counted."""
    records = _history(run, "silver", contract.table, contract.checks)
    if not records:
        return []
    published = set(Batches(run.lake, contract.table, run.run_id).published) - {batch.number}
    return [r for r in records if r["batch"] in published]


def _history(run: Run, layer: str, table: str, checks: Sequence[QualityCheck]) -> Sequence[Record]:
    """What was measured before, where a check asks for it."""
    if not any(check.is_change for check in checks):
        return []
    return quality_metrics(run.lake).read(f"layer = '{layer}' and \"table\" = '{table}'")


def _allowed(threshold: Threshold | None) -> str:
    return f">= {threshold.at_least}" if threshold else ""


def _told(one: Measured) -> str:
    return (
        f"{one.check.name} ({one.check.dimension}) is {one.value:.6g}, allowed {one.threshold} "
        f"({one.rows_failing:,} of {one.rows_checked:,} rows)"
    )


def _told_score(score: Score) -> str:
    return f"{score.dimension} is {score.value:.4f}, allowed {_allowed(score.threshold)}"


def _keep(
    run: Run, layer: str, table: str, batch: int | None, verdicts: Sequence[_Verdict]
) -> None:
    """Append a batch's records once: one that is done again after a crash has them already."""
    log = quality_metrics(run.lake)
    where = f"layer = '{layer}' and \"table\" = '{table}' and batch = {batch}"
    if batch is not None and log.read(where):
        return
    stamp = {"run_id": run.run_id, "layer": layer, "table": table, "batch": batch}
    now = datetime.now(UTC)
    records = [record for verdict in verdicts for record in verdict.records()]
    log.append([{**record, **stamp, "measured_at": now} for record in records])
