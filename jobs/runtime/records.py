"""The small `ops` tables that only the driver writes: append-only Delta logs, through delta-rs.

An append costs milliseconds and no Spark job. Nothing is ever updated: an event that corrects an
earlier one is appended, and the last event of a key counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder, write_deltalake
from deltalake.exceptions import TableNotFoundError

from conf.s3 import AWS, S3, bucket_and_key, is_s3
from jobs.runtime.objects import our_words

Record = Mapping[str, Any]

_TIME = pa.timestamp("us", tz="UTC")

DELIVERIES = pa.schema(
    {
        "table": pa.string(),
        "delivery": pa.int64(),
        "status": pa.string(),  # registered | received | failed | abandoned
        "source_name": pa.string(),
        "path": pa.string(),
        "size": pa.int64(),
        "modified_at": _TIME,
        "content_sha256": pa.string(),
        "header": pa.list_(pa.string()),
        "missing_columns": pa.list_(pa.string()),
        "extra_columns": pa.list_(pa.string()),
        "records": pa.int64(),
        "rows": pa.int64(),
        "reason": pa.string(),
        "watermark": pa.string(),  # of a pull: column=value from which the next one goes on, and ...
        "again_sha256": pa.string(),  # ... content of those rows that the next one takes again
        "run_id": pa.string(),
        "recorded_at": _TIME,
    }
)

DATA_LINEAGE = pa.schema(
    {
        "run_id": pa.string(),
        "job": pa.string(),
        "input_table": pa.string(),  # source.customers | bronze.customers | ...
        "input_column": pa.string(),
        "output_table": pa.string(),
        "output_column": pa.string(),  # *: which rows the table has
        "output_version": pa.int64(),  # the commit that this write made
        "type": pa.string(),  # DIRECT | INDIRECT
        "subtype": pa.string(),  # IDENTITY | TRANSFORMATION | AGGREGATION | JOIN | FILTER | ...
        "treatment": pa.string(),  # hash | mask | redact | detect | generalize year; empty: none
        "committed_at": _TIME,
        "recorded_at": _TIME,
    }
)

BATCHES = pa.schema(
    {
        "table": pa.string(),
        "batch": pa.int64(),
        "status": pa.string(),  # open | published | held | abandoned
        "from_delivery": pa.int64(),
        "to_delivery": pa.int64(),
        "contract_sha256": pa.string(),
        "pii_version": pa.string(),
        "key_fingerprint": pa.string(),
        "read": pa.int64(),
        "inserted": pa.int64(),
        "updated": pa.int64(),
        "unchanged": pa.int64(),
        "stale": pa.int64(),
        "duplicates": pa.int64(),
        "quarantined": pa.int64(),
        "held": pa.int64(),
        "reason": pa.string(),
        "kind": pa.string(),  # deliveries | retake (of single rows; it has no bounds)
        "retaken": pa.int64(),  # of `read`: rows that an earlier batch has counted already
        "decisions": pa.int64(),  # on its deliveries, and ...
        "corrections": pa.int64(),  # ... the last correction of one of its rows, as it was opened
        "parents": pa.string(),  # the last published batch of each table its rows may wait for
        "run_id": pa.string(),
        "recorded_at": _TIME,
    }
)

DECISIONS = pa.schema(
    {
        "table": pa.string(),
        "delivery": pa.int64(),
        "row": pa.int64(),  # null: the whole delivery
        "decision": pa.string(),  # release | reject a held delivery; retry | discard a dead row
        "attempts": pa.int64(),  # of a row: those that count no longer
        "why": pa.string(),
        "decided_by": pa.string(),
        "run_id": pa.string(),
        "recorded_at": _TIME,
    }
)

CORRECTIONS = pa.schema(  # in Bronze, since it holds values
    {
        "table": pa.string(),
        "correction": pa.int64(),  # number of the file they came in; only grows
        "_bronze_delivery": pa.int64(),
        "_bronze_row": pa.int64(),
        "column": pa.string(),
        "value": pa.string(),  # as the source would have written it
        "why": pa.string(),
        "corrected_by": pa.string(),
        "run_id": pa.string(),
        "recorded_at": _TIME,
    }
)

PIPELINE_RUNS = pa.schema(
    {
        "run_id": pa.string(),
        "parent_run_id": pa.string(),
        "job": pa.string(),
        "status": pa.string(),
        "started_at": _TIME,
        "ended_at": _TIME,
        "started_by": pa.string(),
        "triggered_by": pa.string(),  # namespace/job/run of another system, such as Airflow's
        "host": pa.string(),
        "message": pa.string(),
        "tables": pa.string(),  # JSON, the counts of the --json line
        "pii": pa.string(),
        "seconds": pa.string(),
    }
)

PII_DETECTIONS = pa.schema(
    {
        "table": pa.string(),
        "batch": pa.int64(),
        "column": pa.string(),
        "entity": pa.string(),
        "treatment": pa.string(),
        "count": pa.int64(),
        "mean_confidence": pa.float64(),
        "pii_version": pa.string(),
        "run_id": pa.string(),
        "recorded_at": _TIME,
    }
)

_SPAN = {
    "table": pa.string(),
    "batch": pa.int64(),
    "_bronze_delivery": pa.int64(),
    "_bronze_row": pa.int64(),
    "column": pa.string(),
    "start": pa.int64(),  # characters of the standardized text, from 0
    "end": pa.int64(),
    "entity": pa.string(),
    "score": pa.float64(),
    "found": pa.bool_(),  # and treated; else it nearly was
}

PII_REVIEW = pa.schema(
    {**_SPAN, "pii_version": pa.string(), "run_id": pa.string(), "recorded_at": _TIME}
)

PII_VERDICTS = pa.schema(
    {
        **_SPAN,
        "verdict": pa.string(),  # personal | not_personal
        "fingerprint": pa.string(),  # keyed, of the text
        "is_repeat": pa.bool_(),  # the text had this verdict already: nobody was asked again
        "reviewer": pa.string(),
        "recorded_at": _TIME,
    }
)

QUALITY_METRICS = pa.schema(
    {
        "run_id": pa.string(),
        "layer": pa.string(),  # silver | gold
        "table": pa.string(),
        "batch": pa.int64(),  # Silver's batch; null for Gold
        "population": pa.string(),  # delivered | published
        "check": pa.string(),  # the check's name, or `score` for a dimension's (or `overall`) score
        "dimension": pa.string(),  # the six, `overall`, and `privacy` of the check `k_anonymity`
        "severity": pa.string(),  # warning | error
        "outcome": pa.string(),  # pass | warn | fail (it stops the table) | not_evaluated
        "value": pa.float64(),  # what was measured; a score is a share, 0 to 1
        "threshold": pa.string(),  # what is allowed, as `< 10 %`
        "rows_checked": pa.int64(),
        "rows_failing": pa.int64(),
        "measured_at": _TIME,
    }
)

K_ANONYMITY = pa.schema(  # of groups of rows with equal quasi-identifiers: sizes, never values
    {
        "run_id": pa.string(),
        "table": pa.string(),  # gold.customer_360
        "columns": pa.list_(pa.string()),  # the quasi-identifiers
        "left_out": pa.string(),  # one of them, as if the table did not have it; null: none
        "k": pa.int64(),
        "at_most": pa.float64(),  # share of rows below k that the contract allows
        "rows": pa.int64(),
        "groups": pa.int64(),
        "smallest_group": pa.int64(),  # rows of it
        "groups_below_k": pa.int64(),
        "rows_below_k": pa.int64(),
        "groups_1": pa.int64(),  # groups of one row, and ...
        "rows_1": pa.int64(),  # ... the rows in them
        "groups_2_4": pa.int64(),
        "rows_2_4": pa.int64(),
        "groups_5_9": pa.int64(),
        "rows_5_9": pa.int64(),
        "groups_10_49": pa.int64(),
        "rows_10_49": pa.int64(),
        "groups_50_up": pa.int64(),
        "rows_50_up": pa.int64(),
        "measured_at": _TIME,
    }
)


@dataclass(frozen=True)
class RecordLog:
    """One append-only table of records."""

    path: str
    schema: pa.Schema
    s3: S3 = AWS

    def append(self, records: Sequence[Record]) -> None:
        """Append records in one commit; fields a record does not name are null."""
        if not records:
            return
        unknown = {name for record in records for name in record} - set(self.schema.names)
        if unknown:
            raise KeyError(f"{self.path} has no field {sorted(unknown)}")
        rows = [{name: record.get(name) for name in self.schema.names} for record in records]
        with our_words(self.path, self.s3):
            write_deltalake(
                self.path,
                pa.Table.from_pylist(rows, schema=self.schema),
                mode="append",
                storage_options=storage_options(self.path, self.s3),
                configuration={"delta.appendOnly": "true"},
                schema_mode="merge",  # a field that is new to the table of an earlier version
            )

    @property
    def _time(self) -> str:
        """The field that tells when a record was written."""
        return next(
            name for name in ("recorded_at", "ended_at", "measured_at") if name in self.schema.names
        )

    def read(self, where: str = "true") -> list[dict[str, Any]]:
        """The records that meet a SQL condition, oldest first; none if nothing was written yet."""
        table = delta_table(self.path, self.s3)
        if table is None:
            return []
        # QueryBuilder, not to_pyarrow_table: after that one the interpreter may abort at exit.
        engine = QueryBuilder().register("log", table)
        with our_words(self.path, self.s3):
            batches = engine.execute(f"select * from log where {where} order by {self._time}")
            rows = pa.table(batches.read_all()).to_pylist()
        return [{name: row.get(name) for name in self.schema.names} for row in rows]

    def recent(self, commits: int, until: datetime, where: str = "true") -> list[dict[str, Any]]:
        """The same, of the last so many commits up to a time: a log has one file a commit, and to
        read all of a log that has thousands takes seconds."""
        table = delta_table(self.path, self.s3)
        if table is None:
            return []
        files = pa.table(table.get_add_actions(flatten=True))
        written = [time for time in files[f"min.{self._time}"].to_pylist() if time <= until]
        if not written:
            return []
        since = min(sorted(written)[-commits:])
        between = f"{self._time} between '{since.isoformat()}' and '{until.isoformat()}'"
        return self.read(f"{between} and ({where})")


def storage_options(path: str, s3: S3) -> dict[str, str] | None:
    """What delta-rs is told of a table's bucket; it holds the keys."""
    return s3.options(bucket_and_key(path)[0]) if is_s3(path) else None


def delta_table(path: str, s3: S3) -> DeltaTable | None:
    """A table without Spark; None if there is none.

    Raises: UsageError or TransientError for a bucket that cannot be read.
    """
    with our_words(path, s3):
        try:
            return DeltaTable(path, storage_options=storage_options(path, s3))
        except TableNotFoundError:
            return None


def latest(records: Iterable[Record], *key: str) -> dict[tuple[Any, ...], Record]:
    """The last record of each key, in the order the keys first appear."""
    last: dict[tuple[Any, ...], Record] = {}
    for record in records:
        last[tuple(record[name] for name in key)] = record
    return last
