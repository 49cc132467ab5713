"""The notebook top to bottom on a real lake, in a folder and in a bucket with an analyst's keys."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from conf.s3_policies import Role, policy
from conf.settings import load_settings
from tests.lakes import rows, run_pipeline
from tests.minio import Minio
from tests.notebooks import cell, executed, html, notebook, printed, table
from tests.samples import Sample

pytestmark = pytest.mark.full

CHANGED = 20
PLOTS = {
    "quality-plot": "Overall quality of what was published",
    "rfm-segments": "Segments: share of the customers and of the revenue, in %",
    "rfm-grid": "Customers by how recently (5: latest) and how often (5: most) they buy",
    "rfm-scatter": "Each customer: revenue and days since the last order",
}


@pytest.fixture(scope="module")
def twice(spark, sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample and one more run on it, in which some customers move abroad."""
    sample_copy = sample.copied(tmp_path_factory.mktemp("twice") / "sample")
    header, *lines = (sample_copy.sources / "customers.csv").read_text().splitlines()
    moved = [line.replace(",DK,", ",SE,") for line in lines if ",DK," in line][:CHANGED]
    (sample_copy.sources / "customers-2.csv").write_text("\n".join([header, *moved]))
    run = run_pipeline(spark, sample_copy.sources, sample_copy.lake)
    assert (run.exit_code, run.tables["customers"].read) == (0, CHANGED)
    return sample_copy


def all_of(lake: Path) -> dict[str, Any]:
    """Each file's and folder's mode, time and content."""
    found = [lake, *lake.rglob("*")]
    digest = {p: hashlib.sha256(p.read_bytes()).hexdigest() if p.is_file() else "" for p in found}
    return {str(p): (p.stat().st_mode, p.stat().st_mtime_ns, digest[p]) for p in found}


def by_segment(told: NotebookNode, name: str, column: int = 0) -> dict[str, int]:
    return {row[column]: int(row[column + 1]) for row in table(told, name)}


def assert_shows(told: NotebookNode, sample: Sample) -> None:
    """What each cell shows is what delta-rs says of the lake."""
    gold = rows(sample.lake, "gold.customer_360")
    segments: dict[str, int] = {}
    for customer in gold:
        segments[customer["segment"]] = segments.get(customer["segment"], 0) + 1
    for name in ("open", "segments", "delta-rs", "duckdb"):
        assert by_segment(told, name) == segments, name
    revenue = {row[0]: row[2] for row in table(told, "segments")}
    for segment in segments:
        amounts = [c["total_revenue"] for c in gold if c["segment"] == segment]
        assert revenue[segment] == str(sum(amounts)), segment
    best = sorted(gold, key=lambda c: (-c["lifetime_value"], c["customer_id"]))[:10]
    assert [row[0] for row in table(told, "top-customers")] == [c["customer_id"][:12] for c in best]

    silver = rows(sample.lake, "silver.customers")
    assert [row[0] for row in table(told, "history")] == ["1", "0"]
    changed = sum(c["_silver_delivery"] == 2 for c in silver)
    counts = [str(len(silver)), str(len(silver)), str(changed)]
    assert table(told, "changed") == [counts] and 0 < changed <= CHANGED
    assert len(table(told, "silver-rows")) == 5
    assert "&lt;STREET_ADDRESS&gt;" in html(told, "silver-rows")
    scored = {f"{m['layer']}.{m['table']}" for m in rows(sample.lake, "ops.quality_metrics")}
    assert len(scored) == 4
    assert len(table(told, "quality-scores")) == len(scored)
    for name, title in PLOTS.items():
        assert "Plotly.newPlot" in html(told, name) and json.dumps(title)[1:-1] in html(told, name)


def assert_no_clear_text(told: NotebookNode, sample: Sample) -> None:
    shown = json.dumps([c.get("outputs", []) for c in told.cells], ensure_ascii=False)
    with (sample.sources / "customers.csv").open(encoding="utf-8") as file:
        customers = list(csv.DictReader(file))
    names = ("customer_id", "customer_name", "email_address", "phone_number", "address")
    values = {c[n] for c in customers for n in names if len(c[n]) > 5}
    assert len(values) > 1000
    assert [v for v in values if v in shown] == []


def test_on_a_folder_that_stays_as_it_is(twice, tmp_path):
    before = all_of(twice.lake)
    told = executed(notebook(), tmp_path / "cwd", {"ATLAS_LAKE": str(twice.lake)})
    assert_shows(told, twice)
    assert_no_clear_text(told, twice)
    refused = printed(told, "refused").splitlines()
    assert refused[0].startswith("delete from gold.customer_360: the lake is open to read")
    assert refused[1].startswith("select * from bronze.customers: bronze.customers is not opened")
    assert "ops.quarantine" in cell(told, "tables").outputs[0].data["text/plain"]
    assert all_of(twice.lake) == before
    assert list((tmp_path / "cwd").iterdir()) == []  # no spark-warehouse, no metastore_db


ASK_BRONZE = """
try:
    open_lake(with_bronze=True).sql("select * from bronze.customers")
except UsageError as refused:
    print(refused)
"""


def test_in_a_bucket_with_an_analysts_keys(twice, minio, tmp_path):
    bucket = uploaded(minio, twice.lake)
    lake = f"s3a://{bucket}/atlas"
    keys = minio.keys(json.dumps(policy(load_settings(lake=lake), Role.ANALYST)))
    env = {
        **minio.settings(),
        "ATLAS_LAKE": lake,
        "ATLAS_S3_ACCESS_KEY": keys["aws_access_key_id"],
        "ATLAS_S3_SECRET_KEY": keys["aws_secret_access_key"],
        "ATLAS_S3_TOKEN": keys["aws_session_token"],
    }
    asked = notebook()
    asked.cells.append(new_code_cell(ASK_BRONZE, id="bronze"))
    before = objects(minio, bucket)
    told = executed(asked, tmp_path / "cwd", env)
    assert_shows(told, twice)
    assert_no_clear_text(told, twice)
    tables = cell(told, "tables").outputs[0].data["text/plain"]
    assert "'ops.quality_metrics'" in tables and "quarantine" not in tables
    (line,) = printed(told, "bronze").splitlines()
    assert line.startswith("bronze.customers cannot be read: http://127.0.0.1")
    assert f"refuses the keys for the bucket {bucket} (AccessDenied)" in line
    assert objects(minio, bucket) == before


def uploaded(minio: Minio, lake: Path) -> str:
    """A bucket with the lake below `atlas`; a table's log names its files relative to the table."""
    bucket, client = minio.bucket(), minio.client()
    for folder, _, names in os.walk(lake):
        for name in names:
            path = Path(folder, name)
            client.upload_file(str(path), bucket, f"atlas/{path.relative_to(lake).as_posix()}")
    return bucket


def objects(minio: Minio, bucket: str) -> list[tuple[str, str, str]]:
    pages = minio.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [one for page in pages for one in page["Contents"]]
    return [(one["Key"], one["ETag"], str(one["LastModified"])) for one in found]
