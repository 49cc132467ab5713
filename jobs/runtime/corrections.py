"""Corrections of single values of Bronze rows: kept in Bronze, beside what came, never over it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.runtime.lake import Lake
from jobs.runtime.records import CORRECTIONS, Record, RecordLog, latest
from transformations.corrections import with_corrections
from transformations.names import DELIVERY, ROW

BRONZE_CORRECTIONS = "bronze.corrections"
PLACE = ("table", DELIVERY, ROW, "column")


def bronze_rows(lake: Lake, table: str) -> DataFrame:
    """Bronze as it is refined: with every correction of its rows."""
    rows = lake.read(f"bronze.{table}")
    if not Corrections(lake, table).last:
        return rows
    corrections = lake.read(BRONZE_CORRECTIONS).where(F.col("table") == table)
    return rows.transform(with_corrections(corrections))


class Corrections:
    """The corrections of one table, without their values."""

    def __init__(self, lake: Lake, table: str) -> None:
        sql = (
            f"select {DELIVERY}, {ROW}, max(correction) as correction from t "
            f"where \"table\" = '{table}' group by {DELIVERY}, {ROW}"
        )
        self._numbers: dict[tuple[int, int], int] = {
            (row[DELIVERY], row[ROW]): row["correction"]
            for row in lake.query(BRONZE_CORRECTIONS, sql)
        }

    @property
    def last(self) -> int:
        """The number of the last correction, 0 if there is none."""
        return max(self._numbers.values(), default=0)

    def last_among(self, deliveries: Iterable[int]) -> int:
        """The same, of rows of these deliveries."""
        among = set(deliveries)
        return max((n for (d, _), n in self._numbers.items() if d in among), default=0)

    def of(self, delivery: int, row: int) -> int:
        """The number of a row's last correction, 0 if it has none."""
        return self._numbers.get((delivery, row), 0)


def corrected_value(lake: Lake, table: str, delivery: int, row: int, column: str) -> Record | None:
    """The last correction of one value, if there is one."""
    where = (
        f"\"table\" = '{table}' and {DELIVERY} = {int(delivery)} and {ROW} = {int(row)} "
        f"and \"column\" = '{column}'"
    )
    return latest(_log(lake).read(where), *PLACE).get((table, delivery, row, column))


def new_among(lake: Lake, corrections: Sequence[Record]) -> list[Record]:
    """Those that say something new; each has `table`, `_bronze_delivery`, `_bronze_row`, `column`
    and `value`."""
    known = latest(_log(lake).read(), *PLACE)
    said = {place: record["value"] for place, record in known.items()}
    return [c for c in corrections if said.get(tuple(c[p] for p in PLACE), ...) != c["value"]]


def keep_corrections(
    lake: Lake, corrections: Sequence[Record], why: str, who: str, run_id: str
) -> None:
    """Append them as one correction, with the next number."""
    log = _log(lake)
    stamp = {
        "correction": max((record["correction"] for record in log.read()), default=0) + 1,
        "why": why,
        "corrected_by": who,
        "run_id": run_id,
        "recorded_at": datetime.now(UTC),
    }
    log.append([{**one, **stamp} for one in corrections])


def _log(lake: Lake) -> RecordLog:
    return lake.log(BRONZE_CORRECTIONS, CORRECTIONS)
