"""What the picture is drawn from: which columns, which edges, what is told of each."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from jobs.runtime.lineage.drawing import FEW, HEAD, ROW, STATES, drawing, hint
from jobs.runtime.lineage.model import ColumnName, Edge, Origin, PiiColumn, PiiState
from tests.lineage_sample import direct, indirect, large, name, sample_columns, sample_edges


def column(text: str, state: PiiState = PiiState.NONE, *treatments: str, **more: Any) -> PiiColumn:
    origin = Origin(name("source.t.a"), "pii-direct", treatments)
    return PiiColumn(name(text), state, (origin,) if state is not PiiState.NONE else (), **more)


def edges_of(data: dict[str, Any]) -> dict[tuple[str, str, bool], list[dict[str, str]]]:
    key = [one["key"] for one in data["columns"]]
    return {(key[e["from"]], key[e["to"]], e["direct"]): e["how"] for e in data["edges"]}


def told(data: dict[str, Any], key: str) -> dict[str, Any]:
    (found,) = (one for one in data["columns"] if one["key"] == key)
    return found


def table(data: dict[str, Any], text: str) -> dict[str, Any]:
    (found,) = (one for one in data["tables"] if one["name"] == text)
    return found


def test_tables_and_columns_come_in_the_order_of_layers_and_contracts():
    data = drawing(list(reversed(sample_columns())), sample_edges())
    layers = [one["name"].split(".")[0] for one in data["tables"]]
    assert layers == ["source"] * 2 + ["bronze"] * 2 + ["silver"] * 2 + ["gold"] * 2
    data = drawing(sample_columns(), sample_edges())
    orders = table(data, "silver.orders")
    names = [data["columns"][n]["name"] for n in orders["columns"]]
    assert names == ["order_id", "customer_id", "order_date", "order_amount", "currency", "status",
                     "payment_method", "shipping_address", "_silver_run_id"]  # fmt: skip
    assert orders["listed"] == 8 and orders["open"] and not orders["folds"]


def test_every_number_means_what_it_should():
    data = drawing(sample_columns(), sample_edges())
    for number, one in enumerate(data["columns"]):
        of = data["tables"][one["table"]]
        assert one["key"] == f"{of['name']}.{one['name']}"
        assert (number == of["head"]) == (one["name"] == "*")
        assert number == of["head"] or number in of["columns"]
    assert edges_of(data).keys() == {
        (str(e.source), str(e.target), e.type == "DIRECT") for e in sample_edges()
    }


def test_what_concerns_the_whole_table_belongs_to_its_head():
    data = drawing(sample_columns(), sample_edges())
    head = table(data, "gold.customer_360")["head"]
    joined = {data["columns"][e["from"]]["key"] for e in data["edges"] if e["to"] == head}
    assert joined == {"silver.customers.customer_id", "silver.orders.customer_id"}
    assert "state" not in data["columns"][head]


def test_several_ways_between_two_columns_are_one_edge():
    one = Edge(name("silver.t.a"), name("gold.t.a"), "DIRECT", "IDENTITY", "", "build_gold")
    other = Edge(one.source, one.target, "DIRECT", "AGGREGATION", "mask", "build_gold")
    third = indirect("silver.t.a", "gold.t.a", "CONDITIONAL")
    data = drawing([column("silver.t.a"), column("gold.t.a")], [one, other, one, third])
    assert edges_of(data) == {
        ("silver.t.a", "gold.t.a", True): [
            {"subtype": "AGGREGATION", "treatment": "mask", "job": "build_gold"},
            {"subtype": "IDENTITY", "treatment": "", "job": "build_gold"},
        ],
        ("silver.t.a", "gold.t.a", False): [
            {"subtype": "CONDITIONAL", "treatment": "", "job": "build_gold"}
        ],
    }


def test_a_table_of_ops_is_there_only_if_something_leads_to_it():
    columns = [column("bronze.t.a"), column("ops.quarantine.row"), column("ops.batches.number")]
    data = drawing(columns, [indirect("bronze.t.a", "ops.quarantine.*", "FILTER")])
    assert [one["name"] for one in data["tables"]] == ["bronze.t", "ops.quarantine"]


def test_what_only_an_edge_names_is_there_and_unknown():
    data = drawing([column("silver.t.a")], [direct("bronze.t.x", "silver.t.a")])
    assert told(data, "bronze.t.x") == {
        "table": 0, "key": "bronze.t.x", "name": "x", "state": "unknown"
    }  # fmt: skip


def test_nothing_is_claimed_of_a_column_without_lineage():
    columns = [column("gold.t.a"), column("gold.t.b", PiiState.DERIVED), column("gold.u.a"),
               column("gold.u.b")]  # fmt: skip
    lost = {ColumnName("gold.t", "*"), name("gold.u.b")}
    data = drawing(columns, [], lost)
    states = {one["key"]: one.get("state") for one in data["columns"] if one["name"] != "*"}
    assert states == {"gold.t.a": "unknown", "gold.t.b": "derived", "gold.u.a": "none",
                      "gold.u.b": "unknown"}  # fmt: skip


def test_what_the_panel_tells():
    data = drawing(sample_columns(), sample_edges())
    assert told(data, "silver.customers.birth_year") | {"table": 0} == {
        "table": 0, "key": "silver.customers.birth_year", "name": "birth_year",
        "state": "treated", "hint": "generalize year", "derived": "",
        "description": "Year of birth.", "retention": "5 years after the last order",
        "origins": [{"from": "source.customers.date_of_birth", "class": "pii-indirect",
                     "treatments": ("generalize year",)}],
    }  # fmt: skip
    assert told(data, "bronze.orders._bronze_row")["technical"] is True


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (column("silver.t.a", PiiState.TREATED, "detect", "hash"), "hash"),
        (column("silver.t.a", PiiState.TREATED), ""),
        (column("silver.t.a", PiiState.DERIVED, derived="count"), "count"),
        (column("bronze.t.a", PiiState.CLEAR), "pii-direct"),
        (column("gold.t.a", PiiState.LEAK), "leak"),
        (column("gold.t.a"), ""),
    ],
)
def test_the_word_beside_a_name(one, expected):
    assert hint(one) == expected


def test_two_treatments_are_both_told_once():
    origins = tuple(Origin(name("source.t.a"), "pii", (last,)) for last in ("hash", "mask", "hash"))
    assert hint(PiiColumn(name("silver.t.a"), PiiState.TREATED, origins)) == "hash, mask"


def test_large_tables_begin_closed_where_there_are_many_columns():
    data = drawing(*large(60, 25))
    assert len(data["tables"]) == 60
    for one in data["tables"]:
        shown = [data["columns"][n]["state"] for n in one["main"]]
        assert one["folds"] and not one["open"] and one["listed"] == 25
        assert len(shown) == FEW and "none" not in shown
    assert sum(one["state"] != "none" for one in data["columns"] if "state" in one) == 60 * 9


def test_a_leak_is_shown_before_anything_else():
    columns, edges = large(60, 25)
    last = PiiColumn(name("gold.table_00.column_24"), PiiState.LEAK)
    columns = [last if c.name == last.name else c for c in columns]
    data = drawing(columns, edges)
    shown = {data["columns"][n]["key"] for n in table(data, "gold.table_00")["main"]}
    assert "gold.table_00.column_24" in shown and len(shown) == FEW


def test_the_height_that_is_placed_is_the_height_that_is_drawn():
    data = drawing(*large(60, 25))
    (rank,) = {one["rank"] for one in data["tables"] if one["name"].startswith("source")}
    tops = sorted(one["top"] for one in data["tables"] if one["rank"] == rank)
    closed = HEAD + ROW * (FEW + 1)
    assert all(b - a > closed for a, b in pairwise(tops))


def test_every_state_has_a_sign_of_its_own():
    assert {*PiiState, "unknown"} == set(STATES)
    assert len({told["sign"] for told in STATES.values()}) == len(STATES)
