"""The pipeline on a real Spark cluster, with the lake on a real MinIO: what is shipped is enough."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.generate_sources import generate_sources
from jobs.runtime.jars import resolved_jars, s3_jars
from tests.cluster import Cluster
from tests.integration.test_on_minio import GOLD, LAYERS, OPS, TABLES, environment, upload
from tests.lakes import content, run_pipeline, same_key
from tests.leaks import Needles, planted_values, scan
from tests.submitted import ROOT, SUBMIT
from udfs.pii.config import pii_config

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def package() -> Path:
    subprocess.run(["bash", ROOT / "scripts" / "package.sh"], check=True, capture_output=True)
    return ROOT / "dist" / "atlas.zip"


@pytest.fixture
def cluster(tmp_path):
    running = Cluster(tmp_path / "cluster").start()
    yield running
    running.stop()


def submit(
    cluster: Cluster, package: Path, folder: Path, *arguments: str, **settings: str
) -> tuple[int, str, str]:
    """spark-submit as docs/CLUSTER.md has it; the secrets in files."""
    jars = os.pathsep.join(map(str, [*resolved_jars(), *s3_jars()]))
    told = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.jars.packages": "",  # resolved before: a cluster's image has them
        "spark.driver.extraClassPath": jars,
        "spark.executor.extraClassPath": jars,
        "spark.executor.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": (folder / "events").as_uri(),
    }
    if model := pii_config().models["da"].installed():  # a relative path is nobody else's
        settings["ATLAS_PII_MODEL_DA"] = str(Path(model).resolve()) if "/" in model else model
        told["spark.executorEnv.ATLAS_PII_MODEL_DA"] = settings["ATLAS_PII_MODEL_DA"]
    (folder / "events").mkdir(exist_ok=True)
    properties = cluster.properties((ROOT / "spark-defaults.conf").read_text())
    done = subprocess.run(
        [
            str(SUBMIT), "--master", cluster.url, "--properties-file", str(properties),
            "--py-files", str(package), *(a for n, v in told.items() for a in ("--conf", f"{n}={v}")),
            str(ROOT / "jobs" / "pipeline.py"), *arguments, "--json",
        ],
        check=False, capture_output=True, text=True, cwd=folder, timeout=900,
        env=os.environ | settings | {
            "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1",
        },
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


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
            code, out, err = submit(cluster, package, tmp_path, place, **settings)
            assert code == 0, (out + err)[-4000:]
            told = json.loads(out.splitlines()[-1])
            assert {t: c["read"] for t, c in told["tables"].items()} == expected
        run_pipeline(spark, sources, tmp_path / "lake")
        with environment(settings):
            remote = {name: content(Path("lake"), name) for name in (*TABLES, *GOLD, *OPS)}
    for name, frame in remote.items():
        assert len(frame) > 0 and frame.equals(content(tmp_path / "lake", name)), name
    keys = [("access key", minio.user), ("secret key", minio.password), ("secret", cluster.secret)]
    needles = Needles([*keys, *planted_values(sources)])
    for folder in ("cluster/work0", "cluster/work1", "events", "reports"):
        assert scan(needles, tmp_path / folder) == [], folder
    ran = [p for p in (tmp_path / "cluster").glob("work*/app-*/*/stderr") if p.stat().st_size]
    assert len({p.parents[2] for p in ran}) == 2, "both workers worked"
