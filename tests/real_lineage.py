"""A small lake made by a real run in a process of its own, so that Spark's listener hears it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from conf.settings import load_settings
from jobs.generate_sources import generate_sources
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.graph import Lineage
from jobs.runtime.lineage.model import Edge
from tests.lakes import same_key

ROOT = Path(__file__).parents[1]


def made_lake(folder: Path, customers: int = 60, orders: int = 120, seed: int = 7) -> Path:
    """The sample from files to Gold, with its lineage loaded."""
    sources, lake = folder / "sources", folder / "lake"
    generate_sources(sources, customers, orders, seed=seed)
    with same_key(folder):
        job("pipeline", str(sources), "--lake", str(lake), "--log-file", str(folder / "log"))
    return lake


def job(name: str, *arguments: str) -> str:
    """Run a job as people do; what it prints."""
    command = [sys.executable, str(ROOT / "jobs" / f"{name}.py"), *arguments]
    here = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=ROOT, env=here, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def edges_of(lake: Path) -> tuple[Edge, ...]:
    """Of each table those of its latest write."""
    return Lineage.of(Lake(load_settings(lake=str(lake)))).edges


def told(edges: Iterable[Edge]) -> set[tuple[str, ...]]:
    """Edges as lines: source, target, type, subtype, treatment (`-`: none), job."""
    return {
        (str(e.source), str(e.target), e.type, e.subtype, e.treatment or "-", e.job) for e in edges
    }
