"""The JARs of Delta and of what else a lake needs: Maven coordinates, resolved once.

`python -m jobs.runtime.jars` (part of `make setup`) resolves a local lake's JARs into the
environment, so that a run starts without Ivy and works offline.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyspark

from conf.settings import Settings
from jobs.runtime.java import java_home

DELTA = "io.delta:delta-spark_2.12:3.3.3"
OPENLINEAGE = "io.openlineage:openlineage-spark_2.12:1.53.0"
HADOOP_AWS = "org.apache.hadoop:hadoop-aws:3.3.4"

FOLDER = Path(sys.prefix) / "atlas"
JARS = FOLDER / "jars"
ARCHIVE = FOLDER / "classes.jsa"


def coordinates(settings: Settings) -> list[str]:
    """What a session needs; a local lake needs no S3 library."""
    return [DELTA] if settings.is_local else [DELTA, OPENLINEAGE, HADOOP_AWS]


def resolved_jars() -> list[Path]:
    """A local lake's JARs on disk; empty before `make setup`."""
    return sorted(JARS.glob("*.jar"))


def resolve() -> None:
    """Resolve a local lake's JARs into the environment, by Spark's own Ivy."""
    environment = os.environ | {"JAVA_HOME": str(java_home())}
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    ivy = FOLDER / "ivy"
    # --class of a harmless main: what is wanted is the resolution before it.
    subprocess.run(
        [
            submit, "--master", "local[1]", "--packages", DELTA,
            "--conf", f"spark.jars.ivy={ivy}", "--conf", "spark.ui.enabled=false",
            "--class", "org.apache.spark.examples.NoSuchMain", "spark-internal",
        ],
        check=False,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    found = sorted((ivy / "jars").glob("*.jar"))
    if not any("delta-spark" in jar.name for jar in found):
        sys.exit("setup: the Delta JARs could not be resolved; is the Maven repository reachable?")
    JARS.mkdir(parents=True, exist_ok=True)
    for jar in found:
        shutil.copy2(jar, JARS / jar.name)


if __name__ == "__main__":
    if not resolved_jars():
        resolve()
    print(f"{len(resolved_jars())} JARs in {JARS}")
