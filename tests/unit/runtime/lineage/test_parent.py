"""The run that started this one: in our own events, and in what the listener is told."""

from __future__ import annotations

import json

import pytest
from openlineage.client.event_v2 import RunState

from conf.parent_run import ParentRun, run_name
from conf.settings import load_settings
from jobs.runtime.lineage import parent as module
from jobs.runtime.lineage.datasets import Dataset
from jobs.runtime.lineage.own_events import Teller
from jobs.runtime.lineage.parent import listener_settings, parent_of

OWN = run_name("file:///lake#dev/atlas.ingest/11111111-1111-4111-8111-111111111111")
TASK = run_name("airflow/atlas_dev.ingest_orders/22222222-2222-4222-8222-222222222222")
DAG = run_name("airflow/atlas_dev/33333333-3333-4333-8333-333333333333")
SPARK = "spark.openlineage."


def three(kind: str, run) -> dict[str, str]:
    names = ("JobNamespace", "JobName", "RunId")
    return {f"{SPARK}{kind}{name}": part for name, part in zip(names, run, strict=True)}


@pytest.fixture
def told(monkeypatch) -> dict[str, str]:
    """What spark-submit was told; a real one is asked in tests/integration/test_submitted_lineage.py."""
    conf: dict[str, str] = {}
    monkeypatch.setattr(module, "submitted_conf", lambda: conf)
    return conf


def test_nobody_started_it(told):
    assert parent_of(load_settings()) is None
    assert listener_settings(OWN, None) == three("parent", OWN)


def test_the_listeners_parent_is_our_run_and_its_root_is_the_first_run(told):
    parent = parent_of(load_settings(parent_run=str(TASK), root_run=str(DAG)))
    assert parent == ParentRun(TASK, DAG)
    assert listener_settings(OWN, parent) == three("parent", OWN) | three("rootParent", DAG)
    assert parent_of(load_settings(parent_run=str(TASK))) == ParentRun(TASK, TASK)


def test_what_spark_was_told_beats_the_setting_and_is_left_alone(told):
    told |= three("parent", TASK) | three("rootParent", DAG)
    parent = parent_of(load_settings(parent_run=str(OWN)))
    assert parent == ParentRun(TASK, DAG)
    assert listener_settings(OWN, parent) == {}
    del told[f"{SPARK}rootParentRunId"]
    assert listener_settings(OWN, parent) == three("rootParent", DAG)


def test_half_a_parent_is_none_and_is_not_mixed_with_ours(told):
    told[f"{SPARK}parentRunId"] = TASK.run_id
    assert parent_of(load_settings()) is None
    assert listener_settings(OWN, None) == {}


def facet(event: str) -> dict | None:
    return json.loads(event)["run"]["facets"].get("parent")


def part(run) -> dict:
    return {"run": {"runId": run.run_id}, "job": {"namespace": run.namespace, "name": run.job}}


def without_empty(told: dict) -> dict:
    return {k: without_empty(v) if isinstance(v, dict) else v for k, v in told.items() if v != {}}


def test_our_run_tells_its_parent_and_what_it_writes_tells_our_run():
    teller = Teller(OWN.namespace, OWN.run_id, "ingest", ParentRun(TASK, DAG))
    found = without_empty(facet(teller.run(RunState.START)) or {})
    assert {k: found[k] for k in ("run", "job", "root")} == part(TASK) | {"root": part(DAG)}
    found = without_empty(facet(teller.quality("refine", Dataset("file", "/lake/t"), [])) or {})
    assert {k: found[k] for k in ("run", "job", "root")} == part(OWN) | {"root": part(DAG)}


def test_a_run_that_nobody_started_has_no_parent():
    teller = Teller(OWN.namespace, OWN.run_id, "ingest")
    assert facet(teller.run(RunState.START)) is None
    found = facet(teller.quality("refine", Dataset("file", "/lake/t"), []))
    assert found and "root" not in found
