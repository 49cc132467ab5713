"""A contract that changes between two deliveries: what goes on, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conf.errors import UsageError
from conf.settings import Settings
from jobs.runtime.lake import Lake
from tests.lakes import counts, rows, run_pipeline

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: parts
version: 1.0.0
status: active
schema:
  - name: parts
    description: One row a part.
    customProperties:
      - {property: format, value: csv}
    properties:
      - name: part_id
        logicalType: string
        description: The part's number.
        primaryKey: true
        classification: internal
      - name: owner
        logicalType: string
        description: Who made it.
        classification: pii-direct
        customProperties:
          - {property: treatment, value: hash}
"""
COLOUR = """\
      - name: colour
        logicalType: string
        classification: internal
"""


@pytest.fixture(scope="module")
def first(spark, tmp_path_factory):
    """A lake with one delivery of two parts; to be copied."""
    folder = tmp_path_factory.mktemp("changes")
    (folder / "contracts").mkdir()
    (folder / "contracts" / "parts.odcs.yaml").write_text(CONTRACT)
    (folder / "sources").mkdir()
    (folder / "sources" / "parts.csv").write_text("part_id,owner,colour\n1,Ada,red\n2,Bo,blue\n")
    run = run_pipeline(spark, folder / "sources", folder / "lake", contracts=folder / "contracts")
    assert counts(run, "parts") == {"read": 2, "inserted": 2}
    return folder


@pytest.fixture
def place(first, tmp_path) -> Path:
    return Path(shutil.copytree(first, tmp_path / "copy"))


def run_with(spark, place: Path, contract: str):
    (place / "contracts" / "parts.odcs.yaml").write_text(contract)
    return run_pipeline(spark, place / "sources", place / "lake", contracts=place / "contracts")


def test_silver_tells_what_its_columns_mean(first):
    table = Lake(Settings(lake=str(first / "lake"))).rust_table("silver.parts")
    told = {f.name: dict(f.metadata) for f in table.schema().fields}
    assert told["part_id"] == {
        "comment": "The part's number.", "atlas.treatment": "keep", "atlas.key": "1",
    }  # fmt: skip
    assert told["owner"] == {
        "comment": "Who made it.", "atlas.treatment": "hash",
        "atlas.domain": "default/parts.owner",
    }  # fmt: skip


def test_a_new_column_is_null_in_older_rows(spark, place):
    (place / "sources" / "parts_2.csv").write_text("part_id,owner,colour\n2,Bo,green\n3,Cy,red\n")
    run = run_with(spark, place, CONTRACT + COLOUR)
    assert counts(run, "parts") == {"read": 2, "inserted": 1, "updated": 1}
    told = rows(place / "lake", "silver.parts", "select part_id, colour from t order by 1")
    assert [tuple(r.values()) for r in told] == [("1", None), ("2", "green"), ("3", "red")]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("value: hash", "value: mask", "owner of silver.parts was made with .*treatment hash, now treatment mask"),
        ("- name: owner", "- name: maker", "owner of silver.parts is no longer there"),
        ("logicalType: string\n        description: The", "logicalType: integer\n        description: The",
         "part_id of silver.parts is string, now bigint"),
        ("        primaryKey: true\n", "", "part_id of silver.parts was made with key 1, treatment keep, now treatment keep"),
    ],
)  # fmt: skip
def test_another_meaning_is_refused_before_anything_is_done(spark, place, old, new, told):
    assert old in CONTRACT
    with pytest.raises(UsageError, match=told):
        run_with(spark, place, CONTRACT.replace(old, new))
