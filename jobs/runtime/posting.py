"""One HTTP POST that takes no longer than it may, whatever the other side does.

URL and headers may hold a token, and every error text of `requests` holds the URL: what is told of
a failure is its kind alone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from threading import Thread

NO_ANSWER = "no answer in time"


def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> int | str:
    """The status, or in our own words why there is none.

    In a thread: neither a name server that hangs nor a receiver that sends a byte a second knows a
    timeout of `requests`.
    """
    # It warns of a malformed answer with the whole URL in the text.
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)
    told: list[int | str] = []
    posting = Thread(target=_post, args=(url, body, headers, seconds, told), daemon=True)
    posting.start()
    posting.join(seconds)
    return told[0] if told else NO_ANSWER


def _post(
    url: str, body: bytes, headers: Mapping[str, str], seconds: float, told: list[int | str]
) -> None:
    """Append the status, or what kind of failure it was."""
    import requests  # type: ignore[import-untyped]

    try:
        with requests.post(
            url,
            data=body,
            headers=headers,
            timeout=seconds,
            allow_redirects=False,  # another host is not to get what is meant for this one
            stream=True,  # only the status is of interest
        ) as answer:
            told.append(int(answer.status_code))
    except requests.Timeout:
        told.append(NO_ANSWER)
    except requests.ConnectionError:
        told.append("no connection")
    except Exception as error:  # its text holds the URL
        told.append(type(error).__name__)
