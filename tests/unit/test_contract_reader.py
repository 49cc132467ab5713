"""The packaged contracts, as values, and how contracts are found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conf.contract import (
    Column,
    DatabaseSource,
    Form,
    KAnonymity,
    Rule,
    Severity,
    SourceFormat,
    Treatment,
)
from conf.contract_files import PACKAGED
from conf.contract_reader import load_contracts
from conf.errors import UsageError
from tests.unit.contract_texts import column, key, loaded, properties, table, write
from transformations.customer_360 import COLUMNS

FIXTURES = Path(__file__).parent / "fixtures" / "contracts"


def test_customers_as_values() -> None:
    customers = load_contracts().sources["customers"]
    assert (customers.role, customers.key, customers.silver_key) == (
        "customers",
        ("customer_id",),
        ("customer_id",),
    )
    assert customers.source == SourceFormat("csv")
    assert customers.source_system == "crm"
    assert {
        c.name: (c.treatment.value, c.silver_name, c.spark_type) for c in customers.columns
    } == {
        "customer_id": ("hash", "customer_id", "string"),
        "customer_name": ("hash", "customer_name", "string"),
        "email_address": ("hash", "email_address", "string"),
        "phone_number": ("hash", "phone_number", "string"),
        "address": ("redact", "address", "string"),
        "city": ("keep", "city", "string"),
        "postal_code": ("generalize", "postal_prefix", "string"),
        "country": ("keep", "country", "string"),
        "date_of_birth": ("generalize", "birth_year", "date"),
        "created_at": ("keep", "created_at", "timestamp"),
        "is_active": ("keep", "is_active", "boolean"),
        "customer_tier": ("keep", "customer_tier", "string"),
        "notes": ("detect", "notes", "string"),
    }
    created = customers.column("created_at")
    assert (created.formats, created.timezone) == (("yyyy-MM-dd HH:mm:ss",), "Europe/Copenhagen")
    assert customers.column("customer_tier").allowed == ("bronze", "silver", "gold", "platinum")
    assert "NO" in customers.column("country").allowed
    flags = {c.form: c.valid_flag for c in customers.columns if c.valid_flag}
    assert flags == {Form.EMAIL: "email_valid", Form.PHONE: "phone_valid"}


def test_orders_as_values() -> None:
    orders = load_contracts(namespace="acme").sources["orders"]
    assert orders.rules == (Rule("amount_not_negative", "order_amount >= 0"),)
    assert orders.revenue_statuses == ("completed", "shipped", "delivered")
    assert [c.name for c in orders.columns if c.required] == [
        "order_id",
        "customer_id",
        "order_date",
        "order_amount",
    ]
    assert orders.column("order_amount").spark_type == "decimal(18,2)"
    assert orders.column("customer_id") == Column(
        name="customer_id",
        source_name="customer_id",
        logical_type="string",
        spark_type="string",
        description="Who ordered.",
        required=True,
        classification="pii-indirect",
        treatment=Treatment.HASH,
        is_classified=True,
        silver_name="customer_id",
        domain="acme/customers.customer_id",
        references=("customers", "customer_id"),
        role="customer",
    )


def test_what_no_file_says_is_searched() -> None:
    notes = load_contracts(FIXTURES / "danish").sources["medlemmer"].column("bemaerkninger")
    assert (notes.treatment, notes.is_classified) == (Treatment.DETECT, False)


def test_silver_has_names_and_types_after_treatment() -> None:
    silver = load_contracts().outputs["silver.customers"]
    types = {c.name: c.spark_type for c in silver.columns}
    assert (silver.key, types["birth_year"], types["postal_prefix"]) == (
        ("customer_id",),
        "int",
        "string",
    )
    assert types["phone_valid"] == "boolean"
    assert {c.classification for c in silver.columns} == {
        "pseudonym",
        "redacted",
        "internal",
        "pii-indirect",
    }


def test_gold_has_the_columns_that_are_computed() -> None:
    gold = load_contracts().outputs["gold.customer_360"]
    assert tuple(c.name for c in gold.columns) == COLUMNS
    types = {c.name: c.spark_type for c in gold.columns}
    assert (types["total_revenue"], types["total_orders"], types["last_order_date"]) == (
        "decimal(18,2)",
        "bigint",
        "date",
    )


def test_who_could_be_singled_out_in_gold() -> None:
    customers = load_contracts().outputs["gold.customer_360"]
    assert customers.k_anonymity == KAnonymity(5, 0.05, Severity.WARNING)
    assert customers.quasi_identifiers == ("birth_year", "postal_prefix", "city", "customer_tier")


def test_what_k_anonymity_does_not_say_is_strict(tmp_path: Path) -> None:
    told = properties({"kAnonymity": {"k": 3}})
    columns = [key(), column("a", words={"quasiIdentifier": True})]
    gold = {"name": "gold.t", "properties": columns, "customProperties": told}
    output = loaded(tmp_path, gold).outputs["gold.t"]
    assert output.k_anonymity == KAnonymity(3, 0.0, Severity.WARNING)


def test_features_are_numbers_or_booleans_and_never_null() -> None:
    key_column, *features = load_contracts().outputs["gold.customer_features"].columns
    assert key_column.name == "customer_id"
    assert {c.spark_type for c in features} == {"bigint", "int", "double", "boolean"}
    assert all(c.required for c in features)


def test_a_danish_export_as_values() -> None:
    contracts = load_contracts(FIXTURES / "danish")
    members = contracts.sources["medlemmer"]
    assert members.source == SourceFormat(
        "csv", encoding="windows-1252", delimiter=";", files=("medlemsliste_*.txt",)
    )
    cpr = members.column("cpr")
    assert (members.key, cpr.source_name, cpr.form) == (("cpr",), "CPR-nummer", Form.CPR)
    assert cpr.domain == "default/medlemmer.cpr"
    fee = members.column("kontingent")
    assert (fee.decimal_separator, fee.thousands_separator) == (",", ".")
    joined = members.column("indmeldt")
    assert joined.formats == ("dd-MM-yyyy HH:mm", "dd-MM-yyyy")
    assert {c.name: c.spark_type for c in contracts.outputs["silver.medlemmer"].columns} == {
        "cpr": "string",
        "navn": "string",
        "foedselsaar": "int",
        "kontingent": "decimal(18,2)",
        "indmeldt": "timestamp",
        "aktiv": "boolean",
        "bemaerkninger": "string",
        "cpr_gyldigt": "boolean",
    }


def test_cdnow_as_values() -> None:
    contracts = load_contracts(FIXTURES / "cdnow")
    purchases = contracts.role("orders")
    assert purchases is not None and contracts.role("customers") is None
    assert (purchases.key, purchases.silver_key, purchases.delivery, purchases.currency) == (
        (),
        ("_silver_key",),
        "full",
        "USD",
    )
    line = " 00001 19970101  1   11.77"
    cut = [line[(c.start or 0) - 1 :][: c.width or 0].strip() for c in purchases.columns]
    assert cut == ["00001", "19970101", "1", "11.77"]


def test_a_folder_stands_instead_of_the_packaged_sources() -> None:
    contracts = load_contracts(FIXTURES / "cdnow")
    assert set(contracts.sources) == {"cdnow"}
    assert set(contracts.outputs) == {
        "silver.cdnow",
        "gold.customer_360",
        "gold.customer_features",
    }


def test_a_copy_of_the_packaged_folder_is_the_same(tmp_path: Path) -> None:
    shutil.copytree(PACKAGED, tmp_path / "own")
    assert set(load_contracts(tmp_path / "own").outputs) == set(load_contracts().outputs)


def test_country_codes_and_leading_zeros_stay_text(tmp_path: Path) -> None:
    write(tmp_path, table("t", [key(), column("a", enum=[{"value": "x"}])]))
    path = tmp_path / "t.odcs.yaml"
    text = path.read_text().replace("- value: x", "- value: NO\n    - value: 2024-01-01")
    path.write_text(text)
    a = load_contracts(tmp_path).sources["t"].column("a")
    assert a.allowed == ("NO", "2024-01-01")


def test_a_number_is_no_text_among_the_allowed_values(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="found 7, not of the column's type"):
        loaded(tmp_path, table("t", [key(), column("a", enum=[{"value": 7}])]))
    good = loaded(tmp_path, table("t", [key(), column("a", "integer", enum=[{"value": 7}])]))
    assert good.sources["t"].column("a").allowed == ("7",)


def test_a_composite_key_is_in_its_stated_order(tmp_path: Path) -> None:
    first = key("line") | {"primaryKeyPosition": 2}
    second = key("number") | {"primaryKeyPosition": 1}
    contracts = loaded(tmp_path, table("t", [first, second]))
    assert contracts.sources["t"].key == ("number", "line")


def test_a_chain_of_foreign_keys_has_one_domain(tmp_path: Path) -> None:
    people = table(
        "people",
        [
            column(
                "cpr", primaryKey=True, words={"treatment": "hash", "form": "cpr", "domain": "cpr"}
            )
        ],
    )
    profiles = table(
        "profiles", [column("person", primaryKey=True, relationships=[{"to": "people.cpr"}])]
    )
    visits = table("visits", [key(), column("by", relationships=[{"to": "profiles.person"}])])
    contracts = loaded(tmp_path, visits, profiles, people, namespace="acme")
    by = contracts.sources["visits"].column("by")
    assert (by.domain, by.form, by.treatment) == ("acme/cpr", Form.CPR, Treatment.HASH)
    assert contracts.outputs["silver.visits"].columns[1].classification == "pseudonym"


def test_properties_of_another_vendor_are_left_alone(tmp_path: Path) -> None:
    told = table("t", [key()])
    told["customProperties"].append({"property": "topic", "value": "t", "vendor": "confluent"})
    assert set(loaded(tmp_path, told).sources) == {"t"}


def test_a_dropped_column_is_not_in_silver(tmp_path: Path) -> None:
    contracts = loaded(tmp_path, table("t", [key(), column("a", words={"treatment": "drop"})]))
    assert [c.name for c in contracts.outputs["silver.t"].columns] == ["id"]


def test_what_waits_is_read(tmp_path: Path) -> None:
    """A held delivery and a late parent are passed unless the contract says otherwise."""
    people = table("people", [key()])
    refers = {"relationships": [{"to": "people.id"}]}
    visits = [key(), column("who", **refers), column("by", words={"lateParent": "wait"}, **refers)]
    told = loaded(tmp_path, people, table("visits", visits, {"heldDeliveries": "wait"})).sources
    assert (told["people"].held_deliveries, told["visits"].held_deliveries) == ("pass", "wait")
    assert [c.late_parent for c in told["visits"].columns] == ["pass", "pass", "wait"]


def test_what_is_pulled_from_a_database(tmp_path):
    words = {
        "format": "jdbc", "connection": "crm", "jdbcTable": "Sales.Orders", "watermark": "changed",
        "overlap": "2 days", "partitionColumn": "no", "partitions": 8,
    }  # fmt: skip
    changed = column("changed", "timestamp", classification="internal")
    contracts = loaded(tmp_path, table("t", [key("no"), changed], words), table("u", [key()]))
    told = DatabaseSource("crm", "Sales.Orders", None, "changed", "2 days", "no", 8)
    assert contracts.databases == {"t": told}
    assert contracts.sources["u"].database is None
