"""k-anonymity as a check of a Gold table: its contract's words, judged like Soda's checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pyspark.sql import DataFrame

from conf.contract import PRIVACY, OutputContract, QualityCheck
from jobs.runtime.anonymity import Anonymity, anonymity_log, anonymity_of
from jobs.runtime.runs import Run
from jobs.runtime.soda_scan import Measured, Outcome
from transformations.k_anonymity import k_anonymity

NAME = "k_anonymity"


def anonymity_on(contract: OutputContract, rows: DataFrame) -> Anonymity | None:
    """Count the groups of a table's rows, best cached; None where the contract does not ask."""
    if contract.k_anonymity is None:
        return None
    columns, k = contract.quasi_identifiers, contract.k_anonymity.k
    counted = rows.transform(k_anonymity(columns, k)).collect()
    return anonymity_of(columns, k, [row.asDict() for row in counted])


def measured(contract: OutputContract, told: Anonymity) -> Measured:
    """The share of rows below k against what the contract allows; of no rows nothing is said."""
    wanted, whole = contract.k_anonymity, told.whole
    assert wanted is not None
    outcome = Outcome.PASS if whole.share_below_k <= wanted.at_most else Outcome.FAIL
    settings: Mapping[str, object] = {}
    return Measured(
        check=QualityCheck(NAME, NAME, settings, PRIVACY, wanted.severity),
        outcome=outcome if whole.rows else Outcome.NOT_EVALUATED,
        value=whole.share_below_k if whole.rows else None,
        threshold=f"<= {wanted.at_most}",
        rows_checked=whole.rows,
        rows_failing=whole.rows_below_k,
    )


def keep(run: Run, contract: OutputContract, told: Anonymity) -> None:
    """Append the figures to `ops/k_anonymity`; the verdict is among those of the other checks."""
    assert contract.k_anonymity is not None
    stamp = {
        "run_id": run.run_id,
        "table": contract.table,
        "at_most": contract.k_anonymity.at_most,
        "measured_at": datetime.now(UTC),
    }
    anonymity_log(run.lake).append([{**record, **stamp} for record in told.records()])
