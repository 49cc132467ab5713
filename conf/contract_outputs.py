"""A Silver or Gold table from its contract."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from open_data_contract_standard.model import SchemaObject, SchemaProperty

from conf.contract import OutputColumn, OutputContract, QualityCheck
from conf.contract_anonymity import anonymity_problems, k_anonymity
from conf.contract_checks import CLASSIFICATIONS, is_table_name
from conf.contract_files import ContractFile
from conf.contract_problems import Problem, closest
from conf.contract_quality import quality_checks
from conf.contract_quality_meaning import quality_problems
from conf.contract_silver import PSEUDONYM, REDACTED
from conf.contract_words import OutputColumnWords, OutputWords, thresholds, words

LAYERS = ("silver", "gold")
_CLASSES = (*CLASSIFICATIONS, PSEUDONYM, REDACTED)
_TYPES = {
    # ODCS's type: Spark's types for it, the default first
    "string": ("string",),
    "integer": ("bigint", "int"),
    "number": ("double", "decimal(p,s)"),
    "boolean": ("boolean",),
    "date": ("date",),
    "timestamp": ("timestamp",),
}
# What Gold's checks may compare with: counts and sums over Silver, up to the as-of day.
GOLD_VARIABLES = ("silver_customers", "silver_orders", "silver_revenue")
_DECIMAL = re.compile(r"decimal\(\d+,\d+\)")


def output_contract(
    file: ContractFile, table: SchemaObject
) -> tuple[OutputContract | None, list[Problem]]:
    """The table as values, or None with what is wrong."""
    name, properties = table.name or "", table.properties or []
    told, problems = words(OutputWords, table.customProperties, file.path, (name,))
    read = [_column(file.path, name, given) for given in properties]
    problems += [problem for _, wrong in read for problem in wrong]
    columns = tuple(column for column, _ in read if column)
    problems += [Problem(file.path, (name,), text) for text in _table_problems(name, properties)]
    checks, wrong = quality_checks(file.path, table)
    problems += wrong
    if told is None or problems:
        return None, problems
    key = tuple(p.name or "" for p in properties if p.primaryKey)
    types = {p.name or "": p.logicalType or "string" for p in properties}
    problems += [
        Problem(file.path, (name, "quality", check), text)
        for check, text in _quality_problems(name, checks, types)
    ]
    problems += [
        Problem(file.path, (name, *place), text)
        for place, text in anonymity_problems(name, told.kAnonymity, columns, key)
    ]
    if problems:
        return None, problems
    return OutputContract(
        table=name,
        path=file.path,
        version=file.contract.version or "",
        description=(table.description or "").strip(),
        key=key,
        columns=columns,
        checks=tuple(checks),
        thresholds=thresholds(told.qualityThresholds),
        k_anonymity=k_anonymity(told.kAnonymity),
    ), []


def _quality_problems(
    name: str, checks: list[QualityCheck], types: dict[str, str]
) -> Iterator[tuple[str, str]]:
    if name.startswith("silver."):
        for check in checks:
            yield check.name, "checks of Silver stand in the source table's contract"
    else:
        yield from quality_problems(checks, types, GOLD_VARIABLES)


def _column(
    file: str, table: str, given: SchemaProperty
) -> tuple[OutputColumn | None, list[Problem]]:
    place = (table, given.name or "")
    told, problems = words(OutputColumnWords, given.customProperties, file, place)
    problems += [Problem(file, (*place, word), text) for word, text in _column_problems(given)]
    if told is None or problems:
        return None, problems
    column = OutputColumn(
        name=given.name or "",
        spark_type=_spark_type(given),
        description=(given.description or "").strip(),
        required=bool(given.required or given.primaryKey),
        classification=given.classification,
        derived=told.derived or "",
        is_quasi_identifier=told.quasiIdentifier,
    )
    problems = [Problem(file, (*place, "derived"), text) for text in _derived_problems(column)]
    return column, problems


def _derived_problems(column: OutputColumn) -> Iterator[str]:
    """A word that excuses clear text must at least be what it says."""
    found = f"found {column.derived} of type {column.spark_type}"
    if column.derived == "flag" and column.spark_type != "boolean":
        yield f"{found}; a flag is boolean"
    if column.derived == "count" and column.spark_type not in ("bigint", "int"):
        yield f"{found}; a count is bigint or int"


def _spark_type(given: SchemaProperty) -> str:
    physical = (given.physicalType or "").lower().replace(" ", "")
    return physical or _TYPES[given.logicalType or "string"][0]


def _table_problems(name: str, properties: list[SchemaProperty]) -> Iterator[str]:
    layer, _, table = name.partition(".")
    if layer not in LAYERS:
        yield f"found layer {layer!r}; {closest(layer, LAYERS)}; a source table has no layer"
    elif not is_table_name(table):
        yield "a table's name is lower-case letters, digits and _, a letter first"
    if not properties:
        yield "it has no columns (properties)"
    counted = Counter((p.name or "").lower() for p in properties)
    for column, count in counted.items():
        if count > 1:
            yield f"two columns are called {column}"
    for column in counted:
        if column.startswith("_"):
            yield f"{column}: columns with _ are technical and added by the code; leave it out"


def _column_problems(given: SchemaProperty) -> Iterator[tuple[str, str]]:
    logical = given.logicalType or "string"
    if logical not in _TYPES:
        yield "logicalType", f"found {logical!r}; {closest(logical, _TYPES)}"
        return
    found = _spark_type(given)
    if found not in _TYPES[logical] and not (logical == "number" and _DECIMAL.fullmatch(found)):
        yield "physicalType", f"found {found!r}; {closest(found, _TYPES[logical])}"
    if given.classification is not None and given.classification not in _CLASSES:
        yield (
            "classification",
            f"found {given.classification!r}; {closest(given.classification, _CLASSES)}",
        )
