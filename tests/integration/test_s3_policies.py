"""Least privilege by layer, on a real server: each job works with its own keys, an analyst reads."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from deltalake import DeltaTable, QueryBuilder

from conf.s3_policies import Role, policy
from conf.settings import load_settings
from jobs.generate_sources import generate_sources
from tests.integration.test_on_minio import upload
from tests.minio import REGION, Minio
from tests.submitted import ROOT

pytestmark = pytest.mark.full

NAMES = ("ATLAS_S3_ACCESS_KEY", "ATLAS_S3_SECRET_KEY", "ATLAS_S3_TOKEN")


class Place:
    """A lake below a prefix of one bucket, sources in another, and the keys of each role."""

    def __init__(self, minio: Minio, folder: Path) -> None:
        self.minio, self.bucket = minio, minio.bucket()
        generate_sources(folder / "sources", 60, 120, seed=3)
        self.sources = upload(minio, folder / "sources", minio.bucket())
        self.lake = f"s3a://{self.bucket}/atlas"
        settings = load_settings(lake=self.lake, sources=self.sources)
        self.keys = {r: minio.keys(json.dumps(policy(settings, r))) for r in Role}
        (folder / "key").touch(mode=0o600)
        (folder / "key").write_text("k" * 64)
        self._environment = {
            "PYTHONPATH": str(ROOT),
            "ATLAS_PII_SECRET_FILE": str(folder / "key"),
            "ATLAS_REPORTS": str(folder / "reports"),
        }

    def job(self, name: str, role: Role, *arguments: str) -> tuple[int, str]:
        keys = dict(zip(NAMES, self.keys[role].values(), strict=True))
        done = subprocess.run(
            [sys.executable, ROOT / "jobs" / f"{name}.py", *arguments, "--lake", self.lake, "--json"],
            check=False, capture_output=True, text=True,
            env=os.environ | self.minio.settings() | keys | self._environment,
        )  # fmt: skip
        return done.returncode, done.stderr

    def code(self, role: Role, action: str, key: str, **more: object) -> str:
        """The error code of what a role tries, or nothing."""
        client = self.minio.client(**self.keys[role])
        try:
            getattr(client, action)(
                Bucket=self.bucket, **{key.partition("=")[0]: key.partition("=")[2]}, **more
            )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def count(self, role: Role, table: str) -> int:
        return len(self.rows(role, table))

    def names(self, folder: str) -> list[str]:
        told = self.minio.client().list_objects_v2(Bucket=self.bucket, Prefix=f"atlas/{folder}/")
        return [item["Key"].rpartition("/")[2] for item in told.get("Contents", ())]

    def events_of(self, job: str) -> str:
        """A run's own events once more, as if it had died before they were loaded; the file's name."""
        client = self.minio.client()
        for name in self.names("ops/_lineage/done"):
            key = {"Bucket": self.bucket, "Key": f"atlas/ops/_lineage/done/{name}"}
            content = gzip.decompress(client.get_object(**key)["Body"].read())
            if f'"atlas.{job}.'.encode() in content and ".atlas." in name:
                again = f"{uuid.uuid4()}.atlas.jsonl"
                client.put_object(
                    Bucket=self.bucket, Key=f"atlas/ops/_lineage/pending/{again}", Body=content
                )
                return again
        raise AssertionError(f"no events of {job}")

    def rows(self, role: Role, table: str) -> pa.Table:
        options = {
            "aws_endpoint": self.minio.endpoint, "allow_http": "true", "aws_region": REGION,
            **self.keys[role],
        }  # fmt: skip
        found = DeltaTable(f"{self.lake}/{table}", storage_options=options)
        return pa.table(QueryBuilder().register("t", found).execute("select * from t").read_all())


def test_each_job_works_with_its_own_keys_alone(minio, tmp_path):
    place = Place(minio, tmp_path)
    code, told = place.job("ingest", Role.REFINE, place.sources)
    assert code != 0 and "refuses the keys" in told, told[-500:]
    assert "Traceback" not in told
    left = ""
    for name, role, arguments in (
        ("ingest", Role.INGEST, (place.sources,)),
        ("refine", Role.REFINE, ()),
        ("build_gold", Role.GOLD, ()),
        ("ingest", Role.INGEST, (place.sources, "--redeliver")),
        ("pipeline", Role.PIPELINE, (place.sources,)),  # nothing new
    ):
        code, told = place.job(name, role, *arguments)
        assert code == 0, (name, told[-1500:])
        assert "not told" not in told, (name, told[-1500:])
        if name == "build_gold":
            left = place.events_of("refine")  # which the keys of ingest may not load
        elif role is Role.INGEST and left:
            assert left in place.names("ops/_lineage/pending"), "left to who may"

    assert left not in place.names("ops/_lineage/pending")

    analyst = Role.ANALYST
    assert (
        place.count(analyst, "gold/customer_360") == place.count(analyst, "silver/customers") > 50
    )
    assert place.count(analyst, "ops/quality_metrics") > 10
    assert place.count(analyst, "ops/data_lineage") > 100
    lineage = place.rows(analyst, "ops/data_lineage").group_by(["job", "run_id"]).aggregate([])
    assert Counter(lineage["job"].to_pylist()) >= Counter(
        {"ingest": 2, "refine": 1, "build_gold": 1}
    )
    objects = minio.client().list_objects_v2(Bucket=place.bucket)["Contents"]
    keys = [o["Key"] for o in objects]
    one = {
        name: next(k for k in keys if k.startswith(f"atlas/{name}"))
        for name in (
            "bronze/customers", "silver/customers", "ops/quarantine", "ops/deliveries",
            "ops/_lineage/done",
        )
    }  # fmt: skip
    assert place.code(analyst, "get_object", f"Key={one['silver/customers']}") == ""
    for name in ("bronze/customers", "ops/quarantine", "ops/deliveries", "ops/_lineage/done"):
        assert place.code(analyst, "get_object", f"Key={one[name]}") == "AccessDenied", name
        assert place.code(analyst, "list_objects_v2", f"Prefix=atlas/{name}/") == "AccessDenied", (
            name
        )
    for key in ("atlas/silver/customers/x", "atlas/gold/x", "atlas/ops/quality_metrics/x", "x"):
        assert place.code(analyst, "put_object", f"Key={key}", Body=b"x") == "AccessDenied", key
    assert place.code(analyst, "delete_object", f"Key={one['silver/customers']}") == "AccessDenied"
    assert place.code(Role.GOLD, "get_object", f"Key={one['bronze/customers']}") == "AccessDenied"
    assert place.code(Role.INGEST, "get_object", f"Key={one['silver/customers']}") == "AccessDenied"


def test_policies_are_written_for_who_sets_them(tmp_path):
    job = [sys.executable, ROOT / "jobs" / "verify_infrastructure.py", "--policies", tmp_path / "p"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([*job, "--lake", "s3a://b/lake"], check=False, env=environment)
    assert done.returncode == 0
    assert sorted(p.stem for p in (tmp_path / "p").iterdir()) == sorted(Role)
    told = json.loads((tmp_path / "p" / "analyst.json").read_text())
    places = {r for s in told["Statement"] for r in s["Resource"] if r.endswith("*")}
    assert places == {
        "arn:aws:s3:::b/lake/silver/*",
        "arn:aws:s3:::b/lake/gold/*",
        "arn:aws:s3:::b/lake/ops/quality_metrics/*",
        "arn:aws:s3:::b/lake/ops/pipeline_runs/*",
        "arn:aws:s3:::b/lake/ops/data_lineage/*",
    }
    refused = subprocess.run(job, check=False, env=environment, capture_output=True, text=True)
    assert (refused.returncode, refused.stderr.strip()) == (
        2, "error: policies are for buckets, and this lake lies in folders",
    )  # fmt: skip
