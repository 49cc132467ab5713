"""What the quality checks of a table ask for: its columns, types, parents and variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from conf.contract import PARENT, QualityCheck
from conf.contract_problems import closest
from conf.contract_quality import LISTS, REGEXES
from conf.contract_rules import rule_problems
from conf.errors import listed

_NUMBERS, _TEXTS, _TIMES = ("integer", "number"), ("string",), ("date", "timestamp")
_METRICS: Mapping[str, tuple[str, ...]] = {
    # Soda's metric of one column: the types it may be of; empty: any
    **dict.fromkeys(("missing_count", "missing_percent", "invalid_count", "invalid_percent"), ()),
    **dict.fromkeys(("valid_count", "duplicate_count", "duplicate_percent"), ()),
    **dict.fromkeys(("avg", "sum", "min", "max", "stddev", "variance"), _NUMBERS),
    **dict.fromkeys(("avg_length", "min_length", "max_length"), _TEXTS),
    "freshness": _TIMES,
}
_SEVERAL = ("duplicate_count", "duplicate_percent")
_ARRAYS = ("array_contains", "size")
_AGGREGATES = (
    *("count", "count_if", "sum", "avg", "mean", "min", "max", "median", "stddev", "variance"),
    *("bool_and", "bool_or", "any", "some", "every", "approx_count_distinct", *_ARRAYS),
)
_VARIABLE = re.compile(r"\$\{(\w+)\}")

Columns = Mapping[str, str]  # name: logical type


def quality_problems(
    checks: Iterable[QualityCheck], columns: Columns, variables: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """(check's name, problem): what the checks ask for that the table does not have."""
    known = dict(columns)
    for check in checks:
        for text in _meaning_problems(check, known, set(variables)):
            yield check.name, text


def _meaning_problems(check: QualityCheck, known: Columns, variables: set[str]) -> Iterator[str]:
    unknown = [c for c in check.columns if c not in known]
    for column in unknown:
        yield f"no column {column}; {closest(column, known)}"
    if not unknown:
        yield from _metric_problems(check, known)
    names = [*known, *(f"{PARENT}{fk}.{c}" for fk, c in check.parent_columns)]
    own = check.settings.get(f"{check.metric} expression")
    for text in filter(None, (check.settings.get("filter"), check.settings.get("fail condition"))):
        yield from rule_problems(str(text), names, _ARRAYS)
    if own:
        yield from rule_problems(str(own), names, _AGGREGATES)
    for name in _VARIABLE.findall(check.check):
        if name not in variables:
            yield f"no variable {name}; {closest(name, sorted(variables))}"
    bounds = re.sub(r"^.*?\)|^\w+", "", _VARIABLE.sub("0", check.check))
    for odd in re.findall(r"\b\d[\d.]*[eE]\S*", bounds):
        yield f"{odd} is no number to Soda; write it out"


def _metric_problems(check: QualityCheck, known: Columns) -> Iterator[str]:
    metric, settings = check.metric, check.settings
    own = f"{metric} expression" in settings
    if metric in ("rows", "row_count") or own:
        if check.columns:
            yield f"{metric} is of no column, found {listed(check.columns)}"
    elif metric not in _METRICS:
        hint = closest(metric, (*_METRICS, "row_count"))
        yield f"no metric {metric}; {hint}; one of your own needs `{metric} expression`"
    elif not check.columns or (len(check.columns) > 1 and metric not in _SEVERAL):
        yield f"{metric} is of one column, found {listed(check.columns)}"
    else:
        yield from _type_problems(check, known)
    if check.unit and not own and metric != "row_count":
        yield f"unit: {metric} counts rows already; leave it out"


def _type_problems(check: QualityCheck, known: Columns) -> Iterator[str]:
    wanted, (column, *_) = _METRICS[check.metric], check.columns
    if wanted and known[column] not in wanted:
        yield f"{check.metric} is for {listed(wanted)}, found {column}: {known[column]}"
    shape = [w for w in check.settings if w.startswith(("valid", "invalid"))]
    if check.metric in ("invalid_count", "invalid_percent", "valid_count") and not shape:
        yield f"{check.metric} needs what is valid: {listed((*LISTS[:2], *REGEXES[:2]))}, ..."
    for word in shape:
        is_text = "regex" in word or "length" in word
        if is_text and known[column] not in _TEXTS:
            yield f"{word} is for text, found {column}: {known[column]}"
        if word in ("valid min", "valid max") and known[column] not in _NUMBERS:
            yield f"{word} is for numbers, found {column}: {known[column]}"
