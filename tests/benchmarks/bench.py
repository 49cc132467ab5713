"""`make bench`: Atlas against bare Spark and Delta in one run, on the same machine and data.

Figures are ratios of what ran side by side; single seconds depend on the machine. `--growth` tells
what 1,000 new customers cost on a small and on a large lake, `--minio` what a lake in a bucket costs
against a folder, `--workers` what a second worker of a cluster is worth, `--lineage` what a
run's lineage costs it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from deltalake import DeltaTable

from jobs.generate_sources import generate_sources
from tests.cluster import Cluster, packaged_code, submit
from tests.lakes import same_key
from tests.minio import Minio

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "bench"
UP_TO_STAGING = ("ingest", "standardize", "treat", "leak scan")
GIB = 1 << 30


@dataclass
class Measured:
    """One process tree from start to end."""

    seconds: float = 0.0
    jvm_bytes: int = 0  # greatest resident set of the JVM
    worker_bytes: int = 0  # greatest resident set of one Python worker
    told: dict[str, Any] = field(default_factory=dict)  # the --json object


def sample(customers: int, orders: int) -> Path:
    folder = CACHE / f"sample-{customers}-{orders}"
    generate_sources(folder, customers, orders)
    return folder


def atlas(
    sources: Path,
    lake: Path | str,
    *,
    event_log: Path | None = None,
    script: str = "jobs/pipeline.py",
    **settings: str,
) -> Measured:
    """One cold run of `jobs/pipeline.py`, or of a script that runs it."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable}
    environment |= settings
    if event_log:
        event_log.mkdir(parents=True, exist_ok=True)
        settings = {"enabled": "true", "compress": "false", "dir": event_log.as_uri()}
        told = " ".join(f"--conf spark.eventLog.{k}={v}" for k, v in settings.items())
        environment["PYSPARK_SUBMIT_ARGS"] = f"{told} pyspark-shell"
    command = [sys.executable, script, str(sources), "--lake", str(lake), "--json"]
    return measured([*command, "--log-file", str(CACHE / "atlas.log")], environment)


def bare(sources: Path, lake: Path) -> Measured:
    """One cold run of the yardstick."""
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable}
    return measured(
        [sys.executable, "tests/benchmarks/bare_pipeline.py", str(sources), str(lake)], environment
    )


def measured(command: Sequence[str], environment: dict[str, str]) -> Measured:
    result, started = Measured(), time.monotonic()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        with _watched(process.pid, result):
            output, _ = process.communicate()
    result.seconds = time.monotonic() - started
    if process.returncode:
        sys.exit(f"{command[1]} ended with exit code {process.returncode}")
    last = output.strip().splitlines()[-1:] or [""]
    result.told = json.loads(last[0]) if last[0].startswith("{") else {}
    return result


@contextmanager
def _watched(pid: int, result: Measured) -> Iterator[None]:
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            for child in _children(pid):
                try:
                    name, size = child.name(), child.memory_info().rss
                except psutil.Error:
                    continue
                if name.startswith("java"):
                    result.jvm_bytes = max(result.jvm_bytes, size)
                elif name.startswith("python"):
                    result.worker_bytes = max(result.worker_bytes, size)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def compare(customers: int, orders: int, rounds: int) -> None:
    """Atlas and the yardstick in turn, each from cold on an empty lake."""
    sources, ratios = sample(customers, orders), []
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            plain = bare(sources, Path(folder) / "bare")
            full = atlas(sources, Path(folder) / "lake")
        ratios.append(full.seconds / plain.seconds)
        print(
            f"round {number}: {customers:,} customers + {orders:,} orders: Atlas "
            f"{full.seconds:.1f} s, bare {plain.seconds:.1f} s, ratio {ratios[-1]:.2f}; JVM "
            f"{full.jvm_bytes / GIB:.1f} GiB, worker at most {full.worker_bytes / GIB:.2f} GiB"
        )
        spent = _spent(full, "quality")
        print(f"  quality: {spent:.1f} s, {spent / full.seconds:.0%} of the run")
        print(f"  stages: {_stages(full.told['seconds'])}", flush=True)
    print(f"ratio, median of {rounds}: {statistics.median(ratios):.2f}")


def on_minio(customers: int, orders: int, rounds: int) -> None:
    """The same run on a folder and on a real MinIO of this machine, in turn."""
    sources, ratios = sample(customers, orders), []
    with tempfile.TemporaryDirectory() as folder, same_key(Path(folder)):
        server = Minio(Path(folder) / "minio").start()
        try:
            for number in range(1, rounds + 1):
                local = atlas(sources, Path(folder) / str(number) / "lake")
                bucket = f"s3a://{server.bucket()}/lake"
                remote = atlas(sources, bucket, ATLAS_REPORTS=folder, **server.settings())
                ratios.append(remote.seconds / local.seconds)
                print(
                    f"round {number}: {customers:,} customers + {orders:,} orders: on MinIO "
                    f"{remote.seconds:.1f} s, in a folder {local.seconds:.1f} s, ratio "
                    f"{ratios[-1]:.2f}\n  stages: {_stages(remote.told['seconds'])}",
                    flush=True,
                )
        finally:
            server.stop()
    print(f"ratio, median of {rounds}: {statistics.median(ratios):.2f}")


def on_lineage(customers: int, orders: int, rounds: int) -> None:
    """The same run with its lineage and without any of it, in pairs; which is first, in turn."""
    sources, ratios = sample(customers, orders), []
    for number in range(1, rounds + 1):
        pair = ("jobs/pipeline.py", "tests/benchmarks/silent_pipeline.py")
        runs = {s: _on_new_lake(sources, s) for s in (pair if number % 2 else pair[::-1])}
        told, silent = (runs[script] for script in pair)
        ratios.append(told.seconds / silent.seconds)
        print(
            f"round {number}: {customers:,} customers + {orders:,} orders: with lineage "
            f"{told.seconds:.1f} s (of it {_spent(told, 'lineage'):.1f} s at the end), without "
            f"{silent.seconds:.1f} s, ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(f"ratio, median of {rounds}: {statistics.median(ratios):.2f}")


def _on_new_lake(sources: Path, script: str) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        return atlas(sources, Path(folder) / "lake", script=script)


def on_workers(customers: int, rounds: int) -> None:
    """The stage that searches texts for personal data, on one and on two workers of one core.

    Each is pinned to its core: else one worker's JVM and Python would share both of this machine.
    """
    sources, package, ratios = sample(customers, 1000), packaged_code(), []
    for number in range(1, rounds + 1):
        seconds = []
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as told, same_key(Path(told)):
                folder = Path(told)
                cluster = Cluster(folder / "cluster", workers, memory="2g", is_pinned=True)
                settings = {
                    "ATLAS_LAKE": str(folder / "lake"),
                    "ATLAS_PII_SECRET_FILE": os.environ["ATLAS_PII_SECRET_FILE"],
                }
                try:
                    cluster.start()
                    code, out, err = submit(
                        cluster, folder, str(sources), py_files=package, **settings
                    )
                finally:
                    cluster.stop()
                if code:
                    sys.exit(f"the pipeline on {workers} workers: exit {code}: {err[-500:]}")
                seconds.append(json.loads(out.splitlines()[-1])["seconds"]["treat customers"])
        ratios.append(seconds[0] / seconds[1])
        print(
            f"round {number}: treat {customers:,} customers: one worker {seconds[0]:.1f} s, two "
            f"{seconds[1]:.1f} s, {ratios[-1]:.2f} times as fast",
            flush=True,
        )
    print(f"speed-up, median of {rounds}: {statistics.median(ratios):.2f}")


def _stages(seconds: dict[str, float]) -> str:
    longest = sorted(seconds.items(), key=lambda s: -s[1])
    return ", ".join(f"{name} {s:.1f}" for name, s in longest[:8])


def growth(small: int, large: int, new: int) -> None:
    """What `new` customers cost on a lake of `small` and of `large` ones."""
    read: list[int] = []
    for size in (small, large):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            lake, sources = place / "lake", place / "sources"
            shutil.copytree(sample(size, 1000), sources)
            atlas(sources, lake)
            arrived = sources / "customers_new.csv"
            arrived.write_text(_others(sample(new, 1000) / "customers.csv"))
            run = atlas(sources, lake, event_log=place / "events")
            spark = bytes_read(place / "events")
            counted = run.told["tables"]["customers"]
            kept = lake / "ops" / "_key_filters" / "customers"
            up_to = sum(n for stage, n in spark.items() if stage.startswith(UP_TO_STAGING))
            filters = kept.stat().st_size if kept.exists() else 0  # a small table has none
            beside = 2 * arrived.stat().st_size + filters  # hashed, inspected
            read.append(up_to + beside)
            merged = DeltaTable(str(lake / "silver" / "customers")).history(1)[0]
            print(
                f"lake of {size:,}: {counted['inserted']:,} inserted; up to staging "
                f"{read[-1] / 1024:,.0f} KiB read; merge {_spent(run, 'merge'):.1f} s, "
                f"{_rewritten(merged)} files rewritten; Gold {_spent(run, 'customer'):.1f} s",
                flush=True,
            )
    print(f"bytes read up to staging, {large:,} against {small:,}: {read[1] / read[0]:.2f}")


def _others(path: Path) -> str:
    """The same customers under numbers nobody has."""
    head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return head + "".join("N" + row[1:] for row in rows)


def _spent(run: Measured, stage: str) -> float:
    return float(sum(s for name, s in run.told["seconds"].items() if name.startswith(stage)))


def _rewritten(commit: dict[str, Any]) -> int:
    metrics = commit.get("operationMetrics", {})
    return int(metrics.get("numTargetFilesRemoved", 0))


def bytes_read(event_log: Path) -> Counter[str]:
    """Input bytes of Spark's tasks by the stage of the run they worked for."""
    stage_of: dict[int, str] = {}
    read: Counter[str] = Counter()
    for path in sorted(p for p in event_log.rglob("*") if p.is_file()):
        for line in path.open(encoding="utf-8"):
            event = json.loads(line)
            if event["Event"] == "SparkListenerJobStart":
                told = event["Properties"].get("spark.job.description", "none")
                stage_of |= dict.fromkeys(event["Stage IDs"], told)
            elif event["Event"] == "SparkListenerTaskEnd":
                metrics = (event.get("Task Metrics") or {}).get("Input Metrics", {})
                read[stage_of.get(event["Stage ID"], "none")] += metrics.get("Bytes Read", 0)
    return read


def main(
    customers: Annotated[int, typer.Option(help="Rows of the sample")] = 10_000,
    orders: Annotated[int, typer.Option(help="Rows of the sample")] = 50_000,
    rounds: Annotated[int, typer.Option(min=1, help="Pairs of runs")] = 1,
    with_growth: Annotated[
        bool, typer.Option("--growth", help="Also: 1,000 new customers on 10,000 and on 100,000")
    ] = False,
    minio: Annotated[
        bool, typer.Option("--minio", help="Instead: a lake on MinIO against one in a folder")
    ] = False,
    lineage: Annotated[
        bool, typer.Option("--lineage", help="Instead: with its lineage and without")
    ] = False,
    workers: Annotated[
        bool, typer.Option("--workers", help="Instead: one and two workers of a cluster")
    ] = False,
) -> None:
    """Time Atlas against bare Spark and Delta."""
    if minio or workers or lineage:
        if lineage:
            on_lineage(customers, orders, rounds)
        if minio:
            on_minio(customers, orders, rounds)
        if workers:
            on_workers(customers, rounds)
        return
    compare(customers, orders, rounds)
    if with_growth:
        growth(10_000, 100_000, 1000)


if __name__ == "__main__":
    typer.run(main)
