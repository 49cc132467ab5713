"""Who started a run: what Spark was told beats ATLAS_PARENT_RUN, as with every setting."""

from __future__ import annotations

import os
from collections.abc import Mapping

import structlog

from conf.parent_run import ParentRun, RunName, run_name
from conf.settings import Settings

PARENT, ROOT = "spark.openlineage.parent", "spark.openlineage.rootParent"
"""What the names of the listener's settings for either begin with."""

log = structlog.get_logger()


def parent_of(settings: Settings) -> ParentRun | None:
    """The run that started this one, if it is known."""
    told = submitted_conf()
    run = _told_to_spark(told, PARENT) or _name(settings.parent_run)
    if run is None:
        return None
    return ParentRun(run, _told_to_spark(told, ROOT) or _name(settings.root_run) or run)


def listener_settings(own: RunName, parent: ParentRun | None) -> dict[str, str]:
    """The listener's parent is our run, and its root is ours; three settings belong together, and
    are left alone where Spark was told of one."""
    told = submitted_conf()
    wanted = _three(PARENT, own) | (_three(ROOT, parent.root) if parent else {})
    return {
        name: value
        for name, value in wanted.items()
        if f"{ROOT if name.startswith(ROOT) else PARENT}RunId" not in told
    }


def submitted_conf() -> Mapping[str, str]:
    """What spark-submit was told by `--conf` and files; nothing where it started no JVM."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        return {}
    from pyspark import SparkConf, SparkContext

    SparkContext._ensure_initialized()  # type: ignore[attr-defined]
    return dict(SparkConf().getAll())


def _three(prefix: str, run: RunName) -> dict[str, str]:
    return {
        f"{prefix}RunId": run.run_id,
        f"{prefix}JobName": run.job,
        f"{prefix}JobNamespace": run.namespace,
    }


def _told_to_spark(told: Mapping[str, str], prefix: str) -> RunName | None:
    names = [f"{prefix}{part}" for part in ("JobNamespace", "JobName", "RunId")]
    if names[-1] not in told:
        return None
    try:
        return run_name("/".join(told.get(name, "") for name in names))
    except ValueError:
        log.warning("lineage", text=f"{', '.join(names)} do not name a run: they are not used")
        return None


def _name(told: str | None) -> RunName | None:
    return run_name(told) if told else None
