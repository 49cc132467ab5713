"""Whether a contract still goes with the Silver table that an earlier version of it made.

A table says in its own schema what its values mean (`conf.contract_silver.silver_meaning`). New
columns are welcome: older rows have null there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conf.contract import Contracts, SourceContract
from conf.contract_silver import silver_contract, silver_meaning
from conf.errors import UsageError
from jobs.runtime.lake import Lake

_SPARK_TYPES = {"long": "bigint", "integer": "int"}
_OURS = "atlas."


def check_compatible(lake: Lake, contracts: Contracts) -> None:
    """Raises: UsageError naming every column whose new meaning would mix with an old one."""
    wrong = [text for c in contracts.sources.values() for text in _differences(lake, c)]
    if wrong:
        raise UsageError(
            f"contracts changed against the lake at {lake.path('silver').rstrip('/')}: "
            f"{'; '.join(wrong)}; undo the change, or give the table a new name or a new lake"
        )


def _differences(lake: Lake, contract: SourceContract) -> Iterator[str]:
    table = lake.rust_table(f"silver.{contract.table}")
    if table is None:
        return
    types = {c.name: c.spark_type for c in silver_contract(contract).columns}
    meaning = silver_meaning(contract)
    for field in table.schema().fields:
        if field.name.startswith("_"):
            continue
        place = f"{contract.path}: column {field.name} of silver.{contract.table}"
        if field.name not in types:
            yield f"{place} is no longer there"
            continue
        had, has = _spark_type(field.type), types[field.name]
        if had != has:
            yield f"{place} is {had}, now {has}"
        old, new = _ours(field.metadata), _ours(meaning.get(field.name, {}))
        if old and old != new:
            yield f"{place} was made with {_told(old)}, now {_told(new)}"


def _spark_type(kind: Any) -> str:
    told = str(getattr(kind, "type", kind))
    return _SPARK_TYPES.get(told, told)


def _ours(words: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in words.items() if name.startswith(_OURS)}


def _told(words: dict[str, str]) -> str:
    return ", ".join(f"{name.removeprefix(_OURS)} {value}" for name, value in sorted(words.items()))
