"""A source table from its contract: ODCS's words and ours as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from open_data_contract_standard.model import SchemaObject, SchemaProperty

from conf.contract import (
    Column,
    DatabaseSource,
    Form,
    Rule,
    SourceContract,
    SourceFormat,
    Treatment,
)
from conf.contract_checks import NOT_PERSONAL
from conf.contract_files import ContractFile
from conf.contract_formats import canonical_encoding
from conf.contract_problems import Problem, closest
from conf.contract_quality import quality_checks
from conf.contract_words import ColumnWords, TableWords, thresholds, words
from conf.errors import listed

SPARK_TYPES = {
    "string": "string",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
_FORMAT_WORDS = {
    # word: the formats it means something for
    "delimiter": ("csv",),
    "quote": ("csv",),
    "multiline": ("csv",),
    "header": ("csv", "fixed-width"),
    "encoding": ("csv", "jsonl", "fixed-width"),
    "files": ("csv", "jsonl", "parquet", "fixed-width"),
    **dict.fromkeys(
        (
            "connection",
            "jdbcTable",
            "jdbcQuery",
            "watermark",
            "overlap",
            "partitionColumn",
            "partitions",
        ),
        ("jdbc",),
    ),
}
_OPTIONS = ("format", "defaultTimezone")


def source_contract(
    file: ContractFile, table: SchemaObject
) -> tuple[SourceContract | None, list[Problem]]:
    """The table as values, or None with what is wrong.

    Foreign keys and domains are as the file states them: `with_references` completes them.
    """
    name = table.name or ""
    told, problems = words(TableWords, table.customProperties, file.path, (name,))
    problems += [Problem(file.path, (name, w), text) for w, text in _table_problems(table, told)]
    columns = []
    for given in table.properties or ():
        column, wrong = _read_column(file.path, name, given)
        problems += wrong
        columns += [column] if column else []
    checks, wrong = quality_checks(file.path, table)
    problems += wrong
    if told is None or problems:
        return None, problems
    return SourceContract(
        table=name,
        path=file.path,
        digest=file.digest,
        version=file.contract.version or "",
        source=_format(told),
        columns=tuple(columns),
        key=_key(table),
        sequence_by=told.sequenceBy,
        delivery=told.delivery,
        held_deliveries=told.heldDeliveries,
        source_system=told.sourceSystem or name,
        role=told.role,
        rules=tuple(Rule(r.name, r.expression) for r in told.rules),
        checks=tuple(checks),
        thresholds=thresholds(told.qualityThresholds),
        revenue_statuses=told.revenueStatuses,
        currency=told.currency,
        description=(table.description or "").strip(),
        retention=told.retention,
    ), []


def _table_problems(table: SchemaObject, told: TableWords | None) -> Iterator[tuple[str, str]]:
    if table.relationships:
        yield "relationships", "not yet for a table; give a column its relationships"
    if told:
        for word in sorted(told.model_fields_set & set(_FORMAT_WORDS)):
            if told.format not in _FORMAT_WORDS[word]:
                yield word, f"is for {listed(_FORMAT_WORDS[word])}, not for {told.format}"


def _format(told: TableWords) -> SourceFormat:
    return SourceFormat(
        kind=told.format,
        encoding=canonical_encoding(told.encoding) or told.encoding,
        delimiter=told.delimiter,
        quote=told.quote,
        multiline=told.multiline,
        header=told.format == "csv" if told.header is None else told.header,
        files=told.files,
        database=_database(told) if told.format == "jdbc" else None,
    )


def _database(told: TableWords) -> DatabaseSource:
    return DatabaseSource(
        connection=told.connection or "default",
        table=told.jdbcTable,
        query=told.jdbcQuery,
        watermark=told.watermark,
        overlap=told.overlap,
        partition_column=told.partitionColumn,
        partitions=told.partitions or 1,
    )


def _key(table: SchemaObject) -> tuple[str, ...]:
    keys = [p for p in table.properties or () if p.primaryKey]
    return tuple(p.name or "" for p in sorted(keys, key=lambda p: p.primaryKeyPosition or 0))


def _read_column(
    file: str, table: str, given: SchemaProperty
) -> tuple[Column | None, list[Problem]]:
    place = (table, given.name or "")
    told, problems = words(ColumnWords, given.customProperties, file, place)
    problems += [Problem(file, (*place, word), text) for word, text in _column_problems(given)]
    if told is None or problems:
        return None, problems
    column = _column(given, told)
    if told.lateParent and not column.references:
        text = "is for a column that names its parent (relationships)"
        return None, [Problem(file, (*place, "lateParent"), text)]
    if told.domain and column.treatment is not Treatment.HASH and not column.references:
        text = f"is for treatment hash, found {column.treatment}"
        return None, [Problem(file, (*place, "domain"), text)]
    return column, []


def _column(given: SchemaProperty, told: ColumnWords) -> Column:
    name, options = given.name or "", given.logicalTypeOptions or {}
    return Column(
        name=name,
        source_name=given.physicalName or name,
        logical_type=given.logicalType or "string",
        spark_type=_spark_type(given),
        description=(given.description or "").strip(),
        formats=_formats(options),
        timezone=options.get("defaultTimezone", "UTC"),
        decimal_separator=told.decimalSeparator,
        thousands_separator=told.thousandsSeparator,
        required=bool(given.required),
        allowed=tuple(str(e.value) for e in given.enum or ()),
        form=told.form or Form.TEXT,
        valid_flag=told.validFlag,
        classification=given.classification,
        entity=told.piiEntity,
        treatment=_treatment(given, told),
        is_classified=told.treatment is not None or _is_not_personal(given),
        generalize=told.generalize,
        silver_name=told.silverName or name,
        domain=told.domain or "",
        references=_reference(given),
        late_parent=told.lateParent or "pass",
        role=told.goldRole,
        start=told.start,
        width=told.width,
    )


def _treatment(given: SchemaProperty, told: ColumnWords) -> Treatment:
    """As stated; what is said not to be personal is kept, all else is searched."""
    return told.treatment or (Treatment.KEEP if _is_not_personal(given) else Treatment.DETECT)


def _is_not_personal(given: SchemaProperty) -> bool:
    """Whether the classification decides the treatment; that of a foreign key never does."""
    return given.classification in NOT_PERSONAL and not given.relationships


def _formats(options: dict[str, Any]) -> tuple[str, ...]:
    return tuple(f.strip() for f in options.get("format", "").split("|") if f.strip())


def _spark_type(given: SchemaProperty) -> str:
    """ODCS has no decimal: it is a number with a physical type. Other physical types are the
    source's own words (VARCHAR(2)) and mean nothing here."""
    if given.logicalType == "number" and given.physicalType:
        return given.physicalType.lower().replace(" ", "").replace("numeric", "decimal")
    return SPARK_TYPES[given.logicalType or "string"]


def _reference(given: SchemaProperty) -> tuple[str, str] | None:
    for relationship in given.relationships or ():
        table, _, column = str(relationship.to).partition(".")
        return table, column
    return None


def _column_problems(given: SchemaProperty) -> Iterator[tuple[str, str]]:
    """ODCS's words that Atlas would not act upon: silence would look like consent."""
    if given.logicalType is None:
        yield "logicalType", f"missing; allowed are {listed(SPARK_TYPES)}"
    elif given.logicalType not in SPARK_TYPES:
        yield "logicalType", f"{given.logicalType}: not yet; allowed are {listed(SPARK_TYPES)}"
    for option in given.logicalTypeOptions or {}:
        if option not in _OPTIONS:
            yield option, f"not yet; {closest(option, _OPTIONS)}; write a rule for anything else"
    if given.unique and not given.primaryKey:
        yield "unique", "not yet: only a primaryKey is made unique"
    targets = given.relationships or []
    if len(targets) > 1 or any(not is_column_reference(r.to) for r in targets):
        yield "relationships", "allowed is one target, written table.column"
    for entry in given.enum or ():
        if not isinstance(
            entry.value, int if given.logicalType == "integer" else str
        ) or isinstance(entry.value, bool):
            yield "enum", f"found {entry.value!r}, not of the column's type; quote texts"


def is_column_reference(target: Any) -> bool:
    """Whether a relationship's target is `table.column`."""
    return isinstance(target, str) and target.count(".") == 1 and "/" not in target
