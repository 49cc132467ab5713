"""What is tried again, how often, and what is told in the end."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from deltalake.exceptions import CommitFailedError
from pyspark.errors import PySparkException

from conf.contract import Contracts
from conf.errors import DataQualityError, LostLeaseError, TransientError, UsageError
from conf.secrets import KeySource
from conf.settings import Settings
from jobs.runtime.retries import is_transient, retried
from jobs.runtime.runs import Run


def java_error(*names: str, text: str = "") -> PySparkException:
    """An error of Spark whose causes in Java have these classes."""
    cause = None
    for name in reversed(names):
        told = SimpleNamespace(
            getName=lambda n=name: n, getSimpleName=lambda n=name: n.split(".")[-1]
        )
        cause = SimpleNamespace(
            getClass=lambda t=told: t, getMessage=lambda: text, getCause=lambda c=cause: c
        )
    error = PySparkException(message="what Spark says")
    error._origin = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        TransientError("a lease is held"),
        CommitFailedError("version 3 is there already"),
        java_error("io.delta.exceptions.ConcurrentAppendException"),
        java_error("org.apache.spark.SparkException", "java.net.SocketException"),
        java_error("org.apache.hadoop.fs.s3a.AWSServiceThrottledException"),
        java_error("org.apache.spark.SparkException", text="ExecutorLostFailure (executor 1 exited)"),
        java_error("org.postgresql.util.PSQLException", text="This connection has been closed."),
    ],
)  # fmt: skip
def test_a_fault_of_a_server_a_connection_or_a_commit_is_transient(error):
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        LostLeaseError("another run may work on it"),
        UsageError("a wrong setting"),
        DataQualityError("a gate"),
        ValueError("SocketException"),
        java_error("org.apache.spark.sql.AnalysisException"),
        java_error("org.apache.hadoop.fs.s3a.AWSClientIOException",
                   "org.apache.hadoop.fs.s3a.auth.NoAuthWithAWSException"),
        OSError(28, "No space left on device"),
    ],
)  # fmt: skip
def test_what_would_fail_again_is_not(error):
    assert not is_transient(error)


@pytest.fixture
def run(tmp_path):
    notes: list[str] = []
    settings = Settings(lake=str(tmp_path), retry_seconds=0)
    made = Run(
        "test", settings, Contracts({}), KeySource(), listener=lambda _, __, text: notes.append(text)
    )  # fmt: skip
    made.notes = notes  # type: ignore[attr-defined]
    return made


def failing(times: int, error: Exception):
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        if len(calls) <= times:
            raise error

    return work, calls


def test_twice_failed_and_then_done(run):
    work, calls = failing(2, java_error("java.net.ConnectException", text="host of 0101010101"))
    retried(run, "orders", work)
    told = "orders: a server, a connection or a commit failed (PySparkException < ConnectException)"
    assert len(calls) == 3
    assert run.notes == [f"{told}; trying again in 0 s ({n} of 3)" for n in (1, 2)]


def test_after_the_last_attempt_it_is_told_in_our_words(run):
    work, calls = failing(9, java_error("java.net.ConnectException", text="host of 0101010101"))
    with pytest.raises(TransientError) as told:
        retried(run, "orders", work)
    assert len(calls) == 3
    assert str(told.value) == (
        "orders: a server, a connection or a commit failed (PySparkException < ConnectException); "
        "tried 3 times: run again"
    )


def test_our_own_words_are_kept(run):
    work, _ = failing(9, TransientError("the disk of the server is full"))
    with pytest.raises(TransientError, match=r"^the disk of the server is full$"):
        retried(run, "orders", work)


@pytest.mark.parametrize("error", [UsageError("wrong"), LostLeaseError("lost"), ValueError("x")])
def test_what_is_not_transient_is_raised_at_once(run, error):
    work, calls = failing(9, error)
    with pytest.raises(type(error)):
        retried(run, "orders", work)
    assert (len(calls), run.notes) == (1, [])
