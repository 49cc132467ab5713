"""A column's name may be a person's: such a one is told by its place, and stands in no plan."""

from __future__ import annotations

import pytest
from pyspark.sql import functions as F

from conf.contract import Contracts
from conf.settings import Settings
from jobs.ingest import _arrivals
from jobs.runtime.deliveries import Deliveries
from jobs.runtime.lake import Lake
from jobs.runtime.source_files import find_source_files
from tests.numbers_at_random import cpr_of
from tests.received import contract
from transformations.bronze import bronze_from_csv_lines
from udfs.column_names import looks_like_a_name, told_names

KNOWN = ("id", "name", "note")


@pytest.mark.parametrize(
    ("name", "is_told"),
    [
        ("points", True),
        ("loyaltyPoints", True),
        ("points_2024", True),
        ("Kundens point", True),
        ("crm.id-no", True),
        ("Bo Jensen", False),
        ("bo@example.dk", False),
        ("Vej 12", False),
        (cpr_of(1, "a"), False),
        ("C" + cpr_of(1, "a").replace("-", ""), False),
        ("+4520304050", False),
        ("", False),
        ("x" * 65, False),
    ],
)
def test_what_has_the_form_of_a_name_is_told(name, is_told):
    assert looks_like_a_name(name) is is_told


def test_any_other_name_is_told_by_its_place():
    header = ("id", "Bo Jensen", "name", "points", "note")
    assert told_names(header, KNOWN) == ("id", "column_2", "name", "points", "note")


def test_a_header_with_few_known_names_may_be_a_line_of_data():
    assert told_names(("Anna", "points", "note"), KNOWN) == ("column_1", "column_2", "note")


class _Run:
    """What `_arrivals` needs of a run."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def note(self, text: str) -> None:
        self.told.append(text)

    def problem(self, error: Exception) -> None:
        self.told.append(str(error))


@pytest.mark.parametrize(
    ("file", "content", "header", "extra"),
    [
        (
            "things.csv",
            "id,Bo Jensen,name,note,points\n1,2,3,4,5\n",
            ["id", "column_2", "name", "note", "points"],
            ["column_2", "points"],
        ),
        (
            "things.jsonl",
            '{"id": 1, "name": 2, "note": 3, "points": 1, "Bo Jensen": 4}\n',
            None,
            ["points", "1 of other names"],
        ),
        (
            "things.jsonl",
            '{"id": 1, "anna": 4}\n',
            None,
            ["1 of other names"],
        ),
    ],
)
def test_records_and_notes_tell_no_name_that_may_be_a_value(tmp_path, file, content, header, extra):
    told = contract()
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / file).write_text(content)
    files, _ = find_source_files(str(tmp_path / "sources"), Contracts({told.table: told}))
    run = _Run()
    deliveries = Deliveries(Lake(Settings(lake=str(tmp_path / "lake"))), "things", "run")
    (record,) = deliveries.open_for(list(_arrivals(run, told, files)))
    assert (record["header"], record["extra_columns"]) == (header, extra)
    assert not any("Bo" in text or "anna" in text for text in run.told)


def test_an_error_about_the_header_tells_none_either(tmp_path):
    told = contract()
    (tmp_path / "things.csv").write_text("id,name,note,Bo Jensen,Bo Jensen\n")
    files, _ = find_source_files(str(tmp_path), Contracts({told.table: told}))
    run = _Run()
    assert list(_arrivals(run, told, files)) == []
    assert len(run.told) == 1 and "column_4 stands more than once" in run.told[0]


def test_such_a_name_is_kept_in_bronze_and_stands_in_no_plan(spark):
    header = ["id", "Bo Jensen", "name", "note", ""]
    lines = spark.createDataFrame(
        [(2, b"1,2,3,4,5"), (3, b"1,2")], "_bronze_row int, _bronze_raw binary"
    )
    bronze = lines.transform(bronze_from_csv_lines(contract(), header, "UTF-8"))
    rescued = [r["_bronze_rescued"] for r in bronze.orderBy("_bronze_row").collect()]
    assert rescued == [{"Bo Jensen": "2", "column_5": "5"}, None]
    plan = bronze.select(F.col("_bronze_rescued"))._jdf.queryExecution().toString()
    assert "Bo" not in plan
