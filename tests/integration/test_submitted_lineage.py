"""Lineage of a real spark-submit: by the production file, without its JAR, and who started the run."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.generate_sources import generate_sources
from jobs.runtime.jars import resolved_jars
from jobs.runtime.lineage.listener import LISTENERS, STATIC
from tests.lakes import rows
from tests.submitted import ROOT, Place, submit

DEFAULTS = ROOT / "spark-defaults.conf"
INGEST = ROOT / "jobs" / "ingest.py"
TASK = ("airflow", "atlas_dev.ingest_customers", "22222222-2222-4222-8222-222222222222")
DAG = ("airflow", "atlas_dev", "33333333-3333-4333-8333-333333333333")
RESOLVED = {"spark.jars.packages": ""}  # they are on the class path already
WITHOUT_LISTENER = {
    "spark.driver.extraClassPath": os.pathsep.join(
        str(jar) for jar in resolved_jars() if "openlineage" not in jar.name
    )
}


def test_spark_defaults_has_the_listener_as_our_own_session_does():
    lines = [line.split(None, 1) for line in DEFAULTS.read_text().splitlines()]
    told = {line[0]: line[1].strip() for line in lines if len(line) == 2}
    lineage = {
        n: v for n, v in told.items() if n.startswith("spark.openlineage.") or n == LISTENERS
    }
    assert lineage == STATIC


@pytest.fixture
def place(tmp_path) -> Place:
    made = Place(tmp_path / "run")
    generate_sources(made.sources, 20, 30, seed=3)
    return made


def ingest(place: Place, **more: Any) -> int:
    arguments = (str(place.sources), "--lake", str(place.lake), "--table", "customers")
    return submit(place, INGEST, *arguments, **more)


def said(place: Place) -> str:
    return place.text("stdout") + place.text("stderr")


def events(lake: Path) -> Iterator[dict[str, Any]]:
    """All that a lake has been told."""
    for file in sorted((lake / "ops" / "_lineage").rglob("*.jsonl*")):
        content = file.read_bytes()
        content = gzip.decompress(content) if file.suffix == ".gz" else content
        yield from map(json.loads, content.splitlines())


def told_by(producer: str, lake: Path) -> list[dict[str, Any]]:
    return [e for e in events(lake) if (e["producer"] == "urn:atlas") is (producer == "atlas")]


def name(facet: dict[str, Any]) -> tuple[str, str, str]:
    return facet["job"]["namespace"], facet["job"]["name"], facet["run"]["runId"]


@pytest.mark.full
def test_by_the_production_file_all_events_land_and_tell_who_started_the_run(place):
    env = {"ATLAS_PARENT_RUN": "/".join(TASK), "ATLAS_ROOT_RUN": "/".join(DAG)}
    assert ingest(place, properties=DEFAULTS, conf=RESOLVED, env=env) == 0, said(place)[-3000:]
    (run,) = rows(place.lake, "ops.pipeline_runs")
    assert run["triggered_by"] == "/".join(TASK)

    whole = [e for e in told_by("atlas", place.lake) if e["run"]["runId"] == run["run_id"]]
    assert [e["eventType"] for e in whole] == ["START", "COMPLETE"]
    for event in whole:
        parent = event["run"]["facets"]["parent"]
        assert (name(parent), name(parent["root"])) == (TASK, DAG)
    heard = [e for e in told_by("listener", place.lake) if "parent" in e["run"]["facets"]]
    application = [e["run"]["facets"]["parent"] for e in heard if not e["outputs"]]
    ours = (f"file://{place.lake}#default", "atlas.ingest", run["run_id"])
    assert ours in {name(parent) for parent in application}
    assert {name(e["run"]["facets"]["parent"]["root"]) for e in heard} == {DAG}

    edges = rows(place.lake, "ops.data_lineage")
    assert {e["output_table"] for e in edges} >= {"bronze.customers"}
    assert "without Spark's listener" not in said(place)

    # Nothing is new: no session is opened, and what Spark was told counts all the same.
    names = ("parentJobNamespace", "parentJobName", "parentRunId")
    conf = {f"spark.openlineage.{n}": part for n, part in zip(names, DAG, strict=True)}
    assert ingest(place, properties=DEFAULTS, conf=RESOLVED | conf, env=env) == 0, said(place)
    _, second = rows(place.lake, "ops.pipeline_runs", "select * from t order by started_at")
    assert second["triggered_by"] == "/".join(DAG)


@pytest.mark.full
def test_without_its_jar_the_run_goes_on_and_says_so_once(place):
    assert ingest(place, conf=WITHOUT_LISTENER) == 0, said(place)[-3000:]
    told = [line for line in said(place).splitlines() if "without Spark's listener" in line]
    assert len(told) == 1, told
    assert (
        "io.openlineage:openlineage-spark_2.12:1.53.0 is not on the driver's class path" in told[0]
    )
    assert "--properties-file spark-defaults.conf" in told[0]
    assert told_by("listener", place.lake) == []
    edges = rows(place.lake, "ops.data_lineage")
    assert {e["input_table"] for e in edges} == {"source.customers"}


@pytest.mark.full
def test_a_listener_without_its_jar_is_refused_in_one_line(place):
    code = ingest(place, properties=DEFAULTS, conf=RESOLVED | WITHOUT_LISTENER)
    assert code == 2, said(place)[-3000:]
    told = [line for line in said(place).splitlines() if line.startswith("error: ")]
    assert told == [
        "error: spark.extraListeners names OpenLineage's listener, which is not on the driver's class "
        "path: keep io.openlineage:openlineage-spark_2.12:1.53.0 in spark.jars.packages (--packages "
        "replaces that list), or switch the listener off by --conf spark.extraListeners="
    ]
    assert "Traceback" not in said(place) and "\tat org.apache" not in said(place)
