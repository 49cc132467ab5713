"""Which runs are alive: one small file a run, replaced by its heartbeat."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from conf.errors import AtlasError
from jobs.runtime.processes import is_here, is_this_process, running_part, this_process
from jobs.runtime.small_files import SmallFiles

HEARTBEAT_SECONDS = 5.0
SILENT = timedelta(minutes=2)
Live = dict[str, Any]

log = structlog.get_logger()


class LiveFile:
    """`ops/_live/<run_id>.json`, replaced by a heartbeat while the run lives."""

    def __init__(self, files: SmallFiles, content: Live) -> None:
        self._files = files
        self._name = f"{content['run_id']}.json"
        self._content = this_process() | content
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


def alive_runs(files: SmallFiles) -> list[Live]:
    """Those of runs that are not over, oldest first."""
    return [live for live in live_runs(files) if not is_over(live)]


def is_over(live: Live) -> bool:
    """Whether a run that left this live file has ended, and its JVM with it.

    A run of this very process that ended without a record is over. One of another host is taken for
    dead when its heartbeat is two minutes old.
    """
    if not is_here(live):
        beat = live.get("heartbeat_at") or live["started_at"]
        return datetime.now(UTC) - datetime.fromisoformat(beat) > SILENT
    return is_this_process(live) or running_part(live) is None
