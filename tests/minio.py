"""A real MinIO on a free port of this machine, without containers.

It is built from its Go module once and kept outside the repository. It is AGPL: a server that runs
beside the project, never linked or vendored.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.tools import go_binary

# Other versions are not served. The flags are kept as they are, so that the build is the same.
MODULE = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"
FLAGS = ("-trimpath", "-ldflags", "-s -w")
REGION = "eu-north-1"


def minio_binary() -> Path:
    """The server, built if it is missing: some 5 minutes on two cores, 112 MB."""
    return go_binary("minio", MODULE, *FLAGS)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Minio:
    """A server with its own data folder and root keys."""

    folder: Path
    port: int = field(default_factory=free_port)
    user: str = field(default_factory=lambda: f"root{secrets.token_hex(6)}")
    password: str = field(default_factory=lambda: secrets.token_hex(20))
    certificates: Path | None = None
    """Folder with public.crt and private.key: TLS."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"{'https' if self.certificates else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> Minio:
        """Start it, or start it again on its data, and wait until it answers."""
        command = [str(minio_binary()), "server", "--quiet", "--address", f"127.0.0.1:{self.port}"]
        if self.certificates:
            command += ["--certs-dir", str(self.certificates)]
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, str(self.folder / "data")],
                stdout=log,
                stderr=log,
                env=os.environ
                | {
                    "MINIO_ROOT_USER": self.user,
                    "MINIO_ROOT_PASSWORD": self.password,
                    "MINIO_BROWSER": "off",
                    "MINIO_UPDATE": "off",
                    "MINIO_REGION": REGION,
                },
            )
        self._wait_until_ready()
        return self

    def stop(self) -> None:
        """End this server and no other."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def kill(self) -> None:
        """SIGKILL: what it was writing is torn."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def client(self, service: str = "s3", **keys: str) -> Any:
        """boto3 as root, or with the given keys."""
        told = {"aws_access_key_id": self.user, "aws_secret_access_key": self.password} | keys
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}),
            verify=str(self.certificates / "public.crt") if self.certificates else None,
            **told,
        )

    def bucket(self, name: str = "") -> str:
        """A new bucket of its own; its name."""
        name = name or f"lake-{secrets.token_hex(6)}"
        self.client().create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        return name

    def keys(self, policy: str) -> dict[str, str]:
        """Keys that may do what a policy says, by the names of an AWS credentials file."""
        told = self.client("sts").assume_role(
            RoleArn="arn:aws:iam::role/any", RoleSessionName="test", Policy=policy
        )["Credentials"]
        return {
            "aws_access_key_id": told["AccessKeyId"],
            "aws_secret_access_key": told["SecretAccessKey"],
            "aws_session_token": told["SessionToken"],
        }

    def settings(self) -> Mapping[str, str]:
        """The environment of a job that works on this server as root."""
        return {
            "ATLAS_S3_ENDPOINT": self.endpoint,
            "ATLAS_S3_REGION": REGION,
            "ATLAS_S3_ACCESS_KEY": self.user,
            "ATLAS_S3_SECRET_KEY": self.password,
        }

    def _wait_until_ready(self) -> None:
        if self.certificates:
            import ssl

            context = ssl.create_default_context(cafile=str(self.certificates / "public.crt"))
        else:
            context = None
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(
                    f"{self.endpoint}/minio/health/ready", timeout=2, context=context
                )
                return
            except (OSError, urllib.error.URLError):
                if self.process is None or self.process.poll() is not None:
                    break
                time.sleep(0.05)
        told = (self.folder / "log").read_text(errors="replace")[-500:]
        raise RuntimeError(f"MinIO did not start: {told}")


def only_in(*buckets: str, may: str = "s3:*") -> str:
    """A policy that lets its owner work in some buckets and nowhere else."""
    places = [p for b in buckets for p in (f"arn:aws:s3:::{b}", f"arn:aws:s3:::{b}/*")]
    statement = {"Effect": "Allow", "Action": may, "Resource": places}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
