"""The real pipeline as a process of its own, and how it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from conf.settings import load_settings
from jobs.runtime.lake import Lake
from jobs.runtime.live import live_runs

ROOT = Path(__file__).parents[2]
BOTH, PYTHON, JVM = "both", "python", "jvm"
MODES = (BOTH, PYTHON, JVM)
PATIENCE = 600.0  # seconds until a process that should have ended counts as hanging


@dataclass
class Killed:
    """What one kill hit."""

    mode: str  # what was killed, as it was at that moment
    after: float
    stage: str
    runs: list[str]  # ids of the runs that lived
    exit_code: int
    lived_on: list[float] = field(default_factory=list)  # seconds the JVM outlived Python

    def __str__(self) -> str:
        text = f"{self.mode} at {self.after:.1f} s in {self.stage}"
        if self.lived_on:
            text += f", JVM gone after {self.lived_on[0]:.1f} s"
        return text


class HangError(Exception):
    """A process that should have ended did not."""


class Pipeline:
    """`jobs/pipeline.py` in its own process group."""

    def __init__(self, sources: Path, lake: str, contracts: Path, log: Path) -> None:
        self._lake = lake
        self._started = time.monotonic()
        with log.with_suffix(".out").open("ab") as out, log.with_suffix(".err").open("ab") as err:
            self._process = subprocess.Popen(
                [
                    sys.executable, str(ROOT / "jobs" / "pipeline.py"), str(sources),
                    "--lake", lake, "--contracts", str(contracts),
                    "--log-file", str(log), "--json",
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                env=os.environ | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable},
            )  # fmt: skip

    def finish(self) -> tuple[int, float]:
        """Its exit code and seconds, undisturbed."""
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._end_group()
            raise HangError("an undisturbed run did not end") from None
        return code, time.monotonic() - self._started

    def kill(self, mode: str, after: float) -> Killed | None:
        """SIGKILL `after` seconds from its start; None if it had ended by then."""
        left = after - (time.monotonic() - self._started)
        try:
            self._process.wait(max(left, 0.01))
        except subprocess.TimeoutExpired:
            return self._kill_now(mode)
        return None

    def _kill_now(self, mode: str) -> Killed | None:
        jvm = self._jvm()
        if jvm is None:
            mode = PYTHON
        live = live_files(self._lake)
        stage = next((r.get("stage", "start") for r in live if not r["parent_run_id"]), "no record")
        after = time.monotonic() - self._started
        self._signal(mode, jvm)
        killed = Killed(mode, after, stage, [r["run_id"] for r in live], self._wait(mode))
        if mode == PYTHON and jvm is not None:
            threading.Thread(target=_measure, args=(jvm, killed.lived_on), daemon=True).start()
        return killed

    def _signal(self, mode: str, jvm: psutil.Process | None) -> None:
        if mode == BOTH:
            os.killpg(self._process.pid, signal.SIGKILL)
        elif mode == PYTHON or jvm is None:
            self._process.kill()
        else:
            try:
                jvm.kill()
            except psutil.NoSuchProcess:  # it ended just now
                return

    def _wait(self, mode: str) -> int:
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._end_group()
            raise HangError(f"Python did not end after the kill of {mode}") from None

    def _jvm(self) -> psutil.Process | None:
        try:
            below = psutil.Process(self._process.pid).children(recursive=True)
            return next((p for p in below if p.name() == "java"), None)
        except psutil.NoSuchProcess:
            return None

    def _end_group(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def live_files(lake: str) -> list[dict[str, str]]:
    """The live files as they are, oldest first."""
    return live_runs(Lake(load_settings(lake=lake)).files("ops._live"))


def _measure(jvm: psutil.Process, lived_on: list[float]) -> None:
    started = time.monotonic()
    psutil.wait_procs([jvm], timeout=PATIENCE)
    lived_on.append(time.monotonic() - started)
