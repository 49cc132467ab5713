"""Lineage of runs that die, and of writes that fail half-way."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psutil
import pytest

from conf.settings import load_settings
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.loading import load_lineage
from tests.integration.test_crash_points import FIRST, HEADER
from tests.integration.test_lineage_capture import committed, loaded
from tests.lakes import rows
from tests.lineage_runs import LISTENERS, OURS, Event, Place
from tests.unit.contract_texts import SALES, write

pytestmark = pytest.mark.full

UPDATE = ["1,ann,2024-01-01,11.00,2", "4,di,2024-01-04,40.00,1"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("crashes") / "place")
    place.sources.mkdir(parents=True)
    (place.root / "contracts").mkdir()
    write(place.root / "contracts", SALES)
    deliver(place, "1", FIRST)
    ran = place.run(*contracts(place))
    assert ran.code == 0, ran.stderr[-2000:]
    return place


@pytest.fixture
def place(first: Place, tmp_path: Path) -> Place:
    copy = first.copied(tmp_path / "place")
    deliver(copy, "2", UPDATE)
    return copy


def deliver(place: Place, name: str, lines: list[str]) -> None:
    (place.sources / f"sales-{name}.csv").write_text("\n".join([HEADER, *lines]) + "\n")


def contracts(place: Place) -> tuple[str, str]:
    return "--contracts", str(place.root / "contracts")


def written(place: Place, run_id: str, table: str) -> list[Event]:
    """The listener's ends of a run's writes to a table."""
    name = f"/{table.replace('.', '/')}"
    return [
        event
        for event in place.events(run_id, LISTENERS)
        if event["eventType"] != "START"
        and any(output["name"].endswith(name) for output in event["outputs"])
    ]


def lineage_of(event: Event) -> tuple[str, bool]:
    """How an end is told, and whether with columns."""
    return event["eventType"], all("columnLineage" in o["facets"] for o in event["outputs"])


def test_what_a_killed_run_told_the_next_one_brings_and_loads_once(place: Place):
    """SIGKILL of Python and its JVM, just when the MERGE is in Silver's log."""
    before = loaded(place.lake)
    command, environment = place.command(
        *contracts(place), script=("-m", "tests.dying_run", "merge", "silver.sales")
    )
    with subprocess.Popen(
        command, cwd=place.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()  # type: ignore[union-attr]
        for one in (
            *psutil.Process(process.pid).children(recursive=True),
            psutil.Process(process.pid),
        ):
            one.kill()
        assert process.wait() == -9
    dead = next(iter(committed(place.lake) - before))[0]
    assert {(t, v) for run, t, v in committed(place.lake) if run == dead} == {
        ("bronze.sales", 1), ("silver.sales", 1)
    }  # fmt: skip
    assert {path.name for path in (place.lineage / "open").iterdir()} == {
        f"{dead}.{OURS}.jsonl", f"{dead}.{LISTENERS}.jsonl"
    }  # fmt: skip
    assert loaded(place.lake) == before

    after = place.run(*contracts(place))
    assert after.code == 0, after.stderr[-2000:]
    assert list((place.lineage / "open").iterdir()) == []
    assert loaded(place.lake) == committed(place.lake)
    assert (dead, "silver.sales", 1) in loaded(place.lake)
    edges = rows(place.lake, "ops.data_lineage")
    keys = ("output_table", "output_version", "output_column", "input_table", "input_column",
            "type", "subtype")  # fmt: skip
    assert len({tuple(row[key] for key in keys) for row in edges}) == len(edges), "doubled"
    [death] = [r for r in rows(place.lake, "ops.pipeline_runs") if r["run_id"] == dead]
    assert death["status"] == "killed"


def test_writes_that_fail_are_told_as_complete_and_not_loaded(place: Place):
    """Of Gold's first table another writer takes the next version between data and commit: Delta
    refuses, and Atlas writes again. Of the second a task dies half-way: the run fails."""
    before = loaded(place.lake)
    script = ("-m", "tests.contested_run", "gold.customer_360", "gold.customer_features")
    ran = place.run(*contracts(place), script=script, ATLAS_RETRY_SECONDS="0.1")
    assert (ran.code, ran.told["status"]) == (1, "failed"), ran.stderr[-2000:]
    assert "a commit failed" in ran.stderr

    told = {
        table: [lineage_of(event) for event in written(place, ran.run_id, table)]
        for table in ("gold.customer_360", "gold.customer_features")
    }
    assert told == {
        "gold.customer_360": [("COMPLETE", True), ("COMPLETE", True)],
        "gold.customer_features": [("COMPLETE", True)],
    }
    named = [
        (output["name"].rpartition("/")[2], output["facets"]["version"]["datasetVersion"])
        for event in place.events(ran.run_id, OURS)
        for output in event["outputs"]
        if "/gold/" in output["name"]
    ]
    assert named == [("customer_360", "1"), ("customer_360", "2"), ("customer_features", "1")]

    lake = Lake(load_settings(lake=str(place.lake)))
    assert [entry["version"] for entry in lake.history("gold.customer_360")] == [2, 1, 0]
    found = load_lineage(lake)
    assert found.left_out["uncommitted"] == 4, "two of each teller"
    gold = {(t, v) for run, t, v in loaded(place.lake) - before if t.startswith("gold.")}
    assert gold == {("gold.customer_360", 2)}
    assert loaded(place.lake) == committed(place.lake)
