"""OpenLineage's listener in a session: used where its library is, and told of where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from py4j.java_gateway import JavaClass
from pyspark import SparkConf, SparkContext

from conf.errors import UsageError
from jobs.runtime.jars import OPENLINEAGE, resolved_jars

LISTENER_CLASS = "io.openlineage.spark.agent.OpenLineageSparkListener"
LISTENERS = "spark.extraListeners"
STATIC = {
    LISTENERS: LISTENER_CLASS,
    # Filters and joins once a table, not once for each of its columns.
    "spark.openlineage.columnLineage.datasetLineageEnabled": "true",
    # The whole plan holds literals.
    "spark.openlineage.facets.spark.logicalPlan.disabled": "true",
    "spark.openlineage.facets.spark_unknown.disabled": "true",
    "spark.openlineage.facets.debug.disabled": "true",
    "spark.openlineage.circuitBreaker.type": "timeout",
    "spark.openlineage.circuitBreaker.timeoutInSeconds": "5",
}
"""Settings of the listener that are the same for every run; spark-defaults.conf has them, too."""
OFF = {"spark.openlineage.disabled": "true"}
"""Nothing is told, though spark-defaults.conf names the listener."""

log = structlog.get_logger()


def use_listener(conf: SparkConf, wanted: Mapping[str, str] | None, launched_here: bool) -> None:
    """Add the settings that nobody has set; None for a session that only reads and tells nothing.

    Raises: UsageError if Spark was told to use the listener and cannot load it: it would not start.
    """
    listeners = conf.get(LISTENERS, "") or ""
    if not has_listener(launched_here):
        if LISTENER_CLASS in listeners:
            raise UsageError(
                f"{LISTENERS} names OpenLineage's listener, which is not on the driver's class path: "
                f"keep {OPENLINEAGE} in spark.jars.packages (--packages replaces that list), or "
                f"switch the listener off by --conf {LISTENERS}="
            )
        if wanted:
            _miss(f"{OPENLINEAGE} is not on the driver's class path: {_remedy(launched_here)}")
        return
    if wanted and listeners and LISTENER_CLASS not in listeners:
        _miss(f"{LISTENERS} leaves it out: add {LISTENER_CLASS} to it")
    for name, value in (OFF if wanted is None else wanted).items():
        conf.setIfMissing(name, value)


def has_listener(launched_here: bool) -> bool:
    """Whether the JVM can load it; set without its library it would let no session start."""
    if launched_here:
        return any("openlineage" in jar.name for jar in resolved_jars()) or not resolved_jars()
    jvm: Any = SparkContext._jvm
    return isinstance(jvm.io.openlineage.spark.agent.OpenLineageSparkListener, JavaClass)


def _remedy(launched_here: bool) -> str:
    return "`make setup`" if launched_here else "--properties-file spark-defaults.conf"


def _miss(why: str) -> None:
    text = f"without Spark's listener ops/data_lineage has our own events only; {why}"
    log.warning("lineage", text=text)
