"""What refining a batch leaves behind: references, detections, and the MERGE into Silver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract, Treatment
from conf.errors import AccountingError, DataQualityError, listed
from jobs.runtime.batches import REFINE, RETAKEN, Batch
from jobs.runtime.counts import TableCounts
from jobs.runtime.key_filter import KeyFilter
from jobs.runtime.lake import Transaction
from jobs.runtime.records import PII_DETECTIONS, PII_REVIEW
from jobs.runtime.runs import Run
from transformations.names import DELIVERY, OUTCOME, PII, ROW, SILVER_DELIVERY, SILVER_ROW, UNSURE
from transformations.silver import silver_columns
from transformations.treatments import reviewed_columns
from transformations.versions import Outcome, quarantine_rows, reference_rows, retaken_rows
from udfs.pii.config import pii_config


def stop_on_typed_pii(contract: SourceContract, staged: DataFrame) -> None:
    """Raise DataQualityError if an unclassified column that is no text holds personal data.

    Text is anonymized in place; a number or a date cannot be, so that its table stops.
    """
    typed = [
        c.name
        for c in contract.columns
        if c.treatment is Treatment.DETECT and c.logical_type != "string"
    ]
    if not typed:
        return
    findings = staged.select(F.explode(PII).alias("f")).select("f.*")
    hits = (
        findings.where(F.col("column").isin(*typed)).select("column", "entity").distinct().collect()
    )
    if hits:
        found = listed(sorted(f"{hit.column} ({hit.entity})" for hit in hits))
        raise DataQualityError(
            f"{contract.table}: unclassified columns hold what looks like personal data: {found}; "
            f"give them a classification and a treatment in {contract.path}"
        )


def keep_references(
    run: Run, contract: SourceContract, batch: Batch, marked: DataFrame, counts: TableCounts
) -> None:
    """Append the batch's quarantined rows, those that changed nothing, and those that an earlier
    batch has counted already, by reference alone."""
    retaken = batch.rows if batch.is_retake else len(batch.settled)
    for name, rows, count in (
        ("ops.quarantine", quarantine_rows(marked), counts.quarantined),
        ("ops.duplicates", reference_rows(marked), counts.kept_by_reference),
        (RETAKEN, retaken_rows(marked, batch.is_retake), retaken),
    ):
        if not count:  # a commit without rows costs a second and tells nothing
            continue
        txn = Transaction(f"{REFINE}.{contract.table}", batch.number)
        run.lake.append(_stamped(rows, run, contract, batch), name, txn, append_only=True)


def _stamped(rows: DataFrame, run: Run, contract: SourceContract, batch: Batch) -> DataFrame:
    return rows.select(
        F.lit(contract.table).alias("table"),
        F.lit(batch.number).cast("bigint").alias("batch"),
        "*",
        F.lit(run.run_id).alias("run_id"),
        F.lit(datetime.now(UTC)).cast("timestamp").alias("recorded_at"),
    )


def keep_detections(
    run: Run, contract: SourceContract, batch: Batch, staged: DataFrame | None
) -> None:
    """Count what was found and treated, from what was written, into `ops/pii_detections`."""
    log = run.lake.log("ops.pii_detections", PII_DETECTIONS)
    records = log.read(f"\"table\" = '{contract.table}' and batch = {batch.number}")
    if not records and staged is not None:
        records = [
            {
                "table": contract.table,
                "batch": batch.number,
                **row.asDict(),
                "pii_version": batch.record["pii_version"],
                "run_id": run.run_id,
                "recorded_at": datetime.now(UTC),
            }
            for row in _detections(staged).collect()
        ]
        log.append(records)
    entities: Counter[str] = Counter()
    for record in records:
        entities[record["entity"]] += record["count"]
    run.count_pii(entities)


def _detections(staged: DataFrame) -> DataFrame:
    return (
        staged.select(F.explode(PII).alias("f"))
        .select("f.*")
        .groupBy("column", "entity", "treatment")
        .agg(
            F.sum("count").cast("bigint").alias("count"),
            (F.sum("score") / F.sum("count")).alias("mean_confidence"),
        )
    )


def keep_unsure(run: Run, contract: SourceContract, batch: Batch, staged: DataFrame | None) -> None:
    """Keep the spans that a person should look at, by reference alone, in `ops/pii_review`."""
    if staged is None or not reviewed_columns(contract):
        return
    log = run.lake.log("ops.pii_review", PII_REVIEW)
    if log.read(f"\"table\" = '{contract.table}' and batch = {batch.number}"):
        return
    stamp = {
        "table": contract.table,
        "batch": batch.number,
        "pii_version": batch.record["pii_version"],
        "run_id": run.run_id,
        "recorded_at": datetime.now(UTC),
    }
    spans = _unsure(staged, pii_config().review_per_batch).collect()
    if spans:
        log.append([row.asDict() | stamp for row in spans])


def _unsure(staged: DataFrame, at_most: int) -> DataFrame:
    """At most so many, spread over the batch by a hash of where they stand: the same ones again if
    the batch is done again."""
    spans = staged.select(
        F.col(SILVER_DELIVERY).alias(DELIVERY),
        F.col(SILVER_ROW).alias(ROW),
        F.explode(UNSURE).alias("u"),
    ).select(DELIVERY, ROW, "u.*")
    place = (DELIVERY, ROW, "column", "start", "end", "entity")
    return spans.orderBy(F.xxhash64(*place), *place).limit(at_most)


def merge_staged(
    run: Run, contract: SourceContract, batch: Batch, staged: DataFrame, counts: TableCounts
) -> None:
    """MERGE inserts and updates into Silver, and compare what Delta did with the marks.

    Where nothing is updated the rows are appended: that they match nothing is known already, and
    a MERGE would read the whole table to find it out again.
    Raises: AccountingError if the commit's own metrics are not the batch's counts.
    """
    silver = f"silver.{contract.table}"
    columns = silver_columns(staged)
    txn = Transaction(REFINE, batch.number, counts.as_dict())
    if counts.updated:
        run.lake.merge(staged, silver, txn, key=contract.silver_key, columns=columns)
    else:
        run.lake.append(staged.select(*columns), silver, txn)
    _verify(run, silver, batch, counts)


def keep_keys(
    run: Run,
    contract: SourceContract,
    staged: DataFrame,
    counts: TableCounts,
    known_keys: Sequence[bytes] | None,
) -> None:
    """Let the next batch know the keys that this one has inserted."""
    inserted = staged.where(F.col(OUTCOME) == Outcome.INSERTED.value)
    KeyFilter(run.lake, contract).add(inserted, counts.inserted, known_keys)


def _verify(run: Run, silver: str, batch: Batch, counts: TableCounts) -> None:
    commit = run.lake.commit(silver, REFINE, batch.number)
    metrics = commit["metrics"] if commit else {}
    inserted = metrics.get("numTargetRowsInserted", metrics.get("numOutputRows", 0))
    done = int(inserted), int(metrics.get("numTargetRowsUpdated", 0))
    if done != (counts.inserted, counts.updated):
        raise AccountingError(
            f"{silver}: batch {batch.number} marked {counts.inserted} inserts and {counts.updated} "
            f"updates, but its commit tells {done[0]} and {done[1]}; report this as a defect"
        )
