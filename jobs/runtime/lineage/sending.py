"""Events to a lineage server such as Marquez: after the run, from the lake, so that none is lost.

The listener could post by itself (`spark.openlineage.transport.type=composite`), but it does so for
each event as it comes: a server that hangs would hold up every run for events x time-out. From here
a run waits once, and what was not taken is sent again by the next run.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from http import HTTPStatus

from pydantic import SecretStr

from jobs.runtime.lake import Lake
from jobs.runtime.posting import NO_ANSWER, post

UNSENT = "ops._lineage.unsent"
ENDPOINT = "/api/v1/lineage"  # OpenLineage's own
_REFUSED = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""What is said of the event itself; a wrong key or path is no reason to lose one."""


class _NotTakenError(Exception):
    """The server is not there, hangs, or says that it cannot now; the text is ours."""


def send_lineage(lake: Lake, note: Callable[[str], None]) -> None:
    """Post what no server has yet, in the order it came, for ATLAS_LINEAGE_SECONDS at most.

    An event that the server refuses is left out and counted: it would be refused again.
    """
    settings = lake.settings
    if settings.lineage_url is None:
        return
    server = _Server(settings.lineage_url, settings.lineage_api_key, settings.lineage_seconds)
    files, sent, refused = lake.files(UNSENT), 0, 0
    for name in files.names():
        events = gzip.decompress(files.read(name) or gzip.compress(b"")).splitlines()
        done = 0
        try:
            for event in events:
                refused += not server.takes(event)
                done += 1
        except _NotTakenError as error:
            if done:
                files.write(name, gzip.compress(b"\n".join(events[done:]), mtime=0))
            note(f"ATLAS_LINEAGE_URL: {error}; the next run sends what it did not take")
            break
        finally:
            sent += done
        files.remove(name)
    if refused:
        note(f"ATLAS_LINEAGE_URL: it refused {refused} of {sent} lineage events: they are left out")


class _Server:
    """Where events go, until the time for it is over."""

    def __init__(self, url: str, key: SecretStr | None, seconds: float) -> None:
        self._url = url.rstrip("/") + ENDPOINT
        self._headers = {"Content-Type": "application/json"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key.get_secret_value()}"
        self._until = time.monotonic() + seconds

    def takes(self, event: bytes) -> bool:
        """Whether it took the event; False: it said that it never will. Raises: _NotTakenError."""
        left = self._until - time.monotonic()
        answer = post(self._url, event, self._headers, left) if left > 0 else NO_ANSWER
        if not isinstance(answer, int):
            raise _NotTakenError(answer)
        if not HTTPStatus.OK <= answer < HTTPStatus.MULTIPLE_CHOICES and answer not in _REFUSED:
            raise _NotTakenError(f"it answers {answer}")
        return answer not in _REFUSED
