"""Whether a computed table is up to date: its commit tells what it was made from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from conf.contract import SourceContract
from jobs.runtime.commits import RUN, WRITE
from jobs.runtime.lake import Lake

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


def made_from(commit: Mapping[str, Any]) -> dict[str, str]:
    """The inputs that a commit of the log tells; empty where it tells none."""
    told = dict(json.loads(commit.get("userMetadata") or "{}"))
    return {name: value for name, value in told.items() if name not in (RUN, WRITE)}


def is_current(lake: Lake, name: str, inputs: dict[str, str]) -> bool:
    """Whether the table's latest commit was made from just these inputs."""
    commits = lake.history(name, 1)
    return bool(commits) and made_from(commits[0]) == inputs
