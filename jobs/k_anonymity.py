"""Who can be singled out: how many rows of a table share the values of some of its columns."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from deltalake.schema import PrimitiveType
from rich.console import Console
from rich.table import Table

from conf.contract import OutputContract
from conf.errors import UsageError, listed
from conf.settings import Settings, load_settings
from jobs.runtime.anonymity import Anonymity, anonymity_of, anonymity_sql
from jobs.runtime.any_table import AnyTable, find_table
from jobs.runtime.command import start, told_errors
from jobs.runtime.lake import Lake
from jobs.runtime.options import ContractsOption, JsonOption, LakeOption, NamespaceOption

K = 5  # where neither the command line nor the contract says one
_FLOATING = ("double", "float")


def measured(
    settings: Settings, name: str, k: int | None = None, by: list[str] | None = None
) -> tuple[AnyTable, Anonymity]:
    """k-anonymity of a table as it is; by its contract where k or the columns are not told.

    Raises: UsageError for a table or column that is not there, with the closest ones.
    """
    lake = Lake(settings)
    table = find_table(lake, name)
    contract = None if by and k else _contract(settings, table)
    columns = _comparable(table, list(dict.fromkeys(by or _marked(table, contract))))
    wanted = contract.k_anonymity if contract else None
    k = k or (wanted.k if wanted else K)
    return table, anonymity_of(columns, k, table.query(anonymity_sql(columns, k), settings.s3))


def _contract(settings: Settings, table: AnyTable) -> OutputContract | None:
    from conf.contract_reader import contracts_of  # a second, which --by with --k saves

    return contracts_of(settings).outputs.get(table.name)


def _marked(table: AnyTable, contract: OutputContract | None) -> tuple[str, ...]:
    if contract is None or not contract.quasi_identifiers:
        raise UsageError(
            f"no contract says which columns of {table.name} are quasi-identifiers: name them "
            "by --by COLUMN, once for each"
        )
    return contract.quasi_identifiers


def _comparable(table: AnyTable, columns: list[str]) -> list[str]:
    """Columns of whose values two can be equal in every engine alike. Raises: UsageError."""
    types = {field.name: field.type for field in table.table.schema().fields}
    for column in table.chosen(columns):
        kind = types[column]
        if not isinstance(kind, PrimitiveType) or kind.type in _FLOATING:
            told = kind.type if isinstance(kind, PrimitiveType) else "nested"
            raise UsageError(f"{table.name}: {column} is {told}: hardly two values are equal")
    return columns


def _printed(table: AnyTable, told: Anonymity) -> None:
    console, whole = Console(highlight=False, soft_wrap=True), told.whole
    console.print(
        f"{table.name}, version {table.table.version()}: {whole.rows:,} rows by "
        f"{listed(told.columns)}",
        markup=False,
    )
    smallest = "" if whole.smallest is None else f"; the smallest group has {whole.smallest:,}"
    console.print(
        f"in groups of less than {told.k}: {whole.rows_below_k:,} rows ({whole.share_below_k:.2%})"
        f", {whole.groups_below_k:,} of {whole.groups:,} groups{smallest}",
        markup=False,
    )
    sizes = _table("Groups by size", "rows a group", "groups", "rows")
    for size, groups, rows in whole.by_size:
        sizes.add_row(size, f"{groups:,}", f"{rows:,}")
    console.print(sizes)
    without = _table("If a column were left out", "column", f"rows below {told.k}", "share")
    for column, of in told.without.items():
        without.add_row(column, f"{of.rows_below_k:,}", f"{of.share_below_k:.2%}")
    console.print(without)


def _table(title: str, first: str, *numbers: str) -> Table:
    table = Table(first, title=title, title_justify="left")
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def main(
    table: Annotated[
        str, typer.Argument(help="A table of the lake, or the path of a Delta table")
    ] = "gold.customer_360",
    k: Annotated[
        int | None, typer.Option("--k", min=2, help=f"Least group; default: the contract's, or {K}")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Column, once for each; default: the contract's quasi-identifiers"),
    ] = None,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell how many rows could be singled out by some columns, and what each column does. Sizes
    and counts, no value; nothing is written, and no Spark is started."""
    with told_errors():
        folder = str(contracts) if contracts else None
        settings = load_settings(lake=lake, contracts=folder, namespace=namespace)
        found, told = measured(settings, table, k, by)
    if as_json:
        head = {"table": found.name, "version": found.table.version()}
        print(json.dumps(head | told.as_dict()), flush=True)
    else:
        _printed(found, told)


if __name__ == "__main__":
    start(main)
