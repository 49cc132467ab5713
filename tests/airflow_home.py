"""A real Airflow in an environment of its own, made once and kept outside the repository.

Its packages are those of docker/airflow/requirements.txt, so that what is tested is what is deployed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.runtime.archive import archive_options
from jobs.runtime.jars import resolved_jars
from jobs.runtime.java import java_home
from tests.conftest import unavailable
from tests.submitted import ROOT, SUBMIT
from tests.tools import CACHE, only_one

FOLDER = ROOT / "docker" / "airflow"
REQUIREMENTS = FOLDER / "requirements.txt"


def airflow_python() -> Path:
    """The environment's interpreter, made if it is missing: about a minute, 660 MB."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    place = CACHE / f"airflow-{digest}"
    python = place / "bin" / "python"
    with only_one("airflow"):
        if (place / ".ready").exists():
            return python
        shutil.rmtree(place, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
        for command in (
            [sys.executable, "-m", "venv", "--without-pip", str(place)],
            [*pip, "install", "--quiet", "--no-deps", "-r", str(REQUIREMENTS)],
            [*pip, "check"],
        ):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                unavailable(f"Airflow could not be installed: {(done.stdout + done.stderr)[-500:]}")
        (place / ".ready").touch()  # whole or not at all
    return python


@dataclass
class AirflowHome:
    """An AIRFLOW_HOME with a database of its own, on SQLite."""

    folder: Path
    python: Path = field(default_factory=airflow_python)

    @property
    def database(self) -> Path:
        return self.folder / "airflow.db"

    @property
    def lake(self) -> Path:
        return self.folder.with_name("lake")

    def start(self) -> AirflowHome:
        """Make the database and the pools, as docs/AIRFLOW.md says."""
        self.folder.mkdir()
        (self.folder / "spark.conf").write_text(_spark_properties())
        self.airflow("db", "migrate")
        pools = self.folder / "pools.json"
        pools.write_text(self.run(str(FOLDER / "pools.py")))
        self.airflow("pools", "import", str(pools))
        return self

    def environment(self, **settings: str) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("ATLAS_", "SPARK_"))}
        return {
            **kept,
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__CORE__DAGS_FOLDER": str(FOLDER / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.database}",
            "AIRFLOW_CONN_SPARK_DEFAULT": json.dumps({"conn_type": "spark", "host": "local[2]"}),
            "ATLAS_SPARK_PROPERTIES": str(self.folder / "spark.conf"),
            "ATLAS_LAKE": str(self.lake),
            "ATLAS_WAIT_SECONDS": "5",
            "ATLAS_DEADLINE_MINUTES": "0",  # `dags test` of 3.3.2 cannot end a run that has one
            "JAVA_HOME": str(java_home()),
            "PATH": f"{SUBMIT.parent}{os.pathsep}{os.environ['PATH']}",  # spark-submit
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            **settings,
        }

    def run(self, *arguments: str, **settings: str) -> str:
        """Standard output of Airflow's Python; it must exit with 0."""
        command, environment = [str(self.python), *arguments], self.environment(**settings)
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        return done.stdout

    def airflow(self, *arguments: str) -> str:
        return self.run("-m", "airflow", *arguments)

    def facts(self, settings: Mapping[str, str] | None = None, **asked: Any) -> dict[str, Any]:
        """What the parser makes of the DAG (tests/airflow_facts.py)."""
        script = str(ROOT / "tests" / "airflow_facts.py")
        arguments = [str(FOLDER / "dags"), json.dumps(asked)]
        told = self.run(script, *arguments, **(settings or {}))
        return dict(json.loads(told.splitlines()[-1]))

    def start_test(
        self, dag: str, params: Mapping[str, Any], **settings: str
    ) -> subprocess.Popen[str]:
        """`airflow dags test`, in a process group of its own."""
        conf = json.dumps(params)
        return subprocess.Popen(
            [str(self.python), "-m", "airflow", "dags", "test", dag, "--conf", conf],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment(**settings),
        )

    def test(self, dag: str, params: Mapping[str, Any], **settings: str) -> tuple[int, str]:
        """Exit code and output of `airflow dags test`."""
        process = self.start_test(dag, params, **settings)
        out, _ = process.communicate(timeout=600)
        return process.returncode, out

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database, timeout=30)) as database:
            return database.execute(sql).fetchall()

    def tasks(self, dag: str) -> dict[str, tuple[str, int]]:
        """State and number of tries of each task in the DAG's last run."""
        last = f"(select run_id from dag_run where dag_id = '{dag}' order by id desc limit 1)"
        told = f"select task_id, state, try_number from task_instance where run_id = {last}"
        return {task: (state, tries) for task, state, tries in self.query(told)}

    def result(self, dag: str, task: str, key: str = "return_value") -> Any:
        """What a task of the DAG's last run left as XCom."""
        told = f"select value from xcom where dag_id = '{dag}' and task_id = '{task}' and key = '{key}'"
        found = self.query(f"{told} order by timestamp desc limit 1")
        return json.loads(found[0][0]) if found else None


def _spark_properties() -> str:
    """Those of production, with JARs that are here already and a small driver."""
    options = ["-XX:TieredStopAtLevel=1", *archive_options()]
    told = {
        "spark.jars.packages": None,
        "spark.driver.extraClassPath": os.pathsep.join(map(str, resolved_jars())),
        "spark.driver.extraJavaOptions": " ".join(options),
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
    }
    lines = (ROOT / "spark-defaults.conf").read_text().splitlines()
    kept = [line for line in lines if line.split()[:1] and line.split()[0] not in told]
    return "\n".join([*kept, *(f"{n} {v}" for n, v in told.items() if v), ""])
