"""The DAG on a real Airflow: parsed, rendered, run on a small sample, and failing as it should."""

from __future__ import annotations

import gzip
import json
import secrets
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from jobs.generate_sources import generate_sources
from tests.airflow_home import FOLDER, AirflowHome
from tests.integration.test_pipeline import GOLD, TABLES
from tests.lakes import content, rows
from tests.receivers import TOKEN, receiver
from tests.submitted import ROOT
from tests.unit.contract_texts import column, key, table, write

pytestmark = pytest.mark.full

HOUR = 3600
LAKE_TASKS = {
    "verify_infrastructure": ([], "default_pool"),
    "ingest_customers": (["verify_infrastructure"], "atlas_dev_customers"),
    "refine_customers": (["ingest_customers"], "atlas_dev_customers"),
    "ingest_orders": (["verify_infrastructure"], "atlas_dev_orders"),
    "refine_orders": (["ingest_orders", "refine_customers"], "atlas_dev_orders"),
    "build_gold": (["refine_customers", "refine_orders"], "atlas_dev_gold"),
    "verify_accounting": (["build_gold", "refine_customers", "refine_orders"], "default_pool"),
}
COMMANDS = {
    "verify_infrastructure": ["/data/in", "--no-spark", "--lake=s3a://lake/x"],
    "ingest_customers": ["/data/in", "--table=customers", "--redeliver", "--lake=s3a://lake/x"],
    "refine_customers": ["--table=customers", "--lake=s3a://lake/x"],
    "ingest_orders": ["/data/in", "--table=orders", "--redeliver", "--lake=s3a://lake/x"],
    "refine_orders": ["--table=orders", "--lake=s3a://lake/x"],
    "build_gold": ["--as-of=2026-01-31", "--lake=s3a://lake/x"],
    "verify_accounting": ["--lake=s3a://lake/x"],
}
DEFAULTS = {
    "verify_infrastructure": ["--no-spark"],
    "ingest_customers": ["--table=customers"],
    "refine_customers": ["--table=customers"],
    "ingest_orders": ["--table=orders"],
    "refine_orders": ["--table=orders"],
    "build_gold": [],
    "verify_accounting": [],
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory) -> AirflowHome:
    return AirflowHome(tmp_path_factory.mktemp("airflow") / "home").start()


@pytest.fixture(scope="module")
def parsed(airflow):
    return airflow.facts({"ATLAS_DEADLINE_MINUTES": ""})


def script(task: str) -> str:
    job = (
        task
        if task.startswith("verify") or task == "build_gold"
        else task.split("_", maxsplit=1)[0]
    )
    return str(ROOT / "jobs" / f"{job}.py")


def test_it_is_parsed_quickly_and_without_spark(parsed):
    assert parsed["errors"] == {}
    assert sorted(parsed["dags"]) == ["atlas_dev", "atlas_prod", "atlas_staging"]
    assert parsed["heavy"] == []
    assert parsed["seconds"] < 3  # the provider's imports included; 0.6 on an idle machine


def test_each_environment_is_a_dag_of_its_own(parsed):
    for name, dag in parsed["dags"].items():
        environment = name.removeprefix("atlas_")
        assert dag["tags"] == sorted(["atlas", environment])
        assert (dag["schedule"], dag["catchup"], dag["at_once"]) == ("0 2 * * *", False, [1, 4])
        assert dag["timeout"] == 6 * HOUR
        assert dag["deadline"] == [[3 * HOUR, "atlas_airflow.alerts.on_deadline"]]
        assert {t["command"][-2] for t in dag["tasks"].values()} == {f"--namespace={environment}"}


def test_tasks_their_order_pools_and_retries(parsed):
    tasks = parsed["dags"]["atlas_dev"]["tasks"]
    assert {name: (t["upstream"], t["pool"]) for name, t in tasks.items()} == LAKE_TASKS
    for told in tasks.values():
        assert (told["retries"], told["waits"]) == (3, [120, 2.0])
        assert (told["longest_wait"], told["timeout"]) == (1800, 2 * HOUR)
        assert told["callback"] == ["on_failure"]


@pytest.mark.parametrize("is_default", [True, False])
def test_the_commands_as_rendered(airflow, is_default):
    params = {"sources": "/data/in", "lake": "s3a://lake/x", "as_of": "2026-01-31"}
    key, settings = secrets.token_hex(32), {"ATLAS_PY_FILES": "/opt/atlas/dist/atlas.zip"}
    settings |= {"ATLAS_PII_SECRET": key, "ATLAS_ALERT_WEBHOOK": f"http://127.0.0.1/{TOKEN}"}
    told = airflow.facts(settings, params={} if is_default else params | {"redeliver": True})
    for task, arguments in (DEFAULTS if is_default else COMMANDS).items():
        command = told["dags"]["atlas_prod"]["tasks"][task]["command"]
        assert command == [
            "spark-submit", "--master", "local[2]", "--properties-file",
            str(airflow.folder / "spark.conf"), "--py-files", "/opt/atlas/dist/atlas.zip",
            "--name", f"atlas_prod.{task}", script(task), *arguments, "--namespace=prod", "--json",
        ]  # fmt: skip
    assert key not in str(told) and TOKEN not in str(told)


def test_parameters_are_checked_by_their_schema(airflow):
    allowed = [
        ("sources", "/data"),
        ("lake", "s3a://lake"),
        ("lake", None),
        ("as_of", "2026-02-28"),
    ]
    wrong = [
        ("sources", "--help"),
        ("sources", "/a b"),
        ("lake", "ftp://x"),
        ("as_of", "2026-02-30"),
    ]
    wrong += [("redeliver", "yes"), ("redeliver", None)]
    assert airflow.facts(values=allowed)["refused"] == [False] * len(allowed)
    assert airflow.facts(values=wrong)["refused"] == [True] * len(wrong)


def test_a_new_contract_is_new_tasks(airflow, tmp_path):
    for path in (ROOT / "conf" / "contracts").glob("*.odcs.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    refers = column("order_id", relationships=[{"to": "orders.order_id"}])
    write(tmp_path, table("returns", [key("return_id"), refers]), file="returns")
    settings = {"ATLAS_CONTRACTS": str(tmp_path), "ATLAS_ENVIRONMENTS": "test"}
    told = airflow.facts(settings)["dags"]["atlas_test"]["tasks"]
    assert told["refine_returns"]["upstream"] == ["ingest_returns", "refine_orders"]
    assert told["build_gold"]["upstream"] == ["refine_customers", "refine_orders"]
    assert "refine_returns" in told["verify_accounting"]["upstream"]
    assert "atlas_test_returns" in airflow.run(str(FOLDER / "pools.py"), **settings)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"ATLAS_ENVIRONMENTS": "dev,Prod"}, "ATLAS_ENVIRONMENTS: found 'Prod'"),
        ({"ATLAS_CONTRACTS": "/nowhere"}, "/nowhere: no *.odcs.yaml in it"),
    ],
)
def test_a_wrong_setting_is_an_import_error_that_names_it(airflow, settings, what):
    told = airflow.facts(settings)
    assert told["dags"] == {} and what in told["errors"]["atlas.py"]


def test_every_pool_is_there_with_one_slot(airflow, parsed):
    there = dict(airflow.query("select pool, slots from slot_pool"))
    needed = {t["pool"] for dag in parsed["dags"].values() for t in dag["tasks"].values()}
    assert {there[pool] for pool in needed - {"default_pool"}} == {1}


@pytest.fixture(scope="module")
def ran(airflow, tmp_path_factory):
    """A run, and another; settings and key in the environment's own file."""
    place = tmp_path_factory.mktemp("airflow sample").rename(airflow.folder.with_name("sample"))
    truth = generate_sources(place / "sources", 50, 100, seed=11)
    secret = secrets.token_hex(32)
    (place / "settings" / "dev").mkdir(parents=True)
    file = place / "settings" / "dev" / ".env"
    file.touch(mode=0o600)
    file.write_text(f"ATLAS_PII_SECRET={secret}\nATLAS_SOURCES={place / 'sources'}\n")
    told = []
    for _ in range(2):
        code, out = airflow.test("atlas_dev", {}, ATLAS_SETTINGS=str(place / "settings"))
        assert code == 0, out[-4000:]
        lake = airflow.lake / "dev"
        tables = {name: content(lake, name) for name in (*TABLES, *GOLD)}
        results = {task: airflow.result("atlas_dev", task) for task in LAKE_TASKS}
        told.append((airflow.tasks("atlas_dev"), tables, results, out))
    return truth, secret, told


def test_a_run_brings_the_sample_to_gold(airflow, ran):
    truth, _, [(states, tables, results, _), _] = ran
    assert states == dict.fromkeys(LAKE_TASKS, ("success", 1))
    customers, orders = truth["customers"], truth["orders"]
    lines = {name: len(frame) for name, frame in tables.items()}
    assert lines == {
        "bronze.customers": customers["rows"],
        "bronze.orders": orders["rows"],
        "silver.customers": customers["distinct_ids"],
        "silver.orders": orders["rows"] - orders["quarantined"],
        "gold.customer_360": customers["distinct_ids"],
        "gold.customer_features": customers["distinct_ids"],
    }
    told = results["refine_orders"]["tables"]["orders"]
    assert (told["read"], told["quarantined"]) == (orders["rows"], orders["quarantined"])
    runs = rows(airflow.lake / "dev", "ops.pipeline_runs", "select run_id, status from t")
    statuses = {r["run_id"]: r["status"] for r in runs}
    assert statuses[results["refine_orders"]["run_id"]] == "succeeded"


def test_every_job_knows_the_task_that_started_it(airflow, ran):
    """Each try its own run, of the DAG run that is the first of all."""
    _, _, told = ran
    runs = rows(airflow.lake / "dev", "ops.pipeline_runs", "select run_id, triggered_by from t")
    by_run = {r["run_id"]: r["triggered_by"] for r in runs}
    assert None not in by_run.values() and len(set(by_run.values())) == len(by_run)
    first, second = (
        {
            task: by_run[found["run_id"]]
            for task, found in results.items()
            if found.get("run_id") in by_run
        }
        for _, _, results, _ in told
    )
    assert set(first) == set(second) == set(LAKE_TASKS) - {"verify_infrastructure"}
    for task, run in [*first.items(), *second.items()]:
        assert run.startswith(f"airflow/atlas_dev.{task}/"), run
    roots = set()
    for file in (airflow.lake / "dev" / "ops" / "_lineage").rglob("*.atlas.*"):
        content = file.read_bytes()
        for line in (gzip.decompress(content) if file.suffix == ".gz" else content).splitlines():
            event = json.loads(line)
            if event["run"]["runId"] in by_run:
                root = event["run"]["facets"]["parent"]["root"]
                roots.add((root["job"]["namespace"], root["job"]["name"], root["run"]["runId"]))
    assert {root[:2] for root in roots} == {("airflow", "atlas_dev")}
    assert len(roots) == 2, "one for each run of the DAG"


def test_a_second_run_changes_nothing(ran):
    _, _, [(_, before, _, _), (states, after, results, _)] = ran
    assert states == dict.fromkeys(LAKE_TASKS, ("success", 1))
    assert results["refine_customers"]["tables"] == results["refine_orders"]["tables"] == {}
    for name, frame in before.items():
        assert frame.equals(after[name]), name


def test_no_secret_is_in_logs_or_database(airflow, ran):
    _, secret, told = ran
    assert all(secret not in out for *_, out in told)
    for path in airflow.folder.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes(), path


@pytest.fixture
def small(tmp_path):
    """A table of two columns whose check stops it."""
    price = column("price", "number", {"treatment": "keep"}, classification="internal")
    check = {
        "name": "price_plausible", "type": "custom", "engine": "soda", "dimension": "accuracy",
        "severity": "error",
        "implementation": {"failed rows": {"fail condition": "price > 100"}},
    }  # fmt: skip
    (tmp_path / "contracts").mkdir()
    write(tmp_path / "contracts", table("parts", [key("part_id"), price], quality=[check]))
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "parts.csv").write_text("part_id,price\n1,20\n2,500\n")
    return {
        "ATLAS_CONTRACTS": str(tmp_path / "contracts"),
        "ATLAS_SOURCES": str(tmp_path / "sources"),
        "ATLAS_LAKE": str(tmp_path / "lake"),
    }


def test_a_gate_fails_at_once_and_tells_it(airflow, small):
    with receiver() as told:
        code, out = airflow.test("atlas_staging", {}, ATLAS_ALERT_WEBHOOK=told.url, **small)
    assert code != 0 and TOKEN not in out
    assert airflow.tasks("atlas_staging") == {
        "verify_infrastructure": ("success", 1),
        "ingest_parts": ("success", 1),
        "refine_parts": ("failed", 1),
        "build_gold": ("upstream_failed", 0),
        "verify_accounting": ("upstream_failed", 0),
    }
    run_id = airflow.result("atlas_staging", "refine_parts", "atlas")["run_id"]
    (alert,) = [body for body in told.bodies if body["alert"] == "task_failed"]
    assert alert["run_id"] == run_id
    assert alert["text"].startswith(
        "Atlas: atlas_staging: refine_parts failed on try 1, run manual__"
    )
    assert ": exit code 3: parts: held: quality of what would be published: price" in alert["text"]
    assert alert["text"].endswith(f"(report {run_id}.html)")
    assert alert["text"] in out
    assert (
        Path(small["ATLAS_LAKE"])
        .with_name("reports")
        .joinpath("staging", f"{run_id}.html")
        .is_file()
    )


def test_wrong_settings_fail_at_once(airflow, small):
    code, out = airflow.test("atlas_staging", {}, ATLAS_LEAK_SAMPLE="0", **small)
    assert code != 0
    states = airflow.tasks("atlas_staging")
    assert states["verify_infrastructure"] == ("failed", 1)
    assert states["ingest_parts"] == ("upstream_failed", 0)
    assert "exit code 2: settings: ATLAS_LEAK_SAMPLE: " in out


def test_a_task_that_is_ended_ends_its_job(airflow, small):
    """The job goes as cancelled, with its record, and leaves no process."""
    process = airflow.start_test("atlas_staging", {}, **small)
    lake = Path(small["ATLAS_LAKE"]) / "staging"
    try:
        until = time.monotonic() + 180
        while not (pids := driver_and_jvm(lake)) and time.monotonic() < until:
            time.sleep(0.2)
        process.terminate()
        _, still = psutil.wait_procs(pids, timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert len(pids) == 2 and still == []
    runs = rows(lake, "ops.pipeline_runs", "select job, status from t")
    assert [(r["job"], r["status"]) for r in runs] == [("ingest", "cancelled")]


def driver_and_jvm(lake: Path) -> list[psutil.Process]:
    """Of a job that has started Spark."""
    for file in lake.glob("ops/_live/*.json"):
        with suppress(OSError, ValueError, TypeError, LookupError):  # half written, or no JVM yet
            live = json.loads(file.read_text())
            return [psutil.Process(live[p]["pid"]) for p in ("python", "jvm")]
    return []


def test_what_may_pass_is_tried_again(airflow, small, tmp_path):
    """A mount that is not there yet; and who waits for the next try is told nothing."""
    settings = small | {"ATLAS_SOURCES": str(tmp_path / "gone")}
    with receiver() as told:
        process = airflow.start_test("atlas_staging", {}, ATLAS_ALERT_WEBHOOK=told.url, **settings)
        try:
            until = time.monotonic() + 120
            states: dict[str, tuple[str, int]] = {}
            while time.monotonic() < until and process.poll() is None:
                states = airflow.tasks("atlas_staging")
                if any(state == "up_for_retry" for state, _ in states.values()):
                    break
                time.sleep(0.5)
        finally:
            process.kill()
            process.communicate()
    waiting = {task: tries for task, (state, tries) in states.items() if state == "up_for_retry"}
    assert list(waiting.values()) == [1], states
    assert [b for b in told.bodies if b["alert"] == "task_failed"] == []
