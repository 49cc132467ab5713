"""Which run a task of Airflow tells its job, where there is no OpenLineage provider."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from atlas_airflow.lineage import PARENT, ROOT, started_by
from conf.parent_run import run_name
from conf.settings import load_settings


def told(**other: Any) -> dict[str, str]:
    given = {"dag_id": "atlas_dev", "task_id": "ingest_t", "map_index": -1, "try_number": 1} | other
    run = given.pop("run_id", "scheduled__2026-01-31T02:00:00+00:00")
    task = SimpleNamespace(**given)
    return started_by({"ti": task, "dag_run": SimpleNamespace(run_id=run)})


def test_it_is_what_the_job_takes(monkeypatch):
    for name, value in told().items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.parent_run, settings.root_run) == (told()[PARENT], told()[ROOT])
    assert run_name(told()[PARENT])[:2] == ("airflow", "atlas_dev.ingest_t")
    assert run_name(told()[ROOT])[:2] == ("airflow", "atlas_dev")


def test_the_same_try_is_the_same_run_and_another_try_another_of_the_same_dag_run():
    assert told() == told()
    again = told(try_number=2)
    assert again[PARENT] != told()[PARENT] and again[ROOT] == told()[ROOT]
    assert run_name(again[PARENT]).job == run_name(told()[PARENT]).job
    assert told(map_index=3)[PARENT] != told()[PARENT]


def test_another_night_is_another_run_of_both():
    other = told(run_id="scheduled__2026-02-01T02:00:00+00:00")
    assert {run_name(r).run_id for r in other.values()}.isdisjoint(
        run_name(r).run_id for r in told().values()
    )


def test_the_namespace_is_the_one_of_openlineage(monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "night")
    assert {run_name(r).namespace for r in told().values()} == {"night"}
