"""The source tables: of their contracts only what decides which task comes before which.

What a contract means, and whether it is right, is the jobs' business (conf/contract_reader.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Table:
    """A source table, and the tables that are refined before it."""

    name: str
    parents: tuple[str, ...]
    role: str | None
    """What Gold takes it for: `customers` or `orders`."""


def source_tables(folder: Path) -> list[Table]:
    """The tables of a folder of contracts, parents first.

    Of two that refer to each other one must be first: then the other is no parent of it.
    Raises: ValueError naming the folder or file that holds no contract.
    """
    told = {t.name: t for path in _files(folder) for t in _tables(path)}
    sources = {name: t for name, t in told.items() if "." not in name}  # silver.x and gold.x: made
    ordered: dict[str, Table] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in sources:
            return
        seen.add(name)
        for parent in sources[name].parents:
            visit(parent)
        parents = tuple(sorted(p for p in sources[name].parents if p in ordered))
        ordered[name] = replace(sources[name], parents=parents)

    for name in sorted(sources):
        visit(name)
    return list(ordered.values())


def needed_by_gold(tables: list[Table]) -> list[str]:
    """The tables Gold is computed from; all where none has a role."""
    return [t.name for t in tables if t.role] or [t.name for t in tables]


def pools(environment: str, tables: list[Table]) -> dict[str, str]:
    """The pool of each table, and that of Gold: an environment waits for no other."""
    return {name: f"atlas_{environment}_{name}" for name in (*(t.name for t in tables), "gold")}


def _files(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.odcs.yaml"))
    if not found:
        raise ValueError(f"{folder}: no *.odcs.yaml in it; set ATLAS_CONTRACTS or ATLAS_HOME")
    return found


def _tables(path: Path) -> list[Table]:
    try:
        schema = yaml.load(path.read_bytes(), Loader=_LOADER)["schema"]
        return [Table(str(t["name"]), tuple(dict.fromkeys(_targets(t))), _role(t)) for t in schema]
    except (yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        what = type(error).__name__
        raise ValueError(
            f"{path}: no contract ({what}); jobs/ingest.py says what is wrong"
        ) from None


def _targets(table: dict[str, Any]) -> Iterator[str]:
    for column in table.get("properties") or ():
        for relationship in column.get("relationships") or ():
            yield str(relationship["to"]).partition(".")[0]


def _role(table: dict[str, Any]) -> str | None:
    told = {word["property"]: word["value"] for word in table.get("customProperties") or ()}
    return told.get("role")
