"""The undisturbed lake a killed one must equal, and what is compared."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from conf.errors import AccountingError
from conf.settings import load_settings
from jobs.runtime.accounting import verify_table
from jobs.runtime.lake import Lake
from tests.chaos.sources import TABLES
from tests.lakes import content, rows

COMPARED = (
    *(f"bronze.{table}" for table in TABLES),
    *(f"silver.{table}" for table in TABLES),
    "gold.customer_360",
    "gold.customer_features",
    "ops.quarantine",
)
REFERENCES = ("_bronze_delivery", "_bronze_row", "_silver_delivery", "_silver_row")

Binding = tuple[str, str]  # source name, content hash
RunPipeline = Callable[[Path, str], None]  # sources, lake


def received(lake: str, table: str) -> list[Binding]:
    """What a table received, by number."""
    sql = f"select * from t where \"table\" = '{table}' and status = 'received' order by delivery"
    return [(d["source_name"], d["content_sha256"]) for d in rows(lake, "ops.deliveries", sql)]


def feed(
    lake: str,
    deliveries: dict[str, list[Binding]],
    contents: dict[str, bytes],
    run: RunPipeline,
    folder: Path,
    *,
    one_by_one: bool,
) -> int:
    """Give a lake the same deliveries in the same order, in as many runs as returned.

    A file that was received, replaced and received again needs two runs; `one_by_one` takes one
    for each delivery.
    """
    groups = {table: list(_groups(told, one_by_one)) for table, told in deliveries.items()}
    steps = max(map(len, groups.values()))
    for step in range(steps):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for of_table in groups.values():
            for second, (name, digest) in enumerate(of_table[step] if step < len(of_table) else ()):
                (folder / name).write_bytes(contents[digest])
                os.utime(folder / name, (1_700_000_000 + second,) * 2)
        run(folder, lake)
    return steps


def _groups(deliveries: Sequence[Binding], one_by_one: bool) -> Iterator[list[Binding]]:
    group: list[Binding] = []
    for binding in deliveries:
        if group and (one_by_one or binding[0] in {name for name, _ in group}):
            yield group
            group = []
        group.append(binding)
    if group:
        yield group


def differences(lake: str, reference: str) -> list[str]:
    """What differs between two lakes, by table and the first row's reference; never a value."""
    found = [
        f"ops.deliveries: {table} received other files or in another order"
        for table in TABLES
        if received(lake, table) != received(reference, table)
    ]
    for name in COMPARED:
        found += _difference(name, content(lake, name), content(reference, name))
    for table in TABLES:
        try:
            verify_table(Lake(load_settings(lake=lake)), table, "chaos")
        except AccountingError as error:
            found.append(str(error))
    return found


def _difference(name: str, one: pd.DataFrame, other: pd.DataFrame) -> Iterator[str]:
    if one.equals(other):
        return
    if list(one.columns) != list(other.columns):
        yield f"{name}: other columns"
        return
    both = one.merge(other, how="outer", indicator="_from")
    odd = both[both["_from"] != "both"]
    if odd.empty:
        yield f"{name}: {len(one)} rows against {len(other)}, some of them several times"
        return
    first = odd.iloc[0]
    # The file's name stands for the delivery: the hash behind it is of no use to a reader.
    told = [f"{c} {str(first[c]).split()[0]}" for c in REFERENCES if c in odd]
    counts = {side: int((odd["_from"] == side).sum()) for side in ("left_only", "right_only")}
    yield (
        f"{name}: {counts['left_only']} rows only here, {counts['right_only']} only in the "
        f"reference; the first: {', '.join(told) or f'row {odd.index[0]}'}"
    )


def leftovers(lake: str, killed: dict[str, str | None]) -> list[str]:
    """What killed runs left behind. `killed`: run id -> the status it had a record of by then."""
    files = Lake(load_settings(lake=lake)).files
    live = files("ops._live").names()
    found = [f"live files are left: {len(live)}"] if live else []
    if files("ops._staging").folders():
        found.append("staging is left")
    records: dict[str, list[str]] = {}
    for record in rows(lake, "ops.pipeline_runs"):
        records.setdefault(record["run_id"], []).append(record["status"])
    found += [f"run {i} has {len(told)} records" for i, told in records.items() if len(told) != 1]
    for run, status in killed.items():
        if records.get(run) != [status or "killed"]:
            told = ", ".join(records.get(run, ["none"]))
            found.append(f"run {run}: record {told}, expected {status or 'killed'}")
    return found
