"""Runs of the pipeline as processes, and the lineage events that they leave in a lake."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OURS, LISTENERS = "atlas", "spark"

Event = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """One process from start to end."""

    code: int
    told: Event  # its --json line
    stderr: str
    log: Path
    seconds: float
    ended: float = 0.0  # by the monotonic clock

    @property
    def run_id(self) -> str:
        return str(self.told["run_id"])


@dataclass(frozen=True)
class Place:
    """Sources, a lake and the logs of its runs."""

    root: Path

    @property
    def sources(self) -> Path:
        return self.root / "sources"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def lineage(self) -> Path:
        return self.lake / "ops" / "_lineage"

    def command(
        self, *arguments: str, script: Sequence[str] = (), **settings: str
    ) -> tuple[list[str], dict[str, str]]:
        """A run's command and environment. `script`: what is run instead of the pipeline."""
        command = [
            sys.executable, *(script or (str(ROOT / "jobs" / "pipeline.py"),)), str(self.sources),
            "--lake", str(self.lake), "--log-file", str(self.root / "logs" / "atlas.log"), "--json",
            *arguments,
        ]  # fmt: skip
        here = {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable}
        return command, os.environ | here | settings

    def run(self, *arguments: str, script: Sequence[str] = (), **settings: str) -> Ran:
        command, environment = self.command(*arguments, script=script, **settings)
        started = time.monotonic()
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        ended = time.monotonic()
        last = (done.stdout.strip().splitlines() or [""])[-1]
        told = json.loads(last) if last.startswith("{") else {}
        log = self.root / "logs" / "atlas.log"
        return Ran(done.returncode, told, done.stderr, log, ended - started, ended)

    def copied(self, root: Path) -> Place:
        """A copy that a test may change; its key goes along."""
        shutil.copytree(self.root, root)
        return Place(root)

    def files(self, run_id: str, teller: str, *folders: str) -> Iterator[tuple[Path, bytes]]:
        """What a teller left of a run, unpacked, in the order in which it was told."""
        for folder in folders or ("done", "pending", "open"):
            for path in sorted((self.lineage / folder).glob(f"{run_id}.*{teller}.jsonl*")):
                content = path.read_bytes()
                yield path, gzip.decompress(content) if path.suffix == ".gz" else content

    def events(self, run_id: str, teller: str, *folders: str) -> list[Event]:
        found = self.files(run_id, teller, *folders)
        return [json.loads(line) for _, text in found for line in text.splitlines()]
