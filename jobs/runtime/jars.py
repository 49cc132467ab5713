"""The JARs of Delta and of what else a lake needs: Maven coordinates, resolved once.

`python -m jobs.runtime.jars` (part of `make setup`) resolves a local lake's JARs into the
environment, so that a run starts without Ivy and works offline.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyspark

from conf.errors import UsageError
from jobs.runtime.java import java_home

DELTA = "io.delta:delta-spark_2.12:3.3.3"
OPENLINEAGE = "io.openlineage:openlineage-spark_2.12:1.53.0"
HADOOP_AWS = "org.apache.hadoop:hadoop-aws:3.3.4"
DYNAMODB = "io.delta:delta-storage-s3-dynamodb:3.3.3"
POSTGRESQL = "org.postgresql:postgresql:42.7.8"

FOLDER = Path(sys.prefix) / "atlas"
JARS, S3_JARS, JDBC_JARS = FOLDER / "jars", FOLDER / "s3-jars", FOLDER / "jdbc-jars"
DYNAMODB_JARS = FOLDER / "dynamodb-jars"
ARCHIVE = FOLDER / "classes.jsa"


def resolved_jars() -> list[Path]:
    """A local lake's JARs on disk; empty before `make setup`."""
    return sorted(JARS.glob("*.jar"))


def s3_jars() -> list[Path]:
    """The S3 library's JARs on disk, resolved when the first bucket is used: nearly 300 MB.

    Raises: UsageError if they cannot be had.
    """
    return _on_demand(HADOOP_AWS, S3_JARS, "the S3 library")


def dynamodb_jars() -> list[Path]:
    """Delta's log store on DynamoDB, resolved when a setting asks for it; S3's library has the rest.

    Raises: UsageError if it cannot be had.
    """
    found = _on_demand(DYNAMODB, DYNAMODB_JARS, "Delta's log store on DynamoDB")
    return [jar for jar in found if "delta-storage-s3-dynamodb" in jar.name]


def jdbc_jars() -> list[Path]:
    """PostgreSQL's driver on disk, resolved when the first contract says jdbc: 1 MB.

    Raises: UsageError if it cannot be had.
    """
    return _on_demand(POSTGRESQL, JDBC_JARS, "PostgreSQL's driver")


def _on_demand(coordinate: str, folder: Path, what: str) -> list[Path]:
    if not any(folder.glob("*.jar")):
        resolve(coordinate, folder)
    found = sorted(folder.glob("*.jar"))
    if not found:
        raise UsageError(
            f"{what} cannot be resolved: the Maven repository must be reachable once; or "
            "run with spark-submit --properties-file spark-defaults.conf"
        )
    return found


def resolve(coordinate: str, folder: Path) -> None:
    """Resolve a library and what it needs into a folder, by Spark's own Ivy."""
    environment = os.environ | {"JAVA_HOME": str(java_home())}
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    ivy = FOLDER / "ivy" / folder.name
    # --class of a harmless main: what is wanted is the resolution before it.
    subprocess.run(
        [
            submit, "--master", "local[1]", "--packages", coordinate,
            "--conf", f"spark.jars.ivy={ivy}", "--conf", "spark.ui.enabled=false",
            "--class", "org.apache.spark.examples.NoSuchMain", "spark-internal",
        ],
        check=False,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    name = coordinate.split(":")[1]
    found = sorted((ivy / "jars").glob("*.jar"))
    if not any(name in jar.name for jar in found):
        return
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for jar in found:
        os.link(jar, part / jar.name)
    shutil.rmtree(folder, ignore_errors=True)  # of another version
    part.replace(folder)  # all of them or none


if __name__ == "__main__":
    if not any("openlineage" in jar.name for jar in resolved_jars()):
        resolve(f"{DELTA},{OPENLINEAGE}", JARS)
    if not resolved_jars():
        sys.exit(
            "setup: the JARs of Delta and OpenLineage could not be resolved; is the Maven repository reachable?"
        )
    print(f"{len(resolved_jars())} JARs in {JARS}")
    with contextlib.suppress(UsageError):  # else when it is first used
        jdbc_jars()
