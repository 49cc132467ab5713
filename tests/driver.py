"""A driver that stays: a process with a session of its own that does runs as it is told.

Two of them are what two machines are to a lake in a bucket, without a JVM's start for each run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]


class Driver(AbstractContextManager["Driver"]):
    """The process, as its test sees it."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log"
        told = {"PYTHONPATH": str(ROOT), "ATLAS_LOG_FILE": str(self.log)}
        with (folder / "stderr").open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.driver"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=os.environ | dict(settings) | told,
                cwd=folder,
            )

    def send(self, job: str, sources: Path | str, **more: Any) -> None:
        """Begin a run."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"job": job, "sources": str(sources), **more}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """How the run ended: `exit`, `message`, `notes`, `tables`."""
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            if line.startswith("{"):
                told: dict[str, Any] = json.loads(line)
                return told
        raise RuntimeError(f"the driver died: {self.process.wait()}")

    def ask(self, job: str, sources: Path | str, **more: Any) -> dict[str, Any]:
        self.send(job, sources, **more)
        return self.answer()

    def signal(self, number: int) -> None:
        """To Python and its JVM, and nothing else."""
        for process in (*psutil.Process(self.process.pid).children(), self.process):
            process.send_signal(number)

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _run(asked: Mapping[str, Any]) -> dict[str, Any]:
    """One run as `jobs/runtime/cli.py` makes it."""
    from conf.contract_reader import contracts_of
    from conf.logs import configure_logs
    from conf.secrets import key_source
    from conf.settings import load_settings
    from jobs.ingest import ingest
    from jobs.pipeline import pipeline
    from jobs.runtime.cli import tables_of
    from jobs.runtime.keys import check_key
    from jobs.runtime.lost_commits import mend_lost_commits
    from jobs.runtime.runs import Run

    jobs: dict[str, Callable[[Run], None]] = {"pipeline": pipeline, "ingest": ingest}
    settings = load_settings(sources=asked["sources"], contracts=asked.get("contracts"))
    configure_logs(settings, asked["job"])
    contracts = contracts_of(settings)
    notes: list[str] = []
    run = Run(
        asked["job"], settings, contracts, key_source(settings), small=True,
        writes=tables_of("bronze")(contracts) if asked["job"] == "ingest" else None,
        listener=lambda event, _, text: notes.append(f"{event}: {text}"),
    )  # fmt: skip
    check_key(run.lake, run.keys)
    try:
        with run.recorded():
            mend_lost_commits(run)
            jobs[asked["job"]](run)
    except Exception as error:
        if error is not run.failure:
            raise
    return run.as_dict() | {"exit": run.exit_code, "message": run.message, "notes": notes}


def main() -> None:
    """One run a line of standard input."""
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
