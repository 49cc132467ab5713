"""Which runs are alive: one small file a run, and one lock a lake.

The lock of a folder is the operating system's, so that it is free the moment its process is gone;
that of a bucket is a lease. A JVM that outlives its Python is waited for by process id.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import structlog
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from conf.errors import AtlasError, TransientError
from jobs.runtime.leases import Lease
from jobs.runtime.small_files import BucketFiles, SmallFiles

HEARTBEAT_SECONDS = 5.0
CLOCK_SECONDS = 2.0
LOCK = "lock"
Live = dict[str, Any]

log = structlog.get_logger()


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

    def __init__(self, files: SmallFiles, content: Live) -> None:
        self._files = files
        self._name = f"{content['run_id']}.json"
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
            self._files.write(self._name, json.dumps(self._content).encode())

    def stop(self, *, keep: bool = False) -> None:
        """End the heartbeat; the file stays only if the next run is to close this one."""
        self._stopped.set()
        self._thread.join()
        if not keep:
            self._files.remove(self._name)

    def _beat(self) -> None:
        while not self._stopped.wait(HEARTBEAT_SECONDS):
            try:
                self.update()
            except AtlasError as error:  # a server that is away for a while stops no run
                log.warning("heartbeat", text=str(error))


def live_runs(files: SmallFiles) -> list[Live]:
    """The live files of all runs, oldest first."""
    found = (files.read(name) for name in files.names() if name.endswith(".json"))
    runs = [json.loads(content) for content in found if content is not None]  # ended just now
    return sorted(runs, key=lambda run: str(run.get("started_at")))


@contextmanager
def sole_driver(files: SmallFiles, wait_seconds: float) -> Iterator[None]:
    """Hold the lake: no other run works on it meanwhile.

    Raises: TransientError naming the run that holds it, after `wait_seconds`.
    """
    with ExitStack() as held:
        taken = _leased(files, held) if isinstance(files, BucketFiles) else _locked(files, held)
        _wait_for(taken, wait_seconds, lambda: _busy(files, wait_seconds))
        yield


def _leased(files: BucketFiles, held: ExitStack) -> Callable[[], bool]:
    me = {"host": socket.gethostname(), "python": process_identity(os.getpid())}
    lease = Lease(files, LOCK, me, is_gone=is_gone)
    held.callback(lease.release)
    return lease.take


def _locked(files: SmallFiles, held: ExitStack) -> Callable[[], bool]:
    Path(files.place).mkdir(parents=True, exist_ok=True)
    file = held.enter_context(Path(files.place, LOCK).open("a"))  # noqa: SIM115  the stack closes it

    def taken() -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    return taken


def is_gone(owner: Live) -> bool:
    """Whether an owner on this very host has ended; of another host nobody can tell."""
    return owner.get("host") == socket.gethostname() and not _is_running(owner.get("python"))


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


def _busy(files: SmallFiles, seconds: float) -> TransientError:
    runs = live_runs(files)
    owners = [f"{r['job']} {r['run_id']} (process {r['python']['pid']})" for r in runs]
    lake = files.place.rsplit("/", 2)[0]
    return TransientError(
        f"the lake at {lake} is in use by {owners[0] if owners else 'another run'}; "
        f"waited {seconds:.0f} s (ATLAS_WAIT_SECONDS); start again when it has ended"
    )
