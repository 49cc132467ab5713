"""What a bucket refuses is told in one clear line, and nothing half-written is left to see."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from conf.settings import load_settings
from jobs.generate_sources import generate_sources
from jobs.runtime.accounting import verify_table
from jobs.runtime.lake import Lake
from tests.conftest import unavailable
from tests.integration.test_drivers import assert_equal_to_a_folder
from tests.integration.test_on_minio import GOLD, TABLES, environment
from tests.lakes import rows, same_key
from tests.minio import Minio, free_port
from tests.submitted import ROOT

pytestmark = pytest.mark.full


def pipeline(
    place: Path, settings: Mapping[str, str], *before: str, sources: str = "sources"
) -> tuple[int, str]:
    """The job, and the last line of what it says."""
    done = subprocess.run(
        [*before, sys.executable, ROOT / "jobs" / "pipeline.py", str(place / sources)],
        check=False, capture_output=True, text=True, cwd=place, timeout=600,
        env=os.environ | dict(settings) | {
            "PYTHONPATH": str(ROOT), "ATLAS_REPORTS": str(place), "ATLAS_LOG_FILE": str(place / "log"),
        },
    )  # fmt: skip
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def place(tmp_path) -> Iterator[Path]:
    generate_sources(tmp_path / "sources", 20, 40, seed=4)
    with same_key(tmp_path):
        yield tmp_path


def test_wrong_keys(minio, place):
    settings = {**minio.settings(), "ATLAS_LAKE": f"s3a://{minio.bucket()}"}
    code, told = pipeline(place, {**settings, "ATLAS_S3_SECRET_KEY": "another"})
    assert code == 2 and "refuses the keys for the bucket" in told, told
    assert "check ATLAS_S3_ACCESS_KEY and ATLAS_S3_SECRET_KEY" in told


def test_no_bucket(minio, place):
    code, told = pipeline(place, {**minio.settings(), "ATLAS_LAKE": "s3a://nobodys"})
    assert code == 2 and "there is no bucket nobodys at" in told, told
    assert "jobs/verify_infrastructure.py --make-buckets" in told


def test_nobody_at_the_endpoint(minio, place):
    settings = {**minio.settings(), "ATLAS_S3_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    code, told = pipeline(place, {**settings, "ATLAS_LAKE": "s3a://lake"})
    assert code == 1 and "does not answer for the bucket lake: is it up" in told, told


def test_a_clock_that_is_wrong(minio, place):
    faketime = shutil.which("faketime")
    if faketime is None:
        unavailable("there is no faketime (Debian's package) to set a clock wrong with")
    settings = {**minio.settings(), "ATLAS_LAKE": f"s3a://{minio.bucket()}"}
    code, told = pipeline(place, settings, str(faketime), "-f", "-20m")
    assert code == 2 and "the clock of this machine differs by more than 15 minutes" in told, told
    assert "correct it (NTP)" in told


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of its own, of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a file system can only be mounted by root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk(spark, small_disk, place):
    server = Minio(small_disk).start()
    try:
        settings = {**server.settings(), "ATLAS_LAKE": f"s3a://{server.bucket()}/lake"}
        filler = small_disk / "filler"
        generate_sources(place / "first", 20, 40, seed=5)
        assert pipeline(place, settings, sources="first")[0] == 0
        free = shutil.disk_usage(small_disk).free
        filler.write_bytes(b"0" * max(0, free - 200_000))
        code, told = pipeline(place, settings)
        assert code == 1 and "is full" in told and "make room and run again" in told, told[-1500:]
        with environment(settings):
            lake = Lake(load_settings())
            for name in (*TABLES, *GOLD):
                assert len(rows(settings["ATLAS_LAKE"], name)) > 0, f"{name} can be read"
            filler.unlink()
            assert pipeline(place, settings)[0] == 0
            for table in ("customers", "orders"):
                verify_table(lake, table, "test")
        assert_equal_to_a_folder(settings, spark, [place / "first", place / "sources"], place)
    finally:
        server.stop()
