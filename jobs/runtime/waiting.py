"""What waits for somebody: held deliveries and rows in quarantine, counted and as a file to fill in."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from conf.contract import Contracts
from conf.errors import UsageError
from jobs.runtime.correction_file import HEADER
from jobs.runtime.deciding import held
from jobs.runtime.lake import Lake
from jobs.runtime.quarantined import RowState, quarantined


def waiting(lake: Lake, tables: list[str], attempts: int) -> dict[str, list[dict[str, Any]]]:
    """What is held and what is in quarantine, by table, reason and rule."""
    deliveries = [dict(one) for table in tables for one in held(lake, table)]
    groups = []
    for table in tables:
        rows = quarantined(lake, table)
        for reason, rule in sorted({(row.reason, row.rule or "") for row in rows}):
            some = [row for row in rows if (row.reason, row.rule or "") == (reason, rule)]
            states = Counter(row.state(attempts) for row in some)
            counts = {str(state): states[state] for state in RowState}
            oldest = min(row.since for row in some)
            groups.append(
                {"table": table, "reason": reason, "rule": rule, **counts, "oldest": oldest}
            )
    return {"held": deliveries, "quarantined": groups}


def write_template(
    lake: Lake, contracts: Contracts, tables: list[str], attempts: int, path: Path
) -> int:
    """A file of corrections to fill in: a line for each row that can be corrected, no values. The
    column is told where the reason is about one.

    Raises: UsageError if the file is there already.
    """
    rows = [(table, row) for table in tables for row in quarantined(lake, table)]
    open_rows = [(table, row) for table, row in rows if row.state(attempts) is RowState.OPEN]
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(HEADER)
            for table, row in open_rows:
                columns = {column.name for column in contracts.sources[table].columns}
                about = row.rule if row.rule in columns else ""
                out.writerow([table, row.delivery, row.row, about, ""])
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    return len(open_rows)
