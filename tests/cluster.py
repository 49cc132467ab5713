"""A real Spark standalone cluster on this machine: a master and workers, each a process."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

from jobs.runtime.jars import resolved_jars, s3_jars
from jobs.runtime.java import java_home
from tests.minio import free_port
from tests.submitted import ROOT, SUBMIT
from udfs.pii.config import pii_config

CLASSES = "org.apache.spark.deploy"
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"


@dataclass
class Cluster:
    """A master and its workers, of one core each."""

    folder: Path
    workers: int = 2
    secret: str = field(default_factory=lambda: secrets.token_hex(32))  # of spark.authenticate
    memory: str = "1500m"
    is_pinned: bool = False  # each worker to a core of its own, as a machine of one core would be
    port: int = field(default_factory=free_port)
    web: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"spark://127.0.0.1:{self.port}"

    def start(self) -> Cluster:
        """Start master and workers, and wait until all workers are registered."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.properties("")
        self._run(
            "master",
            f"{CLASSES}.master.Master",
            "--port",
            str(self.port),
            "--webui-port",
            str(self.web),
        )
        for number in range(self.workers):
            self._run(
                f"worker{number}", f"{CLASSES}.worker.Worker", "--cores", "1", "--memory", self.memory,
                "--work-dir", str(self.folder / f"work{number}"), "--webui-port", str(free_port()), self.url,
                before=("taskset", "-c", str(number)) if self.is_pinned else (),
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._page().count("ALIVE") > self.workers:  # the master itself is one
                return self
            time.sleep(0.3)
        raise RuntimeError((self.folder / "worker0.log").read_text()[-800:])

    def properties(self, more: str) -> Path:
        """A file of settings with the cluster's secret in it: never an argument."""
        file = self.folder / "conf" / "spark-defaults.conf"
        file.parent.mkdir(exist_ok=True, mode=0o700)
        told = {
            "spark.authenticate": "true",
            "spark.authenticate.secret": self.secret,
            "spark.network.crypto.enabled": "true",
        }
        file.touch(mode=0o600)
        file.write_text("\n".join([*(f"{n} {v}" for n, v in told.items()), more]))
        return file

    def python(self) -> Path:
        """The executors' interpreter: with Atlas's libraries, and without Atlas itself, which is
        installed where the tests run."""
        home = self.folder / "python"
        if not home.exists():
            make = [sys.executable, "-m", "venv", "--without-pip", str(home)]
            subprocess.run(make, check=True)
            (packages,) = home.glob("lib/*/site-packages")
            # Of a folder that a .pth file names no .pth file is read, such as Atlas's own.
            (packages / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
        return home / "bin" / "python"

    def stop(self) -> None:
        """End these processes and no others."""
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        self.processes.clear()

    def _page(self) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/", timeout=2) as page:
                return str(page.read().decode())
        except OSError:
            return ""

    def _run(self, name: str, *command: str, before: Sequence[str] = ()) -> None:
        """Without anything of this process's environment that could stand in for what is sent."""
        kept = ("PATH", "HOME", "LANG", "TMPDIR")
        environment = {n: os.environ[n] for n in kept if n in os.environ}
        environment |= {
            "JAVA_HOME": str(java_home()),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_CONF_DIR": str(self.folder / "conf"),
            "SPARK_NO_DAEMONIZE": "1",
            "SPARK_DAEMON_MEMORY": "256m",
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [*before, str(SPARK_CLASS), command[0], "--host", "127.0.0.1", *command[1:]],
                    stdout=log,
                    stderr=log,
                    env=environment,
                    cwd=self.folder,
                )
            )


def packaged_code() -> Path:
    """What `make package` makes."""
    subprocess.run(["bash", ROOT / "scripts" / "package.sh"], check=True, capture_output=True)
    return ROOT / "dist" / "atlas.zip"


def submit(
    cluster: Cluster, folder: Path, *arguments: str, py_files: Path | None, **settings: str
) -> tuple[int, str, str]:
    """The pipeline by spark-submit as docs/CLUSTER.md has it; the secrets in files. Returns exit
    code, standard output and standard error."""
    jars = os.pathsep.join(map(str, [*resolved_jars(), *s3_jars()]))
    told = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.jars.packages": "",  # resolved before: a cluster's image has them
        "spark.driver.extraClassPath": jars,
        "spark.executor.extraClassPath": jars,
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": (folder / "events").as_uri(),
    }
    if model := pii_config().models["da"].installed():  # a relative path is nobody else's
        settings["ATLAS_PII_MODEL_DA"] = str(Path(model).resolve()) if "/" in model else model
        told["spark.executorEnv.ATLAS_PII_MODEL_DA"] = settings["ATLAS_PII_MODEL_DA"]
    (folder / "events").mkdir(exist_ok=True)
    properties = cluster.properties((ROOT / "spark-defaults.conf").read_text())
    done = subprocess.run(
        [
            str(SUBMIT), "--master", cluster.url, "--properties-file", str(properties),
            *(("--py-files", str(py_files)) if py_files else ()), *(a for n, v in told.items() for a in ("--conf", f"{n}={v}")),
            str(ROOT / "jobs" / "pipeline.py"), *arguments, "--json",
        ],
        check=False, capture_output=True, text=True, cwd=folder, timeout=900,
        env=os.environ | settings | {
            "PYSPARK_PYTHON": str(cluster.python()), "PYSPARK_DRIVER_PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1",
        },
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr
