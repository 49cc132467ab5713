"""Ask the lineage: what a column comes from, what comes from it, where personal data is."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, astuple
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from conf.contract_problems import closest
from conf.errors import AtlasError, UsageError
from conf.settings import Settings, load_settings
from jobs.runtime.command import start, told_errors
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.graph import NO_LINEAGE, Lineage, column_name
from jobs.runtime.lineage.model import ColumnName
from jobs.runtime.lineage.register import FIELDS, register
from jobs.runtime.lineage.shown import as_dict, deciding, mermaid, tree
from jobs.runtime.markdown import markdown_table
from jobs.runtime.options import ContractsOption, LakeOption, NamespaceOption
from jobs.runtime.printed import aligned


class GraphFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    MERMAID = "mermaid"


class RegisterFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


ColumnArgument = Annotated[
    str, typer.Argument(help="LAYER.TABLE.COLUMN, as gold.customer_360.total_revenue; * is all")
]
AtOption = Annotated[
    int | None, typer.Option("--at", min=0, help="As this version of the table was made")
]
GraphFormatOption = Annotated[GraphFormat, typer.Option("--format", help="How it is shown")]


def upstream(
    column: ColumnArgument,
    at: AtOption = None,
    shown: GraphFormatOption = GraphFormat.TEXT,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
) -> None:
    """Tell what a column comes from, step by step to the source."""
    with told_errors():
        _answer(_settings(lake, contracts, namespace), column, at, shown, is_upstream=True)


def downstream(
    column: ColumnArgument,
    at: AtOption = None,
    shown: GraphFormatOption = GraphFormat.TEXT,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
) -> None:
    """Tell what comes from a column, as far as it goes."""
    with told_errors():
        _answer(_settings(lake, contracts, namespace), column, at, shown, is_upstream=False)


def pii(
    shown: Annotated[
        RegisterFormat, typer.Option("--format", help="How it is shown")
    ] = RegisterFormat.TEXT,
    table: Annotated[
        str | None, typer.Option(help="This table alone, as gold.customer_360")
    ] = None,
    at: AtOption = None,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
) -> None:
    """List where personal data is, or what was made of it: the register of GDPR Art. 30."""
    with told_errors():
        _show_register(_settings(lake, contracts, namespace), table, at, shown)


def picture(
    out: Annotated[
        Path | None,
        typer.Option(help="The page; default: lineage.html among the reports [ATLAS_REPORTS]"),
    ] = None,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
) -> None:
    """Draw which column comes from which as one HTML page, and print its path."""
    with told_errors():
        print(_drawn(_settings(lake, contracts, namespace), out))


def _settings(lake: str | None, contracts: Path | None, namespace: str | None) -> Settings:
    folder = str(contracts) if contracts else None
    return load_settings(lake=lake, contracts=folder, namespace=namespace)


def _lineage(settings: Settings, table: str | None, at: int | None) -> Lineage:
    """Raises: UsageError if nothing was recorded yet."""
    lake = Lake(settings)
    lineage = Lineage.of(lake) if at is None or table is None else Lineage.at(lake, table, at)
    if not lineage.edges:
        raise UsageError(NO_LINEAGE)
    return lineage


def _asked(settings: Settings, column: str, at: int | None) -> tuple[ColumnName, Lineage]:
    """The contracts, which take a second to read, are only asked about what no edge names."""
    name = column_name(column)
    lineage = _lineage(settings, name.table, at)
    if name not in lineage:
        from conf.contract_reader import contracts_of
        from jobs.runtime.lineage.columns import known_columns

        lineage = lineage.knowing(known_columns(contracts_of(settings)))
    return name, lineage


def _answer(
    settings: Settings, column: str, at: int | None, shown: GraphFormat, *, is_upstream: bool
) -> None:
    name, lineage = _asked(settings, column, at)
    edges = lineage.upstream(name) if is_upstream else lineage.downstream(name)
    if shown is GraphFormat.JSON:
        print(json.dumps(as_dict(name, edges), ensure_ascii=False), flush=True)
    elif shown is GraphFormat.MERMAID:
        print(mermaid(name, edges), flush=True)
    else:
        console = Console(highlight=False, soft_wrap=True)
        console.print(tree(name, edges, is_upstream=is_upstream))
        for line in deciding(edges):
            console.print(line, markup=False)


def _show_register(
    settings: Settings, table: str | None, at: int | None, shown: RegisterFormat
) -> None:
    from conf.contract_reader import contracts_of
    from jobs.runtime.lineage.personal import pii_columns, without_lineage

    if at is not None and table is None:
        raise UsageError("--at is a version of one table: name it with --table")
    contracts, lineage = contracts_of(settings), _lineage(settings, table, at)
    columns = pii_columns(lineage, contracts)
    missing = without_lineage(lineage, contracts)
    tables = sorted({name.table for name in (*columns, *missing) if name.layer != "source"})
    if table is not None and table not in tables:
        raise UsageError(f"no such table {table}; {closest(table, tables)}")
    lines = [line for line in register(columns.values(), contracts) if table in (None, line.table)]
    unknown = [str(name) for name in missing if table in (None, name.table)]
    match shown:
        case RegisterFormat.JSON:
            told = {"register": [asdict(line) for line in lines], "without_lineage": unknown}
            print(json.dumps(told, ensure_ascii=False), flush=True)
        case RegisterFormat.MARKDOWN:
            print(markdown_table(FIELDS, map(astuple, lines)), flush=True)
        case RegisterFormat.TEXT:
            print(aligned(FIELDS, map(astuple, lines)), flush=True)
    for name in unknown if shown is not RegisterFormat.JSON else ():
        print(f"no lineage is recorded of {name}: it may hold more", file=sys.stderr)


def _drawn(settings: Settings, out: Path | None) -> Path:
    from conf.contract_reader import contracts_of
    from jobs.runtime.lineage.personal import pii_columns, without_lineage
    from jobs.runtime.lineage.picture import write_picture

    contracts, lineage = contracts_of(settings), _lineage(settings, None, None)
    columns = list(pii_columns(lineage, contracts).values())
    try:
        return write_picture(
            settings, columns, lineage.edges, without_lineage(lineage, contracts), out
        )
    except OSError as error:
        raise AtlasError(f"the picture could not be written: {error.strerror}") from None


if __name__ == "__main__":
    start(upstream, downstream, pii, picture)
