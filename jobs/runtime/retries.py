"""Transient faults: what is worth trying again, and the trying.

A table is tried again as a whole, from reading what is known of it: what was written before the fault
is found there, as after a crash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from deltalake.exceptions import CommitFailedError
from py4j.protocol import Py4JJavaError, Py4JNetworkError
from pyspark.errors import PySparkException
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from conf.errors import LostLeaseError, TransientError
from jobs.runtime.runs import Run
from jobs.runtime.told_errors import classes

LONGEST_WAIT = 60.0  # seconds

_TRANSIENT = re.compile(
    r"\b("
    r"Concurrent\w+Exception|MetadataChangedException|ProtocolChangedException"  # Delta
    r"|AWSServiceThrottledException|AWSStatus500Exception|AWSServiceIOException|AWSClientIOException"
    r"|SdkClientException|NoHttpResponseException|ConnectTimeoutException|HttpHostConnectException"
    r"|ConnectException|SocketException|SocketTimeoutException|ConnectionClosedException"
    r"|SQLTransientException|SQLTransientConnectionException|SQLRecoverableException"
    r"|FetchFailedException|ExecutorLostFailure|ExecutorDeadException"
    r")\b"
    # PostgreSQL's driver has one class for all.
    r"|connection has been closed|I/O error occurred while sending to the backend"
    r"|terminating connection due to"
)
_TERMINAL = re.compile(r"\b(NoAuthWithAWSException|CredentialInitializationException|AccessDenied)")


def is_transient(error: BaseException) -> bool:
    """Whether trying again may help: a server, a connection, an executor or a commit failed."""
    if isinstance(error, LostLeaseError):
        return False
    if isinstance(error, TransientError | CommitFailedError):
        return True
    if isinstance(error, Py4JJavaError | PySparkException):
        told = " ".join(_told(error))
        return bool(_TRANSIENT.search(told)) and not _TERMINAL.search(told)
    return False


def _told(error: Any) -> Iterator[str]:
    """The classes of a Java error and its causes, and the texts: what a task threw is only there.

    They are looked at and never kept, since they may hold values.
    """
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    yield str(error)
    try:
        for _ in range(10):
            if java is None:
                return
            yield str(java.getClass().getName())
            yield str(java.getMessage())
            java = java.getCause()
    except (Py4JNetworkError, Py4JJavaError):  # the JVM is gone
        return


def retried(run: Run, what: str, work: Callable[[], None]) -> None:
    """Do it, and again after a transient fault: with exponential back-off and jitter.

    Raises: TransientError in our own words when the last attempt has failed, and at once whatever is
    not transient. A run that has lost a lease goes on with nothing: LostLeaseError.
    """
    attempts, first = run.settings.retry_attempts, run.settings.retry_seconds

    def attempt() -> None:
        run.lake.leases.check()
        work()

    def note(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0.0
        told = _in_our_words(what, error)
        run.note(f"{told}; trying again in {wait:.0f} s ({state.attempt_number} of {attempts})")

    retrying = Retrying(
        stop=stop_after_attempt(attempts),
        wait=wait_exponential_jitter(initial=first, max=LONGEST_WAIT, jitter=first),
        retry=retry_if_exception(is_transient),
        before_sleep=note,
        reraise=True,
    )
    try:
        retrying(attempt)
    except Exception as error:
        if isinstance(error, TransientError) or not is_transient(error):
            raise
        times = f"{attempts} times" if attempts > 1 else "once"
        raise TransientError(f"{_in_our_words(what, error)}; tried {times}: run again") from None


def _in_our_words(what: str, error: BaseException | None) -> str:
    if isinstance(error, TransientError):
        return f"{what}: {error}"
    return f"{what}: a server, a connection or a commit failed ({classes(error or OSError())})"
