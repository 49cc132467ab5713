"""Resolves every library that spark-defaults.conf names into the image, each into a folder of its own.

Delta and the S3 library lie where the jobs look for them, so that they resolve nothing themselves.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from jobs.runtime.jars import FOLDER, JARS, S3_JARS, resolve

DEFAULTS = Path(__file__).parents[2] / "spark-defaults.conf"
PACKAGES = "spark.jars.packages"
# What the jobs resolve themselves where it is missing, and where they look for it.
_ON_DEMAND = {"delta-spark": JARS, "hadoop-aws": S3_JARS, "postgresql": FOLDER / "jdbc-jars"}


def coordinates(file: Path) -> list[str]:
    """The Maven coordinates that a file of Spark's settings lists."""
    lines = (line.split(maxsplit=1) for line in file.read_text(encoding="utf-8").splitlines())
    told = next((words[1] for words in lines if len(words) > 1 and words[0] == PACKAGES), "")
    return [coordinate.strip() for coordinate in told.split(",") if coordinate.strip()]


def folder_of(coordinate: str) -> Path:
    """Where a library's JARs lie in the environment; every such folder's name ends with `jars`."""
    name = coordinate.split(":")[1]
    return _ON_DEMAND.get(name.partition("_")[0], FOLDER / f"{name}-jars")


def main() -> None:
    found = coordinates(DEFAULTS)
    if not found:
        sys.exit(f"{DEFAULTS}: {PACKAGES} names no library")
    for coordinate in found:
        folder = folder_of(coordinate)
        if not any(folder.glob("*.jar")):
            resolve(coordinate, folder)
        if not any(folder.glob("*.jar")):
            sys.exit(f"{coordinate}: cannot be resolved; is the Maven repository reachable?")
        sys.stdout.write(f"{coordinate}: {len(list(folder.glob('*.jar')))} JARs in {folder}\n")
    shutil.rmtree(FOLDER / "ivy", ignore_errors=True)  # the JARs are linked, not copied


if __name__ == "__main__":
    main()
