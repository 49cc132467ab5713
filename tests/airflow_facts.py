"""Run by an Airflow's own Python: what its parser makes of the DAG, as one JSON object."""

import copy
import json
import sys
import time
from pathlib import Path

from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk.exceptions import ParamValidationError


def command(task, dag, params):
    context = {"params": {name: p.value for name, p in dag.params.items()} | params}
    task.render_template_fields(context)
    return task._get_hook()._build_spark_submit_command(task.application)


def task_facts(task, dag, params):
    return {
        "upstream": sorted(task.upstream_task_ids),
        "pool": task.pool,
        "retries": task.retries,
        "waits": [task.retry_delay.total_seconds(), task.retry_exponential_backoff],
        "longest_wait": task.max_retry_delay.total_seconds(),
        "timeout": task.execution_timeout.total_seconds(),
        "callback": [f.__name__ for f in task.on_failure_callback],
        "command": command(task, dag, params),
    }


def dag_facts(dag, params):
    return {
        "tasks": {t.task_id: task_facts(t, dag, params) for t in dag.tasks},
        "order": [t.task_id for t in dag.topological_sort()],
        "schedule": dag.timetable.expression,
        "catchup": dag.catchup,
        "at_once": [dag.max_active_runs, dag.max_active_tasks],
        "timeout": dag.dagrun_timeout.total_seconds(),
        "deadline": [[d.interval.total_seconds(), d.callback.path] for d in dag.deadline or ()],
        "tags": sorted(dag.tags),
    }


def refused(dag, name, value):
    """Whether the parameter's schema refuses a value."""
    try:
        copy.copy(dag.params.get_param(name)).resolve(value)
    except ParamValidationError:
        return True
    return False


folder, asked = Path(sys.argv[1]), json.loads(sys.argv[2])
started = time.monotonic()
bag = BundleDagBag(dag_folder=folder, bundle_path=folder)
seconds = time.monotonic() - started
first = next(iter(bag.dags.values()), None)
told = {
    "seconds": seconds,
    "errors": bag.import_errors,
    "refused": [refused(first, name, value) for name, value in asked.get("values", [])],
    "dags": {name: dag_facts(dag, asked.get("params", {})) for name, dag in bag.dags.items()},
    "heavy": sorted({"pyspark", "presidio_analyzer", "jobs", "conf"} & set(sys.modules)),
}
print(json.dumps(told))
