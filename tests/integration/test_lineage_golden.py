"""The lineage of the sample's tables equals a list written by hand, edge for edge."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.browser import driven, opened
from tests.integration.test_lineage_picture import keys, row
from tests.real_lineage import edges_of, job, made_lake, told

pytestmark = pytest.mark.full

GOLDEN = Path(__file__).parents[1] / "golden" / "lineage.txt"
HASHED = ["customer_id", "customer_name", "email_address", "phone_number"]
TREATED = {
    **{f"silver.customers.{name}": "hash" for name in HASHED},
    "silver.customers.address": "redact",
    "silver.customers.postal_prefix": "generalize prefix:2",
    "silver.customers.birth_year": "generalize year",
    "silver.customers.notes": "detect",
    "silver.customers._silver_row_hash": "hash",
    "silver.orders.customer_id": "hash",
    "silver.orders.shipping_address": "redact",
    "silver.orders._silver_row_hash": "hash",
    "gold.customer_360.customer_id": "hash",
    "gold.customer_360.birth_year": "generalize year",
    "gold.customer_360.postal_prefix": "generalize prefix:2",
    "gold.customer_features.customer_id": "hash",
}
CLEAR = {
    *(f"bronze.customers.{name}" for name in HASHED),
    *(f"bronze.customers.{name}" for name in ("address", "postal_code", "date_of_birth", "notes")),
    *("bronze.orders.customer_id", "bronze.orders.shipping_address", "bronze.corrections.value"),
    *(f"bronze.{table}.{name}" for table in ("customers", "orders")
      for name in ("_bronze_raw", "_bronze_rescued")),
}  # fmt: skip
_LINE = re.compile(r"(\S+) -> (\S+) +(\S+) (\S+) +(\S.*?) +(\S+)")


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Path:
    return made_lake(tmp_path_factory.mktemp("real"))


def golden() -> list[tuple[str, ...]]:
    lines = GOLDEN.read_text().splitlines()
    found = [_LINE.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert all(found)
    return [one.groups() for one in found if one]


def test_the_list_names_each_edge_once():
    assert [edge for edge, n in Counter(golden()).items() if n > 1] == []


def test_what_is_captured_is_the_golden_list_edge_for_edge(lake):
    found, wanted = told(edges_of(lake)), set(golden())
    assert (sorted(found - wanted), sorted(wanted - found)) == ([], [])
    assert len(found) == 206


def test_the_register_of_it_has_no_leak_and_no_gap(lake):
    register = json.loads(job("lineage", "pii", "--lake", str(lake), "--format", "json"))
    assert register["without_lineage"] == []
    lines = [
        (f"{r['table']}.{r['column']}", r["state"], r["treatment"]) for r in register["register"]
    ]
    assert {name for name, state, _ in lines if state == "clear"} == CLEAR
    assert {(name, how) for name, state, how in lines if state == "treated"} == set(TREATED.items())
    assert {
        (name, state, how) for name, state, how in lines if state not in ("clear", "treated")
    } == {
        ("silver.customers.email_valid", "derived", "flag"),
        ("silver.customers.phone_valid", "derived", "flag"),
    }


def test_the_picture_of_it_lights_up_a_real_way(lake, tmp_path):
    page = tmp_path / "lineage.html"
    job("lineage", "picture", "--lake", str(lake), "--out", str(page))
    url = f"{page.as_uri()}#gold.customer_360.birth_year"
    with (
        driven() as browser,
        opened(browser, url, viewport={"width": 1440, "height": 900}) as shown,
    ):
        assert keys(shown, "on") == {
            "source.customers.date_of_birth",
            "bronze.customers.date_of_birth",
            "silver.customers.birth_year",
            "gold.customer_360.birth_year",
        }
        weak = keys(shown, "weak")
        assert {"silver.orders.status", "bronze.customers.is_active", "silver.customers"} <= weak
        assert row(shown, "ops.quarantine.reason").count() == 1
        assert row(shown, "bronze.corrections").count() == 0, "nothing was corrected"
        assert "generalize year" in shown.inner_text("#panel")
