"""Who is told that a task gave up, or that a run is late: the log, and Atlas's own webhook."""

from __future__ import annotations

import logging
import os
from typing import Any

import requests

from atlas_airflow.operators import RESULT

log = logging.getLogger(__name__)


def on_failure(context: Any) -> None:
    """One line: what failed, in which run, why, and where the report is."""
    task = context["ti"]
    told = task.xcom_pull(task_ids=task.task_id, key=RESULT) or {}
    run_id = told.get("run_id")
    report = f"report {run_id}.html" if run_id else "no report: the job never began, or died"
    why = str(context.get("exception") or "ended from outside").splitlines()[0]
    _tell(
        "task_failed",
        f"{task.dag_id}: {task.task_id} failed on try {task.try_number}, "
        f"run {context['dag_run'].run_id}: {why} ({report})",
        dag_run_id=context["dag_run"].run_id,
        run_id=run_id,
    )


def on_deadline(context: Any) -> None:
    """A run is not done when somebody wants its tables."""
    run = context["dag_run"]
    run_id = run["dag_run_id"]
    _tell("deadline_missed", f"{run['dag_id']}: run {run_id} is late", dag_run_id=run_id)


def _tell(alert: str, text: str, **more: Any) -> None:
    """To the log, and to ATLAS_ALERT_WEBHOOK. A receiver that does not answer fails nothing; its
    URL may hold a token and is never told."""
    log.error("Atlas: %s", text)
    url = os.environ.get("ATLAS_ALERT_WEBHOOK")
    if not url:
        return
    body = {"text": f"Atlas: {text}", "alert": alert, **more}
    seconds = float(os.environ.get("ATLAS_ALERT_TIMEOUT") or 2)
    try:
        requests.post(url, json=body, timeout=seconds, allow_redirects=False).raise_for_status()
    except requests.RequestException as error:
        log.warning("ATLAS_ALERT_WEBHOOK took no alert (%s)", type(error).__name__)
