"""A job as in production: spark-submit in a process of its own, and everything it makes is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyspark

from jobs.runtime.archive import archive_options
from jobs.runtime.jars import resolved_jars
from jobs.runtime.java import java_home
from tests.watching import Watcher

ROOT = Path(__file__).parents[1]
SUBMIT = Path(pyspark.__file__).parent / "bin" / "spark-submit"

READABLE = {
    # What a scan is to read must not be packed; what is packed is unpacked, but as a second net.
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.shuffle.compress": "false",
    "spark.shuffle.spill.compress": "false",
    "spark.rdd.compress": "false",
    "spark.broadcast.compress": "false",
    "spark.checkpoint.compress": "false",
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    # Every join through a shuffle, so that scratch holds what a big table's would.
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.adaptive.autoBroadcastJoinThreshold": "-1",
}


@dataclass(frozen=True)
class Place:
    """The folders of one run: all it may write to lies below `root`."""

    root: Path

    @property
    def sources(self) -> Path:
        return self.root / "sources"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def events(self) -> Path:
        return self.root / "events"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def kept(self) -> Path:
        return self.root.with_name(f"{self.root.name} kept")

    def watcher(self) -> Watcher:
        """Keeps all but the sources and Bronze."""
        return Watcher(self.root, self.kept, outside=[self.sources, self.lake / "bronze"])

    def text(self, name: str) -> str:
        """What a process said: `stdout` or `stderr`."""
        return (self.logs / name).read_text(encoding="utf-8", errors="replace")


def submit(
    place: Place,
    script: Path,
    *arguments: str,
    conf: Mapping[str, str] | None = None,
    java: Sequence[str] = (),
    properties: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = 600,
) -> int:
    """Run a script by spark-submit in `place`; the exit code. Its output is in `logs`."""
    for folder in (place.logs, place.events, place.tmp):
        folder.mkdir(parents=True, exist_ok=True)
    options = [
        f"-Djava.io.tmpdir={place.tmp}", "-XX:TieredStopAtLevel=1", *archive_options(), *java
    ]  # fmt: skip
    told = READABLE | {
        "spark.master": "local[2]",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraClassPath": os.pathsep.join(map(str, resolved_jars())),
        "spark.driver.extraJavaOptions": " ".join(f'"{option}"' for option in options),
        "spark.eventLog.dir": place.events.as_uri(),
        "spark.sql.shuffle.partitions": "2",
        **(conf or {}),
    }
    file = ("--properties-file", str(properties)) if properties else ()
    command = [str(SUBMIT), *file, *(a for n, v in told.items() for a in ("--conf", f"{n}={v}"))]
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("ATLAS_", "SPARK_"))}
    with (place.logs / "stdout").open("ab") as out, (place.logs / "stderr").open("ab") as err:
        done = subprocess.run(
            [*command, str(script), *arguments],
            check=False,
            cwd=place.root,
            stdout=out,
            stderr=err,
            timeout=seconds,
            env=environment
            | {
                "JAVA_HOME": str(java_home()),
                "PYSPARK_PYTHON": sys.executable,
                "PYTHONPATH": str(ROOT),
                "TMPDIR": str(place.tmp),
                **(env or {}),
            },
        )
    return done.returncode
