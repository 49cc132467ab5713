"""The run that started this one, in the form that OpenLineage's tools pass it on."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

FORM = "must be namespace/job/run, run a UUID, as airflow/dag.task/0b5c8f8e-6f0c-4f0e-9a35-3a0f8f1f3f0e"
LONGEST = 1000


class RunName(NamedTuple):
    """A run of whatever system, by the names that its own lineage events have."""

    namespace: str
    job: str
    run_id: str

    def __str__(self) -> str:
        return "/".join(self)


class ParentRun(NamedTuple):
    """The run that started this one, and the first one of all."""

    run: RunName
    root: RunName


def run_name(told: str) -> RunName:
    """The parts of `namespace/job/run`; a namespace may hold more of `/`.

    Raises: ValueError telling the form that is allowed.
    """
    parts = told.strip().rsplit("/", 2)
    if len(told) > LONGEST or not told.isprintable() or len(parts) < 3 or not all(parts):
        raise ValueError(FORM)
    namespace, job, run_id = parts
    if not _is_uuid(run_id):
        raise ValueError(FORM)
    return RunName(namespace, job, run_id.lower())


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
