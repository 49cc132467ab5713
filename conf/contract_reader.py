"""Contracts from YAML (Open Data Contract Standard v3): validated before Spark starts.

Three passes, each file on its own and then all together: the standard's JSON schema (the pydantic
models let most typos pass, measured), the models, and meaning. All errors are told at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from open_data_contract_standard.model import (
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)

from conf.contract import (
    Column,
    Contracts,
    OutputColumn,
    OutputContract,
    Rule,
    SourceContract,
    SourceFormat,
    Treatment,
)
from conf.contract_checks import all_problems, output_problems, source_problems
from conf.contract_words import ColumnWords, TableWords, words
from conf.errors import UsageError

PACKAGED = Path(__file__).parent / "contracts"
SPARK_TYPES = {
    "string": "string",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}


@dataclass
class _Read:
    """What was read so far, and what is wrong with it."""

    sources: dict[str, SourceContract] = field(default_factory=dict)
    outputs: dict[str, OutputContract] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def load_contracts(folder: Path | None = None, *, namespace: str = "default") -> Contracts:
    """All contracts of a folder; the packaged ones by default.

    Raises: UsageError with every error of every file: file, place, what was found, what is
    allowed.
    """
    read = _Read()
    for path in _files(folder, read.errors):
        _read_file(path, read)
    if read.errors:
        raise _refused(read.errors)
    contracts = with_references(Contracts(read.sources, read.outputs), namespace)
    if problems := all_problems(contracts):
        raise _refused(problems)
    return contracts


def _refused(errors: list[str]) -> UsageError:
    return UsageError("wrong contract: " + "\n  ".join(errors))


def _files(folder: Path | None, errors: list[str]) -> Iterator[Path]:
    """The contracts of one folder; Gold's are the packaged ones where it has none of its own."""
    if folder is None:
        yield from sorted(PACKAGED.glob("*.odcs.yaml"))
        return
    own = sorted(folder.glob("*.odcs.yaml")) if folder.is_dir() else []
    if not own:
        errors.append(f"{folder}: no *.odcs.yaml there; see docs/CONTRACTS.md")
    yield from own
    names = {path.name for path in own}
    yield from (p for p in sorted(PACKAGED.glob("gold_*.odcs.yaml")) if p.name not in names)


def _read_file(path: Path, read: _Read) -> None:
    content = path.read_bytes()
    try:
        told = yaml.safe_load(content)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        read.errors.append(f"{path.name}{line}: not YAML: {getattr(error, 'problem', '')}")
        return
    wrong = [f"{path.name}: {e}" for e in _schema_errors(told)]
    read.errors += wrong
    if wrong:
        return
    contract = OpenDataContractStandard(**told)
    digest = hashlib.sha256(content).hexdigest()
    for table in contract.schema_ or ():
        _read_table(path, contract, table, digest, read)


@cache
def _validator() -> Any:
    return jsonschema.Draft201909Validator(json.loads(OpenDataContractStandard.json_schema()))


def _schema_errors(told: Any) -> list[str]:
    found = []
    for error in _validator().iter_errors(told):
        cause = jsonschema.exceptions.best_match([error])
        found.append(f"{'.'.join(map(str, cause.absolute_path)) or 'top'}: {cause.message}")
    return found


def _read_table(
    path: Path, contract: OpenDataContractStandard, table: SchemaObject, digest: str, read: _Read
) -> None:
    name, where = table.name or "", f"{path.name}: {table.name}"
    known = read.sources | read.outputs
    if name in known:
        read.errors.append(f"{where}: already told by {Path(known[name].path).name}")
    elif "." in name:
        output = _output(path, contract, table)
        read.errors += output_problems(output, where)
        read.outputs[name] = output
    else:
        source, errors = _source(path, contract, table, digest, where)
        read.errors += errors
        if source:
            read.errors += source_problems(source, where)
            read.sources[name] = source


def _source(
    path: Path, contract: OpenDataContractStandard, table: SchemaObject, digest: str, where: str
) -> tuple[SourceContract | None, list[str]]:
    told, errors = words(TableWords, table.customProperties, where)
    columns = []
    for given in table.properties or ():
        column, wrong = _column(given, f"{where}.{given.name}")
        errors += wrong
        if column:
            columns.append(column)
    if told is None or errors:
        return None, errors
    keys = [p for p in table.properties or () if p.primaryKey]
    keys.sort(key=lambda p: p.primaryKeyPosition or 0)
    return SourceContract(
        table=table.name or "",
        path=str(path),
        digest=digest,
        version=contract.version or "",
        source=SourceFormat(
            kind=told.format,
            encoding=told.encoding,
            delimiter=told.delimiter,
            quote=told.quote,
            multiline=told.multiline,
            header=told.header,
            files=tuple(told.files),
        ),
        columns=tuple(columns),
        key=tuple(p.name or "" for p in keys),
        sequence_by=told.sequenceBy,
        delivery=told.delivery,
        source_system=told.sourceSystem or (table.name or ""),
        role=told.role,
        rules=tuple(Rule(r.name, r.expression) for r in told.rules),
        revenue_statuses=tuple(told.revenueStatuses),
        currency=told.currency,
        description=(table.description or "").strip(),
    ), []


def _column(given: SchemaProperty, where: str) -> tuple[Column | None, list[str]]:
    told, errors = words(ColumnWords, given.customProperties, where)
    logical = given.logicalType or "string"
    if logical not in SPARK_TYPES:
        errors.append(f"{where}: logicalType {logical}: allowed are {', '.join(SPARK_TYPES)}")
    if told is None or errors:
        return None, errors
    options = given.logicalTypeOptions or {}
    name = given.name or ""
    return Column(
        name=name,
        source_name=given.physicalName or name,
        logical_type=logical,
        spark_type=_spark_type(given, logical),
        description=(given.description or "").strip(),
        formats=tuple(f.strip() for f in str(options.get("format", "")).split("|") if f.strip()),
        timezone=options.get("defaultTimezone", "UTC"),
        decimal_separator=told.decimalSeparator,
        thousands_separator=told.thousandsSeparator,
        required=bool(given.required),
        allowed=tuple(str(e.value) for e in given.enum or ()),
        form=told.form,
        valid_flag=told.validFlag,
        classification=given.classification,
        entity=told.piiEntity,
        treatment=told.treatment or Treatment.DETECT,
        is_classified=told.treatment is not None,
        generalize=told.generalize,
        silver_name=told.silverName or name,
        domain=told.domain or "",
        references=_reference(given),
        role=told.goldRole,
        start=told.start,
        width=told.width,
    ), []


def _spark_type(given: SchemaProperty, logical: str) -> str:
    """ODCS has no decimal: it is a number with a physical type."""
    physical = (given.physicalType or "").lower().replace(" ", "")
    return physical if logical == "number" and physical else SPARK_TYPES[logical]


def _reference(given: SchemaProperty) -> tuple[str, str] | None:
    for relationship in given.relationships or ():
        if isinstance(relationship.to, str):
            table, _, column = relationship.to.partition(".")
            return table, column
    return None


def _output(path: Path, contract: OpenDataContractStandard, table: SchemaObject) -> OutputContract:
    properties = table.properties or []
    return OutputContract(
        table=table.name or "",
        path=str(path),
        version=contract.version or "",
        description=(table.description or "").strip(),
        key=tuple(p.name or "" for p in properties if p.primaryKey),
        columns=tuple(
            OutputColumn(
                name=p.name or "",
                spark_type=(p.physicalType or SPARK_TYPES.get(p.logicalType or "", "string")),
                description=(p.description or "").strip(),
                required=bool(p.required or p.primaryKey),
                classification=p.classification,
            )
            for p in properties
        ),
    )


def with_references(contracts: Contracts, namespace: str) -> Contracts:
    """Foreign keys get treatment, form and domain of what they refer to; domains get the
    namespace; a source table without a Silver contract gets the one its own contract implies."""
    def settled(table: str, column: Column) -> Column:
        target = column.references and _target(contracts, column.references)
        if target:
            own_table, own = column.references[0], target  # type: ignore[index]
            inherited = replace(
                column,
                treatment=own.treatment,
                is_classified=True,
                form=own.form,
                generalize=own.generalize,
                entity=column.entity or own.entity,
                classification=column.classification or own.classification,
            )
            return replace(inherited, domain=_domain(own_table, own, namespace))
        return replace(column, domain=_domain(table, column, namespace))

    sources = {
        name: replace(source, columns=tuple(settled(name, c) for c in source.columns))
        for name, source in contracts.sources.items()
    }
    implied = {f"silver.{name}": silver_contract(source) for name, source in sources.items()}
    return Contracts(sources, implied | dict(contracts.outputs))


def _target(contracts: Contracts, reference: tuple[str, str]) -> Column | None:
    table, name = reference
    source = contracts.sources.get(table)
    return next((c for c in source.columns if c.name == name), None) if source else None


def _domain(table: str, column: Column, namespace: str) -> str:
    return f"{namespace}/{column.domain or f'{table}.{column.name}'}"


def silver_contract(source: SourceContract) -> OutputContract:
    """The Silver table that a source contract gives: names and types after treatment."""
    columns = []
    for column in sorted(source.columns, key=lambda c: c.name not in source.key):
        if column.treatment is not Treatment.DROP:
            columns.append(
                OutputColumn(
                    name=column.silver_name,
                    spark_type=silver_type(column),
                    description=column.description,
                    required=column.required or column.name in source.key,
                    classification=column.classification,
                )
            )
    for column in source.columns:
        if column.valid_flag:
            text = f"Whether {column.name} is a well-formed {column.form.value}."
            columns.append(OutputColumn(column.valid_flag, "boolean", text))
    key = tuple(c.silver_name for c in source.key_columns)
    return OutputContract(
        f"silver.{source.table}", source.path, source.version, source.description, key, tuple(columns)
    )


def silver_type(column: Column) -> str:
    """A column's type after its treatment."""
    if column.treatment in (Treatment.HASH, Treatment.MASK, Treatment.REDACT):
        return "string"
    if column.treatment is Treatment.GENERALIZE:
        return "int" if column.generalize == "year" else "string"
    return column.spark_type
