"""The quality verdict of a batch: two populations are measured, one of them gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import OutputContract, QualityCheck, SourceContract
from conf.errors import DataQualityError
from jobs.runtime import anonymity_check
from jobs.runtime.batches import Batch, Batches
from jobs.runtime.counts import TableCounts
from jobs.runtime.quality_history import asked
from jobs.runtime.quality_log import DELIVERED, PUBLISHED, quality_metrics
from jobs.runtime.quality_verdict import Verdict, verdict_on
from jobs.runtime.records import Record
from jobs.runtime.runs import Run
from jobs.runtime.soda_scan import Asked
from transformations import versions
from transformations.names import DELIVERY, OUTCOME, SETTLED
from transformations.quality_rows import with_delivered_at


def judge_batch(
    run: Run, contract: SourceContract, batch: Batch, marked: DataFrame, counts: TableCounts
) -> None:
    """Measure what was delivered and what is about to be published; keep it in
    `ops/quality_metrics`.

    In: the marked rows of the batch, cached, and their counts. What was delivered warns; what would
    be published stops the table if a check of severity error fails on it. Where nothing would be
    published, nothing is said of it. Rows of a delivery that somebody released are left out of that,
    and if all are released nothing stops. Rows taken again are not judged: shares of a handful say
    nothing of a table.
    Raises: DataQualityError naming each such check, its value and what is allowed.
    """
    if not contract.checks or batch.is_retake:
        return
    rows = marked.where(~F.col(SETTLED)).transform(with_delivered_at(batch.modified_at))
    verdicts = _verdicts(contract, batch, rows, counts, _earlier(run, contract, batch))
    for verdict in verdicts:
        if verdict.remark:
            what = f"quality of what was {verdict.population}"
            run.note(f"{contract.table}: {what}: {verdict.remark}")
    _keep(run, "silver", contract.table, batch.number, verdicts)
    for published in (v for v in verdicts if v.population == PUBLISHED):
        run.score(contract.table, {s.dimension: s.value for s in published.scores})
        if published.stopping:
            raise DataQualityError(
                f"{contract.table}: held: quality of what would be published: "
                f"{'; '.join(published.stopping)}; nothing was published; deliver better rows, "
                f"correct the checks in {contract.path} and run again, or decide by "
                f"jobs/reprocess.py --table {contract.table} with --release or --reject of "
                f"{_told_deliveries(batch)}"
            )


def judge_gold(
    run: Run,
    contract: OutputContract,
    rows: DataFrame,
    totals: Callable[[], Mapping[str, str]],
) -> None:
    """Measure a Gold table before it replaces the one that stands.

    In: its rows, cached; what they must add up to, which is asked for only if a check compares.
    Raises: DataQualityError if a check of severity error fails.
    """
    if not contract.is_judged:
        return
    layer, _, table = contract.table.partition(".")
    earlier = _history(run, layer, table, contract.checks)
    variables = totals() if any(check.has_variables for check in contract.checks) else {}
    wanted = _asked(contract.checks, earlier, PUBLISHED)
    verdict = verdict_on(
        PUBLISHED, rows, table, wanted, contract.thresholds, gates=True, variables=variables
    )
    if told := anonymity_check.anonymity_on(contract, rows):
        anonymity_check.keep(run, contract, told)
        verdict = verdict.with_check(anonymity_check.measured(contract, told))
    _keep(run, layer, table, None, [verdict])
    if verdict.remark:
        run.note(f"{contract.table}: quality: {verdict.remark}")
    if verdict.stopping:
        raise DataQualityError(
            f"{contract.table}: not replaced: {'; '.join(verdict.stopping)}; the version before "
            "it stands"
        )


def _verdicts(
    contract: SourceContract,
    batch: Batch,
    rows: DataFrame,
    counts: TableCounts,
    earlier: Sequence[Record],
) -> list[Verdict]:
    """On what was delivered and, if there is any, on what would be published.

    Where that is every row, one scan tells both.
    """
    on_delivered = _asked(contract.checks, earlier, DELIVERED)
    on_published = _asked(contract.checks, earlier, PUBLISHED)
    delivered = verdict_on(
        DELIVERED, rows, contract.table, on_delivered, contract.thresholds, gates=False
    )
    if not counts.inserted + counts.updated:
        return [delivered]
    gates = bool(batch.undecided)
    is_every_row = counts.inserted + counts.updated == counts.read and not batch.settled
    if is_every_row and not batch.released and on_published == on_delivered:
        return [delivered, replace(delivered, population=PUBLISHED, gates=gates)]
    to_publish = rows.where(F.col(OUTCOME).isin(*versions.PUBLISHED))
    if gates and batch.released:
        to_publish = to_publish.where(F.col(DELIVERY).isin(*batch.undecided))
    published = verdict_on(
        PUBLISHED, to_publish, contract.table, on_published, contract.thresholds, gates=gates
    )
    return [delivered, published]


def _told_deliveries(batch: Batch) -> str:
    numbers = batch.undecided
    return f"{'delivery' if len(numbers) == 1 else 'deliveries'} {', '.join(map(str, numbers))}"


def _asked(
    checks: Sequence[QualityCheck], earlier: Sequence[Record], population: str
) -> list[Asked]:
    """`earlier`: what was measured of the table before, oldest first."""
    before = [r for r in earlier if r["population"] == population]
    return [asked(c, [r for r in before if r["check"] == c.name]) for c in checks]


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


def _keep(run: Run, layer: str, table: str, batch: int | None, verdicts: Sequence[Verdict]) -> None:
    """Append a batch's records once: one that is done again after a crash has them already."""
    log = quality_metrics(run.lake)
    where = f"layer = '{layer}' and \"table\" = '{table}' and batch = {batch}"
    if batch is not None and log.read(where):
        return
    stamp = {"run_id": run.run_id, "layer": layer, "table": table, "batch": batch}
    now = datetime.now(UTC)
    records = [record for verdict in verdicts for record in verdict.records()]
    log.append([{**record, **stamp, "measured_at": now} for record in records])
