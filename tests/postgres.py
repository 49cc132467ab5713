"""A real PostgreSQL (Debian's package) on a free port of this machine, with its own data folder."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import unavailable
from tests.minio import free_port


def _programs() -> Path:
    """The folder of the newest PostgreSQL that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    if initdb is None:
        unavailable("no PostgreSQL is installed: apt-get install postgresql")
    return Path(str(initdb)).parent


@dataclass
class Postgres:
    """A server that asks for a password (SCRAM), with a superuser and a user who may only read."""

    folder: Path
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: f"pw{secrets.token_hex(16)}")
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"jdbc:postgresql://127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make(self) -> Postgres:
        """A new cluster, as somebody who is not root: PostgreSQL refuses to run as root."""
        self.folder.mkdir(parents=True, exist_ok=True)
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self._user:
            shutil.chown(self.folder, self._user)
            shutil.chown(secret, self._user)
        self._run(
            "initdb", "-D", str(self.data), "-U", "owner", "--auth=scram-sha-256", "--no-sync",
            f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        return self

    def start(self) -> Postgres:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(_programs() / "postgres"), "-D", str(self.data), "-h", "127.0.0.1",
                 "-p", str(self.port), "-k", "", "-c", "fsync=off", "-c", "timezone=America/New_York",
                 "-c", "datestyle=German", "-c", "intervalstyle=iso_8601", "-c", "bytea_output=escape",
                 "-c", "extra_float_digits=-3"],
                stdout=log, stderr=log, **self._as_user,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._psql("select 1", check=False).returncode == 0:
                return self
            time.sleep(0.1)
        told = (self.folder / "log").read_text(errors="replace")[-500:]
        raise RuntimeError(f"PostgreSQL did not start: {told}")

    def stop(self) -> None:
        """End this server and no other: SIGINT is its fast shutdown."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)
            self.process = None

    def sql(self, statements: str, **environment: str) -> list[list[str]]:
        """Run statements in one transaction as the superuser; the rows of the last one."""
        done = self._psql(statements, **environment)
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def reader(self, name: str = "reader") -> str:
        """A user who may read all tables of `public` that are there now; the password."""
        password = f"pw{secrets.token_hex(16)}"
        self.sql(
            f"create user {name} password '{password}'; grant usage on schema public to {name};"
            f"grant select on all tables in schema public to {name};"
            f"alter default privileges in schema public grant select on tables to {name}"
        )
        return password

    def settings(self) -> Mapping[str, str]:
        """The environment of a job that pulls from this server."""
        return {
            "ATLAS_JDBC_URL": self.url,
            "ATLAS_JDBC_USER": "owner",
            "ATLAS_JDBC_PASSWORD": self.password,
        }

    @property
    def _user(self) -> str | None:
        """Who runs it, where root would: Debian's user, or nobody."""
        if os.geteuid():
            return None
        known = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in known else "nobody"

    @property
    def _as_user(self) -> dict[str, str | int]:
        return {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid} if self._user else {}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(_programs() / program), *arguments], check=False, capture_output=True, text=True,
            cwd=self.folder, **self._as_user,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr[-500:]}")

    def _psql(
        self, statements: str, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(_programs() / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "owner",
             "-d", "postgres", "-XqAt", "-F", "\x1f", "-1", "-v", "ON_ERROR_STOP=1", "-c", statements],
            check=False, capture_output=True, text=True,
            env=os.environ | {"PGPASSWORD": self.password} | environment,
        )  # fmt: skip
        if check and done.returncode:
            raise RuntimeError(done.stderr)
        return done
