"""A job of Atlas as a task: spark-submit, its exit codes, and what it says of itself."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from dotenv import dotenv_values

from atlas_airflow.deployment import HOME, PROPERTIES, PY_FILES, SETTINGS
from atlas_airflow.lineage import started_by

RESULT = "atlas"
"""XCom key of what a job that did not succeed said with --json; a successful one returns it."""

TERMINAL = {
    2: "wrong usage, settings or contract: nothing was started",
    3: "stopped by a gate: the old version of the table stands",
}
"""Exit codes that come again however often the same is tried."""

_KEPT_LINES = 500  # what Spark says while it stops comes after the job's own last line
_GRACE = 20  # seconds a job has to end as cancelled


def option(name: str) -> str:
    """`--name=value` of a parameter of the run; nothing if it is not given."""
    param = name.replace("-", "_")
    return f"{{{{ '--{name}=' ~ params.{param} if params.{param} else '' }}}}"


def flag(name: str) -> str:
    """`--name` if the parameter is true."""
    return f"{{{{ '--{name}' if params.{name} else '' }}}}"


class AtlasJob(SparkSubmitOperator):
    """`spark-submit jobs/JOB.py ARGUMENTS --namespace=ENVIRONMENT --json`.

    Arguments are templates; those that render to nothing are left out. Secrets are no arguments:
    they stand in the environment, and in ENVIRONMENT/.env below ATLAS_SETTINGS. There
    the job also finds which task started it. Exit codes 2 and 3 fail the task without a retry, any
    other is tried again.

    Returns: the job's last line, counts and no values, as XCom.

    The hook tells exit code and output by no public name: `_submit_sp` and `_last_submit_log_lines`
    are those of the pinned provider (6.3).
    """

    def __init__(self, *, job: str, environment: str, arguments: Sequence[str] = (), **kwargs: Any):
        super().__init__(
            application=str(HOME / "jobs" / f"{job}.py"),
            application_args=[*arguments, f"--namespace={environment}", "--json"],
            name=f"atlas_{environment}.{kwargs['task_id']}",
            properties_file=PROPERTIES,
            py_files=PY_FILES,
            **kwargs,
        )
        self.environment = environment

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        super().render_template_fields(context, jinja_env)
        self.application_args = [told for told in self.application_args if told]

    def execute(self, context: Any) -> Any:
        # Of this task's process alone.
        os.environ.update(self._settings() | started_by(context))
        try:
            super().execute(context)
        except AirflowException:  # holds the whole output, which the log has already
            if self._hook is None:  # no such connection: nothing was submitted
                raise
            raise self._failure(context) from None
        return self._result()

    def _get_hook(self) -> Any:
        """Made by `execute`, after Airflow's OpenLineage provider has added to the settings."""
        hook = super()._get_hook()
        hook._last_submit_log_lines = deque(maxlen=_KEPT_LINES)
        return hook

    def on_kill(self) -> None:
        """Let the job end as cancelled and leave its record, before spark-submit is killed."""
        submitted = self._hook._submit_sp if self._hook else None
        if submitted is not None and submitted.poll() is None:
            jvm = psutil.Process(submitted.pid)
            for driver in jvm.children():
                driver.terminate()
            psutil.wait_procs([jvm], timeout=_GRACE)
        super().on_kill()

    def _settings(self) -> dict[str, str]:
        """What ENVIRONMENT/.env says. It becomes the environment of spark-submit, for the JVM and the
        Python workers to inherit; Airflow's own `env_vars` would be arguments on some masters."""
        if SETTINGS is None:
            return {}
        file = Path(SETTINGS, self.environment, ".env")
        if not file.is_file():
            raise AirflowFailException(f"ATLAS_SETTINGS: no file {file} on this worker")
        return {name: told for name, told in dotenv_values(file).items() if told is not None}

    def _result(self) -> dict[str, Any] | None:
        """The job's last line; None if it did not come so far."""
        for line in reversed(self._hook._last_submit_log_lines):
            with suppress(ValueError):
                told = json.loads(line) if line.startswith("{") else {}
                if told and "event" not in told:  # a line of the log has one
                    return told
        return None

    def _failure(self, context: Any) -> AirflowException:
        """Why it failed, in the job's own words; retried unless that cannot help."""
        submitted = self._hook._submit_sp
        code = submitted.returncode if submitted else None
        result = self._result()
        if result is not None:
            context["ti"].xcom_push(key=RESULT, value=result)
        lines = self._hook._last_submit_log_lines
        said = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        why = "; ".join(said) or TERMINAL.get(code, "see the log of this task")
        kind = AirflowFailException if code in TERMINAL else AirflowException
        return kind(f"exit code {code}: {why}")
