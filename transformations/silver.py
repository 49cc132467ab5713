"""The shape of a Silver table: its technical columns and their order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import SourceContract
from conf.contract_silver import silver_meaning
from transformations.names import (
    DELIVERY,
    KEY,
    OUTCOME,
    PII,
    PII_VERSION,
    PROCESSED_AT,
    ROW,
    ROW_HASH,
    SEQUENCE,
    SILVER_DELIVERY,
    SILVER_KEY,
    SILVER_ROW,
    SILVER_ROW_HASH,
    SILVER_RUN_ID,
    SILVER_SEQUENCE,
    UNSURE,
)

Transform = Callable[[DataFrame], DataFrame]

STAGING_ONLY = (OUTCOME, PII, UNSURE)


def with_silver_columns(
    contract: SourceContract, run_id: str, pii_version: str, processed_at: datetime
) -> Transform:
    """The rows to publish in Silver's columns, plus `_outcome`, `_pii` and `_unsure` for staging.

    In: a treated frame. Out: the derived key if the contract names none, the contract's columns
    under their Silver names (their meaning in the schema's metadata), valid flags, and the technical columns: the version's triple, the
    content's HMAC, the detector's version, when and by which run.
    """

    meaning = silver_meaning(contract)

    def transform(df: DataFrame) -> DataFrame:
        derived = [] if contract.key else [F.col(KEY)[0].alias(SILVER_KEY)]
        business = [
            F.col(c).alias(c, metadata=meaning.get(c, {}))
            for c in df.columns
            if not c.startswith("_")
        ]
        return df.select(
            *derived,
            *business,
            F.col(SEQUENCE).alias(SILVER_SEQUENCE),
            F.col(DELIVERY).alias(SILVER_DELIVERY),
            F.col(ROW).alias(SILVER_ROW),
            F.col(ROW_HASH).alias(SILVER_ROW_HASH),
            F.lit(pii_version).alias(PII_VERSION),
            F.lit(processed_at).cast("timestamp").alias(PROCESSED_AT),
            F.lit(run_id).alias(SILVER_RUN_ID),
            *STAGING_ONLY,
        )

    return transform


def silver_columns(staged: DataFrame) -> list[str]:
    """Names of the staged columns that Silver gets."""
    return [c for c in staged.columns if c not in STAGING_ONLY]
