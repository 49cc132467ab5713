"""A file of corrections: read and judged as a whole before any of it is kept."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from conf.contract import Contracts
from conf.errors import UsageError, listed
from jobs.runtime.batches import Batches, BatchStatus, Reference, covered_by
from jobs.runtime.decisions import Decision, Decisions
from jobs.runtime.lake import Lake
from jobs.runtime.quarantined import RowState, quarantined
from jobs.runtime.records import Record
from transformations.names import DELIVERY, ROW

HEADER = ("table", "delivery", "row", "column", "value")
_AT_MOST = 5  # mistakes that are told

Line = tuple[int, Record]
"""(line number, correction)."""


def read_corrections(path: Path) -> list[Line]:
    """The corrections of a CSV file with the header `table,delivery,row,column,value`.

    An empty value takes the value away. Raises: UsageError naming the lines that cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.DictReader(file, strict=True)
            if tuple(lines.fieldnames or ()) != HEADER:
                raise UsageError(f"{path}: its first line must be {','.join(HEADER)}")
            read = [(lines.line_num, _correction(line)) for line in lines]
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(f"{path}: is no CSV file in UTF-8") from None
    bad = [number for number, correction in read if correction is None]
    if bad:
        raise UsageError(
            f"{path}: lines {', '.join(map(str, bad[:_AT_MOST]))}: five fields are needed, delivery "
            "and row as whole numbers"
        )
    return [(number, correction) for number, correction in read if correction]


def _correction(line: dict[str, str]) -> Record | None:
    if None in line or None in line.values():  # more fields than names, or fewer
        return None
    if not (line["delivery"].strip().isdecimal() and line["row"].strip().isdecimal()):
        return None
    return {
        "table": line["table"].strip(),
        DELIVERY: int(line["delivery"]),
        ROW: int(line["row"]),
        "column": line["column"].strip(),
        "value": line["value"] or None,
    }


def check_corrections(
    lake: Lake, contracts: Contracts, attempts: int, path: Path, lines: Sequence[Line]
) -> None:
    """Raises: UsageError naming each line that corrects what cannot be corrected, and no value."""
    by_table: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_table[line[1]["table"]].append(line)
    wrong = [
        (number, why)
        for table, some in by_table.items()
        for number, why in _wrong(lake, contracts, attempts, table, some)
    ]
    if wrong:
        told = "; ".join(f"line {n}: {why}" for n, why in sorted(wrong)[:_AT_MOST])
        more = f"; and {len(wrong) - _AT_MOST} more" if len(wrong) > _AT_MOST else ""
        raise UsageError(f"{path}: {told}{more}; nothing of the file was taken")


def _wrong(
    lake: Lake, contracts: Contracts, attempts: int, table: str, lines: Sequence[Line]
) -> Iterator[tuple[int, str]]:
    if table not in contracts.sources:
        # What stands there is not told: it may be a value in the wrong place. So with columns.
        why = f"its table is none of {listed(sorted(contracts.sources))}"
        yield from ((number, why) for number, _ in lines)
        return
    columns = [column.name for column in contracts.sources[table].columns]
    states = {row.reference: row.state(attempts) for row in quarantined(lake, table)}
    rejected = Decisions(lake, table).those(Decision.REJECT)
    held = _held_rows(lake, table, lines)
    seen = set()
    for number, one in lines:
        place = (one[DELIVERY], one[ROW])
        name = f"row {place[1]} of delivery {place[0]} of {table}"
        state = states.get(place)
        if one["column"] not in columns:
            yield number, f"its column is none of {table}'s: {listed(columns)}"
        elif (place, one["column"]) in seen:
            yield number, f"{one['column']} of {name} is corrected twice"
        elif state is None and place not in held:
            yield number, f"{name} is neither in quarantine nor held"
        elif state is RowState.DEAD:
            yield number, f"{name} is dead after {attempts} attempts: --dead retry comes first"
        elif state is RowState.DISCARDED:
            yield number, f"{name} was discarded"
        elif place[0] in rejected:
            yield number, f"delivery {place[0]} of {table} is rejected: --release comes first"
        seen.add((place, one["column"]))


def _held_rows(lake: Lake, table: str, lines: Sequence[Line]) -> set[Reference]:
    """Those of the lines' references that are rows of a held delivery."""
    batches = Batches(lake, table, "").with_status(BatchStatus.HELD, BatchStatus.OPEN)
    held = {delivery for batch in batches for delivery in covered_by(batch)}
    asked = {(c[DELIVERY], c[ROW]) for _, c in lines if c[DELIVERY] in held}
    if not asked:
        return set()
    deliveries = ", ".join(str(d) for d in sorted({d for d, _ in asked}))
    sql = f"select {DELIVERY}, {ROW} from t where {DELIVERY} in ({deliveries})"
    return asked & {(r[DELIVERY], r[ROW]) for r in lake.query(f"bronze.{table}", sql)}
