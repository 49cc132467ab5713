"""Gold through the real job: its values, when it is built afresh, and when it is not built."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from conf.contract_reader import load_contracts
from conf.secrets import key_source
from conf.settings import load_settings
from jobs.build_gold import CUSTOMER_360, FEATURES, build_gold
from jobs.runtime.batches import BatchStatus
from jobs.runtime.lake import Lake
from jobs.runtime.records import BATCHES
from jobs.runtime.runs import Run
from tests.gold import customer_360_of
from tests.lakes import content, rows, run_pipeline

ROOT = Path(__file__).parents[2]
CUSTOMERS = """customer_id,date_of_birth,postal_code,city,created_at,customer_tier
K1,1961-02-03,8000,Aarhus,2023-01-10 12:00:00,gold
K2,1962-02-03,6760,Ribe,2023-06-01 12:00:00,silver
K3,1963-02-03,1050,Kbh,,bronze
K4,1964-02-03,,,2024-01-01 12:00:00,
"""
ORDERS = """order_id,customer_id,order_date,order_amount,currency,status
O1,K1,2023-02-01 12:00:00,100.00,DKK,completed
O2,K1,2024-02-01 12:00:00,50.05,DKK,shipped
O3,K2,2024-01-15 12:00:00,20.00,DKK,delivered
O4,K2,2024-02-10 12:00:00,999.00,DKK,cancelled
O5,K3,2023-11-11 12:00:00,7.10,DKK,completed
O6,K9,2024-01-01 12:00:00,1.00,DKK,completed
"""
LAST_DAY = date(2024, 2, 10)
CREATED = {"K1": date(2023, 1, 10), "K2": date(2023, 6, 1), "K3": None, "K4": date(2024, 1, 1)}
COUNTED = [
    ("K1", date(2023, 2, 1), Decimal("100.00")),
    ("K1", date(2024, 2, 1), Decimal("50.05")),
    ("K2", date(2024, 1, 15), Decimal("20.00")),
    ("K3", date(2023, 11, 11), Decimal("7.10")),
]

ORDERS_ONLY = """
apiVersion: v3.1.0
kind: DataContract
id: sales
version: 1.0.0
status: active
schema:
  - name: sales
    customProperties:
      - {property: format, value: csv}
      - {property: role, value: orders}
    properties:
      - name: no
        logicalType: string
        primaryKey: true
        classification: internal
      - name: buyer
        logicalType: string
        classification: pii-indirect
        customProperties: [{property: treatment, value: hash}, {property: goldRole, value: customer}]
      - name: day
        logicalType: date
        classification: internal
        customProperties: [{property: goldRole, value: order_date}]
      - name: price
        logicalType: number
        physicalType: decimal(18,2)
        classification: internal
        customProperties: [{property: goldRole, value: amount}]
      - name: currency
        logicalType: string
        classification: internal
        customProperties: [{property: goldRole, value: currency}]
"""


def gold_run(
    spark: SparkSession, lake: Path, as_of: date | None = None, contracts: Path | None = None
) -> tuple[Run, list[str]]:
    """`jobs/build_gold.py` alone, in the test's session; what it noted."""
    settings = load_settings(lake=str(lake), wait_seconds=5)
    notes: list[str] = []
    run = Run(
        "build_gold",
        settings,
        load_contracts(contracts),
        key_source(settings),
        listener=lambda kind, _, text: notes.append(text) if kind == "note" else None,
    )
    run.lake.use(spark)
    with run.recorded():
        build_gold(run, as_of)
    return run, notes


def versions(lake: Path) -> list[int | None]:
    tables = [Lake(load_settings(lake=str(lake))).rust_table(n) for n in (CUSTOMER_360, FEATURES)]
    return [table.version() if table is not None else None for table in tables]


def gold(lake: Path) -> dict[int, dict[str, Any]]:
    """Customer 360 by year of birth: K1 is of 1961, and so on."""
    return {r["birth_year"]: r for r in rows(lake, CUSTOMER_360)}


def sources_in(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for table, text in files.items():
        (folder / f"{table}.csv").write_text(text)
    return folder


@pytest.fixture(scope="module")
def built(spark, tmp_path_factory):
    """A lake of four customers and six orders; treat as read-only."""
    folder = tmp_path_factory.mktemp("gold")
    sources = sources_in(folder / "sources", customers=CUSTOMERS, orders=ORDERS)
    run = run_pipeline(spark, sources, folder / "lake")
    assert (run.exit_code, run.message) == (0, "")
    return folder / "lake"


@pytest.fixture
def lake(built, tmp_path):
    """A copy of it that a test may change."""
    subprocess.run(["cp", "-a", str(built), str(tmp_path / "lake")], check=True)
    return tmp_path / "lake"


def test_customer_360_is_what_the_orders_say(built):
    found = gold(built)
    for n, expected in customer_360_of(CREATED, COUNTED, LAST_DAY).items():
        row = found[1960 + int(n[1])]
        assert {name: row[name] for name in expected} == expected, n
    profile = {y: (r["postal_prefix"], r["city"], r["customer_tier"]) for y, r in found.items()}
    assert profile == {
        1961: ("80", "Aarhus", "gold"),
        1962: ("67", "Ribe", "silver"),
        1963: ("10", "Kbh", "bronze"),
        1964: (None, None, None),
    }
    assert len({r["_gold_run_id"] for r in found.values()}) == 1
    assert all(r["_gold_created_at"] is not None for r in found.values())


def test_features_have_a_row_a_customer_and_no_null(built):
    found = {r["customer_id"]: r for r in rows(built, FEATURES)}
    by_customer = {r["customer_id"]: r for r in gold(built).values()}
    assert set(found) == set(by_customer)
    for customer, row in found.items():
        assert all(value is not None for value in row.values())
        assert row["total_revenue"] == float(by_customer[customer]["total_revenue"])
        assert row["customer_tenure_days"] == by_customer[customer]["customer_tenure_days"]


def test_gold_has_the_columns_of_its_contracts(built):
    outputs = load_contracts().outputs
    for name in (CUSTOMER_360, FEATURES):
        columns = [c for c in rows(built, name)[0] if not c.startswith("_")]
        assert columns == [c.name for c in outputs[name].columns]


def test_a_rerun_writes_nothing_and_another_day_writes_anew(spark, lake):
    before, content_before = versions(lake), content(lake, CUSTOMER_360)
    assert gold_run(spark, lake)[0].exit_code == 0
    assert versions(lake) == before
    run, _ = gold_run(spark, lake, date(2024, 1, 20))
    assert (run.exit_code, versions(lake)) == (0, [1, 1])
    expected = customer_360_of(CREATED, COUNTED, date(2024, 1, 20))
    assert gold(lake)[1961]["total_orders"] == expected["K1"]["total_orders"] == 1
    assert gold(lake)[1962]["days_since_last_order"] == 5
    gold_run(spark, lake)
    assert content_before.equals(content(lake, CUSTOMER_360))


@pytest.mark.full
def test_a_run_that_ends_between_the_tables_is_made_good(spark, lake, monkeypatch):
    """Features of the old day beside a customer 360 of the new one must not pass for current."""
    before = {name: content(lake, name) for name in (CUSTOMER_360, FEATURES)}
    overwrite = Lake.overwrite

    def dies(self: Lake, df: Any, name: str, metadata: Any) -> None:
        if name == FEATURES:
            raise OSError
        overwrite(self, df, name, metadata)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "overwrite", dies)
        assert gold_run(spark, lake, date(2024, 1, 20))[0].exit_code == 1
    assert versions(lake) == [1, 0]
    assert gold_run(spark, lake)[0].exit_code == 0
    for name, frame in before.items():
        assert frame.equals(content(lake, name)), name


def test_orders_of_unknown_customers_are_told(spark, lake):
    _, notes = gold_run(spark, lake, LAST_DAY)
    assert notes == [
        "gold.customer_360: quality: k_anonymity (privacy) is 1, allowed <= 0.05 (4 of 4 rows)",
        "gold: of 6 orders 1 of revenue are of customers that Silver does not have and are in no "
        "figure; they come in when the customers do",
    ]


def test_a_table_held_by_a_gate_leaves_gold_as_it_was(spark, lake):
    log = Lake(load_settings(lake=str(lake))).log("ops.batches", BATCHES)
    (batch,) = log.read("\"table\" = 'customers'")[-1:]
    log.append(
        [{**batch, "batch": 2, "status": str(BatchStatus.HELD), "recorded_at": datetime.now(UTC)}]
    )
    run, _ = gold_run(spark, lake, date(2024, 1, 20))
    assert (run.exit_code, versions(lake)) == (3, [0, 0])
    assert run.message == (
        "gold: not built, since customers is held by a gate; settle that and run again"
    )


def test_a_bad_source_leaves_gold_as_it_was(spark, lake, tmp_path):
    """The good file of the other table goes to Silver all the same."""
    late = ORDERS.splitlines()[0] + "\nO7,K1,2024-03-01 12:00:00,1.00,DKK,completed\n"
    sources = sources_in(tmp_path / "late", orders=late)
    (sources / "customers.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00 cut off")
    run = run_pipeline(spark, sources, lake)
    assert (run.exit_code, versions(lake)) == (1, [0, 0])
    assert run.tables["orders"].inserted == 1
    assert "gold: not built, since customers has a bad source" in run.message
    (sources / "customers.jsonl.gz").unlink()
    assert run_pipeline(spark, sources, lake).exit_code == 0
    assert gold(lake)[1961]["total_orders"] == 3


def test_without_a_customers_contract_customers_come_from_the_orders(spark, tmp_path):
    """A second currency then stops Gold and leaves it as it was."""
    contracts, lake = tmp_path / "contracts", tmp_path / "lake"
    contracts.mkdir()
    (contracts / "sales.odcs.yaml").write_text(ORDERS_ONLY)
    header = "no,buyer,day,price,currency"
    first = f"{header}\n1,A,2024-01-01,5,DKK\n2,A,2024-01-11,7,\n3,B,,9,DKK\n4,,2024-01-01,1,dkk\n"
    sources = sources_in(tmp_path / "s", sales=first)
    assert run_pipeline(spark, sources, lake, contracts=contracts).exit_code == 0
    found = {r["total_orders"]: r for r in rows(lake, CUSTOMER_360)}
    assert {n: r["total_revenue"] for n, r in found.items()} == {0: Decimal("0.00"), 2: Decimal(12)}
    assert {r["city"] for r in found.values()} == {None}
    assert [r["customer_tenure_days"] for _, r in sorted(found.items())] == [1, 10]

    _, notes = gold_run(spark, lake, date(2024, 1, 11), contracts)
    assert "k_anonymity" in notes.pop(0)
    assert [note.split(" ", 4)[-1].split(" and ")[0] for note in notes] == [
        "2 of revenue lack customer, day or amount",
        "1 name no currency",
    ]
    sources_in(sources, sales_2=f"{header}\n5,A,2024-01-02,5,SEK\n")
    run = run_pipeline(spark, sources, lake, contracts=contracts)
    assert (run.exit_code, versions(lake)) == (3, [1, 1])
    assert "orders are in DKK and SEK; amounts add up only in one currency" in run.message


def test_customers_alone_make_no_gold(spark, tmp_path):
    """Neither without orders nor with orders that are all in quarantine."""
    orders = ORDERS.splitlines()[0] + "\nO1,,2024-01-01 12:00:00,1.00,DKK,completed\n"
    sources = sources_in(tmp_path / "s", customers=CUSTOMERS, orders=orders)
    run = run_pipeline(spark, sources, tmp_path / "lake")
    assert (run.exit_code, versions(tmp_path / "lake")) == (0, [None, None])


@pytest.mark.full
def test_the_command_line(lake):
    command = [sys.executable, "jobs/build_gold.py", "--lake", str(lake), "--as-of", "2024-01-20"]
    done = subprocess.run(
        [*command, "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "succeeded"
    assert versions(lake) == [1, 1]
