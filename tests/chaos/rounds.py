"""A round: deliveries, kills, files that come and go, one undisturbed run, and the verdict."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pyspark.sql import SparkSession

from tests.chaos.kills import JVM, MODES, HangError, Killed, Pipeline
from tests.chaos.lakes import FolderLakes, Lakes
from tests.chaos.reference import differences, feed, leftovers, received
from tests.chaos.sources import TABLES, Sources, write_base, write_contracts
from tests.lakes import rows, run_pipeline

BASE = "base-lake"  # what an undisturbed process made of the first delivery


@dataclass
class Verdict:
    """What a round was and how it ended."""

    number: int
    story: list[str] = field(default_factory=list)
    kills: list[Killed] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Chaos:
    """What all rounds share: a key, contracts, a first delivery, and a lake that received it."""

    def __init__(
        self, spark: SparkSession, folder: Path, seed: int, lakes: Lakes | None = None
    ) -> None:
        self._spark, self._folder, self._seed = spark, folder, seed
        self._lakes = lakes or FolderLakes(folder)
        self._contracts = write_contracts(folder / "contracts")
        self._base = write_base(folder / "base", seed)
        self.run_seconds = self._measured()

    def round(self, number: int) -> Verdict:
        """One round; what is random in it is `seed` and `number`, and the machine's timing."""
        rng = np.random.default_rng([self._seed, number])
        verdict = Verdict(number)
        started = time.monotonic()
        folder = self._folder / f"round {number}"
        sources = Sources(folder / "sources", self._base, rng)
        name = f"lake-{number}"
        lake = self._lakes.place(name)
        if rng.random() < 0.5:
            self._lakes.copy(BASE, name)
            verdict.story += ["on a lake with the base", *sources.happen(int(rng.integers(1, 4)))]
        else:
            verdict.story += ["on no lake", *sources.happen(int(rng.integers(0, 3)))]
        try:
            ended = self._disturbed(verdict, folder, sources, lake, rng)
            verdict.differences = self._compared(folder, sources, lake, rng)
            verdict.differences += leftovers(lake, ended)
        except HangError as error:
            verdict.differences.append(str(error))
        verdict.seconds = time.monotonic() - started
        if not verdict.differences:
            shutil.rmtree(folder)
            self._lakes.remove(name)
        return verdict

    def _disturbed(
        self, verdict: Verdict, folder: Path, sources: Sources, lake: str, rng: np.random.Generator
    ) -> dict[str, str | None]:
        """Kill, let things happen, start again; at last undisturbed. Returns the killed runs."""
        ended: dict[str, str | None] = {}
        log = folder / "log"
        for _ in range(int(rng.choice([1, 2, 3], p=[0.4, 0.4, 0.2]))):
            mode, share = str(rng.choice(MODES)), float(rng.random())
            run = Pipeline(folder / "sources", lake, self._contracts, log)
            killed = run.kill(mode, share * self.run_seconds)
            if killed:
                verdict.kills.append(killed)
                ended |= _records_of(lake, killed)
            verdict.story.append(f"kill {killed}" if killed else f"{mode}: ended before")
            if killed and killed.mode == JVM and killed.exit_code not in (0, 1):
                raise HangError(f"exit {killed.exit_code} after the kill of the JVM")
            verdict.story += sources.happen(int(rng.integers(0, 4)))
        code, seconds = Pipeline(folder / "sources", lake, self._contracts, log).finish()
        self.run_seconds = seconds  # what the machine takes now
        verdict.story.append(f"undisturbed {seconds:.0f} s")
        if code != 0:
            verdict.differences.append(f"the undisturbed run ended with exit {code}")
        return ended

    def _compared(
        self, folder: Path, sources: Sources, lake: str, rng: np.random.Generator
    ) -> list[str]:
        deliveries = {table: received(lake, table) for table in TABLES}
        reference = str(folder / "reference")
        feed(
            reference, deliveries, sources.contents, self._run, folder / "fed",
            one_by_one=bool(rng.random() < 0.2),
        )  # fmt: skip
        return differences(lake, reference)

    def _run(self, sources: Path, lake: str) -> None:
        run = run_pipeline(self._spark, sources, lake, contracts=self._contracts)
        if run.exit_code:
            raise RuntimeError(f"the reference run failed: {run.message}")

    def _measured(self) -> float:
        """Seconds of an undisturbed run, which must equal the one in this process."""
        lake, reference = self._lakes.place(BASE), str(self._folder / "reference")
        self._run(self._base, reference)
        run = Pipeline(self._base, lake, self._contracts, self._folder / "log")
        code, seconds = run.finish()
        found = differences(lake, reference)
        if code or found:
            raise RuntimeError(f"the measured run: exit {code}; {'; '.join(found)}")
        return seconds


def _records_of(lake: str, killed: Killed) -> dict[str, str | None]:
    """The killed runs, with the status of those that had their record by then."""
    told = {r["run_id"]: r["status"] for r in rows(lake, "ops.pipeline_runs")}
    return {run: told.get(run) for run in killed.runs}
