"""Whether a computed table is up to date: its commit tells what it was made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from deltalake import DeltaTable as RustTable

from conf.contract import SourceContract
from jobs.runtime.lake import Lake, commit_of

LATEST_ORDER, NO_SILVER = "latest order", "none"


def inputs_of(
    lake: Lake, contracts: Sequence[SourceContract], as_of: date | None
) -> dict[str, str]:
    """What Gold is made from: Silver's versions, the contracts, and the day asked for."""
    inputs = {"as_of": as_of.isoformat() if as_of else LATEST_ORDER}
    for contract in contracts:
        table = lake.rust_table(f"silver.{contract.table}")
        version = table.version() if table is not None else NO_SILVER
        inputs[contract.table] = f"{version} {contract.digest}"
    return inputs


def made_from(table: RustTable) -> dict[str, str]:
    """The inputs that the commit of the table's version tells; empty where it tells none."""
    return dict(json.loads(commit_of(table).get("userMetadata") or "{}"))


def is_current(lake: Lake, name: str, inputs: dict[str, str]) -> bool:
    """Whether the table's latest commit was made from just these inputs."""
    table = lake.rust_table(name)
    return table is not None and made_from(table) == inputs
