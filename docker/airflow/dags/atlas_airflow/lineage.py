"""What a job is told of the run that started it: this task, and the DAG's run as the first of all."""

from __future__ import annotations

import logging
import os
from typing import Any
from uuid import NAMESPACE_URL, uuid5

log = logging.getLogger(__name__)

PARENT, ROOT = "ATLAS_PARENT_RUN", "ATLAS_ROOT_RUN"


def started_by(context: Any) -> dict[str, str]:
    """The job's environment: both runs as `namespace/job/run`.

    With Airflow's OpenLineage provider they are the ids under which it tells of task and DAG itself.
    Without it the same is made here, by its rules: a try is a run of its own, so that one that failed is
    not confused with the one that went well, and the DAG's run is one for all of them. Both are made
    from names, so that whoever asks again is told the same.
    """
    try:
        from airflow.providers.openlineage.plugins import macros

        task = context["ti"]
        return {PARENT: macros.lineage_parent_id(task), ROOT: macros.lineage_root_parent_id(task)}
    except ImportError:
        pass
    except Exception as error:  # lineage fails no task
        log.warning("OpenLineage's provider tells no run (%s): one is made", type(error).__name__)
    return _made(context)


def _made(context: Any) -> dict[str, str]:
    task, namespace = context["ti"], os.environ.get("OPENLINEAGE_NAMESPACE") or "airflow"
    run = [namespace, task.dag_id, context["dag_run"].run_id]
    a_try = [*run, task.task_id, task.map_index, task.try_number]
    return {
        PARENT: f"{namespace}/{task.dag_id}.{task.task_id}/{_uuid(a_try)}",
        ROOT: f"{namespace}/{task.dag_id}/{_uuid(run)}",
    }


def _uuid(parts: list[Any]) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(map(str, parts))))
