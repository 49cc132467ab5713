"""The stack of docker-compose.yml without containers: the images' own scripts, each a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.runtime.java import java_home
from tests.compose import DOCKER, ROOT, services, with_defaults
from tests.minio import free_port, minio_binary

ENTRYPOINT = DOCKER / "atlas" / "entrypoint.sh"


def until(what: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    """Wait for something. Raises: AssertionError with what there is to say instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return
        time.sleep(0.3)
    raise AssertionError(otherwise())


@dataclass
class Stack:
    """Folders in place of a container's, free ports, and the processes that were started."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        subprocess.run(
            [DOCKER / "make_secrets.sh"], check=True, capture_output=True,
            env=os.environ | {"STACK_SECRETS": str(self.secrets), "STACK_ENV_FILE": str(self.folder / ".env")},
        )  # fmt: skip

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text().strip()

    def port(self, name: str) -> int:
        return self.ports.setdefault(name, free_port())

    def url(self, name: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.port(name)}{path}"

    def environment(self, name: str = "", **more: str) -> dict[str, str]:
        """What a container has: nothing of this process but the way to its programs."""
        kept = {n: os.environ[n] for n in ("PATH", "HOME", "LANG", "TMPDIR") if n in os.environ}
        own = self.folder / (name or "one-off")
        for folder in ("run", "state/events", "state/work", "state/scratch"):
            (own / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        return kept | {
            "JAVA_HOME": str(java_home()),
            "STACK_HOME": str(ROOT),
            "STACK_VENV": sys.prefix,
            "STACK_SECRETS": str(self.secrets),
            "STACK_RUN": str(own / "run"),
            "STACK_STATE": str(own / "state"),
            "STACK_HOST": "127.0.0.1",
            "STACK_BIND": "127.0.0.1",
            "STACK_MASTER": f"spark://127.0.0.1:{self.port('master')}",
            "SPARK_LOCAL_IP": "127.0.0.1",
            **more,
        }

    def service(self, name: str, *, s3_keys: str = "") -> dict[str, str]:
        """The environment that docker-compose.yml gives a service, with the places of this stack."""
        told = services()[name].get("environment", {})
        found = {n: self.here(with_defaults(str(v))) for n, v in told.items()}
        if s3_keys:
            found["ATLAS_S3_KEYS_FILE"] = str(self.secrets / s3_keys)
        return found

    def here(self, text: str) -> str:
        for there, here in (
            ("/run/secrets", str(self.secrets)),
            ("http://minio:9000", self.url("minio")),
            ("/var/lib/atlas/reports", str(self.folder / "reports")),
            ("/tmp/certs", str(self.folder / "certs")),
        ):
            text = text.replace(there, here)
        return text

    def start(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        with self.log(name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment, cwd=self.folder
            )

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start_minio(self) -> None:
        """As the file says: its command and environment, the ports and folders of this machine."""
        command = [with_defaults(str(word)) for word in services()["minio"]["command"]]
        command[command.index("/data")] = str(self.folder / "data")
        command[command.index(":9000")] = f"127.0.0.1:{self.port('minio')}"
        command[command.index(":9001")] = f"127.0.0.1:{self.port('console')}"
        environment = self.environment("minio") | self.service("minio")
        self.start("minio", [str(minio_binary()), *map(self.here, command)], environment)
        self.until_healthy("minio", {"9000": self.port("minio")})

    def start_spark(self) -> None:
        """A master, two workers and the history server, by the image's entry point."""
        web = {n: str(self.port(f"{n} page")) for n in ("master", "worker-1", "worker-2")}
        self.entry("master", STACK_PORT=str(self.port("master")), STACK_WEB_PORT=web["master"])
        history = (
            f"-Dspark.history.ui.port={self.port('history')} -Dspark.history.fs.update.interval=1s"
        )
        self.entry("history", name="one-off", SPARK_HISTORY_OPTS=history)
        self.until_healthy("spark-master", {"8080": int(web["master"])}, "master")
        for worker in ("worker-1", "worker-2"):
            self.entry("worker", name=worker, STACK_WEB_PORT=web[worker], STACK_WORKER_MEMORY="1g")
            self.until_healthy("spark-worker-1", {"8081": int(web[worker])}, worker)
        self.until_healthy("spark-history", {"18080": self.port("history")}, "one-off")
        until(lambda: len(self.workers()) == 2, 60, lambda: str(self.page("master page", "/json/")))

    def entry(self, mode: str, name: str = "", **more: str) -> None:
        name = name or mode
        self.start(name, [str(ENTRYPOINT), mode], self.environment(name, **more))

    def workers(self) -> list[dict[str, Any]]:
        told = self.page("master page", "/json/")
        return [w for w in told["workers"] if w["state"] == "ALIVE"]

    def page(self, name: str, path: str) -> Any:
        with urllib.request.urlopen(self.url(name, path), timeout=5) as page:
            return json.loads(page.read())

    def until_healthy(self, service: str, ports: Mapping[str, int], process: str = "") -> None:
        """Until the health check of the file itself says so."""
        until(
            lambda: self.is_healthy(service, ports),
            60,
            lambda: f"{service}: {self.log(process or service).read_text()[-1500:]}",
        )

    def is_healthy(self, service: str, ports: Mapping[str, int]) -> bool:
        command = [with_defaults(w) for w in services()[service]["healthcheck"]["test"][1:]]
        for there, here in ports.items():
            for form in (f"127.0.0.1:{there}", f"127.0.0.1/{there}"):
                command = [w.replace(form, form.replace(there, str(here))) for w in command]
        command = [w.replace("/opt/atlas/docker", str(DOCKER)) for w in command]
        done = subprocess.run(
            command, check=False, capture_output=True, env=self.environment("health"), timeout=20
        )
        return done.returncode == 0

    def one_off(
        self, *arguments: str, environment: Mapping[str, str], seconds: float = 300
    ) -> tuple[int, str, str]:
        """A container that ends: its exit code and what it said."""
        done = subprocess.run(
            [ENTRYPOINT, *arguments], check=False, capture_output=True, text=True, cwd=self.folder,
            env=self.environment() | dict(environment), timeout=seconds,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def stop(self) -> None:
        """End these processes and no others."""
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        self.processes.clear()


def status(url: str, token: str = "") -> int:
    """The status that an address answers with."""
    request = urllib.request.Request(
        url, headers={"Authorization": f"token {token}"} if token else {}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
