"""What a source file's name tells: its table and its format."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from conf.contract import Contracts, SourceContract
from conf.errors import SourceError, listed

UNKNOWN_TABLE = "unknown table"
"""The table of an error about a file that belongs to none."""
_TELLING = {"jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet"}
_TEXT = ("csv", "tsv", "txt", "dat", "json")
_LEFTOVERS = ("_copying_", "tmp", "part", "inprogress", "crc")


def is_data(name: str) -> bool:
    """Whether a file or folder counts: not hidden, nothing that Spark or Hadoop leave behind."""
    return not name.startswith(("_", ".")) and _suffix(name) not in _LEFTOVERS


def has_data_ending(name: str) -> bool:
    """Whether a name ends as a file's name does that can be read."""
    return _suffix(name) in (*_TELLING, *_TEXT)


def as_received(contract: SourceContract, name: str) -> SourceContract:
    """The contract as it holds for one file: .jsonl, .ndjson and .parquet say their format."""
    kind = _TELLING.get(_suffix(name), contract.source.kind)
    if kind == contract.source.kind:
        return contract
    return replace(contract, source=replace(contract.source, kind=kind, encoding="UTF-8"))


def table_of(name: PurePosixPath, contracts: Contracts) -> str:
    """The table a file belongs to: the contract whose `files` match it, else the longest table
    name that begins its name or that of a folder above it.

    Raises: SourceError naming the tables there are.
    """
    told = [t for t, c in contracts.sources.items() if _is_told(name, c)]
    named = [t for part in name.parts for t in contracts.sources if _begins(part, t)]
    if table := max(told or named, key=len, default=None):
        return table
    raise SourceError(
        UNKNOWN_TABLE,
        str(name),
        "belongs to no contract",
        f"name it after one of {listed(sorted(contracts.sources))}, or add a contract",
    )


def check_name(name: PurePosixPath, contract: SourceContract) -> None:
    """Raises: SourceError for a name that cannot be read, or not without loss."""
    if contract.database:
        found = "its contract takes the table's rows from a database"
        todo = f"remove the file, or correct format in {contract.path}"
    elif not _is_told(name, contract) and not has_data_ending(name.name):
        allowed = listed(f".{s}" for s in (*_TELLING, *_TEXT))
        found, todo = "no format has this ending", f"read are {allowed}, also with .gz"
    elif any("=" in folder for folder in name.parts[:-1]):
        found = "lies in a partition folder, whose value is not in the file"
        todo = "write the value as a column and drop the folder"
    elif ":" in str(name):
        found, todo = "Hadoop reads no name with a colon", "rename it"
    else:
        return
    raise SourceError(contract.table, str(name), found, todo)


def _is_told(name: PurePosixPath, contract: SourceContract) -> bool:
    return any(fnmatchcase(n, p) for p in contract.source.files for n in (name.name, str(name)))


def _begins(part: str, table: str) -> bool:
    """`orders`, `orders2`, `orders_2024.csv` and `Orders.csv`, but not `ordersummary.csv`."""
    return part.lower().startswith(table.lower()) and not part[len(table) :][:1].islower()


def _suffix(name: str) -> str:
    """`csv` of `orders.csv` and of `orders.csv.gz`."""
    return PurePosixPath(name.removesuffix(".gz")).suffix.lstrip(".").lower()
