"""Bronze to Silver: standardize, quarantine, deduplicate, check, treat, publish."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract, Treatment
from conf.errors import AtlasError, DataQualityError
from conf.secrets import fingerprint
from jobs.runtime.batches import Batch, Batches, BatchStatus, Recipe, Reference
from jobs.runtime.cli import run_job, table_names, tables_of
from jobs.runtime.command import start
from jobs.runtime.counts import TableCounts
from jobs.runtime.deliveries import Deliveries
from jobs.runtime.leak_gate import stop_on_leaks
from jobs.runtime.lineage.proof import proved_edges, stop_on_untreated, ways_of
from jobs.runtime.matching import matched
from jobs.runtime.options import (
    ContractsOption,
    JsonOption,
    LakeOption,
    LogFileOption,
    NamespaceOption,
    TablesOption,
)
from jobs.runtime.parents import parents_first, state_of_parents
from jobs.runtime.publishing import (
    keep_detections,
    keep_keys,
    keep_references,
    keep_unsure,
    merge_staged,
    stop_on_typed_pii,
)
from jobs.runtime.quality import judge_batch
from jobs.runtime.retaking import rows_to_retake
from jobs.runtime.retries import retried
from jobs.runtime.reviewing import verdicts_of
from jobs.runtime.runs import Run
from transformations.names import OUTCOME
from transformations.silver import with_silver_columns
from transformations.treatments import treated, treatments_version
from transformations.versions import PUBLISHED
from udfs.pii import Verdicts
from udfs.pii.config import pii_config


def refine(
    run: Run,
    tables: list[str] | None = None,
    retry: Mapping[str, Collection[Reference]] | None = None,
) -> None:
    """Bring every received delivery of each table to Silver; a table that fails stops alone.

    Rows in quarantine are taken again where what kept them out may be gone, and those to `retry`.
    """
    for table in parents_first(run.contracts, table_names(run.contracts, tables)):
        try:
            contract, rows = run.contracts.sources[table], (retry or {}).get(table, ())
            retried(run, table, partial(refine_table, run, contract, rows))
        except AtlasError as error:
            run.problem(error)
    _note_missing_models(run)


def _note_missing_models(run: Run) -> None:
    """Once a run that searched free text: in which languages rules and word lists did it alone."""
    missing = [model for model in pii_config().models.values() if not model.installed()]
    searched = any(
        (counts.inserted or counts.updated)
        and any(c.treatment is Treatment.DETECT for c in run.contracts.sources[table].columns)
        for table, counts in run.tables.items()
    )
    if searched and missing:
        told = (
            f"{m.language} ({m.setting} names none)" if m.is_set else m.language for m in missing
        )
        run.note(
            f"no NER model for {', '.join(told)}: names in such texts were looked for by rules "
            "and word lists alone; docs/PII.md says how to add one"
        )


def refine_table(run: Run, contract: SourceContract, retry: Collection[Reference] = ()) -> None:
    """Work off the table's open batch, what was received since, and rows to be taken again."""
    deliveries = Deliveries(run.lake, contract.table, run.run_id)
    parents = state_of_parents(run.lake, contract)
    batches = Batches(run.lake, contract.table, run.run_id, parents)
    for record in batches.close_what_silver_has():
        if record["run_id"] == run.run_id:  # a fault between the MERGE and this, and tried again
            run.count(contract.table, TableCounts.of(record))
    run.lake.remove(_staging(contract))  # what a killed run may have left
    verdicts = verdicts_of(run.lake, run.keys)
    pii_version = verdicts.version(treatments_version())
    recipe = Recipe(contract.digest, pii_version, fingerprint(run.keys.load()))
    waits = contract.held_deliveries == "wait"
    held = set()
    while batch := batches.next(deliveries, recipe, waits=waits):
        if not _is_published(run, contract, batches, batch, verdicts):
            held.add(batch.number)
    rows = rows_to_retake(run, contract, batches, retry)
    if rows is not None:
        _is_published(run, contract, batches, batches.retake(rows, recipe), verdicts)
    for record in batches.with_status(BatchStatus.HELD):
        if record["batch"] not in held:  # by an earlier run, and nothing was corrected since
            run.problem(DataQualityError(f"still held: {record['reason']}"))


def _is_published(
    run: Run, contract: SourceContract, batches: Batches, batch: Batch, verdicts: Verdicts
) -> bool:
    """Publish a batch and close it. One that a gate stops is held; the rows of a retake stay where
    they are."""
    try:
        is_empty = batch.is_retake and not batch.rows
        counts = TableCounts() if is_empty else publish_batch(run, contract, batch, verdicts)
    except DataQualityError as error:
        run.problem(error)
        run.count(contract.table, TableCounts(read=batch.rows, held=batch.rows))
        status = BatchStatus.ABANDONED if batch.is_retake else BatchStatus.HELD
        held = TableCounts() if batch.is_retake else TableCounts(read=batch.rows, held=batch.rows)
        batches.close(batch, status, held, str(error))
        return False
    batches.close(batch, BatchStatus.PUBLISHED, counts)
    run.count(contract.table, counts)
    return True


def publish_batch(
    run: Run, contract: SourceContract, batch: Batch, verdicts: Verdicts
) -> TableCounts:
    """One batch from Bronze to Silver.

    The MERGE is the last write: a crash before it leaves Silver as it was, so that everything is
    done again with the same outcome and what was appended already is skipped by its number.
    """
    staging = _staging(contract)
    run.lake.use(run.spark)  # opened here: a run without a batch needs none
    run.lake.remove(staging)  # what a killed run may have left
    with ExitStack() as cached:
        cached.callback(run.lake.remove, staging)
        cached.enter_context(run.lake.shuffled_for(batch.rows))
        with run.stage(f"standardize {contract.table}"):
            match = cached.enter_context(matched(run, contract, batch))
            marked, counts = match.rows, _counts(match.rows)
        with run.stage(f"quality {contract.table}"):
            judge_batch(run, contract, batch, marked, counts)
        staged = None
        if counts.inserted or counts.updated:
            with run.stage(f"treat {contract.table}"):
                clean = _treated(run, contract, batch, marked, verdicts)
                ways = ways_of(run.lake, clean)
                stop_on_untreated(contract, ways)
                staged = run.lake.stage(clean, staging)
            with run.stage(f"leak scan {contract.table}"):
                stop_on_typed_pii(contract, staged)
                stop_on_leaks(run, contract, staged, counts)
        with run.stage(f"account {contract.table}"):
            keep_references(run, contract, batch, marked, counts)
            keep_detections(run, contract, batch, staged)
            keep_unsure(run, contract, batch, staged)
        if staged is not None:
            with run.stage(f"merge {contract.table}"):
                rows = counts.inserted + counts.updated
                edges = proved_edges(contract, ways)
                run.capture.written(f"silver.{contract.table}", edges, rows)
                merge_staged(run, contract, batch, staged, counts)
                keep_keys(run, contract, staged, counts, match.known_keys)
    return counts


def _staging(contract: SourceContract) -> str:
    return f"ops._staging.{contract.table}"


def _treated(
    run: Run, contract: SourceContract, batch: Batch, marked: DataFrame, verdicts: Verdicts
) -> DataFrame:
    version = batch.record["pii_version"]
    return (
        marked.where(F.col(OUTCOME).isin(*PUBLISHED))
        .transform(treated(contract, run.keys, verdicts, run.settings.namespace))
        .transform(with_silver_columns(contract, run.run_id, version, datetime.now(UTC)))
    )


def _counts(marked: DataFrame) -> TableCounts:
    outcomes = {row[OUTCOME]: row["count"] for row in marked.groupBy(OUTCOME).count().collect()}
    return TableCounts.of(outcomes | {"read": sum(outcomes.values())})


def main(
    tables: TablesOption = None,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    log_file: LogFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring what Bronze received since the last time to Silver."""
    sys.exit(
        run_job(
            "refine",
            lambda run: refine(run, tables),
            lake=lake,
            contracts=contracts,
            namespace=namespace,
            log_file=log_file,
            as_json=as_json,
            writes=tables_of("silver", tables),
        )
    )


if __name__ == "__main__":
    start(main)
