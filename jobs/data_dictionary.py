"""Write docs/DATA_DICTIONARY.md from the contracts, or check that it is current. No Spark."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from conf.contract import (
    Column,
    Contracts,
    OutputColumn,
    OutputContract,
    SourceContract,
    Treatment,
)
from conf.contract_reader import load_contracts
from conf.errors import UsageError
from jobs.runtime.command import start
from jobs.runtime.markdown import markdown_table
from jobs.technical_columns import TECHNICAL_COLUMNS

STALE, USAGE = 1, 2
DICTIONARY = Path("docs/DATA_DICTIONARY.md")
HEAD = """\
# Data dictionary

Made from the contracts by `python -m jobs.data_dictionary`; don't edit it by hand.
[CONTRACTS.md](CONTRACTS.md) explains the words."""


def data_dictionary(contracts: Contracts) -> str:
    """The Markdown text: sources, Silver, Gold, and the technical columns once."""
    silver, gold = _layer(contracts, "silver"), _layer(contracts, "gold")
    parts = [
        HEAD,
        "## Sources",
        *(part for _, source in sorted(contracts.sources.items()) for part in _source(source)),
        "## Silver",
        *(part for output in silver for part in _output(output)),
        "## Gold",
        *(part for output in gold for part in _output(output)),
        "## Technical columns",
        "The code adds these; they stand in no contract.",
        markdown_table(("layer", "column", "type", "description"), TECHNICAL_COLUMNS),
    ]
    return "\n\n".join(parts) + "\n"


def _layer(contracts: Contracts, layer: str) -> list[OutputContract]:
    return [o for name, o in sorted(contracts.outputs.items()) if name.startswith(f"{layer}.")]


def _source(source: SourceContract) -> Iterator[str]:
    yield f"### {source.table}"
    yield source.description
    yield "\n".join(f"- {what}: {value}" for what, value in _facts(source) if value)
    head = ("column", "in the source", "type", "needed", "treatment", "in Silver", "description")
    yield markdown_table(head, (_source_row(source, column) for column in source.columns))


def _facts(source: SourceContract) -> Iterator[tuple[str, str]]:
    yield "read as", _read_as(source)
    yield "source system", source.source_system
    yield "key", _code(source.key) or f"derived from all columns (a delivery is {source.delivery})"
    yield "newest version by", _code([source.sequence_by] if source.sequence_by else [])
    yield "role for Gold", source.role or ""
    yield "revenue", _code(source.revenue_statuses)
    yield "currency", source.currency or ""
    for rule in source.rules:
        yield f"rule `{rule.name}`", f"`{rule.expression}`"
    yield "kept for", source.retention


def _read_as(source: SourceContract) -> str:
    if source.database is None:
        return f"{source.source.kind}, {source.source.encoding}"
    return f"jdbc, {source.database.table or 'a query'} of connection {source.database.connection}"


def _source_row(source: SourceContract, column: Column) -> tuple[str, ...]:
    is_kept = column.treatment is not Treatment.DROP
    return (
        f"`{column.name}`",
        f"`{column.source_name}`",
        _source_type(column),
        _yes(column.required or column.name in source.key),
        f"{column.treatment} {column.generalize or ''}".strip(),
        _code(name for name in (column.silver_name if is_kept else "", column.valid_flag) if name),
        _description(column),
    )


def _source_type(column: Column) -> str:
    if not column.formats:
        return column.spark_type
    zone = f" ({column.timezone})" if column.logical_type == "timestamp" else ""
    return f"{column.spark_type}, {_code(column.formats)}{zone}"


def _description(column: Column) -> str:
    allowed = f" One of {_code(column.allowed)}." if column.allowed else ""
    refers = f" Refers to `{'.'.join(column.references)}`." if column.references else ""
    kind = f" ({column.classification})" if column.classification else ""
    return f"{column.description}{allowed}{refers}{kind}".strip()


def _output(output: OutputContract) -> Iterator[str]:
    yield f"### {output.table}"
    yield f"{output.description} Key: {_code(output.key) or '`_silver_key`'}."
    rows = (
        (f"`{c.name}`", c.spark_type, _yes(c.required), _class(c), c.description)
        for c in output.columns
    )
    yield markdown_table(("column", "type", "never null", "classification", "description"), rows)


def _class(column: OutputColumn) -> str:
    return ", ".join(word for word in (column.classification, column.derived) if word)


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""


def main(
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if the file is stale")] = False,
    contracts: Annotated[Path | None, typer.Option(help="Folder of contracts")] = None,
    output: Annotated[Path, typer.Option(help="The file to write or check")] = DICTIONARY,
) -> None:
    """Write the data dictionary from the contracts, or check that it is current."""
    try:
        text = data_dictionary(load_contracts(contracts))
    except UsageError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(USAGE)
    if not check:
        output.write_text(text, encoding="utf-8")
    elif not output.exists() or output.read_text(encoding="utf-8") != text:
        typer.echo(f"{output} is stale: run python -m jobs.data_dictionary", err=True)
        sys.exit(STALE)


if __name__ == "__main__":
    start(main)
