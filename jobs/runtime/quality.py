"""The quality verdict of a batch: two populations are measured, one of them gates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import OutputContract, QualityCheck, Severity, SourceContract, Threshold
from conf.errors import DataQualityError, listed
from jobs.runtime.batches import Batch, Batches
from jobs.runtime.deliveries import Deliveries
from jobs.runtime.quality_history import asked
from jobs.runtime.quality_scores import Score, scores, stops
from jobs.runtime.records import QUALITY_METRICS, Record, RecordLog
from jobs.runtime.runs import Run
from jobs.runtime.soda_scan import Measured, Outcome, scanned
from transformations.names import DELIVERY, OUTCOME
from transformations.versions import PUBLISHED

DELIVERED_POPULATION, PUBLISHED_POPULATION = "delivered", "published"
SCORE = "score"

Transform = Callable[[DataFrame], DataFrame]


def judge_batch(run: Run, contract: SourceContract, batch: Batch, marked: DataFrame) -> None:
    """Measure what was delivered and what is about to be published; keep it in
    `ops/quality_metrics`.

    In: the marked rows of the batch, cached. What was delivered warns; what would be published
    stops the table if a check of severity error fails on it.
    Raises: DataQualityError naming each such check, its value and what is allowed.
    """
    if not contract.checks:
        return
    dated = marked.transform(_with_delivered_at(run, contract, batch))
    failed: list[str] = []
    records: list[Record] = []
    earlier = _earlier(run, contract, batch)
    for population, rows in (
        (DELIVERED_POPULATION, dated),
        (PUBLISHED_POPULATION, dated.where(F.col(OUTCOME).isin(*PUBLISHED))),
    ):
        measured = _measured(rows, contract.table, contract.checks, earlier.get(population, []))
        found = scores(measured, contract.thresholds)
        gates = population == PUBLISHED_POPULATION
        records += _records(measured, found, gates)
        for remark in _failing(measured, found):
            run.note(f"{contract.table}: quality of what was {population}: {remark}")
        if gates:
            failed = list(_stopping(measured, found))
            run.score(contract.table, {s.dimension: s.value for s in found})
    _keep(run, "silver", contract.table, batch.number, records)
    if failed:
        raise DataQualityError(
            f"{contract.table}: held: quality of what would be published: {'; '.join(failed)}; "
            f"nothing was published; deliver better rows, or correct the checks in {contract.path} "
            "and run again, which takes the same deliveries in"
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
    earlier = _log(run).read(f"layer = '{layer}' and \"table\" = '{table}'")
    measured = _measured(rows, table, contract.checks, earlier, variables)
    found = scores(measured, contract.thresholds)
    records = list(_records(measured, found, gates=True))
    _keep(run, layer, table, None, records)
    for remark in _failing(measured, found):
        run.note(f"{contract.table}: quality: {remark}")
    if failed := list(_stopping(measured, found)):
        raise DataQualityError(
            f"{contract.table}: not replaced: {'; '.join(failed)}; the version before it stands"
        )


def _measured(
    rows: DataFrame,
    table: str,
    checks: Sequence[QualityCheck],
    earlier: Sequence[Record],
    variables: Mapping[str, str] | None = None,
) -> list[Measured]:
    wanted = [asked(c, [r for r in earlier if r["check"] == c.name]) for c in checks]
    return scanned(rows, table, wanted, variables)


def _with_delivered_at(run: Run, contract: SourceContract, batch: Batch) -> Transform:
    """`_delivered_at`: the modification time of the row's file."""
    deliveries = Deliveries(run.lake, contract.table, run.run_id)
    times = {d["delivery"]: d["modified_at"] for d in deliveries.all}
    time = F.lit(None).cast("timestamp")
    for number in batch.deliveries:
        time = F.when(F.col(DELIVERY) == number, F.lit(times[number])).otherwise(time)
    return lambda df: df.withColumn("_delivered_at", time)


def _earlier(run: Run, contract: SourceContract, batch: Batch) -> dict[str, list[Record]]:
    """The records of published batches, by population."""
    published = set(Batches(run.lake, contract.table, run.run_id).published) - {batch.number}
    found: dict[str, list[Record]] = {}
    for record in _log(run).read(f"layer = 'silver' and \"table\" = '{contract.table}'"):
        if record["batch"] in published:
            found.setdefault(record["population"], []).append(record)
    return found


def _records(measured: Sequence[Measured], found: Sequence[Score], gates: bool) -> Iterator[Record]:
    population = PUBLISHED_POPULATION if gates else DELIVERED_POPULATION
    for one in measured:
        yield {
            "population": population,
            "check": one.check.name,
            "dimension": str(one.check.dimension),
            "severity": str(one.check.severity),
            "outcome": _outcome(one.outcome, one.check.severity, gates),
            "value": one.value,
            "threshold": one.threshold,
            "rows_checked": one.rows_checked,
            "rows_failing": one.rows_failing,
        }
    for score in found:
        severity = score.threshold.severity if score.threshold else Severity.WARNING
        met = Outcome.PASS if score.is_met else Outcome.FAIL
        yield {
            "population": population,
            "check": SCORE,
            "dimension": score.dimension,
            "severity": str(severity),
            "outcome": _outcome(met, severity, gates),
            "value": score.value,
            "threshold": _allowed(score.threshold),
            "rows_checked": score.rows_checked,
            "rows_failing": score.rows_failing,
        }


def _outcome(outcome: Outcome, severity: Severity, gates: bool) -> str:
    """`fail` is what stops the table: an error among the rows to be published."""
    if outcome is Outcome.FAIL and not (gates and severity is Severity.ERROR):
        return str(Outcome.WARN)
    return str(outcome)


def _allowed(threshold: Threshold | None) -> str:
    return f">= {threshold.at_least}" if threshold else ""


def _failing(measured: Sequence[Measured], found: Sequence[Score]) -> Iterator[str]:
    """What is worth telling: checks that fail, and scores below their threshold."""
    told = [_told(m) for m in measured if m.outcome in (Outcome.FAIL, Outcome.WARN)]
    told += [_told_score(s) for s in found if not s.is_met]
    if told:
        yield listed(told)


def _stopping(measured: Sequence[Measured], found: Sequence[Score]) -> Iterator[str]:
    for one in measured:
        if one.outcome is Outcome.FAIL and one.check.severity is Severity.ERROR:
            yield _told(one)
    yield from (_told_score(score) for score in found if stops(score))


def _told(one: Measured) -> str:
    return (
        f"{one.check.name} ({one.check.dimension}) is {one.value:.6g}, allowed {one.threshold} "
        f"({one.rows_failing:,} of {one.rows_checked:,} rows)"
    )


def _told_score(score: Score) -> str:
    return f"{score.dimension} is {score.value:.4f}, allowed {_allowed(score.threshold)}"


def _keep(run: Run, layer: str, table: str, batch: int | None, records: Sequence[Record]) -> None:
    """Append a batch's records once: one that is done again after a crash has them already."""
    log = _log(run)
    where = f"layer = '{layer}' and \"table\" = '{table}' and batch = {batch}"
    if batch is not None and log.read(where):
        return
    stamp = {"run_id": run.run_id, "layer": layer, "table": table, "batch": batch}
    now = datetime.now(UTC)
    log.append([{**record, **stamp, "measured_at": now} for record in records])


def _log(run: Run) -> RecordLog:
    return run.lake.log("ops.quality_metrics", QUALITY_METRICS)
