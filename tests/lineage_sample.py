"""The lineage of the sample's tables: columns as the contracts have them, edges made by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from conf.contract import Column, Contracts, Treatment
from conf.contract_reader import load_contracts
from jobs.runtime.lineage.model import (
    DIRECT,
    INDIRECT,
    ColumnName,
    Edge,
    Origin,
    PiiColumn,
    PiiState,
)

IDENTITY, TRANSFORMATION, AGGREGATION = "IDENTITY", "TRANSFORMATION", "AGGREGATION"
SOURCES = ("customers", "orders")
ORDER_FIGURES = ("total_revenue", "avg_order_value", "max_order_value", "lifetime_value")
SCORES = {
    "recency_score": ("days_since_last_order",),
    "frequency_score": ("total_orders",),
    "monetary_score": ("total_revenue",),
    "rfm_score": ("recency_score", "frequency_score", "monetary_score"),
    "segment": ("recency_score", "frequency_score", "monetary_score"),
}
RATIOS = {
    "orders_per_month": ("total_orders", "customer_tenure_days"),
    "revenue_per_month": ("total_revenue", "customer_tenure_days"),
    "is_active": ("days_since_last_order", "total_orders"),
    "is_at_risk": ("days_since_last_order", "total_orders"),
    "recency_ratio": ("days_since_last_order", "customer_tenure_days"),
    "order_consistency": ("avg_order_value", "max_order_value"),
}


@cache
def contracts() -> Contracts:
    return load_contracts()


def name(text: str) -> ColumnName:
    """`silver.orders.status`, as a column."""
    table, _, column = text.rpartition(".")
    return ColumnName(table, column)


def direct(source: str, target: str, subtype: str = IDENTITY, treatment: str = "") -> Edge:
    job = {"bronze": "ingest", "silver": "refine"}.get(name(target).layer, "build_gold")
    return Edge(name(source), name(target), DIRECT, subtype, treatment, job)


def indirect(source: str, target: str, subtype: str) -> Edge:
    return Edge(name(source), name(target), INDIRECT, subtype, "", direct(source, target).job)


def sample_columns() -> list[PiiColumn]:
    return [column for layer in (_clear, _silver, _gold) for column in layer()]


def sample_edges() -> list[Edge]:
    return [edge for step in (_ingested, _refined, _built) for edge in step()]


def large(tables: int, columns: int) -> tuple[list[PiiColumn], list[Edge]]:
    """A lake of many tables: a quarter of them in each layer, each made of the one before."""
    of, edges = [], []
    layers = ("source", "bronze", "silver", "gold")
    states = (PiiState.CLEAR, PiiState.CLEAR, PiiState.TREATED, PiiState.DERIVED)
    for number in range(tables):
        table, layer = number // 4, number % 4
        for column in range(columns):
            told = f"{layers[layer]}.table_{table:02}.column_{column:02}"
            state = states[layer] if column % 3 == 0 else PiiState.NONE
            origin = (Origin(name(f"source.table_{table:02}.x"), "pii-direct", ("hash",)),)
            of.append(PiiColumn(name(told), state, origin if column % 3 == 0 else ()))
            if layer:
                before = f"{layers[layer - 1]}.table_{table:02}.column_{column:02}"
                edges.append(direct(before, told))
            if layer == 3 and column < 6:
                other = f"silver.table_{(table * 7 + column) % (tables // 4):02}"
                edges.append(direct(f"{other}.column_{column:02}", told, AGGREGATION))
                edges.append(indirect(f"{other}.column_00", f"gold.table_{table:02}.*", "JOIN"))
    return of, edges


def _personal(column: Column) -> bool:
    return (column.classification or "").startswith("pii")


def _origin(table: str, column: Column, *treatments: str) -> tuple[Origin, ...]:
    source = ColumnName(f"source.{table}", column.name)
    return (Origin(source, str(column.classification), treatments),) if _personal(column) else ()


def _told_treatment(column: Column) -> str:
    if column.treatment is Treatment.GENERALIZE:
        return f"generalize {column.generalize}"
    return "" if column.treatment is Treatment.KEEP else column.treatment.value


def _clear() -> Iterator[PiiColumn]:
    for layer in ("source", "bronze"):
        for table in SOURCES:
            contract = contracts().sources[table]
            for column in contract.columns:
                yield PiiColumn(
                    ColumnName(f"{layer}.{table}", column.name),
                    PiiState.CLEAR if _personal(column) else PiiState.NONE,
                    _origin(table, column),
                    description=column.description,
                    retention=contract.retention,
                )
            if layer == "bronze":
                for technical in ("_bronze_delivery", "_bronze_row", "_bronze_run_id"):
                    yield PiiColumn(ColumnName(f"bronze.{table}", technical), PiiState.NONE)


def _silver() -> Iterator[PiiColumn]:
    known = contracts()
    for table in SOURCES:
        source = known.sources[table]
        treated = {c.silver_name: c for c in source.columns}
        flags = {c.valid_flag: c for c in source.columns if c.valid_flag}
        for column in known.outputs[f"silver.{table}"].columns:
            told, state, origins = ColumnName(f"silver.{table}", column.name), PiiState.NONE, ()
            derived = ""
            if column.name in flags:
                state, derived = PiiState.DERIVED, "flag"
                origins = _origin(table, flags[column.name])
            elif _personal(of := treated[column.name]):
                state, origins = PiiState.TREATED, _origin(table, of, _told_treatment(of))
            yield PiiColumn(told, state, origins, derived, column.description, source.retention)
        yield PiiColumn(ColumnName(f"silver.{table}", "_silver_run_id"), PiiState.NONE)


def _gold() -> Iterator[PiiColumn]:
    known = contracts()
    of = {c.silver_name: c for c in known.sources["customers"].columns}
    for table in ("gold.customer_360", "gold.customer_features"):
        for column in known.outputs[table].columns:
            source = of.get(column.name) if column.name != "is_active" else None
            is_personal = source is not None and _personal(source)
            yield PiiColumn(
                ColumnName(table, column.name),
                PiiState.TREATED if is_personal else PiiState.NONE,
                _origin("customers", source, _told_treatment(source)) if source else (),
                description=column.description,
            )


def _ingested() -> Iterator[Edge]:
    for table in SOURCES:
        for column in contracts().sources[table].columns:
            yield direct(f"source.{table}.{column.name}", f"bronze.{table}.{column.name}")


def _refined() -> Iterator[Edge]:
    for table in SOURCES:
        source, target = f"bronze.{table}", f"silver.{table}"
        contract = contracts().sources[table]
        for column in contract.columns:
            treatment = _told_treatment(column)
            subtype = TRANSFORMATION if treatment else IDENTITY
            of = f"{source}.{column.name}"
            yield direct(of, f"{target}.{column.silver_name}", subtype, treatment)
            if column.valid_flag:
                yield direct(of, f"{target}.{column.valid_flag}", TRANSFORMATION)
        for technical in ("_bronze_delivery", "_bronze_row"):
            yield indirect(f"{source}.{technical}", f"{target}.*", "WINDOW")
        yield indirect(f"{source}.{contract.key[0]}", f"{target}.*", "WINDOW")
    yield indirect("bronze.orders.status", "silver.orders.*", "FILTER")


def _built() -> Iterator[Edge]:
    customers, orders = "silver.customers", "silver.orders"
    gold, features = "gold.customer_360", "gold.customer_features"
    for column in ("customer_id", "birth_year", "postal_prefix", "city", "customer_tier"):
        yield direct(f"{customers}.{column}", f"{gold}.{column}")
    yield direct(f"{orders}.order_id", f"{gold}.total_orders", AGGREGATION)
    for column in ORDER_FIGURES:
        yield direct(f"{orders}.order_amount", f"{gold}.{column}", AGGREGATION)
    for column in ("first_order_date", "last_order_date", "days_since_last_order"):
        yield direct(f"{orders}.order_date", f"{gold}.{column}", AGGREGATION)
    yield direct(f"{customers}.created_at", f"{gold}.customer_tenure_days", TRANSFORMATION)
    yield from _from_others(gold, gold, SCORES)
    yield indirect(f"{customers}.customer_id", f"{gold}.*", "JOIN")
    yield indirect(f"{orders}.customer_id", f"{gold}.*", "JOIN")
    yield indirect(f"{orders}.status", f"{gold}.total_revenue", "CONDITIONAL")
    names = [c.name for c in contracts().outputs[features].columns]
    for column in names:
        if column not in RATIOS:
            yield direct(f"{gold}.{column}", f"{features}.{column}")
    yield from _from_others(gold, features, RATIOS)
    # Not in the sample itself: one that passes a table on its way.
    yield indirect(f"{orders}.order_date", f"{features}.*", "FILTER")


def _from_others(source: str, target: str, made: dict[str, Sequence[str]]) -> Iterator[Edge]:
    for column, of in made.items():
        for one in of:
            yield direct(f"{source}.{one}", f"{target}.{column}", TRANSFORMATION)
