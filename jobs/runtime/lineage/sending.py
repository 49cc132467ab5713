"""Events to a lineage server such as Marquez: after the run, from the lake, so that none is lost.

The listener could post by itself (`spark.openlineage.transport.type=composite`), but it does so for
each event as it comes: a server that hangs would hold up every run for events x time-out. From here
a run waits once, and what was not taken is sent again by the next run.
"""

from __future__ import annotations

import gzip
import time

import structlog
from pydantic import SecretStr

from jobs.runtime.lake import Lake

UNSENT = "ops._lineage.unsent"
ENDPOINT = "/api/v1/lineage"  # OpenLineage's own
_REFUSED = range(400, 500)

log = structlog.get_logger()


class _NotTakenError(Exception):
    """The server is not there, hangs, or says that it cannot now; the text is ours."""


def send_lineage(lake: Lake) -> None:
    """Post what no server has yet, a file at a time, for ATLAS_LINEAGE_SECONDS at most.

    An event that the server refuses is left out and counted: it would be refused again.
    """
    settings = lake.settings
    if settings.lineage_url is None:
        return
    files, until = lake.files(UNSENT), time.monotonic() + settings.lineage_seconds
    for name in files.names():
        events = gzip.decompress(files.read(name) or gzip.compress(b"")).splitlines()
        sent = refused = 0
        try:
            for event in events:
                refused += not _is_taken(
                    settings.lineage_url, settings.lineage_api_key, event, until
                )
                sent += 1
        except _NotTakenError as error:
            files.write(name, gzip.compress(b"\n".join(events[sent:]), mtime=0))
            log.warning("lineage", text=f"ATLAS_LINEAGE_URL: {error}; the next run sends it again")
            return
        files.remove(name)
        if refused:
            log.warning(
                "lineage", text=f"ATLAS_LINEAGE_URL refused {refused} of {len(events)} events"
            )


def _is_taken(url: str, key: SecretStr | None, event: bytes, until: float) -> bool:
    """Whether the server took the event; False: it said that it never will."""
    import requests  # type: ignore[import-untyped]

    left = until - time.monotonic()
    if left <= 0:
        raise _NotTakenError("no answer in time")
    headers = {"Content-Type": "application/json"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key.get_secret_value()}"
    try:
        with requests.post(
            url.rstrip("/") + ENDPOINT, event, headers=headers, timeout=left, stream=True,
            allow_redirects=False,
        ) as answer:  # fmt: skip
            status = int(answer.status_code)
    except requests.Timeout:
        raise _NotTakenError("no answer in time") from None
    except requests.RequestException as error:
        raise _NotTakenError(type(error).__name__) from None
    if status >= 500 or status == 429:
        raise _NotTakenError(f"it answers {status}")
    return status not in _REFUSED
