"""Names of the technical columns, shared by all layers. See docs/ARCHITECTURE.md."""

from __future__ import annotations

from collections.abc import Sequence

DELIVERY = "_bronze_delivery"
ROW = "_bronze_row"
INGESTED_AT = "_bronze_ingested_at"
BRONZE_RUN_ID = "_bronze_run_id"
SOURCE_FILE = "_bronze_source_file"
SOURCE_SYSTEM = "_bronze_source_system"
ERROR = "_bronze_error"
RAW = "_bronze_raw"
RESCUED = "_bronze_rescued"

KEY = "_key"
ROW_HASH = "_row_hash"
SEQUENCE = "_sequence"
REASONS = "_reasons"
OUTCOME = "_outcome"
SETTLED = "_settled"
WINNER_DELIVERY = "_winner_delivery"
WINNER_ROW = "_winner_row"
HASHED = "_hashed_"

SILVER_KEY = "_silver_key"
SILVER_SEQUENCE = "_silver_sequence"
SILVER_DELIVERY = "_silver_delivery"
SILVER_ROW = "_silver_row"
SILVER_ROW_HASH = "_silver_row_hash"
PII_VERSION = "_pii_version"
PROCESSED_AT = "_silver_processed_at"
SILVER_RUN_ID = "_silver_run_id"

PII = "_pii"
UNSURE = "_unsure"


def column_names(header: Sequence[str]) -> list[str]:
    """The header's names; an unnamed column is called by its place, `column_4`."""
    return [name or _free(f"column_{i}", header) for i, name in enumerate(header, 1)]


def _free(name: str, header: Sequence[str]) -> str:
    return _free(f"{name}_", header) if name in header else name
