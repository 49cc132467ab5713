"""Spark's own numbers as docs/OPERATIONS.md sets them up: what its UI answers Prometheus during a
run, and the event log that a history server reads. None of it holds a planted value."""

from __future__ import annotations

import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobs.generate_sources import generate_sources
from tests.leaks import Needles, planted_values
from tests.minio import free_port
from tests.submitted import ROOT, Place, submit

pytestmark = pytest.mark.full

SEED = 23
EXECUTORS, DRIVER = "/metrics/executors/prometheus", "/metrics/prometheus"
APPLICATIONS = "/api/v1/applications"
SQL = "sql?details=true&length=1000"  # every query with its plan
LOOK_SECONDS = 1.0


def documented_settings() -> dict[str, str]:
    """The settings that docs/OPERATIONS.md shows for Spark's own numbers."""
    text = (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
    section = text[text.index("## Spark's own numbers") :]
    found = re.search(r"```\n(.*?)```", section, re.DOTALL)
    assert found
    lines = [line.split() for line in found[1].splitlines() if line.startswith("spark.")]
    return dict(lines)


def test_the_production_file_has_the_documented_settings_as_comments() -> None:
    lines = (ROOT / "spark-defaults.conf").read_text(encoding="utf-8").splitlines()
    commented = dict(line[2:].split() for line in lines if line.startswith("# spark."))
    assert commented == documented_settings()


class Answers:
    """What the UI of a run on a port answers, asked until it is gone."""

    def __init__(self, port: int) -> None:
        self._base, self._over = f"http://127.0.0.1:{port}", threading.Event()
        self.bodies: dict[str, list[str]] = {}
        self._thread = threading.Thread(target=self._ask_all, daemon=True)

    def __enter__(self) -> Answers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _ask_all(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for path in (EXECUTORS, DRIVER):
                self._ask(path)
            for application in json.loads(self._ask(APPLICATIONS) or "[]"):
                for part in ("environment", "jobs", "stages", SQL):
                    self._ask(f"{APPLICATIONS}/{application['id']}/{part}")

    def _ask(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(self._base + path, timeout=10) as answer:
                body = str(answer.read().decode())
        except OSError:  # not there yet, or no longer
            return None
        self.bodies.setdefault(path, []).append(body)
        return body

    def samples(self, path: str) -> dict[str, tuple[dict[str, str], float]]:
        """(labels, value) by name, of the last answer, as Prometheus' own parser reads it."""
        return {
            sample.name: (sample.labels, sample.value)
            for family in text_string_to_metric_families(self.bodies[path][-1])
            for sample in family.samples
        }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Answers]]:
    """A pipeline by spark-submit with these settings, asked all the while."""
    place, port = Place(tmp_path_factory.mktemp("metrics") / "a run"), free_port()
    generate_sources(place.sources, 300, 900, seed=SEED)
    print(f"seed {SEED}")
    told = documented_settings() | {"spark.ui.port": str(port), "spark.port.maxRetries": "0"}
    told |= {"spark.eventLog.dir": place.events.as_uri(), "spark.eventLog.compress": "false"}
    arguments = [str(place.sources), "--lake", str(place.lake), "--json"]
    with Answers(port) as answers:
        script = ROOT / "jobs" / "pipeline.py"
        code = submit(place, script, *arguments, conf=told, env={"SPARK_LOCAL_IP": "127.0.0.1"})
    assert code == 0, place.text("stderr")[-2000:]
    yield place, answers


def test_executors_answer_prometheus(run) -> None:
    samples = run[1].samples(EXECUTORS)
    labels, tasks = samples["metrics_executor_completedTasks_total"]
    assert (labels["application_name"], labels["executor_id"]) == ("pipeline.py", "driver")
    assert tasks > 50
    assert samples["metrics_executor_failedTasks_total"][1] == 0
    for name in ("memoryUsed_bytes", "maxMemory_bytes", "JVMHeapMemory_bytes"):
        assert f"metrics_executor_{name}" in samples
    assert samples["metrics_executor_totalShuffleWrite_bytes_total"][1] > 0
    assert samples["metrics_executor_maxMemory_bytes"][1] > 100 * 1024 * 1024


def test_the_driver_answers_prometheus_under_a_name_that_stays(run) -> None:
    samples = run[1].samples(DRIVER)
    for name in (
        "BlockManager_memory_maxMem_MB_Value",
        "DAGScheduler_job_allJobs_Value",
        "DAGScheduler_stage_failedStages_Value",
        "jvm_heap_used_Value",
        "LiveListenerBus_numEventsPosted_Count",
    ):
        assert f"metrics_atlas_driver_{name}" in samples, sorted(samples)[:40]
    assert samples["metrics_atlas_driver_DAGScheduler_job_allJobs_Value"][1] > 10
    assert samples["metrics_atlas_driver_DAGScheduler_stage_failedStages_Value"][1] == 0


def test_no_answer_holds_a_planted_value(run) -> None:
    place, answers = run
    needles = Needles(planted_values(place.sources))
    asked = {path.rpartition("/")[2] for path in answers.bodies}
    assert {"prometheus", "environment", "jobs", "stages", SQL} <= asked
    plans = "".join(answers.bodies[p][-1] for p in answers.bodies if "sql?" in p)
    assert "customer_360" in plans and len(plans) > 100_000, "plans were told"
    for path, bodies in answers.bodies.items():
        assert needles.kinds_in("\n".join(bodies).encode()) == set(), path
    clear = (place.sources / "customers.csv").read_bytes()
    assert needles.kinds_in(clear) >= {"email", "phone"}, "the needles would be found"


def events(place: Place) -> list[dict[str, Any]]:
    (log,) = place.events.iterdir()
    assert not log.name.endswith(".inprogress")
    return [json.loads(line) for line in log.read_bytes().splitlines()]


def test_the_event_log_has_the_run_from_its_start_to_its_end(run) -> None:
    told = [event["Event"] for event in events(run[0])]
    assert told[0] == "SparkListenerLogStart"
    assert told[-1] == "SparkListenerApplicationEnd"
    (start,) = [e for e in events(run[0]) if e["Event"] == "SparkListenerApplicationStart"]
    assert start["App Name"] == "pipeline.py"
    descriptions = {
        e["Properties"].get("spark.job.description")
        for e in events(run[0])
        if e["Event"] == "SparkListenerJobStart"
    }
    assert {"merge orders", "customer 360"} <= descriptions


def test_the_event_log_holds_no_planted_value(run) -> None:
    place: Place = run[0]
    needles = Needles(planted_values(place.sources))
    (log,) = place.events.iterdir()
    assert Path(log).stat().st_size > 100_000
    assert needles.kinds_in(log.read_bytes()) == set()
