"""The leases of a run: who may write a table, kept in the lake itself, one for each table.

On a folder a lease is a file that the system locks, in a bucket an object (`folder_lease.py`,
`bucket_lease.py`). A second run waits for a bounded time and is then told who holds it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import structlog
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_random

from conf.errors import AtlasError, LostLeaseError, TransientError
from jobs.runtime.bucket_lease import BucketLease
from jobs.runtime.folder_lease import FolderLease
from jobs.runtime.processes import Owner, is_here, running_part, this_process
from jobs.runtime.small_files import BucketFiles, SmallFiles

RENEWALS = 4  # in the time a lease lives

log = structlog.get_logger()


class Lease(Protocol):
    """One lease, as one owner sees it."""

    def take(self, owner: Owner) -> bool:
        """Whether it is ours now."""

    def renew(self, owner: Owner) -> None:
        """Say who holds it, and that it lives."""

    @property
    def is_held(self) -> bool:
        """Whether nobody else can have taken it."""

    def owner(self) -> dict[str, Any]:
        """Who holds it."""

    def release(self, *, keep_owner: bool = False) -> None:
        """Give it back."""


class Leases:
    """The leases that one run holds, renewed by a thread while there are any in a bucket."""

    def __init__(self, files: SmallFiles, wait_seconds: float, seconds: float) -> None:
        """`seconds`: how long a lease in a bucket lives without being renewed."""
        self._files, self._wait_seconds, self._seconds = files, wait_seconds, seconds
        self._owner = this_process() | {"since": datetime.now(UTC).isoformat(timespec="seconds")}
        self._held: dict[str, Lease] = {}
        self._keeps_owner = False
        self._ended = threading.Event()

    def tell(self, **facts: Any) -> None:
        """What others are told of the owner besides: `run_id`, `job`, `jvm`."""
        self._owner |= facts
        for lease in list(self._held.values()):
            lease.renew(self._owner)

    def keep_owner(self) -> None:
        """Do not free them at the end: the JVM of an interrupted run may still be at work."""
        self._keeps_owner = True

    @contextmanager
    def holding(self, *names: str) -> Iterator[None]:
        """Hold leases, in one order for all so that no two wait for each other; one that is held
        already is no second time.

        Raises: TransientError naming the owner of one, after `wait_seconds`.
        """
        with ExitStack() as held:
            for name in sorted(set(names) - set(self._held)):
                self._take(name)
                held.callback(self._give_back, name)
            yield

    def check(self, *names: str) -> None:
        """Raises: LostLeaseError if one of these, or of all that are held, may be somebody else's by
        now."""
        for name in names or tuple(self._held):
            if not self._held[name].is_held:
                raise LostLeaseError(
                    f"the lease {name} ran out, since this process stood still or the server did "
                    "not answer; another run may work on the table by now: run again"
                )

    def _take(self, name: str) -> None:
        lease = self._lease(name)
        attempts = Retrying(
            stop=stop_after_delay(self._wait_seconds),
            wait=wait_random(0.1, 0.4),
            retry=retry_if_result(lambda is_ours: not is_ours),
        )
        try:
            attempts(lambda: lease.take(self._owner))
        except RetryError:
            raise self._busy(name, lease.owner()) from None
        self._held[name] = lease
        if len(self._held) == 1 and isinstance(self._files, BucketFiles):
            self._ended = threading.Event()
            threading.Thread(target=self._beat, args=(self._ended,), daemon=True).start()

    def _give_back(self, name: str) -> None:
        lease = self._held.pop(name)
        if not self._held:
            self._ended.set()
        lease.release(keep_owner=self._keeps_owner)

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(self._seconds / RENEWALS):
            for name, lease in list(self._held.items()):
                try:
                    lease.renew(self._owner)
                except AtlasError:  # the server may be back before the lease has run out
                    log.warning("lease_not_renewed", lease=name)

    def _lease(self, name: str) -> Lease:
        if isinstance(self._files, BucketFiles):
            return BucketLease(self._files, name, self._seconds)
        return FolderLease(Path(self._files.place), name)

    def _busy(self, name: str, owner: Owner) -> TransientError:
        waited = f"waited {self._wait_seconds:.0f} s (ATLAS_WAIT_SECONDS)"
        who = f"{owner.get('job', 'another run')} {owner.get('run_id', '')}".strip()
        if is_here(owner) and running_part(owner) == "jvm":
            return TransientError(
                f"{name}: {who} is dead but its jvm process {owner['jvm']['pid']} still runs; "
                f"{waited}; wait for it or end it, then start again"
            )
        process = (owner.get("python") or {}).get("pid")
        where = f" (process {process} on {owner.get('host')}, since {owner.get('since')})"
        return TransientError(
            f"{name} is in use by {who}{where if process else ''}; {waited}; "
            "start again when it has ended"
        )
