"""The class-data archive: classes a run needs, loaded and verified ahead of time.

`python -m jobs.runtime.archive` (part of `make setup`) runs a small pipeline and lets the JVM dump
what it loaded (-XX:ArchiveClassesAtExit); later sessions map the file instead of loading some
20,000 classes anew. A run without the archive only starts more slowly.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from pyspark import SparkContext

from jobs.runtime.jars import ARCHIVE

DUMP = "ATLAS_DUMP_CLASSES"


def archive_options() -> list[str]:
    """JVM options that use the archive, or that make it while `make setup` runs."""
    if DUMP in os.environ:
        return [
            f"-XX:ArchiveClassesAtExit={os.environ[DUMP]}",
            "-Xlog:cds=off",
            "-Xlog:cds+dynamic=off",
        ]
    if ARCHIVE.exists():
        return [
            f"-XX:SharedArchiveFile={ARCHIVE}",
            "-Xshare:auto",
            "-Xlog:cds=off",
            "-Xlog:cds+dynamic=off",
        ]
    return []


def make_archive() -> None:
    """Run the sample in a folder that is thrown away, then wait for the JVM's dump."""
    from jobs.generate_sources import generate_sources
    from jobs.pipeline import pipeline
    from jobs.runtime.cli import run_job

    partial = ARCHIVE.with_suffix(".part")
    os.environ[DUMP] = str(partial)
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "sources"
        generate_sources(sources, 200, 200)
        run_job(
            "pipeline",
            pipeline,
            lake=f"{folder}/lake",
            sources=str(sources),
            log_file=Path(folder) / "log",
            as_json=True,
            small=lambda settings, known: True,
        )
        gateway = SparkContext._gateway
        if gateway is not None:
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait(timeout=300)
    if partial.exists():
        partial.replace(ARCHIVE)


if __name__ == "__main__":
    if not ARCHIVE.exists():
        make_archive()
    sys.exit(0)
