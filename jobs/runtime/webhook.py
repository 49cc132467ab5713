"""Alerts by HTTP POST, to a receiver that may be slow, broken or gone.

Its URL may hold a token, and every error text of `requests` holds the URL: what is told of a
failure is its kind alone.
"""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from threading import Thread

from pydantic import SecretStr

from conf.errors import TransientError
from jobs.runtime.alerts import Alert

FIRST_WAIT = 0.2  # seconds between two attempts, doubled each time
REST_SECONDS = 60.0  # how long a receiver that is down is left alone
HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "atlas"}


class AlertError(TransientError):
    """The receiver did not take an alert."""


class _NoAnswerError(Exception):
    """What is worth another attempt; the text is ours."""


class WebhookChannel:
    """One JSON object a POST.

    As many failures in a row as there are attempts open the circuit: for a minute nothing more is
    sent, so that a receiver that is down costs a run the attempts of one alert.
    """

    def __init__(self, url: SecretStr, *, timeout: float, attempts: int) -> None:
        from pybreaker import CircuitBreaker

        self._url, self._timeout, self._attempts = url, timeout, attempts
        self._breaker = CircuitBreaker(
            fail_max=attempts, reset_timeout=REST_SECONDS, exclude=[AlertError]
        )
        # It warns of a malformed answer with the whole URL in the text.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)

    def send(self, alert: Alert) -> None:
        """Raises: AlertError, after attempts x (timeout + wait) at the latest."""
        from pybreaker import CircuitBreakerError
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        body = json.dumps(alert.as_dict(), ensure_ascii=False, allow_nan=False).encode()
        attempts = Retrying(
            stop=stop_after_attempt(self._attempts),
            wait=wait_exponential(multiplier=FIRST_WAIT),
            retry=retry_if_exception_type(_NoAnswerError),
            reraise=True,
        )
        failures: list[str] = []
        try:
            attempts(self._breaker.call, self._attempt, body, failures)
        except CircuitBreakerError:  # the last failure in a row, or one of an earlier alert's
            raise _error(failures[-1] if failures else "it was down a moment ago") from None
        except _NoAnswerError:
            raise _error(failures[-1]) from None

    def _attempt(self, body: bytes, failures: list[str]) -> None:
        """One POST, in a thread: neither a name server that hangs nor a receiver that sends a byte
        a second knows a timeout of `requests`."""
        told: list[int | str] = []
        posting = Thread(target=self._post, args=(body, told), daemon=True)
        posting.start()
        posting.join(self._timeout)
        answer = told[0] if told else "no answer in time"
        if isinstance(answer, int):
            if HTTPStatus(200) <= answer < HTTPStatus.MULTIPLE_CHOICES:
                return
            if answer != HTTPStatus.TOO_MANY_REQUESTS and answer < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise _error(f"it answers {answer}")
            answer = f"it answers {answer}"
        failures.append(answer)
        raise _NoAnswerError(answer)

    def _post(self, body: bytes, told: list[int | str]) -> None:
        """Append the status, or what kind of failure it was."""
        import requests  # type: ignore[import-untyped]

        try:
            with requests.post(
                self._url.get_secret_value(),
                data=body,
                headers=HEADERS,
                timeout=self._timeout,
                allow_redirects=False,  # another host is not to get what is meant for this one
                stream=True,  # only the status is of interest
            ) as answer:
                told.append(int(answer.status_code))
        except requests.Timeout:
            told.append("no answer in time")
        except requests.ConnectionError:
            told.append("no connection")
        except Exception as error:  # its text holds the URL
            told.append(type(error).__name__)


def _error(what: str) -> AlertError:
    return AlertError(f"the receiver in ATLAS_ALERT_WEBHOOK did not take an alert: {what}")
