"""What is personal in each column, from the packaged contracts and edges written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conf.contract_reader import load_contracts
from jobs.runtime.lineage.graph import Lineage, column_name
from jobs.runtime.lineage.model import Origin, PiiState
from jobs.runtime.lineage.personal import pii_columns, without_lineage
from tests.unit.contract_texts import column, key, loaded, table
from tests.unit.runtime.lineages import CUSTOMERS, decides, edge

EMAIL = column_name("bronze.customers.email_address")
BORN = column_name("bronze.customers.date_of_birth")


@pytest.fixture(scope="module")
def contracts():
    return load_contracts()


@pytest.fixture(scope="module")
def columns(contracts):
    return pii_columns(Lineage(CUSTOMERS), contracts)


def states(columns, table: str) -> dict[str, str]:
    return {n.column: c.state.value for n, c in columns.items() if n.table == table}


def of(columns, name: str):
    return columns[column_name(name)]


def test_bronze_and_sources_are_clear_where_the_contract_says_personal(columns):
    assert states(columns, "bronze.customers") == {
        "customer_id": "clear", "customer_name": "clear", "email_address": "clear",
        "phone_number": "clear", "address": "clear", "city": "none", "postal_code": "clear",
        "country": "none", "date_of_birth": "clear", "created_at": "none", "is_active": "none",
        "customer_tier": "none", "notes": "clear", "_bronze_delivery": "none",
        "_bronze_row": "none", "_bronze_ingested_at": "none", "_bronze_run_id": "none",
        "_bronze_source_file": "none", "_bronze_source_system": "none", "_bronze_error": "none",
        "_bronze_raw": "clear", "_bronze_rescued": "clear",
    }  # fmt: skip
    email = of(columns, "bronze.customers.email_address")
    source = column_name("source.customers.email_address")
    assert email.origins == (Origin(source, "pii-direct", ()),)
    assert email.retention == "5 years after the last order"
    assert of(columns, "source.customers.email_address").state is PiiState.CLEAR
    assert of(columns, "bronze.corrections.value").state is PiiState.CLEAR


def test_silver_is_treated_a_valid_flag_derived_and_the_rest_none(columns):
    silver = states(columns, "silver.customers")
    assert silver["email_address"] == silver["birth_year"] == "treated"
    assert (silver["email_valid"], silver["city"], silver["_silver_row"]) == (
        "derived", "none", "none",
    )  # fmt: skip
    flag = of(columns, "silver.customers.email_valid")
    assert (flag.derived, flag.origins) == ("flag", (Origin(EMAIL, "pii-direct", ()),))
    assert flag.description == (
        "Whether email_address was a well-formed address; null without one."
    )
    hashed = of(columns, "silver.customers.email_address")
    assert hashed.origins == (Origin(EMAIL, "pii-direct", ("hash",)),)


def test_treatments_go_on_to_gold_and_filters_bring_nothing(columns):
    born = Origin(BORN, "pii-indirect", ("generalize year",))
    year = of(columns, "gold.customer_360.birth_year")
    assert (year.state, year.origins) == (PiiState.TREATED, (born,))
    assert of(columns, "gold.customer_features.age").origins == (born,)
    assert of(columns, "gold.customer_360.city").state is PiiState.NONE
    assert year.retention == "5 years after the last order"


def changed(contracts, *more, without: str = "", table: str = "silver.customers"):
    edges = [e for e in CUSTOMERS if str(e.target) != without]
    return states(pii_columns(Lineage([*edges, *more]), contracts), table)


def test_one_way_without_a_treatment_is_a_leak(contracts):
    leaking = edge("bronze.customers.email_address", "silver.customers.email_address")
    assert changed(contracts, leaking)["email_address"] == "leak"
    beside = edge("bronze.customers.email_address", "silver.customers.city")
    found = pii_columns(Lineage([*CUSTOMERS, beside]), contracts)
    assert of(found, "silver.customers.city").state is PiiState.LEAK
    assert of(found, "gold.customer_360.city").origins == (Origin(EMAIL, "pii-direct", ()),)
    assert of(found, "gold.customer_360.city").state is PiiState.LEAK
    raw = edge("bronze.customers._bronze_raw", "silver.customers.city")
    assert changed(contracts, raw)["city"] == "leak"
    deciding = decides("bronze.customers.email_address", "silver.customers.city")
    assert changed(contracts, deciding)["city"] == "none"


def test_a_whole_table_that_leads_somewhere_brings_all_of_it(contracts):
    row = edge("bronze.customers.*", "silver.customers._silver_row_hash")
    assert changed(contracts, row)["_silver_row_hash"] == "leak"
    assert changed(contracts, replace(row, treatment="hash"))["_silver_row_hash"] == "treated"


def test_what_comes_from_a_flag_is_treated_by_being_one(contracts):
    flag = edge("silver.customers.email_valid", "gold.customer_features.reachable")
    found = pii_columns(Lineage([*CUSTOMERS, flag]), contracts)
    assert of(found, "gold.customer_features.reachable").origins == (
        Origin(EMAIL, "pii-direct", ("flag",)),
    )
    assert of(found, "gold.customer_features.reachable").state is PiiState.TREATED


def test_tables_that_lead_to_themselves_come_to_an_end(contracts):
    ring = [
        edge("silver.customers.email_address", "silver.customers.email_address", "mask"),
        edge("silver.customers.email_address", "silver.customers.birth_year", "hash"),
        edge("silver.customers.birth_year", "silver.customers.email_address", "redact"),
    ]
    found = pii_columns(Lineage([*CUSTOMERS, *ring]), contracts)
    ways = {o.treatments for o in of(found, "silver.customers.email_address").origins
            if o.source == EMAIL}  # fmt: skip
    assert ways == {
        ("hash",), ("hash", "mask"), ("hash", "redact"), ("hash", "mask", "redact"),
        ("hash", "redact", "mask"),
    }  # fmt: skip


def test_what_the_contract_keeps_of_indirect_data_is_kept_not_leaked(tmp_path):
    town = column("town", words={"treatment": "keep"}, classification="pii-indirect")
    contracts = loaded(tmp_path, table("people", [key(), town, column("memo")]))
    edges = [edge("bronze.people.town", "silver.people.town"),
             edge("bronze.people.memo", "silver.people.memo", "detect"),
             edge("bronze.people.surplus", "silver.people.id"),
             edge("silver.people.town", "gold.towns.town")]  # fmt: skip
    found = pii_columns(Lineage(edges), contracts)
    assert states(found, "silver.people")["town"] == "kept"
    assert states(found, "gold.towns") == {"town": "kept"}
    assert of(found, "silver.people.memo").origins == (
        Origin(column_name("bronze.people.memo"), "unclassified", ("detect",)),
    )
    assert of(found, "silver.people.id").state is PiiState.LEAK, "no contract speaks of it"


def test_a_gold_contract_declares_a_count_and_a_bucket(tmp_path):
    name = column("name", words={"treatment": "hash"}, classification="pii-direct")
    gold = {"name": "gold.names", "properties": [
        column("names", "integer", {"derived": "count"}),
        column("length", words={"derived": "bucket"}), column("first"),
    ]}  # fmt: skip
    contracts = loaded(tmp_path, table("people", [key(), name]), gold)
    assert [c.derived for c in contracts.outputs["gold.names"].columns] == ["count", "bucket", ""]
    to = [edge("bronze.people.name", f"gold.names.{c}") for c in ("names", "length", "first")]
    found = pii_columns(Lineage(to), contracts)
    names = states(found, "gold.names")
    assert (names["names"], names["length"], names["first"]) == ("derived", "derived", "leak")
    treated = pii_columns(Lineage([replace(e, treatment="hash") for e in to]), contracts)
    assert states(treated, "gold.names")["names"] == "treated"


def test_nothing_is_said_of_what_has_no_lineage(contracts, columns):
    assert states(columns, "silver.orders") == {}
    told = [str(name) for name in without_lineage(Lineage(CUSTOMERS), contracts)]
    assert told == [
        "silver.customers.address", "silver.customers.country", "silver.customers.created_at",
        "silver.customers.customer_id", "silver.customers.customer_name",
        "silver.customers.customer_tier", "silver.customers.is_active", "silver.customers.notes",
        "silver.customers.phone_number", "silver.customers.postal_prefix", "silver.orders.*",
    ]  # fmt: skip
