"""The generated sample in a lake, and what is true of it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from jobs.generate_sources import generate_sources
from jobs.runtime.runs import Run
from tests.lakes import run_pipeline


@dataclass(frozen=True)
class Sample:
    """Sources with known faults, the lake they went to and the run that did it."""

    sources: Path
    lake: Path
    truth: dict[str, dict[str, Any]]
    run: Run

    def copied(self, folder: Path) -> Sample:
        folder.mkdir()
        subprocess.run(["cp", "-a", str(self.sources), str(self.lake), str(folder)], check=True)
        return replace(self, sources=folder / self.sources.name, lake=folder / self.lake.name)


def made_sample(
    spark: SparkSession, folder: Path, customers: int = 400, orders: int = 1200, seed: int = 7
) -> Sample:
    sources, lake = folder / "sources", folder / "lake"
    truth = generate_sources(sources, customers, orders, seed=seed)
    run = run_pipeline(spark, sources, lake)
    assert (run.exit_code, run.message) == (0, "")
    return Sample(sources, lake, truth, run)
