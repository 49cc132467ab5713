"""Where personal data lies by the lineage, for tables of other shapes than the sample's."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from conf.contract_reader import load_contracts
from conf.settings import load_settings
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.graph import Lineage
from jobs.runtime.lineage.model import ColumnName, PiiState
from jobs.runtime.lineage.personal import pii_columns, without_lineage
from tests.integration.test_reprocess import correct, run
from tests.lakes import rows, same_key
from tests.unit.contract_texts import column, key, table, write

pytestmark = pytest.mark.full

PII = {"classification": "pii-direct"}


@pytest.fixture(scope="module")
def place(spark, tmp_path_factory) -> Path:
    """Three tables of three formats: two runs, the second after a correction and a late parent."""
    place = tmp_path_factory.mktemp("shapes")
    for name in ("contracts", "sources"):
        (place / name).mkdir()
    contracts(place)
    visits(place)
    with same_key(place):
        first = run(spark, place)
        assert first.exit_code == 0, first.message
        members(place, ["m2", "m3"])
        corrected = correct(spark, place, ("visits", 1, 3, "minutes", "30"))
        assert corrected.exit_code == 0, corrected.message
        second = run(spark, place)
        assert second.exit_code == 0, second.message
    return place


def contracts(place: Path) -> None:
    """No key, masks and searched columns; a foreign key that waits; fixed width; several lines."""
    visits = table("visits", [
        column("who", words={"treatment": "mask", "form": "email"}, **PII),
        column("mobile", words={"treatment": "mask", "form": "phone"}, **PII),
        column("name", words={"treatment": "mask"}, **PII),
        column("born", "date", {"treatment": "redact"}, **PII),
        column("minutes", "number", {"treatment": "keep"}, classification="internal"),
        column("floor", "integer"),
        column("day", "date"),
        column("told"),
    ], {"format": "jsonl"})  # fmt: skip
    notes = table("notes", [
        key("note_id"),
        column("member", relationships=[{"to": "members.member_id"}],
               words={"lateParent": "wait"}),
        column("text", words={"treatment": "detect"}, classification="pii-text"),
        column("zip", words={"treatment": "generalize", "generalize": "prefix:2"},
               classification="pii-indirect"),
        column("town", words={"treatment": "keep"}, classification="pii-indirect"),
    ], {"multiline": True})  # fmt: skip
    members = table("members", [
        column("member_id", primaryKey=True, classification="pii-indirect",
               words={"treatment": "hash", "start": 1, "width": 4}),
        column("name", words={"treatment": "hash", "start": 5, "width": 10}, **PII),
    ], {"format": "fixed-width"})  # fmt: skip
    stock = table("stock", [
        key("item"), column("keeper", words={"treatment": "drop"}, **PII), column("remark"),
    ], {"format": "parquet"})  # fmt: skip
    for made in (visits, notes, members, stock):
        write(place / "contracts", made, file=made["name"])


def visits(place: Path) -> None:
    told = {"who": "ann@example.dk", "mobile": "+45 20 12 34 56", "name": "Ann Berg",
            "born": "1980-05-01", "minutes": 5, "floor": 2, "day": "2024-03-02", "told": "quiet"}  # fmt: skip
    lines = [told, told | {"told": "loud"}, told | {"minutes": "half"}]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (place / "sources" / "visits.jsonl").write_text(text)
    notes = 'note_id,member,text,zip,town\n1,m1,"two\nlines",6760,Ribe\n2,m2,one,8000,Aarhus\n'
    (place / "sources" / "notes.csv").write_text(notes)
    pd.DataFrame({"item": ["a"], "keeper": ["Bo Lund"], "remark": ["dry"]}).to_parquet(
        place / "sources" / "stock.parquet"
    )
    members(place, ["m1"])


def members(place: Path, numbers: list[str]) -> None:
    lines = "".join(f"{number:<4}{'Ann Berg':<10}\n" for number in numbers)
    (place / "sources" / f"members_{numbers[0]}.txt").write_text(lines)


@pytest.fixture(scope="module")
def lineage(place) -> Lineage:
    return Lineage.of(Lake(load_settings(lake=str(place / "lake"))))


@pytest.fixture(scope="module")
def register(place, lineage) -> dict[str, str]:
    """Of Silver by column: its state, and the treatments on the ways to it."""
    found = pii_columns(lineage, load_contracts(place / "contracts"))
    return {
        str(name).removeprefix("silver."): " ".join(
            [one.state, *sorted({t for o in one.origins for t in o.treatments})]
        )
        for name, one in found.items()
        if name.layer == "silver" and one.state is not PiiState.NONE
    }


def test_each_column_s_state(register):
    assert register == {
        "visits._silver_key": "treated hash",
        "visits.who": "treated mask",
        "visits.mobile": "treated mask",
        "visits.name": "treated mask",
        "visits.born": "treated redact",
        "visits.floor": "treated detect",
        "visits.day": "treated detect",
        "visits.told": "treated detect",
        "visits._silver_row_hash": "treated hash",
        "notes.member": "treated hash",
        "notes.text": "treated detect",
        "notes.zip": "treated generalize prefix:2",
        "notes.town": "kept",
        "notes._silver_row_hash": "treated hash",
        "members.member_id": "treated hash",
        "members.name": "treated hash",
        "members._silver_row_hash": "treated hash",
        "stock.remark": "treated detect",
        "stock._silver_row_hash": "treated hash",
    }


def test_nothing_is_without_lineage_but_gold(place, lineage):
    found = without_lineage(lineage, load_contracts(place / "contracts"))
    assert [name for name in found if name.layer != "gold"] == []


def test_a_correction_stands_in_for_one_value(place, lineage):
    """The row that was corrected came in by a batch of its own, with the correction beside Bronze."""
    corrected = ColumnName("bronze.corrections", "value")
    into = {str(edge.target) for edge in lineage.out_of(corrected)}
    assert "silver.visits.minutes" in into
    [row] = rows(place / "lake", "silver.visits", "select minutes from t where minutes = 30")
    assert row["minutes"] == 30


def test_rows_that_waited_for_their_parent_have_the_same_lineage(place, lineage):
    rows_of = rows(place / "lake", "silver.notes", "select note_id from t order by note_id")
    assert [row["note_id"] for row in rows_of] == ["1", "2"]
    into = lineage.into(ColumnName("silver.notes", "member"))
    direct = [(str(e.source), e.treatment) for e in into if e.type == "DIRECT"]
    assert direct == [("bronze.notes.member", "hash")]
