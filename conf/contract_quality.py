"""The quality checks of a table: ODCS's `quality` entries with SodaCL in `implementation`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import regex
import yaml
from open_data_contract_standard.model import DataQuality, SchemaObject

from conf.contract import PARENT, PARENT_KEY, Dimension, QualityCheck, Severity
from conf.contract_problems import Problem, closest
from conf.contract_yaml import ContractLoader
from conf.errors import listed
from conf.sodacl import parsed

ODCS_DIMENSIONS = {("conformity" if d is Dimension.VALIDITY else str(d)): d for d in Dimension}
UNITS = ("rows", "percent")

REGEXES = ("valid regex", "invalid regex", "missing regex")
LISTS = ("valid values", "invalid values", "missing values")
_SETTINGS = (
    *REGEXES,
    *LISTS,
    *("valid min", "valid max", "valid length", "valid min length", "valid max length"),
    *("include null", "filter", "fail condition", "fail", "warn"),
)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PARENT_COLUMN = re.compile(rf"\b{PARENT}(\w+)(?:\.(\w+))?")
_TEMPLATE = re.compile(r"\{\{|\{%|\{#|\$\{|'|\"")
_CHANGES = re.compile(r"(<=?|>=?) [-\d.]+$|between [-\d.]+ and [-\d.]+$")
_NOT_OURS = {
    "RowCountComparisonCheckCfg": "compares two tables; use a variable of docs/CONTRACTS.md",
    "ReferenceCheckCfg": f"give the column relationships and ask {PARENT}COLUMN is null instead",
    "SchemaCheckCfg": "is not needed: the contract's columns and types are the schema",
    "AnomalyMetricCheckCfg": "needs Soda's cloud; write `change avg last 7 percent for ...`",
    "AnomalyDetectionMetricCheckCfg": "needs Soda's cloud; write `change avg last 7 ...`",
    "DistributionCheckCfg": "needs a file of reference values; write bounds for avg and stddev",
    "GroupByCheckCfg": "would show values; write a check with a filter",
    "GroupEvolutionCheckCfg": "would show values; write valid values",
    "UserDefinedFailedRowsCheckCfg": "is a query of its own; write a fail condition",
}


def quality_checks(file: str, table: SchemaObject) -> tuple[list[QualityCheck], list[Problem]]:
    """The checks of a table and of its columns, and what is wrong with how they are written."""
    name = table.name or ""
    given: list[tuple[tuple[str, ...], DataQuality]] = [((name,), q) for q in table.quality or ()]
    for column in table.properties or ():
        given += [((name, column.name or ""), q) for q in column.quality or ()]
    checks, problems = [], []
    for place, entry in given:
        if entry.type == "text":  # for people
            continue
        at = (*place, "quality", entry.name or "")
        check, wrong = _check(entry)
        checks += [check] if check else []
        problems += [Problem(file, at, text) for text in wrong]
    for twice, count in Counter(c.name for c in checks).items():
        if count > 1:
            problems.append(Problem(file, (name, "quality", twice), "two checks have this name"))
    return checks, problems


def _check(entry: DataQuality) -> tuple[QualityCheck | None, list[str]]:
    problems = list(_form_problems(entry))
    line, settings, wrong = _implementation(entry.implementation)
    problems += wrong
    if problems:
        return None, problems
    told, wrong = parsed(line, settings)
    wrong = [*wrong, *_kind_problems(told, settings)] if told or not wrong else wrong
    if wrong:
        return None, [f"SodaCL: {text}" for text in wrong]
    texts = [line, *(str(value) for value in settings.values())]
    return QualityCheck(
        name=entry.name or "",
        check=line,
        settings=settings,
        dimension=ODCS_DIMENSIONS[entry.dimension or ""],
        severity=Severity(entry.severity or "warning"),
        metric=_metric(told),
        columns=_columns(told),
        unit=entry.unit,
        parent_columns=tuple(
            sorted({(k, c or PARENT_KEY) for t in texts for k, c in _PARENT_COLUMN.findall(t)})
        ),
    ), []


def _form_problems(entry: DataQuality) -> Iterator[str]:
    if entry.type != "custom" or entry.engine != "soda":
        yield f"found type {entry.type}, engine {entry.engine}; allowed are type custom, engine soda"
    if not _NAME.fullmatch(entry.name or ""):
        yield "needs a name: lower-case letters, digits and _, a letter first"
    if entry.dimension not in ODCS_DIMENSIONS:
        found = "no dimension" if entry.dimension is None else repr(entry.dimension)
        yield f"found {found}; {closest(str(entry.dimension), ODCS_DIMENSIONS)}"
    if entry.severity not in (None, *Severity):
        yield f"found severity {entry.severity!r}; allowed are {listed(Severity)}"
    if entry.unit not in (None, *UNITS):
        yield f"found unit {entry.unit!r}; allowed are {listed(UNITS)}"


def _implementation(given: Any) -> tuple[str, dict[str, Any], list[str]]:
    """The check's line and what stands below it; SodaCL may be YAML in a text or YAML itself."""
    try:
        told = yaml.load(given, Loader=ContractLoader) if isinstance(given, str) else given
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return "", {}, [f"implementation: not YAML, line {mark.line + 1 if mark else 1} of it"]
    if isinstance(told, list) and len(told) == 1:
        told = told[0]
    if isinstance(told, str):
        return told.strip(), {}, []
    if isinstance(told, dict) and len(told) == 1:
        (line, settings), *_ = told.items()
        if isinstance(settings, dict) and not str(line).startswith("checks for"):
            return str(line).strip(), {str(k): v for k, v in settings.items()}, []
    return "", {}, ["implementation: one SodaCL check, as `missing_percent(email) < 5%`"]


def _metric(told: Any) -> str:
    kinds = {"FreshnessCheckCfg": "freshness", "UserDefinedFailedRowsExpressionCheckCfg": "rows"}
    return kinds.get(type(told).__name__) or str(told.metric_name)


def _columns(told: Any) -> tuple[str, ...]:
    if type(told).__name__ == "FreshnessCheckCfg":
        return (told.column_name,)
    return tuple(str(a) for a in getattr(told, "metric_args", None) or ())


def _kind_problems(told: Any, settings: Mapping[str, Any]) -> Iterator[str]:
    """What Soda knows and Atlas has no use for, or no data to run it on."""
    kind = type(told).__name__
    if told is None:
        yield "it is no check"
    elif kind in _NOT_OURS:
        yield f"such a check {_NOT_OURS[kind]}"
    elif kind == "FreshnessCheckCfg" and not told.fail_freshness_threshold:
        yield "freshness needs a time, as in `< 36h` or `< 2d`"
    elif kind == "ChangeOverTimeMetricCheckCfg" and not _CHANGES.search(told.source_line):
        yield "a change has a bound without a unit: `change percent for row_count < 50`"
    else:
        own = [f"{getattr(told, 'metric_name', '')} expression"]
        for word in settings:
            if word not in (*_SETTINGS, *own):
                yield f"{word}: not used here; {closest(word, (*_SETTINGS, *own))}"
        yield from _value_problems(settings)


def _value_problems(settings: Mapping[str, Any]) -> Iterator[str]:
    for word in LISTS:
        for value in settings.get(word, ()) if isinstance(settings.get(word), list) else ():
            if _TEMPLATE.search(str(value)):
                yield f"{word}: {value!r} has a quote or a template's brace in it"
        if word in settings and not isinstance(settings[word], list):
            yield f"{word}: found {settings[word]!r}; it is a list"
    for word in REGEXES:
        if word in settings and (wrong := _regex_problem(str(settings[word]))):
            yield f"{word}: {wrong}"


def _regex_problem(pattern: str) -> str | None:
    """Why Java would not compile it; `regex` knows Java's classes such as \\p{L}, `re` does not."""
    if found := _TEMPLATE.search(pattern):
        return f"{found[0]} cannot stand in a pattern; write \\x27 for a quote"
    if found := re.search(r"\(\?P[<=>]|\(\?#", pattern):
        return f"{found[0]} is not known to Java's patterns"
    try:
        regex.compile(pattern)
    except regex.error as error:
        return f"does not compile: {error.msg} at character {(error.pos or 0) + 1}"
    return None
