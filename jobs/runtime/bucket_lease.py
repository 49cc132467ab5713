"""A lease in a bucket: an object that one owner at a time holds, by conditional PUT.

Made with `If-None-Match: *`, renewed and taken over with `If-Match`. An owner that does not renew it
in time has lost it. Nobody compares clocks: whoever waits counts, by its own clock, how long the
object has not changed.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from typing import Any

import obstore
import structlog
from obstore.exceptions import AlreadyExistsError, PreconditionError

from conf.errors import AtlasError
from jobs.runtime.objects import again_if_unanswered, our_words
from jobs.runtime.processes import Owner, is_here, is_this_process, running_part
from jobs.runtime.small_files import BucketFiles

log = structlog.get_logger()
_HELD_HERE: set[str] = set()  # tokens of this process: what else names it is left from a dead run


class BucketLease:
    """One lease, as one owner sees it."""

    def __init__(self, files: BucketFiles, name: str, seconds: float) -> None:
        self.name, self._files, self._seconds = name, files, seconds
        self._token = uuid.uuid4().hex  # tells our own writes from others'
        self._e_tag: str | None = None  # of what we wrote last; None: not held
        self._renewed_at = 0.0
        self._seen: tuple[str, float] | None = None  # another's version, and since when
        self._lock = threading.Lock()

    @again_if_unanswered
    def take(self, owner: Owner) -> bool:
        """Take it if it is free, was given back, or its owner is gone or silent for too long."""
        if self._put(owner, "create"):
            return True
        found = self._read()
        if found is None:  # gone since
            return False
        content, e_tag = found
        if content["token"] == self._token:  # our own PUT, whose answer was lost
            return self._put(owner, {"e_tag": e_tag})
        if not (content["is_free"] or _is_gone(content) or self._is_silent(e_tag)):
            return False
        return self._put(owner, {"e_tag": e_tag})

    @again_if_unanswered
    def renew(self, owner: Owner) -> None:
        """Say that the owner lives; a lease that somebody else took is lost."""
        with self._lock:
            if self._e_tag is None or self._put(owner, {"e_tag": self._e_tag}):
                return
            found = self._read()
            is_ours = found is not None and found[0]["token"] == self._token
            self._e_tag = found[1] if found and is_ours else None
            if self._e_tag is None:
                log.error("lease_lost", lease=self.name)

    @property
    def is_held(self) -> bool:
        """Whether nobody else can have taken it: by our own clock, since the last renewal."""
        return self._e_tag is not None and time.monotonic() - self._renewed_at < self._seconds

    def owner(self) -> dict[str, Any]:
        """Who holds it, as the object says; empty if nobody does."""
        found = self._read()
        return {} if found is None or found[0]["is_free"] else found[0]

    def release(self, *, keep_owner: bool = False) -> None:
        """Give it back if it is still ours. With `keep_owner` it runs out by itself, or is free
        when the owner's processes are gone."""
        with self._lock:
            _HELD_HERE.discard(self._token)
            if self._e_tag is not None and not keep_owner:
                try:
                    again_if_unanswered(self._put)({}, {"e_tag": self._e_tag}, is_free=True)
                except AtlasError:  # it runs out by itself
                    log.warning("lease_not_given_back", lease=self.name)
                _HELD_HERE.discard(self._token)
            self._e_tag = None

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

    def _put(self, owner: Owner, mode: Any, *, is_free: bool = False) -> bool:
        """Whether the PUT met its condition."""
        asked_at = time.monotonic()
        # A number in it, so that every renewal has another ETag.
        told = {**owner, "token": self._token, "is_free": is_free, "renewed": uuid.uuid4().hex}
        with our_words(self._files.place, self._files.s3):
            try:
                done = obstore.put(
                    self._files.store, self.name, json.dumps(told).encode(), mode=mode
                )
            except (AlreadyExistsError, PreconditionError):
                return False
        self._e_tag, self._renewed_at = done["e_tag"], asked_at
        _HELD_HERE.add(self._token)
        return True


def _is_gone(owner: Owner) -> bool:
    """Whether it has surely ended; of another host nobody can tell."""
    if is_this_process(owner):
        return owner["token"] not in _HELD_HERE
    return is_here(owner) and running_part(owner) is None
