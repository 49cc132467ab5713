"""The rows of a batch with their outcome, read from the cache by every branch that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from conf.secrets import KeySource
from jobs.runtime.batches import Batch
from jobs.runtime.corrections import bronze_rows
from jobs.runtime.key_filter import KeyFilter
from jobs.runtime.parents import parents_of
from jobs.runtime.quarantined import among, quarantined, references
from jobs.runtime.runs import Run
from transformations.corrections import with_rejected
from transformations.names import DELIVERY, OUTCOME, ROW, SETTLED
from transformations.parents import Parent, with_parents
from transformations.settled import replacing, versions_of, with_settled
from transformations.standardize import standardized
from transformations.versions import batch_key_hashes, matched_with, with_winners
from udfs.key_filters import may_be_in

Transform = Callable[[DataFrame], DataFrame]


@dataclass(frozen=True)
class Matched:
    """The marked rows of a batch, and the filters of the keys that Silver had before it."""

    rows: DataFrame
    known_keys: list[bytes] | None


@contextmanager
def matched(run: Run, contract: SourceContract, batch: Batch) -> Iterator[Matched]:
    """Standardize a batch, find each key's winner and compare it with Silver's version.

    Silver is read only if the key filter says that it may have one of the keys. A batch whose rows
    are not the newest gets all versions of its keys, marked as settled.
    """
    winners = _winners(run, contract, batch).persist(StorageLevel.MEMORY_AND_DISK)
    rows = winners
    try:
        silver, known = f"silver.{contract.table}", None
        filters = KeyFilter(run.lake, contract).segments()
        if run.lake.exists(silver) and _any_may_be_known(winners, contract, filters):
            known = run.lake.read(silver)
        compared = replacing if batch.settled else matched_with
        rows = winners.transform(compared(known, contract))
        if known is not None:
            rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
        yield Matched(rows, filters)
    finally:
        rows.unpersist()
        winners.unpersist()


def _winners(run: Run, contract: SourceContract, batch: Batch) -> DataFrame:
    bronze = bronze_rows(run.lake, contract.table)
    own = _own(run, bronze, batch)
    if batch.settled:
        rows = _standardized(run, contract, batch, _with_versions(run, contract, batch, own))
        rows = rows.transform(with_settled(own))
    else:
        rows = _standardized(run, contract, batch, own).withColumn(SETTLED, F.lit(False))
    return rows.transform(with_winners(contract))


def _own(run: Run, bronze: DataFrame, batch: Batch) -> DataFrame:
    if batch.is_retake:
        return bronze.transform(among(run.lake, batch.retaken))
    return bronze.where(F.col(DELIVERY).isin(*batch.deliveries))


def _with_versions(run: Run, contract: SourceContract, batch: Batch, own: DataFrame) -> DataFrame:
    """The batch's own rows and every published row of their keys."""
    out = references(run.lake, [row.reference for row in quarantined(run.lake, contract.table)])
    bronze = bronze_rows(run.lake, contract.table)
    published = bronze.where(F.col(DELIVERY).isin(*batch.settled)).join(
        out, [DELIVERY, ROW], "anti"
    )
    mine = _standardized(run, contract, batch, own)
    known = published.transform(standardized(contract, run.keys))
    versions = known.transform(versions_of(mine, contract))
    return own.unionByName(published.join(versions, [DELIVERY, ROW], "left_semi"))


def _standardized(run: Run, contract: SourceContract, batch: Batch, bronze: DataFrame) -> DataFrame:
    parents = parents_of(run.lake, run.contracts, contract)
    rows = bronze.transform(standardized_with_parents(contract, run.keys, parents))
    return rows.transform(with_rejected(batch.rejected))


def standardized_with_parents(
    contract: SourceContract, keys: KeySource, parents: Mapping[str, Parent]
) -> Transform:
    """Bronze's rows standardized, with what Silver knows of their parents."""
    return lambda bronze: bronze.transform(standardized(contract, keys)).transform(
        with_parents(contract, parents)
    )


def _any_may_be_known(
    winners: DataFrame, contract: SourceContract, filters: list[bytes] | None
) -> bool:
    if filters is None:
        return True
    hashes = winners.where(F.col(OUTCOME).isNull()).select(batch_key_hashes(contract))
    return bool(hashes.where(may_be_in(filters, F.col(hashes.columns[0]))).take(1))
