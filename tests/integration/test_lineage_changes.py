"""What a change of a contract changes of the lineage: exactly the edges it should."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lakes import run_pipeline
from tests.real_lineage import ROOT, edges_of, told

CONTRACT = ROOT / "conf" / "contracts" / "customers.odcs.yaml"
HEADER = (
    "customer_id,customer_name,email_address,phone_number,address,city,postal_code,country,"
    "date_of_birth,created_at,is_active,customer_tier,notes"
)
ROW = (
    "C1,Ann Berg,ann@example.dk,+45 20 12 34 56,Nygade 1,Ribe,6760,DK,1980-05-01,"
    "2024-01-02 10:00:00,true,gold,none"
)
NAME, PHONE = "bronze.customers.customer_name", "bronze.customers.phone_number"

Words = dict[str, Any]


def made(
    place: Path, change: Callable[[dict[str, Words]], None] | None = None, header: str = HEADER
) -> Path:
    """The packaged contract, changed by its columns, and one delivery."""
    contract = yaml.safe_load(CONTRACT.read_text())
    if change:
        change({column["name"]: column for column in contract["schema"][0]["properties"]})
    (place / "contracts").mkdir(parents=True)
    (place / "sources").mkdir()
    path = place / "contracts" / CONTRACT.name
    path.write_text(yaml.safe_dump(contract, sort_keys=False))
    (place / "sources" / "customers.csv").write_text(f"{header}\n{ROW}\n")
    return path


def edges(spark, place: Path) -> set[tuple[str, ...]]:
    run = run_pipeline(spark, place / "sources", place / "lake", contracts=place / "contracts")
    assert run.exit_code == 0, run.message
    return told(edges_of(place / "lake"))


@pytest.fixture(scope="module")
def before(spark, tmp_path_factory) -> set[tuple[str, ...]]:
    place = tmp_path_factory.mktemp("before")
    made(place)
    return edges(spark, place)


def word(column: Words, name: str, value: str) -> None:
    given = [p for p in column["customProperties"] if p["property"] != name]
    column["customProperties"] = [*given, {"property": name, "value": value}]


def renamed(columns: dict[str, Words]) -> None:
    columns["city"]["physicalName"] = "Town (by)"


def called_otherwise(columns: dict[str, Words]) -> None:
    word(columns["city"], "silverName", "town")


def masked(columns: dict[str, Words]) -> None:
    word(columns["phone_number"], "treatment", "mask")


SAME = ("DIRECT", "IDENTITY", "-", "ingest")
CHANGED = ("DIRECT", "TRANSFORMATION")
CITY = "bronze.customers.city"


@pytest.mark.parametrize(
    ("change", "header", "gone", "new"),
    [
        (renamed, HEADER.replace("city", "Town (by)"),
         {("source.customers.city", CITY, *SAME)},
         {("source.customers.Town (by)", CITY, *SAME)}),
        (called_otherwise, HEADER,
         {(CITY, "silver.customers.city", *CHANGED, "-", "refine")},
         {(CITY, "silver.customers.town", *CHANGED, "-", "refine")}),
        (masked, HEADER,
         {(PHONE, "silver.customers.phone_number", *CHANGED, "hash", "refine")},
         {(PHONE, "silver.customers.phone_number", *CHANGED, "mask", "refine")}),
    ],
)  # fmt: skip
def test_a_change_of_one_column_changes_its_edges_alone(
    spark, tmp_path, before, change, header, gone, new
):
    made(tmp_path, change, header)
    after = edges(spark, tmp_path)
    assert (before - after, after - before) == (gone, new)


@pytest.mark.parametrize("column", ["customer_name", "postal_code"])
def test_a_treatment_that_is_dropped_ends_the_run_before_spark(tmp_path, column):
    def drop(columns: dict[str, Words]) -> None:
        columns[column].pop("customProperties")

    path = made(tmp_path, drop)
    command = [sys.executable, str(ROOT / "jobs" / "pipeline.py"), str(tmp_path / "sources"),
               "--lake", str(tmp_path / "lake"), "--contracts", str(tmp_path / "contracts")]  # fmt: skip
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=here, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert str(path) in done.stderr and column in done.stderr, done.stderr
    assert "treatment" in done.stderr and "start Spark" not in done.stderr
    assert not (tmp_path / "lake" / "bronze").exists()
