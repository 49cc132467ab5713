"""Leases: objects in a bucket that one owner at a time holds, by conditional PUT.

Made with `If-None-Match: *`, renewed and taken over with `If-Match`. An owner that does not renew
for `SECONDS` has lost its lease. Nobody compares clocks: whoever waits counts, by its own clock,
how long the object has not changed.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import obstore
import structlog
from obstore.exceptions import AlreadyExistsError, PreconditionError

from jobs.runtime.objects import our_words
from jobs.runtime.small_files import BucketFiles

SECONDS = 30.0
RENEWED_EVERY = 8.0

log = structlog.get_logger()
Owner = Mapping[str, Any]


class Lease:
    """One lease, as one owner sees it."""

    def __init__(
        self,
        files: BucketFiles,
        name: str,
        owner: Owner,
        *,
        is_gone: Callable[[dict[str, Any]], bool],
        seconds: float = SECONDS,
    ) -> None:
        """`is_gone` tells of another owner whether it has surely ended: no need to wait then."""
        self.name, self._files, self._seconds = name, files, seconds
        self._content = {**owner, "token": uuid.uuid4().hex}  # tells our own writes from others'
        self._is_gone = is_gone
        self._e_tag: str | None = None  # of what we wrote last; None: not held
        self._renewed_at = 0.0
        self._seen: tuple[str, float] | None = None  # another's version, and since when
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self) -> bool:
        """Take it if it is free, was given back, or its owner is gone or silent for too long."""
        if self._put("create"):
            return self._begin()
        found = self._read()
        if found is None:  # gone since
            return False
        content, e_tag = found
        if content.get("token") == self._content["token"]:  # our own PUT, whose answer was lost
            self._e_tag = e_tag
            return self._begin()
        if not (content.get("is_free") or self._is_gone(content) or self._is_silent(e_tag)):
            return False
        return self._put({"e_tag": e_tag}) and self._begin()

    @property
    def is_held(self) -> bool:
        """Whether nobody else can have taken it: by our own clock, since the last renewal."""
        return self._e_tag is not None and time.monotonic() - self._renewed_at < self._seconds

    def owner(self) -> dict[str, Any]:
        """Who holds it, as the object says; empty if nobody does."""
        found = self._read()
        return {} if found is None or found[0].get("is_free") else found[0]

    def release(self) -> None:
        """Give it back, if it is still ours."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            if self._e_tag is not None:
                try:
                    self._put({"e_tag": self._e_tag}, is_free=True)
                except Exception:  # it runs out by itself
                    log.warning("lease_not_given_back", lease=self.name)
                self._e_tag = None

    def renew(self) -> None:
        """Say that the owner lives; a lease that somebody else took is lost."""
        with self._lock:
            if self._e_tag is None or self._ended.is_set():
                return
            if not self._put({"e_tag": self._e_tag}):
                found = self._read()
                is_ours = found is not None and found[0].get("token") == self._content["token"]
                self._e_tag = found[1] if found and is_ours else None
            if self._e_tag is None:
                log.error("lease_lost", lease=self.name)

    def _begin(self) -> bool:
        self._ended.clear()
        self._thread = threading.Thread(target=self._beat, name=f"lease {self.name}", daemon=True)
        self._thread.start()
        return True

    def _beat(self) -> None:
        while not self._ended.wait(RENEWED_EVERY):
            try:
                self.renew()
            except Exception:  # the server may be back before the lease has run out
                log.warning("lease_not_renewed", lease=self.name)

    def _is_silent(self, e_tag: str) -> bool:
        now = time.monotonic()
        if self._seen is None or self._seen[0] != e_tag:
            self._seen = e_tag, now
        return now - self._seen[1] >= self._seconds

    def _read(self) -> tuple[dict[str, Any], str] | None:
        with our_words(self._files.place, self._files.s3):
            try:
                got = obstore.get(self._files.store, self.name)
                return json.loads(bytes(got.bytes())), str(got.meta["e_tag"])
            except FileNotFoundError:
                return None

    def _put(self, mode: Any, *, is_free: bool = False) -> bool:
        """Whether the PUT met its condition."""
        asked_at = time.monotonic()
        # A number in it, so that every renewal has another ETag.
        content = {**self._content, "is_free": is_free, "renewed": uuid.uuid4().hex}
        with our_words(self._files.place, self._files.s3):
            try:
                done = obstore.put(
                    self._files.store, self.name, json.dumps(content).encode(), mode=mode
                )
            except (AlreadyExistsError, PreconditionError):
                return False
        self._e_tag, self._renewed_at = done["e_tag"], asked_at
        return True
