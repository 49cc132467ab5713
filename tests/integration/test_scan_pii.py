"""Any Delta table of any layer: a finding for each place that is not clean, and never a value."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from conf.contract import Contracts
from conf.contract_reader import load_contracts
from conf.errors import UsageError
from conf.settings import Settings
from jobs.generate_sources import generate_sources
from jobs.runtime.any_table import find_table
from jobs.runtime.lake import Lake
from jobs.scan_pii import FOUND, scan
from tests.cpr import cpr
from tests.lakes import run_pipeline

ROOT = Path(__file__).parents[2]
NUMBERS = [cpr(date(1950 + n, 1 + n % 12, 1 + n % 28), 1000 + n) for n in range(6)]
HEX = "0f" * 32
NONE = Contracts({})


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scanned")
    generate_sources(folder / "sources", 150, 200, seed=5)
    assert run_pipeline(spark, folder / "sources", folder / "lake").exit_code == 0
    return Lake(Settings(lake=str(folder / "lake")))


@pytest.fixture(scope="module")
def dirty(spark, tmp_path_factory) -> str:
    """A table that Atlas did not write: strings, a struct, an array, a map, long numbers."""
    path = str(tmp_path_factory.mktemp("dirty") / "table")
    rows = [
        (HEX, NUMBERS[n], f"se {NUMBERS[n]} i sagen om retur", ("x", "a.b@example.dk"), ["ok", NUMBERS[n]],
         {"mail": f"b{n}@example.dk"}, int(cpr(date(1985, 2, 14 + n), 1000, "")), n, "***12", b"\x00")
        for n in range(6)
    ]  # fmt: skip
    schema = (
        "id string, number string, `a-note` string, nested struct<a:string,b:string>, list array<string>, "
        "map map<string,string>, ref bigint, n int, phone string, raw binary"
    )
    spark.createDataFrame([*rows, (None,) * 10], schema).write.format("delta").save(path)
    return path


def counts(found) -> dict[tuple[str, str], int]:
    return {(f["column"], f["entity"]): f["count"] for f in found}


def test_every_place_is_found(spark, lake, dirty):
    told = scan(spark, find_table(lake, dirty), NONE)
    assert counts(told.findings) == {
        ("number", "DK_CPR"): 6,
        ("a-note", "DK_CPR"): 6,
        ("nested", "EMAIL_ADDRESS"): 6,
        ("list", "DK_CPR"): 6,
        ("map", "EMAIL_ADDRESS"): 6,
        ("ref", "DK_CPR"): 6,
    }
    assert (told.rows, told.kept, told.not_searched) == (7, [], ["raw"])
    text = json.dumps(vars(told))
    assert not any(value in text for value in (*NUMBERS, "example.dk"))


def test_columns_and_rows_can_be_limited(spark, lake, dirty):
    told = scan(spark, find_table(lake, dirty), NONE, ["number", "id"], sample=4)
    ((place, count),) = counts(told.findings).items()
    assert (told.rows, place) == (4, ("number", "DK_CPR"))
    assert 3 <= count <= 4  # one row is empty


@pytest.mark.parametrize("name", ["silver/orders", "gold.customer_360", "gold/customer_features"])
def test_what_atlas_publishes_is_clean(spark, lake, name):
    told = scan(spark, find_table(lake, name), load_contracts())
    assert (told.findings, told.rows > 0) == ([], True)


def test_silver_has_no_identifier_and_keeps_what_its_contract_says(spark, lake):
    told = scan(spark, find_table(lake, "silver/customers"), load_contracts())
    assert {f["column"] for f in told.findings} <= {"notes"}  # names that the detector missed
    assert not {f["entity"] for f in told.findings} & {"DK_CPR", "EMAIL_ADDRESS", "PHONE_NUMBER"}
    assert {f["column"] for f in told.kept} <= {"city", "country", "customer_tier"}


def test_bronze_is_as_received(spark, lake):
    told = scan(spark, find_table(lake, "bronze/customers"), load_contracts())
    found = counts(told.findings)
    assert found["email_address", "EMAIL_ADDRESS"] > 100
    assert found["phone_number", "PHONE_NUMBER"] > 100
    assert found["notes", "DK_CPR"] > 0


def test_a_path_into_the_lake_is_the_table_there(lake):
    silver = lake.path("silver.orders")
    assert find_table(lake, silver).name == "silver.orders"
    assert find_table(lake, f"{silver}/").name == "silver.orders"
    kept = find_table(lake, silver).kept(load_contracts())
    assert {"status", "order_id", "_silver_run_id"} <= kept and "customer_id" not in kept


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("silver/custmers", "did you mean silver.customers"),
        ("xyz", "there are "),
        ("/nowhere/at/all", "no Delta table /nowhere/at/all"),
    ],
)
def test_an_unknown_table_is_told_with_the_closest(lake, name, told):
    with pytest.raises(UsageError, match=told):
        find_table(lake, name)


def test_an_unknown_column_is_told_with_the_closest(lake):
    with pytest.raises(UsageError, match=r"silver\.orders has no column stat; did you mean status"):
        find_table(lake, "silver/orders").chosen(["stat"])


def job(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("ATLAS_", "SPARK_"))}
    return subprocess.run(
        [sys.executable, str(ROOT / "jobs" / "scan_pii.py"), *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=300,
        env=environment | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable},
    )  # fmt: skip


def test_the_job_tells_by_exit_code_and_json(lake, dirty, tmp_path):
    done = job(dirty, "--lake", lake.settings.lake, "--column", "number", "--json",
               "--log-file", str(tmp_path / "log"))  # fmt: skip
    assert done.returncode == FOUND
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["table"], told["rows"]) == (dirty, 7)
    assert told["findings"] == [{"column": "number", "entity": "DK_CPR", "count": 6}]
    logged = done.stdout + done.stderr + (tmp_path / "log").read_text()
    assert not any(number in logged for number in NUMBERS)


def test_wrong_usage_needs_no_session(lake):
    done = job("silver/custmers", "--lake", lake.settings.lake)
    assert done.returncode == 2
    assert "did you mean silver.customers" in done.stderr
