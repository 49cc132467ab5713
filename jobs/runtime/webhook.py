"""Alerts by HTTP POST, to a receiver that may be slow, broken or gone."""

from __future__ import annotations

import json
from http import HTTPStatus

from pydantic import SecretStr

from conf.errors import TransientError
from jobs.runtime.alerts import Alert
from jobs.runtime.posting import post

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
        answer = post(self._url.get_secret_value(), body, HEADERS, self._timeout)
        if isinstance(answer, int):
            if HTTPStatus(200) <= answer < HTTPStatus.MULTIPLE_CHOICES:
                return
            if answer != HTTPStatus.TOO_MANY_REQUESTS and answer < HTTPStatus.INTERNAL_SERVER_ERROR:
                raise _error(f"it answers {answer}")
            answer = f"it answers {answer}"
        failures.append(answer)
        raise _NoAnswerError(answer)


def _error(what: str) -> AlertError:
    return AlertError(f"the receiver in ATLAS_ALERT_WEBHOOK did not take an alert: {what}")
