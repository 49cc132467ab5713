"""The rows of a batch with their outcome, read from the cache by every branch that follows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from jobs.runtime.batches import Batch
from jobs.runtime.key_filter import KeyFilter
from jobs.runtime.parents import parents_of
from jobs.runtime.runs import Run
from transformations.names import DELIVERY, OUTCOME
from transformations.parents import with_parents
from transformations.standardize import standardized
from transformations.versions import batch_key_hashes, matched_with, with_winners
from udfs.key_filters import may_be_in


@dataclass(frozen=True)
class Matched:
    """The marked rows of a batch, and the filters of the keys that Silver had before it."""

    rows: DataFrame
    known_keys: list[bytes] | None


@contextmanager
def matched(run: Run, contract: SourceContract, batch: Batch) -> Iterator[Matched]:
    """Standardize a batch, find each key's winner and compare it with Silver's version.

    Silver is read only if the key filter says that it may have one of the keys.
    """
    winners = _winners(run, contract, batch).persist(StorageLevel.MEMORY_AND_DISK)
    rows = winners
    try:
        silver, known = f"silver.{contract.table}", None
        filters = KeyFilter(run.lake, contract).segments()
        if run.lake.exists(silver) and _any_may_be_known(winners, contract, filters):
            known = run.lake.read(silver)
        rows = winners.transform(matched_with(known, contract))
        if known is not None:
            rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
        yield Matched(rows, filters)
    finally:
        rows.unpersist()
        winners.unpersist()


def _winners(run: Run, contract: SourceContract, batch: Batch) -> DataFrame:
    bronze = run.lake.read(f"bronze.{contract.table}")
    return (
        bronze.where(F.col(DELIVERY).isin(*batch.deliveries))
        .transform(standardized(contract, run.keys))
        .transform(with_parents(contract, parents_of(run.lake, run.contracts, contract)))
        .transform(with_winners(contract))
    )


def _any_may_be_known(
    winners: DataFrame, contract: SourceContract, filters: list[bytes] | None
) -> bool:
    if filters is None:
        return True
    hashes = winners.where(F.col(OUTCOME).isNull()).select(batch_key_hashes(contract))
    return bool(hashes.where(may_be_in(filters, F.col(hashes.columns[0]))).take(1))
