"""The pipeline on a real Spark cluster, with the lake on a real MinIO: what is shipped is enough."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from deltalake import QueryBuilder

from conf.settings import load_settings
from jobs.generate_sources import generate_sources
from jobs.runtime.lake import Lake
from tests.cluster import Cluster, packaged_code, submit
from tests.integration.test_on_minio import GOLD, LAYERS, OPS, TABLES, environment, upload
from tests.lakes import content, run_pipeline, same_key
from tests.leaks import Needles, planted_values, scan

pytestmark = pytest.mark.full


def read_everything_without_spark() -> None:
    """Every table of the lake, by delta-rs and by DuckDB."""
    lake, seen = Lake(load_settings(lake="lake")), []
    for layer in LAYERS:
        for name in lake.tables(layer):
            batches = QueryBuilder().register("t", lake.rust_table(name)).execute("select * from t")
            reader = pa.RecordBatchReader.from_stream(batches)
            ((by_duckdb,),) = duckdb.from_arrow(reader).aggregate("count(*)").fetchall()
            assert by_duckdb == lake.query(name, "select count(*) as n from t")[0]["n"] > 0, name
            seen.append(name)
    assert {*TABLES, *GOLD, *OPS, "ops.pipeline_runs", "ops.data_lineage"} <= set(seen)


@pytest.fixture(scope="module")
def package() -> Path:
    return packaged_code()


@pytest.fixture
def cluster(tmp_path):
    running = Cluster(tmp_path / "cluster").start()
    yield running
    running.stop()


def test_the_pipeline_on_two_workers_gives_what_a_folder_gives(
    spark, minio, cluster, package, tmp_path
):
    sources, bucket = tmp_path / "sources", minio.bucket()
    generate_sources(sources, 100, 200, seed=5)
    place = upload(minio, sources, minio.bucket())
    with same_key(tmp_path):
        settings = {
            **minio.settings(),
            **{f"ATLAS_{layer.upper()}": f"s3a://{bucket}/lake/{layer}" for layer in LAYERS},
            "ATLAS_PII_SECRET_FILE": os.environ["ATLAS_PII_SECRET_FILE"],
            "ATLAS_REPORTS": str(tmp_path / "reports"),
        }
        for expected in ({"customers": 100, "orders": 200}, {}):
            code, out, err = submit(cluster, tmp_path, place, py_files=package, **settings)
            assert code == 0, (out + err)[-4000:]
            told = json.loads(out.splitlines()[-1])
            assert {t: c["read"] for t, c in told["tables"].items()} == expected
        run_pipeline(spark, sources, tmp_path / "lake")
        with environment(settings):
            read_everything_without_spark()
            remote = {name: content(Path("lake"), name) for name in (*TABLES, *GOLD, *OPS)}
    for name, frame in remote.items():
        assert len(frame) > 0 and frame.equals(content(tmp_path / "lake", name)), name
    keys = [("access key", minio.user), ("secret key", minio.password), ("secret", cluster.secret)]
    needles = Needles([*keys, *planted_values(sources)])
    for folder in ("cluster/work0", "cluster/work1", "events", "reports"):
        assert scan(needles, tmp_path / folder) == [], folder
    ran = [p for p in (tmp_path / "cluster").glob("work*/app-*/*/stderr") if p.stat().st_size]
    assert len({p.parents[2] for p in ran}) == 2, "both workers worked"


def test_executors_without_the_code_are_told_of_before_anything_is_done(cluster, tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "customers.csv").write_text("customer_id\nC1\n")
    settings = {"ATLAS_LAKE": str(tmp_path / "lake")}
    code, out, err = submit(cluster, tmp_path, str(tmp_path / "sources"), py_files=None, **settings)
    assert code == 2, (out + err)[-3000:]
    assert "the executors cannot load Atlas: send the code with --py-files" in out + err, out + err
    assert not (tmp_path / "lake" / "bronze" / "customers").exists()
