"""Runs that fail at one stage after the other, each with a personal number in the error's text.

A script for spark-submit: one JVM, one lake, so that each run goes on where the failed one before
it stopped. The last run has no fault. What came out stands in a JSON file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from pyspark.sql import functions as F

import jobs.build_gold
import jobs.ingest
import jobs.refine
import jobs.runtime.matching
from conf.contract_reader import load_contracts
from conf.logs import configure_logs
from conf.secrets import key_source
from conf.settings import Settings, load_settings
from jobs.pipeline import pipeline
from jobs.runtime.batches import Batches
from jobs.runtime.console import Console
from jobs.runtime.deliveries import Deliveries
from jobs.runtime.keys import check_key
from jobs.runtime.lake import Lake
from jobs.runtime.runs import Run
from transformations.order_facts import OrderFacts

Raise = Callable[..., Any]


def python_error(value: str) -> Raise:
    """An exception of a library, chained to another that holds the value, too."""

    def fails(*_: Any, **__: Any) -> Any:
        try:
            raise KeyError(value)
        except KeyError as error:
            raise ValueError(f"cannot convert {value}") from error

    return fails


def java_error(value: str) -> Raise:
    """An exception that Java raises: NumberFormatException tells the text it could not read."""

    def fails(*_: Any, **__: Any) -> Any:
        from pyspark import SparkContext

        return SparkContext._jvm.java.lang.Integer.parseInt(f"x{value}")  # type: ignore[attr-defined]

    return fails


def analysis_error(value: str) -> Raise:
    """An exception of Spark's analyzer: it tells the name it could not resolve."""

    def fails(*arguments: Any, **_: Any) -> Any:
        from pyspark.sql import SparkSession

        session = SparkSession.getActiveSession()
        assert session is not None
        return session.range(1).select(F.col(f"`{value}`"))

    return fails


def unparsable_sql(value: str) -> Raise:
    """An exception of Spark's parser: it shows the whole text."""

    def fails(*_: Any, **__: Any) -> Any:
        from pyspark.sql import SparkSession

        session = SparkSession.getActiveSession()
        assert session is not None
        return session.sql(f"select '{value}' frm where")

    return fails


def after(method: Callable[..., Any], when: Callable[..., bool], fail: Raise) -> Raise:
    """The method, and then the failure, where `when` says so of its arguments."""

    def done(*arguments: Any, **named: Any) -> Any:
        result = method(*arguments, **named)
        return fail() if when(*arguments, **named) else result

    return done


def _on(name: str) -> Callable[..., bool]:
    return lambda lake, df, table, *_, **__: table.startswith(name)


# Stage -> (what is patched, with what, given how to fail and the original).
Fault = tuple[Any, str, Callable[[Raise, Any], Any], Callable[[str], Raise]]


def _instead(fail: Raise, _: Any) -> Raise:
    return fail


FAULTS: dict[str, Fault] = {
    "inspect": (jobs.ingest, "inspect", _instead, python_error),
    "register": (Deliveries, "open_for", _instead, python_error),
    "read bronze": (jobs.ingest, "read_bronze", _instead, java_error),
    "write bronze": (Lake, "append", lambda f, old: after(old, _on("bronze."), f), python_error),
    "batch": (Batches, "next", _instead, python_error),
    "standardize": (jobs.runtime.matching, "standardized", _instead, analysis_error),
    "count": (jobs.refine, "_counts", _instead, java_error),
    "treat": (jobs.refine, "treated", _instead, unparsable_sql),
    "staging": (Lake, "stage", lambda f, old: after(old, _on("ops._staging"), f), python_error),
    "leak scan": (jobs.refine, "stop_on_typed_pii", _instead, java_error),
    "quarantine": (Lake, "append", lambda f, old: after(old, _on("ops."), f), java_error),
    "references": (jobs.refine, "keep_references", _instead, python_error),
    "detections": (jobs.refine, "keep_detections", _instead, unparsable_sql),
    "merge": (jobs.refine, "merge_staged", _instead, java_error),
    "keep keys": (jobs.refine, "keep_keys", _instead, python_error),
    "close batch": (Batches, "close", _instead, python_error),
    "order facts": (OrderFacts, "of", _instead, python_error),
    "customer 360": (jobs.build_gold, "customer_360", _instead, analysis_error),
    "write gold": (Lake, "overwrite", lambda f, old: after(old, _on("gold."), f), java_error),
    "features": (jobs.build_gold, "customer_features", _instead, java_error),
    "recount": (jobs.pipeline, "verify_accounting", _instead, python_error),
}


@contextmanager
def fault(stage: str, value: str) -> Iterator[None]:
    owner, name, make, error = FAULTS[stage]
    with mock.patch.object(owner, name, make(error(value), getattr(owner, name))):
        yield


def run_once(settings: Settings) -> Run:
    """One run as `jobs/pipeline.py` makes it, in a session that stays open."""
    keys = key_source(settings)
    known = load_contracts(Path(settings.contracts) if settings.contracts else None)
    run = Run("pipeline", settings, known, keys, listener=Console().on_event)
    check_key(run.lake, keys)
    with run.recorded():
        pipeline(run)
    Console().summary(run)
    return run


def main() -> None:
    """Arguments: sources, lake, log file, seed, outcomes."""
    from tests.numbers_at_random import cpr_of

    sources, lake, log, seed, told = sys.argv[1:]
    settings = load_settings(sources=sources, lake=lake, log_file=Path(log))
    configure_logs(settings, "pipeline")
    outcomes = {}
    for stage in FAULTS:
        with fault(stage, cpr_of(int(seed), stage)):
            run = run_once(settings)
        outcomes[stage] = {"exit": run.exit_code, "message": run.message}
    run = run_once(settings)
    outcomes["none"] = {
        "exit": run.exit_code,
        "message": run.message,
        "tables": run.as_dict()["tables"],
    }
    Path(told).write_text(json.dumps(outcomes))
    run.spark.stop()


if __name__ == "__main__":
    main()
