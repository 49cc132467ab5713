"""OpenLineage events written by hand in the form of its Spark listener (1.53) and of its Python
client, and commits as Atlas makes them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, write_deltalake

from jobs.runtime.lake import Lake
from jobs.runtime.lineage.datasets import dataset_of
from jobs.runtime.records import storage_options

RUN = "11111111-0000-4000-8000-000000000001"
PRODUCER = "https://github.com/OpenLineage/OpenLineage/tree/1.53.0/integration/spark"
Input = tuple[str, ...]
"""Table or path, column, and what is done with it: `IDENTITY`, `INDIRECT FILTER`, `IDENTITY hash`."""


def commit(lake: Lake, table: str, run_id: str | None = RUN) -> int:
    """One more version, made by a run; returns its millisecond, which no other commit has."""
    told = {"app": "atlas.refine", "version": 1, "counts": {}, "run": run_id}
    write_deltalake(
        lake.path(table),
        pa.table({"a": [1]}),
        mode="append",
        storage_options=storage_options(lake.path(table), lake.settings.s3),
        commit_properties=CommitProperties(custom_metadata={"userMetadata": json.dumps(told)}),
    )
    time.sleep(0.003)
    return int(lake.history(table, 1)[0]["timestamp"])


def written(
    lake: Lake,
    table: str,
    fields: Mapping[str, Sequence[Input]],
    began: int,
    ended: int,
    *,
    rows_by: Sequence[Input] = (),
    state: str = "COMPLETE",
    run_id: str | None = RUN,
) -> list[str]:
    """The listener's START and the end of one write."""
    number = str(uuid.uuid4())
    output = _output(lake, table, fields, rows_by)
    told = (("START", began), (state, ended))
    return [_event(kind, at, number, "pipeline_py.execute_save", [output], run_id)
            for kind, at in told]  # fmt: skip


def told(
    lake: Lake,
    table: str,
    version: int | None,
    fields: Mapping[str, Sequence[Input]],
    at: int,
    *,
    rows_by: Sequence[Input] = (),
    job: str = "atlas.refine",
    run_id: str | None = RUN,
) -> str:
    """Our own event of one commit."""
    output = _output(lake, table, fields, rows_by)
    if version is not None:
        output["facets"]["version"] = {"datasetVersion": str(version)}
    return _event("COMPLETE", at, str(uuid.uuid4()), job, [output], run_id)


def pend(lake: Lake, *lines: str | bytes, name: str = f"{RUN}.spark.jsonl") -> bytes:
    """Leave a file of these lines where runs do; its content."""
    content = b"".join(line if isinstance(line, bytes) else f"{line}\n".encode() for line in lines)
    lake.files("ops._lineage.pending").write(name, content)
    return content


def edges(lake: Lake) -> set[str]:
    """What was loaded, a text an edge."""
    rows = lake.query("ops.data_lineage", "select * from t")
    shown = {
        f"{r['input_table']}.{r['input_column']} -> {r['output_table']}.{r['output_column']} "
        f"{r['type']} {r['subtype']} {r['treatment'] or ''}".rstrip()
        for r in rows
    }
    assert len(shown) == len(rows)
    return shown


def _event(
    kind: str, at: int, number: str, job: str, outputs: Sequence[Any], run_id: str | None
) -> str:
    time = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
    tags = [{"key": "atlas_run", "value": run_id, "source": "CONFIG"}] if run_id else []
    return json.dumps(
        {
            "eventTime": time.replace("+00:00", "Z"),
            "producer": PRODUCER,
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "eventType": kind,
            "run": {
                "runId": number,
                "facets": {"tags": {"_producer": PRODUCER, "tags": tags},
                           "spark_properties": {"properties": {"spark.master": "local[2]"}}},
            },
            "job": {"namespace": "default", "name": job, "facets": {}},
            "inputs": [],
            "outputs": outputs,
        }
    )  # fmt: skip


def _output(
    lake: Lake, table: str, fields: Mapping[str, Sequence[Input]], rows_by: Sequence[Input]
) -> dict[str, Any]:
    namespace, name = dataset_of(lake.settings, table)
    lineage = {
        "_producer": PRODUCER,
        "fields": {
            column: {"inputFields": [_input(lake, one) for one in of]}
            for column, of in fields.items()
        },
        "dataset": [_input(lake, one) for one in rows_by],
    }
    facets = {"dataSource": {"name": namespace, "uri": namespace}, "columnLineage": lineage}
    return {"namespace": namespace, "name": name, "facets": facets, "outputFacets": {}}


def _input(lake: Lake, one: Input) -> dict[str, Any]:
    table, column, *ways = one
    namespace, name = ("file", table) if "/" in table else dataset_of(lake.settings, table)
    told = [_transformation(way) for way in ways]
    return {"namespace": namespace, "name": name, "field": column, "transformations": told}


def _transformation(way: str) -> dict[str, Any]:
    kind = "INDIRECT" if way.startswith("INDIRECT ") else "DIRECT"
    subtype, _, treatment = way.removeprefix("INDIRECT ").partition(" ")
    told = {"type": kind, "subtype": subtype, "description": treatment}
    return told | {"masking": bool(treatment)}
