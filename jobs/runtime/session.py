"""The one way to open a Spark session.

Only what nobody has set is set: `--conf` and `spark-defaults.conf` rank above Atlas's settings.
What would store clear text (invariant 4) cannot be switched off by anybody.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Any

from pyspark import SparkConf, SparkContext
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.errors import UsageError
from conf.packaged import packaged
from conf.settings import Settings
from jobs.runtime.archive import archive_options
from jobs.runtime.executors import check_executors, check_key_is_handed_on
from jobs.runtime.jars import DELTA, OPENLINEAGE, dynamodb_jars, jdbc_jars, resolved_jars, s3_jars
from jobs.runtime.java import java_home
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.listener import use_listener
from jobs.runtime.scratch import scratch
from jobs.runtime.session_s3 import hand_over_keys, s3_settings, trust
from jobs.runtime.table_names import register_lake
from udfs.text import standard_text

SAFE = {
    "spark.io.encryption.enabled": "true",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.ansi.enabled": "false",
    # A block on its way to S3 stays in memory instead of in a file.
    "spark.hadoop.fs.s3a.fast.upload.buffer": "bytebuffer",
    "spark.redaction.regex": "(?i)secret|password|passwd|token|access[._-]?key|credential|salt|hmac|fs\\.s3a\\..*key",
    "spark.redaction.string.regex": (
        # From the start of a word only: tried at every letter of a long plan, the search for @ took
        # a third of a small run.
        r"\b\d{6}[- ]?\d{4}\b|(?<![^\s@])[^\s@]+@[^\s@]+\.\w+"
    ),
}
"""Settings that keep clear text out of what is stored; another value of `ENFORCED` is refused."""

ENFORCED = (
    "spark.io.encryption.enabled",
    "spark.sql.legacy.timeParserPolicy",
    "spark.sql.ansi.enabled",  # its errors hold the value, and stand in the event log
    "spark.hadoop.fs.s3a.fast.upload.buffer",  # on disk it is in clear text
)

DEFAULTS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    # Without these a date before 1582 or a time before 1900 (0001-01-01, Excel's first day) stops
    # its table for ever: writing it raises.
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    "spark.sql.adaptive.coalescePartitions.minPartitionSize": "64k",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "2000",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}

LOCAL = {
    "spark.master": "local[*]",
    "spark.driver.memory": "4g",
    "spark.sql.shuffle.partitions": "4",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.python.daemon.module": "udfs.daemon",
}

SMALL = {
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.databricks.delta.stats.skipping": "false",
    "spark.databricks.delta.writeChecksumFile.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
}
"""For little data, where compiling costs more than it saves."""


def open_session(
    settings: Settings,
    app_name: str,
    *,
    small: bool = False,
    jdbc: bool = False,
    is_job: bool = True,
    lineage: Mapping[str, str] | None = None,
) -> SparkSession:
    """A session for a job, or for somebody who only reads (then without detector and names).

    `small` trades peak speed for a quick start, `jdbc` is for contracts that pull from a database,
    `lineage` are the settings of OpenLineage's listener, which is used where its library is.

    Raises: UsageError if Java is missing, a safety setting was switched off, or Spark was told to use
    a listener that is not there.
    """
    os.environ["PYSPARK_PYTHON"] = os.environ.get("PYSPARK_PYTHON", sys.executable)
    launched_here = SparkContext._gateway is None and "PYSPARK_GATEWAY_PORT" not in os.environ
    if launched_here:
        os.environ["JAVA_HOME"] = str(java_home())
        conf = SparkConf(loadDefaults=False)
        _set_missing(conf, _launch_defaults(settings, small, jdbc))
    else:
        SparkContext._ensure_initialized()  # type: ignore[attr-defined]
        _quiet_log(settings)
        conf = SparkConf()
    verify_safe(dict(conf.getAll()))
    defaults = {**DEFAULTS, **SAFE, "spark.app.name": app_name, **_scratch()}
    own = LOCAL | (SMALL if small else {}) if launched_here else {}
    _set_missing(conf, own)
    _set_missing(conf, defaults)
    if settings.buckets:
        _set_missing(conf, s3_settings(settings.s3))
    use_listener(conf, lineage, launched_here)
    session = SparkSession.builder.config(conf=conf).getOrCreate()
    if settings.buckets:
        trust(settings.s3, Path(str(conf.get("spark.local.dir"))))
        hand_over_keys(session, settings)
    if is_job:
        check_executors(session)
        if not launched_here:
            check_key_is_handed_on(session)
        Thread(target=_prepare, args=(session, settings), name="prepare", daemon=True).start()
    return session


def _prepare(session: SparkSession, settings: Settings) -> None:
    """What a session should have, and no job waits for: beside the first table."""
    _start_workers(session)
    register_lake(session, Lake(settings))  # at once with the workers a start took 2 s more


def _start_workers(session: SparkSession) -> None:
    """Start Python and load the detector while the JVM is busy with the first table (seconds)."""
    with contextlib.suppress(Exception):  # the first real use will tell
        session.range(1).select(standard_text(F.lit(""))).collect()


def verify_safe(conf: Mapping[str, str]) -> None:
    """Raises: UsageError naming a setting that would let clear text be stored."""
    for name in ENFORCED:
        given = conf.get(name, SAFE[name])
        if given.lower() != SAFE[name].lower():
            raise UsageError(
                f"{name}={given}: must be {SAFE[name]}, or personal data is stored in clear text; "
                "take it out of --conf and spark-defaults.conf"
            )


def _set_missing(conf: SparkConf, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        conf.setIfMissing(name, value)


def _launch_defaults(settings: Settings, small: bool, jdbc: bool = False) -> dict[str, str]:
    """What must be known when the JVM starts: class path, class archive, log."""
    options = [f"-Dlog4j2.configurationFile={_log4j()}"]
    if settings.log_file:
        options.append(f"-Datlas.spark.log={settings.log_file.resolve()}.spark")
    options += archive_options()
    if small:
        options += ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
        # With one tier Java reserves 48 MB for code, and compiles nothing more once it is full.
        options += ["-XX:ReservedCodeCacheSize=240m"]
    defaults = {
        "spark.driver.extraJavaOptions": " ".join(f'"{o}"' if " " in o else o for o in options)
    }
    more = [*(s3_jars() if settings.buckets else ()), *(jdbc_jars() if jdbc else ())]
    if settings.buckets and settings.s3.dynamodb_table:
        more += dynamodb_jars()
    if more:
        # Behind Spark's own JARs: before them the class archive would no longer fit.
        behind = [os.environ.get("SPARK_DIST_CLASSPATH"), *map(str, more)]
        os.environ["SPARK_DIST_CLASSPATH"] = os.pathsep.join(filter(None, behind))
    if jars := resolved_jars():
        return defaults | {"spark.driver.extraClassPath": os.pathsep.join(map(str, jars))}
    return defaults | {"spark.jars.packages": f"{DELTA},{OPENLINEAGE}"}


def _quiet_log(settings: Settings) -> None:
    """Atlas's log4j settings for a JVM that spark-submit has started with Spark's own, which print
    the texts of failed tasks; of an operator's settings only those loggers are switched off."""
    jvm: Any = SparkContext._jvm
    configurator = jvm.org.apache.logging.log4j.core.config.Configurator
    if jvm.System.getProperty("log4j2.configurationFile"):
        off = jvm.org.apache.logging.log4j.Level.OFF
        for name in _loggers_that_print_values():
            configurator.setLevel(name, off)
        return
    if settings.log_file:
        jvm.System.setProperty("atlas.spark.log", f"{settings.log_file.resolve()}.spark")
    configurator.reconfigure(jvm.java.io.File(str(_log4j())).toURI())


def _loggers_that_print_values() -> list[str]:
    """The loggers that `conf/log4j2.properties` switches off."""
    pairs = (line.partition(" = ")[::2] for line in _log4j().read_text().splitlines())
    told = dict(pairs)
    return [
        name
        for key, name in told.items()
        if key.endswith(".name") and told.get(f"{key.removesuffix('name')}level") == "off"
    ]


def _log4j() -> Path:
    return packaged("log4j2.properties")


def _scratch() -> dict[str, str]:
    folder = scratch()
    return {
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
