"""Edges written by hand: the packaged contracts' tables, as a run would record them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jobs.runtime.lake import Lake
from jobs.runtime.lineage.graph import column_name
from jobs.runtime.lineage.model import DIRECT, INDIRECT, Edge
from jobs.runtime.records import DATA_LINEAGE

START = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)


def edge(
    source: str, target: str, treatment: str = "", subtype: str = "IDENTITY", job: str = "refine"
) -> Edge:
    """A value that comes from a value."""
    return Edge(column_name(source), column_name(target), DIRECT, subtype, treatment, job)


def decides(source: str, target: str, subtype: str = "FILTER", job: str = "refine") -> Edge:
    """A value that decides which rows there are."""
    return Edge(column_name(source), column_name(target), INDIRECT, subtype, "", job)


def record(lake: Lake, minute: int, version: int, *edges: Edge, run_id: str = "run") -> None:
    """One committed write, of the table that its edges lead to."""
    at = START + timedelta(minutes=minute)
    lake.log("ops.data_lineage", DATA_LINEAGE).append(
        [
            {
                "run_id": run_id, "job": e.job, "output_version": version,
                "input_table": e.source.table, "input_column": e.source.column,
                "output_table": e.target.table, "output_column": e.target.column,
                "type": e.type, "subtype": e.subtype, "treatment": e.treatment or None,
                "committed_at": at, "recorded_at": at,
            }
            for e in edges
        ]
    )  # fmt: skip


CUSTOMERS = [
    edge("source.customers.email_address", "bronze.customers.email_address", job="ingest"),
    edge("source.customers.date_of_birth", "bronze.customers.date_of_birth", job="ingest"),
    edge("source.customers.city", "bronze.customers.city", job="ingest"),
    edge("source.customers.*", "bronze.customers._bronze_raw", job="ingest"),
    edge("bronze.customers.email_address", "silver.customers.email_address", "hash"),
    edge("bronze.customers.email_address", "silver.customers.email_valid"),
    edge("bronze.customers.date_of_birth", "silver.customers.birth_year", "generalize year"),
    edge("bronze.customers.city", "silver.customers.city"),
    edge("silver.customers.city", "silver.customers.city"),  # a merge reads what it writes
    decides("bronze.customers._bronze_error", "silver.customers.*"),
    edge("silver.customers.birth_year", "gold.customer_360.birth_year", job="build_gold"),
    edge("silver.customers.city", "gold.customer_360.city", job="build_gold"),
    decides("silver.customers.customer_id", "gold.customer_360.*", "JOIN", "build_gold"),
    edge("gold.customer_360.birth_year", "gold.customer_features.age", job="build_gold"),
]
