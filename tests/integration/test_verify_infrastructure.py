"""Each part that a run stands on is tried for real, and each red line says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from conf.settings import load_settings
from jobs.runtime.infrastructure import State, infrastructure
from jobs.runtime.jars import resolved_jars
from jobs.runtime.lineage import listener
from tests.minio import Minio
from tests.receivers import receiver
from tests.submitted import ROOT


def told(**settings: str) -> dict[str, tuple[str, str]]:
    checks = infrastructure(load_settings(**settings), with_spark=False)
    return {check.part: (str(check.state), check.found) for check in checks}


def test_a_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "lake").write_text("a file where a folder is wanted")
    found = told(lake=str(tmp_path / "lake"))
    state, text = found["ops: write, read, list, delete"]
    assert state == State.FAILED
    assert text.endswith(
        "cannot be written to (Not a directory): make it, or give this user the right"
    )
    assert found["Java"][0] == State.OK
    assert found["pseudonymization key"][1].startswith("none yet")


def test_a_folder_is_left_as_it_was(tmp_path):
    (tmp_path / "lake").mkdir()
    found = told(lake=str(tmp_path / "lake"))
    assert found["bronze: write, read, list, delete"] == ("ok", f"{tmp_path}/lake/bronze")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_lineage_is_told_of_and_never_a_failure(tmp_path):
    lake = str(tmp_path / "lake")
    found = told(lake=lake)
    assert found["lineage listener"] == ("ok", "io.openlineage:openlineage-spark_2.12:1.53.0")
    assert "lineage server" not in found
    with receiver() as server:
        url = server.url.partition("/hook")[0]
        assert told(lake=lake, lineage_url=url)["lineage server"] == ("ok", f"{url[7:]} listens")
        assert server.bodies == []
    assert told(lake=lake, lineage_url=url)["lineage server"] == (
        "warning",
        f"nobody listens at {url[7:]}: runs go on, events wait in the lake until it is there "
        "(ATLAS_LINEAGE_URL)",
    )


def test_a_missing_listener_is_a_warning(tmp_path, monkeypatch):
    others = [jar for jar in resolved_jars() if "openlineage" not in jar.name]
    monkeypatch.setattr(listener, "resolved_jars", lambda: others)
    state, text = told(lake=str(tmp_path / "lake"))["lineage listener"]
    assert state == State.WARNING
    assert text.startswith("io.openlineage:openlineage-spark_2.12:1.53.0 is not here: runs go on")


def verify(minio: Minio, *arguments: str, **environment: str) -> tuple[int, dict, str]:
    done = subprocess.run(
        [sys.executable, ROOT / "jobs" / "verify_infrastructure.py", *arguments, "--json"],
        check=False, capture_output=True, text=True,
        env=os.environ | minio.settings() | {"PYTHONPATH": str(ROOT)} | environment,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    checks = json.loads(lines[-1])["checks"] if lines else []
    return done.returncode, {c["part"]: (c["state"], c["found"]) for c in checks}, done.stderr


@pytest.mark.full
def test_buckets_are_made_and_every_part_is_tried(minio, tmp_path):
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text("k" * 64)
    lake = ("--lake", "s3a://not-there-yet/lake")
    given = {"ATLAS_PII_SECRET_FILE": str(key)}
    code, checks, _ = verify(minio, *lake, "--no-spark", **given)
    assert code == 1
    assert "there is no bucket not-there-yet" in checks["ops: write, read, list, delete"][1]

    code, checks, error = verify(minio, *lake, "--make-buckets", **given)
    assert (code, error.strip()) == (0, "made the bucket not-there-yet")
    assert checks["ops: conditional PUT"] == ("ok", "If-None-Match and If-Match are kept")
    assert checks["clock"][0] == "ok"
    assert checks["Spark and its Python workers"][1].startswith(
        "Spark 3.5.9 at local[*], Python 3.11"
    )
    assert "Contents" not in minio.client().list_objects_v2(Bucket="not-there-yet")

    code, checks, error = verify(minio, *lake, "--no-spark", **given, ATLAS_S3_SECRET_KEY="wrong")
    assert code == 1
    assert "refuses the keys for the bucket not-there-yet" in checks["bronze: conditional PUT"][1]
    assert minio.user not in json.dumps(checks) + error

    dead = {"ATLAS_S3_ENDPOINT": "http://127.0.0.1:9"}
    code, checks, _ = verify(minio, *lake, "--no-spark", **given, **dead)
    assert (code, checks["clock"]) == (
        1,
        ("failed", "http://127.0.0.1:9 does not answer for the bucket not-there-yet: is it up, and is "
                   "ATLAS_S3_ENDPOINT right?"),
    )  # fmt: skip
