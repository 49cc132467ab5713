"""What is measured of k-anonymity as a Gold table is published, and what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime

from pyspark.sql import DataFrame

from conf.contract import KAnonymity, OutputContract, Severity
from conf.errors import DataQualityError, listed
from jobs.runtime.anonymity import Anonymity, anonymity_log, anonymity_of
from jobs.runtime.quality_log import K_ANONYMITY_CHECK, PRIVACY, PUBLISHED, quality_metrics
from jobs.runtime.records import Record
from jobs.runtime.runs import Run
from jobs.runtime.soda_scan import Outcome
from transformations.k_anonymity import k_anonymity


def judge_anonymity(run: Run, contract: OutputContract, rows: DataFrame) -> None:
    """Measure how many rows of a Gold table, cached, share their quasi-identifiers with less than
    k - 1 others; keep the figures in `ops/k_anonymity` and the verdict in `ops/quality_metrics`.

    Raises: DataQualityError if they are more than allowed and the contract calls that an error.
    """
    wanted = contract.k_anonymity
    if wanted is None:
        return
    columns = contract.quasi_identifiers
    counted = rows.transform(k_anonymity(columns, wanted.k)).collect()
    told = anonymity_of(columns, wanted.k, [row.asDict() for row in counted])
    outcome = _outcome(told, wanted)
    _keep(run, contract.table, wanted, told, outcome)
    if outcome is Outcome.PASS:
        return
    remark = _remark(told, wanted)
    run.note(f"{contract.table}: k-anonymity: {remark}")
    if outcome is Outcome.FAIL:
        raise DataQualityError(
            f"{contract.table}: not replaced: k-anonymity: {remark}; the version before it stands"
        )


def _outcome(told: Anonymity, wanted: KAnonymity) -> Outcome:
    if told.whole.share_below_k <= wanted.at_most:
        return Outcome.PASS
    return Outcome.FAIL if wanted.severity is Severity.ERROR else Outcome.WARN


def _remark(told: Anonymity, wanted: KAnonymity) -> str:
    whole = told.whole
    return (
        f"{whole.rows_below_k:,} of {whole.rows:,} rows ({whole.share_below_k:.1%}) are in groups "
        f"of less than {told.k} by {listed(told.columns)}, allowed are {wanted.at_most:.1%}; "
        "jobs/k_anonymity.py tells what each column does: make one coarser, or leave it out"
    )


def _keep(run: Run, table: str, wanted: KAnonymity, told: Anonymity, outcome: Outcome) -> None:
    now = datetime.now(UTC)
    stamp = {"run_id": run.run_id, "table": table, "at_most": wanted.at_most, "measured_at": now}
    anonymity_log(run.lake).append([{**record, **stamp} for record in told.records()])
    quality_metrics(run.lake).append([_verdict(run, table, wanted, told, outcome, now)])


def _verdict(
    run: Run,
    table: str,
    wanted: KAnonymity,
    told: Anonymity,
    outcome: Outcome,
    now: datetime,
) -> Record:
    layer, _, name = table.partition(".")
    return {
        "run_id": run.run_id,
        "layer": layer,
        "table": name,
        "batch": None,
        "population": PUBLISHED,
        "check": K_ANONYMITY_CHECK,
        "dimension": PRIVACY,
        "severity": str(wanted.severity),
        "outcome": str(outcome),
        "value": told.whole.share_below_k,
        "threshold": f"<= {wanted.at_most}",
        "rows_checked": told.whole.rows,
        "rows_failing": told.whole.rows_below_k,
        "measured_at": now,
    }
