"""The whole pipeline with its lake and its sources on a real MinIO."""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs.generate_sources import generate_sources
from jobs.runtime.jars import resolved_jars, s3_jars
from tests.lakes import content, run_pipeline, same_key
from tests.leaks import Needles, leaks_in, scan
from tests.minio import Minio, only_in
from tests.submitted import ROOT, Place, submit
from tests.watching import command_lines

pytestmark = pytest.mark.full

TABLES = ("bronze.customers", "bronze.orders", "silver.customers", "silver.orders")
GOLD = ("gold.customer_360", "gold.customer_features")
OPS = ("ops.quarantine", "ops.duplicates")
LAYERS = ("bronze", "silver", "gold", "ops")


@contextmanager
def environment(told: dict[str, str]) -> Iterator[None]:
    """The settings of one lake, and of no other."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        yield


def upload(minio: Minio, folder: Path, bucket: str) -> str:
    """The source files of a folder as objects; where they lie."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        minio.client().upload_file(str(path), bucket, f"in/{path.relative_to(folder).as_posix()}")
    return f"s3a://{bucket}/in"


def test_layers_in_buckets_with_keys_of_their_own_give_what_a_folder_gives(spark, minio, tmp_path):
    sources = tmp_path / "sources"
    generate_sources(sources, 300, 600, seed=5)
    buckets = {layer: minio.bucket() for layer in (*LAYERS, "sources")}
    keys = configparser.ConfigParser(interpolation=None)
    for bucket in buckets.values():
        keys[bucket] = minio.keys(only_in(bucket))
    (tmp_path / "keys").touch(mode=0o600)
    with (tmp_path / "keys").open("w") as file:
        keys.write(file)
    settings = {
        **{n: v for n, v in minio.settings().items() if "_KEY" not in n},
        **{f"ATLAS_{layer.upper()}": f"s3a://{buckets[layer]}" for layer in LAYERS},
        "ATLAS_S3_KEYS_FILE": str(tmp_path / "keys"),
    }
    place = upload(minio, sources, buckets["sources"])
    command = [sys.executable, ROOT / "jobs" / "pipeline.py", place, "--json"]
    with same_key(tmp_path):
        for expected in ({"customers": 300, "orders": 600}, {}):
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, cwd=tmp_path,
                env=os.environ | settings | {"PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-2000:]
            told = json.loads(done.stdout.splitlines()[-1])
            assert {t: c["read"] for t, c in told["tables"].items()} == expected
        run_pipeline(spark, sources, tmp_path / "lake")
        with environment(settings):
            remote = {name: content(Path("lake"), name) for name in (*TABLES, *GOLD, *OPS)}
    for name, frame in remote.items():
        assert len(frame) > 0 and frame.equals(content(tmp_path / "lake", name)), name
    left = minio.client().list_objects_v2(Bucket=buckets["ops"])["Contents"]
    assert [o["Key"] for o in left if o["Key"].startswith(("_staging", "_live"))] == []


def test_keys_show_nowhere(minio, tmp_path):
    place, bucket = Place(tmp_path / "a run"), minio.bucket()
    generate_sources(place.sources, 50, 100, seed=5)
    sources = upload(minio, place.sources, bucket)
    settings = {**minio.settings(), "ATLAS_LAKE": f"s3a://{bucket}/lake"}
    show = ROOT / "tests" / "shown.py"
    with same_key(tmp_path), place.watcher(), command_lines() as commands:
        code = submit(
            place, show, sources, "--log-file", str(place.logs / "atlas.log"),
            conf={
                "spark.driver.extraClassPath": os.pathsep.join(map(str, [*resolved_jars(), *s3_jars()])),
                "spark.ui.enabled": "true", "spark.ui.port": "0",
            },
            env=settings | {"ATLAS_PII_SECRET_FILE": os.environ["ATLAS_PII_SECRET_FILE"],
                            "SHOWN": str(place.logs / "shown")},
        )  # fmt: skip
    assert code == 0, place.text("stderr")[-2000:]
    shown = (place.logs / "shown").read_text()
    assert "fs.s3a.endpoint" in shown and minio.endpoint in shown, "the UI was looked at"
    needles = Needles([("access key", minio.user), ("secret key", minio.password)])
    assert scan(needles, place.kept, place.root) == []
    assert any("SparkSubmit" in line for line in commands)
    (tmp_path / "commands").write_text("\n".join(commands))
    assert list(leaks_in(needles, tmp_path / "commands", "command lines")) == []
    for one in minio.client().list_objects_v2(Bucket=bucket, Prefix="lake/")["Contents"]:
        body = minio.client().get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
        assert needles.kinds_in(body) == set(), one["Key"]
