"""Processes of this machine: whether what a run was is still there."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Any

import psutil

CLOCK_SECONDS = 2.0
PARTS = ("python", "jvm")
Identity = dict[str, Any]
Owner = Mapping[str, Any]
"""Who works: `host`, and the identities of its `python` and `jvm`, where it has one."""


def process_identity(pid: int) -> Identity | None:
    """A process by id and start time, since ids are used again; None if there is none."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return {"pid": pid, "started": process.create_time()}
    except psutil.NoSuchProcess:
        return None


def this_process() -> dict[str, Any]:
    """This process as an owner."""
    return {"host": socket.gethostname(), "python": process_identity(os.getpid()), "jvm": None}


def is_here(owner: Owner) -> bool:
    """Whether it is of this host, so that its processes can be looked at."""
    return bool(owner.get("host") == socket.gethostname())


def is_this_process(owner: Owner) -> bool:
    return is_here(owner) and owner.get("python") == process_identity(os.getpid())


def running_part(owner: Owner) -> str | None:
    """Which of an owner's processes on this host still runs, Python first; None: it is gone.

    Python may be gone while its JVM is in the middle of a commit.
    """
    return next((part for part in PARTS if _is_running(owner.get(part))), None)


def _is_running(identity: Identity | None) -> bool:
    if not identity:
        return False
    now = process_identity(identity["pid"])
    # A start time is counted from the machine's, which moves a little when its clock is set.
    return now is not None and abs(now["started"] - identity["started"]) < CLOCK_SECONDS
