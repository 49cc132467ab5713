"""Which runs are alive: one small file a run, and one lock a lake.

The lock keeps two drivers on one machine apart. It is the operating system's, so that it is free
the moment its process is gone; a JVM that outlives its Python is waited for by process id.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from conf.errors import TransientError

HEARTBEAT_SECONDS = 5.0
CLOCK_SECONDS = 2.0
PART = ".part"  # how a live file is called until it is whole
Live = dict[str, Any]


def process_identity(pid: int) -> dict[str, Any] | None:
    """A process by id and start time, since ids are used again; None if there is none."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return {"pid": pid, "started": process.create_time()}
    except psutil.NoSuchProcess:
        return None


def _is_running(identity: dict[str, Any] | None) -> bool:
    if identity is None:
        return False
    now = process_identity(identity["pid"])
    # A start time is counted from the machine's, which moves a little when its clock is set.
    return now is not None and abs(now["started"] - identity["started"]) < CLOCK_SECONDS


class LiveFile:
    """`ops/_live/<run_id>.json`, replaced by a heartbeat while the run lives."""

    def __init__(self, folder: Path, content: Live) -> None:
        self.path = folder / f"{content['run_id']}.json"
        self._content = {
            "host": socket.gethostname(),
            "python": process_identity(os.getpid()),
            "jvm": None,
            **content,
        }
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        self.update()
        self._thread.start()

    def update(self, **changes: Any) -> None:
        """Replace the file in one step, so that a reader never sees half of it."""
        if self._stopped.is_set():
            return
        with self._lock:
            self._content |= changes | {"heartbeat_at": datetime.now(UTC).isoformat()}
            with tempfile.NamedTemporaryFile(
                "w", dir=self.path.parent, prefix=".", suffix=PART, delete=False
            ) as file:
                json.dump(self._content, file)
            Path(file.name).replace(self.path)

    def stop(self, *, keep: bool = False) -> None:
        """End the heartbeat; the file stays only if the next run is to close this one."""
        self._stopped.set()
        self._thread.join()
        if not keep:
            self.path.unlink(missing_ok=True)

    def _beat(self) -> None:
        while not self._stopped.wait(HEARTBEAT_SECONDS):
            self.update()


def live_runs(folder: Path) -> list[Live]:
    """The live files of all runs, oldest first."""
    runs = []
    for path in sorted(folder.glob("*.json")):
        try:
            runs.append(json.loads(path.read_text()))
        except FileNotFoundError:  # ended just now
            continue
    return sorted(runs, key=lambda run: str(run.get("started_at")))


def remove_parts(folder: Path) -> None:
    """Remove what was not whole when its run was killed. For the holder of the lock alone."""
    for path in folder.glob(f".*{PART}"):
        path.unlink(missing_ok=True)


@contextmanager
def sole_driver(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lake: no other run of this machine works on it meanwhile.

    Raises: TransientError naming the run that holds it, after `wait_seconds`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as file:

        def taken() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        _wait_for(taken, wait_seconds, lambda: _busy(folder, wait_seconds))
        yield


def wait_until_gone(run: Live, wait_seconds: float) -> None:
    """Wait for the processes of a dead run: its JVM may still commit after Python is gone.

    A run of this very process that ended without a record is over: nothing of it goes on.

    Raises: TransientError naming the process that stays.
    """
    if (run.get("python") or {}).get("pid") == os.getpid() and _is_running(run["python"]):
        return
    for part in ("python", "jvm"):
        identity = run.get(part)
        _wait_for(
            lambda identity=identity: not _is_running(identity),  # type: ignore[misc]
            wait_seconds,
            lambda part=part, identity=identity: TransientError(  # type: ignore[misc]
                f"run {run['run_id']} is dead but its {part} process {identity['pid']} still runs; "
                "wait for it or end it, then start again"
            ),
        )


def _wait_for(
    done: Callable[[], bool], seconds: float, error: Callable[[], TransientError]
) -> None:
    attempts = Retrying(
        stop=stop_after_delay(seconds),
        wait=wait_fixed(0.2),
        retry=retry_if_result(lambda ok: not ok),
    )
    try:
        attempts(done)
    except RetryError:
        raise error() from None


def _busy(folder: Path, seconds: float) -> TransientError:
    owners = [f"{r['job']} {r['run_id']} (process {r['python']['pid']})" for r in live_runs(folder)]
    return TransientError(
        f"the lake at {folder.parent.parent} is in use by {owners[0] if owners else 'another run'}; "
        f"waited {seconds:.0f} s (ATLAS_WAIT_SECONDS); start again when it has ended"
    )
