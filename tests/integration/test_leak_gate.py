"""A contract that lets personal data stay stops its table before anything of it is published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import functions as F

import jobs.refine
from conf.settings import load_settings
from jobs.runtime.accounting import verify_table
from jobs.runtime.lake import Lake
from jobs.runtime.runs import Run
from tests.cpr import cpr
from tests.lakes import counts, rows, run_pipeline
from tests.leaks import Needles, scan

NUMBERS = [cpr(date(1950 + n, 1 + n % 12, 1 + n % 28), 1000 + n) for n in range(8)]
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: {table}
version: 1.0.0
status: active
schema:
  - name: {table}
    description: One row a part.
    customProperties:
      - {{property: format, value: csv}}
    properties:
      - name: part_id
        logicalType: string
        primaryKey: true
        classification: internal
      - name: owner
        logicalType: string
        classification: {classification}
        customProperties:
          - {{property: treatment, value: {treatment}}}
      - name: remark
        logicalType: string
"""


def contract(place: Path, table: str, treatment: str = "keep") -> None:
    classification = "internal" if treatment == "keep" else "pii-sensitive"
    text = CONTRACT.format(table=table, treatment=treatment, classification=classification)
    (place / "contracts").mkdir(exist_ok=True)
    (place / "contracts" / f"{table}.odcs.yaml").write_text(text)


def deliver(place: Path, name: str, owners: list[str]) -> None:
    (place / "sources").mkdir(exist_ok=True)
    lines = (f"{name}-{n},{owner},fine" for n, owner in enumerate(owners))
    (place / "sources" / f"{name}.csv").write_text("\n".join(["part_id,owner,remark", *lines, ""]))


def run(spark, place: Path) -> Run:
    return run_pipeline(spark, place / "sources", place / "lake", contracts=place / "contracts")


def held(place: Path, table: str) -> list[tuple[int, str]]:
    log = rows(place / "lake", "ops.batches", f"select * from t where \"table\" = '{table}'")
    last = {b["batch"]: b["status"] for b in sorted(log, key=lambda b: b["recorded_at"])}
    return sorted(last.items())


def accounted(place: Path, table: str) -> tuple[int, int]:
    told = verify_table(Lake(load_settings(lake=str(place / "lake"))), table, "test")
    assert told.read == told.accounted
    return told.read, told.held


@pytest.fixture
def place(tmp_path) -> Path:
    contract(tmp_path, "parts")
    contract(tmp_path, "goods")
    deliver(tmp_path, "goods", ["wood", "iron"])
    return tmp_path


def test_cpr_numbers_in_a_kept_column_stop_the_table_until_its_contract_is_corrected(spark, place):
    deliver(place, "parts", NUMBERS)
    stopped = run(spark, place)
    assert stopped.exit_code == 3
    assert stopped.message == (
        "parts: held: what would be published has personal data in clear text: column owner "
        f"(8 DK_CPR); nothing was published; correct the column's treatment in {place}/contracts/"
        "parts.odcs.yaml (hash keeps joins) and run again, which takes the same deliveries in"
    )
    assert counts(stopped, "parts") == {"read": 8, "held": 8}
    assert counts(stopped, "goods") == {"read": 2, "inserted": 2}  # the other table goes on
    lake = place / "lake"
    assert not (lake / "ops" / "_staging" / "parts").exists()
    assert rows(lake, "silver.parts") == []
    assert rows(lake, "ops.pii_detections", "select * from t where \"table\" = 'parts'") == []
    assert (held(place, "parts"), accounted(place, "parts")) == ([(1, "held")], (8, 8))

    again = run(spark, place)  # nothing was corrected: nothing changes, and it is told again
    assert (again.exit_code, again.tables) == (3, {})
    assert again.message.startswith("still held: parts: held: ")
    assert held(place, "parts") == [(1, "held")]

    contract(place, "parts", "hash")
    corrected = run(spark, place)
    assert (corrected.exit_code, corrected.message) == (0, "")
    assert counts(corrected, "parts") == {"read": 8, "inserted": 8}
    assert held(place, "parts") == [(1, "abandoned"), (2, "published")]
    assert accounted(place, "parts") == (8, 0)
    assert scan(Needles([("cpr", n) for n in NUMBERS]), lake, outside=[lake / "bronze"]) == []


def test_silver_stays_as_it_was_and_what_comes_later_goes_on(spark, place):
    deliver(place, "parts", ["wood"])
    assert run(spark, place).exit_code == 0
    before = rows(place / "lake", "silver.parts")
    deliver(place, "parts_2", ["iron", "a.b@example.dk"])
    stopped = run(spark, place)
    assert (stopped.exit_code, counts(stopped, "parts")) == (3, {"read": 2, "held": 2})
    assert "owner (1 EMAIL_ADDRESS)" in stopped.message
    assert "example.dk" not in stopped.message
    assert rows(place / "lake", "silver.parts") == before
    deliver(place, "parts_3", ["gold"])
    later = run(spark, place)  # the held rows are still missing, so it is no success
    assert (later.exit_code, counts(later, "parts")) == (3, {"read": 1, "inserted": 1})
    assert held(place, "parts") == [(1, "published"), (2, "held"), (3, "published")]
    assert accounted(place, "parts") == (4, 2)


def test_a_marked_column_that_was_not_treated_stops_the_table(spark, place, monkeypatch):
    """A treatment that lets a value through is a defect; the gate does not trust it."""
    contract(place, "parts", "hash")
    deliver(place, "parts", ["Xqtsvra", "Xqtsvrb"])

    def leaky(contract, *more):
        def transform(df):
            done = original(contract, *more)(df)
            hashed = F.col("owner")
            clear = F.when(F.col("_bronze_row") == 2, F.lit("Xqtsvra")).otherwise(hashed)
            return done.withColumn("owner", clear)

        return transform

    original = jobs.refine.treated
    monkeypatch.setattr(
        jobs.refine,
        "treated",
        lambda c, *more: leaky(c, *more) if c.table == "parts" else original(c, *more),
    )
    stopped = run(spark, place)
    assert stopped.exit_code == 3
    assert "column owner (1 PII_SENSITIVE)" in stopped.message
    assert not (place / "lake" / "silver" / "parts").exists()


def test_an_identifier_that_the_treatment_of_text_left_stops_the_table(spark, place, monkeypatch):
    deliver(place, "parts", ["wood"])
    original = jobs.refine.treated

    def leaky(contract, *more):
        text = F.lit(f"ring til ham, cpr {NUMBERS[0]}, i morgen")
        return lambda df: original(contract, *more)(df).withColumn("remark", text)

    monkeypatch.setattr(jobs.refine, "treated", leaky)
    stopped = run(spark, place)
    assert stopped.exit_code == 3
    assert "parts: held: " in stopped.message and "column remark (1 DK_CPR)" in stopped.message


def test_a_kept_column_of_names_is_told_and_stops_nothing(spark, place, monkeypatch):
    people = [f"{first} {last}" for first in ("Peter", "Susan", "Michael", "Karen", "John")
              for last in ("Hansen", "Johnson", "Williams")]  # fmt: skip
    deliver(place, "parts", people)
    notes: list[str] = []
    monkeypatch.setattr(Run, "note", lambda self, text: notes.append(text))
    done = run(spark, place)
    assert done.exit_code == 0
    (note,) = [n for n in notes if "owner" in n]
    assert note.startswith("parts: column owner is kept, and looks like PERSON (")
    assert note.endswith("if it is personal")
    assert not any(person in note for person in people)


def test_ordinary_numbers_and_towns_pass_without_a_word(spark, place, monkeypatch):
    notes: list[str] = []
    monkeypatch.setattr(Run, "note", lambda self, text: notes.append(text))
    owners = ["København", "Aarhus C", "2024-01-31", "1250.50", "O000000001", "9999999999", "12"]
    deliver(place, "parts", owners)
    done = run(spark, place)
    assert (done.exit_code, counts(done, "parts")) == (0, {"read": 7, "inserted": 7})
    told = [n for n in notes if "NER model" not in n]  # said where none is installed
    assert told == ["no Silver table has the role orders: Gold is not built"]


def test_a_hotlines_number_may_stay_if_the_contract_says_that_it_is_one(spark, place):
    deliver(place, "parts", ["+45 20 12 34 56", "+45 20 12 34 57"])
    path = place / "contracts" / "parts.odcs.yaml"
    kept = "{property: treatment, value: keep}"
    path.write_text(
        path.read_text().replace(kept, f"{kept}\n          - {{property: form, value: phone}}")
    )
    done = run(spark, place)
    assert (done.exit_code, counts(done, "parts")) == (0, {"read": 2, "inserted": 2})
