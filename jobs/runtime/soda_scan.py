"""One scan of a DataFrame with Soda: each check's value, and of how many rows how many fail.

Soda evaluates the checks as the contract states them. Beside each it is asked for two counts more,
in the same query: the rows that the check is about and, where its value is a share, those that fail.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml
from pyspark.sql import DataFrame

from conf.contract import QualityCheck
from conf.errors import TerminalError

_NO_SAMPLES = {"samples limit": 0}  # a sample would be rows in the driver, and in Soda's log
_COUNTS = {"missing_percent": "missing_count", "invalid_percent": "invalid_count"}
_ROW_COUNTS = ("missing_count", "invalid_count", "duplicate_count", "rows")
_DUPLICATES = ("duplicate_count", "duplicate_percent")
_ALERTS = ("fail", "warn")


class Outcome(StrEnum):
    """What Soda says of a check; without a value (no rows, no history) it was not evaluated."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True)
class Measured:
    """A check on one population."""

    check: QualityCheck
    outcome: Outcome
    value: float | None
    threshold: str
    rows_checked: int
    rows_failing: int


@dataclass(frozen=True)
class Asked:
    """A check, and SodaCL that Soda can evaluate by itself: `line` may have bounds of its own."""

    check: QualityCheck
    line: str
    is_judged: bool = True  # False: it is measured only, since there is nothing to compare with


def scanned(
    df: DataFrame, table: str, asked: Sequence[Asked], variables: Mapping[str, str] | None = None
) -> list[Measured]:
    """Measure the checks on a frame, which is best cached: each query reads it.

    Raises: TerminalError if Soda could not run a query; its text is not told, since it may hold a
    value.
    """
    scan = _scan(df, variables or {})
    scan.add_sodacl_yaml_str(_sodacl(table, asked))
    df.createOrReplaceTempView(table)
    try:
        scan.execute()
    finally:
        df.sparkSession.catalog.dropTempView(table)
    if scan.has_error_logs():
        raise TerminalError(_failure(scan, table))
    told = {c["name"]: c for c in scan.get_scan_results()["checks"]}
    return [_measured(one, number, told, variables or {}) for number, one in enumerate(asked)]


def _scan(df: DataFrame, variables: Mapping[str, str]) -> Any:
    _keep_quiet()
    from soda.scan import Scan

    scan = Scan()
    scan.disable_telemetry()
    scan.set_data_source_name("atlas")
    scan.add_spark_session(df.sparkSession, data_source_name="atlas")
    scan.add_variables(dict(variables))
    return scan


def _keep_quiet() -> None:
    """No usage statistics, no file in the home folder, no .env that beats the environment, and no
    log: Soda's tells what queries returned."""
    logging.getLogger("soda").setLevel(logging.CRITICAL + 1)
    from soda.common import env_helper
    from soda.common.config_helper import ConfigHelper

    quiet = {"send_anonymous_usage_stats": False, "user_cookie_id": ""}
    ConfigHelper.load_config = lambda self: dict(quiet)
    env_helper.load_dotenv = lambda **_: None


def _sodacl(table: str, asked: Iterable[Asked]) -> str:
    entries = [entry for n, one in enumerate(asked) for entry in _entries(table, one, n)]
    return yaml.safe_dump({f"checks for {table}": entries}, sort_keys=False, allow_unicode=True)


def _entries(table: str, asked: Asked, number: int) -> Iterator[dict[str, Any]]:
    """The check itself as `N value`, and its counts as `N rows` and `N failing`."""
    check, settings = asked.check, dict(asked.check.settings)
    condition = settings.pop("fail condition", None)
    where = {"filter": settings["filter"]} if "filter" in settings else {}
    line = asked.line
    if condition:  # Soda's own `failed rows` would fetch them
        alerts = {k: v for k, v in settings.items() if k in _ALERTS}
        line, settings = (
            ("row_count" if alerts else "row_count = 0"),
            alerts | {"filter": condition},
        )
    elif check.metric in _DUPLICATES:
        line, settings = _duplicates(table, asked, number, settings)
    elif check.metric in _COUNTS:
        alike = {k: v for k, v in settings.items() if k not in _ALERTS}
        column = ", ".join(check.columns)
        yield _entry(f"{_COUNTS[check.metric]}({column}) >= 0", alike, f"{number} failing")
    yield _entry(line, settings, f"{number} value")
    yield _entry("row_count >= 0", where, f"{number} rows")


def _entry(line: str, settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {line: {**settings, "name": name, **_NO_SAMPLES}}


def _duplicates(
    table: str, asked: Asked, number: int, settings: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Rows whose value stands in another row too. Soda's own metric counts the distinct values
    that repeat, of which nobody can tell how many rows they are."""
    columns = ", ".join(asked.check.columns)
    is_value = " and ".join(f"{c} is not null" for c in asked.check.columns)
    where = settings.pop("filter", "true")
    repeated = f"coalesce(sum(case when n > 1 and {is_value} then n end), 0)"
    share = f"100.0 * {repeated} / greatest(sum(n), 1)"
    query = (
        f"select {share if asked.check.metric == 'duplicate_percent' else repeated} from "
        f"(select {columns}, count(*) as n from {table} where {where} group by {columns})"
    )
    metric = f"repeated_{number}"
    line = asked.line.replace(asked.line.partition(")")[0] + ")", metric, 1)
    return line, {**settings, f"{metric} query": query}


def _measured(
    asked: Asked, number: int, told: Mapping[str, Any], variables: Mapping[str, str]
) -> Measured:
    value = _value(told.get(f"{number} value"))
    rows = int(_value(told.get(f"{number} rows")) or 0)
    outcome = Outcome.NOT_EVALUATED
    if asked.is_judged and value is not None:
        outcome = Outcome(told[f"{number} value"]["outcome"])
    failing = _value(told.get(f"{number} failing"))
    return Measured(
        check=asked.check,
        outcome=outcome,
        value=value,
        threshold=_threshold(asked, variables),
        rows_checked=rows,
        rows_failing=_failing(asked.check, outcome, value, rows, failing),
    )


def _value(result: Mapping[str, Any] | None) -> float | None:
    value = result["diagnostics"].get("value") if result else None
    return float(value) if isinstance(value, int | float) else None


def _failing(
    check: QualityCheck, outcome: Outcome, value: float | None, rows: int, counted: float | None
) -> int:
    """Rows that fail. What is measured of a table as a whole fails for all of them, or for none."""
    if counted is not None:
        return int(counted)
    if value is not None and (check.metric in _ROW_COUNTS or check.unit == "rows"):
        return int(value)
    if value is not None and (check.metric == "duplicate_percent" or check.unit == "percent"):
        return round(value * rows / 100)
    return rows if outcome is Outcome.FAIL else 0


def _threshold(asked: Asked, variables: Mapping[str, str]) -> str:
    """What is allowed, in SodaCL's words without the metric; nothing where nothing was judged."""
    if not asked.is_judged:
        return ""
    alerts = [f"{k} {asked.check.settings[k]}" for k in _ALERTS if k in asked.check.settings]
    if alerts:
        return "; ".join(alerts)
    if asked.check.metric == "rows":
        return "= 0"
    line = asked.line.partition(")")[2] or asked.line.partition(" ")[2]
    for name, value in variables.items():
        line = line.replace(f"${{{name}}}", value)
    return line.strip()


def _failure(scan: Any, table: str) -> str:
    kinds = sorted({type(q.exception).__name__ for q in scan._queries if q.exception})
    return (
        f"{table}: Soda could not run the quality checks ({', '.join(kinds) or 'no query failed'}); "
        "nothing was published: look at the checks in the table's contract"
    )
