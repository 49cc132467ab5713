"""Faults of a server that pass: the run goes on by itself, or the next one does."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import pytest

from conf.settings import load_settings
from jobs.generate_sources import generate_sources
from jobs.runtime.bucket_lease import BucketLease
from jobs.runtime.processes import this_process
from jobs.runtime.small_files import BucketFiles
from tests.driver import Driver
from tests.faulty_proxy import KINDS, LOST, faulty_proxy
from tests.integration.test_drivers import assert_equal_to_a_folder, log_of
from tests.integration.test_on_minio import environment
from tests.lakes import rows, same_key
from tests.minio import Minio
from tests.unit.contract_texts import column, key, table, write

pytestmark = pytest.mark.full

SEED = 20261126
RUNS = int(os.environ.get("FAULT_RUNS", "10"))  # 100 by hand; half of them have a fault
AWAY = 20  # seconds


def settings_of(minio: Minio, folder: Path) -> dict[str, str]:
    return {
        **minio.settings(),
        "ATLAS_LAKE": f"s3a://{minio.bucket()}/lake",
        "ATLAS_PII_SECRET_FILE": os.environ["ATLAS_PII_SECRET_FILE"],
        "ATLAS_REPORTS": str(folder / "reports"),
    }


def test_a_fault_in_every_second_run_fails_none(minio, tmp_path):
    rng = random.Random(SEED)
    print(f"seed {SEED}, {RUNS} runs")
    (tmp_path / "contracts").mkdir()
    price = column("price", "number", {"treatment": "keep"}, classification="internal")
    write(tmp_path / "contracts", table("parts", [key("part_id"), price]), file="parts")
    ends = []
    with same_key(tmp_path), faulty_proxy(minio.port) as proxy:
        settings = settings_of(minio, tmp_path) | {"ATLAS_S3_ENDPOINT": proxy.endpoint}
        with Driver(tmp_path / "driver", settings) as driver:
            for number in range(RUNS):
                place = tmp_path / str(number)
                place.mkdir()
                (place / "parts.csv").write_text(f"part_id,price\n{number},{number}\n")
                if number % 2:
                    proxy.fail(rng.choice(KINDS), after=rng.randrange(60), times=rng.choice((1, 3)))
                before = proxy.failed
                told = driver.ask("pipeline", place, contracts=str(tmp_path / "contracts"))
                ends.append((number % 2, proxy.failed - before, told["exit"], told["message"]))
        failed = [end for end in ends if end[2]]
        hit = [end for end in ends if end[1]]
        print(f"{len(hit)} runs were hit by {proxy.failed} faults, {len(failed)} failed: {failed}")
        assert len(hit) >= RUNS * 0.4
        assert len(failed) <= RUNS // 100
        with environment(dict(minio.settings())):
            silver = rows(settings["ATLAS_LAKE"], "silver.parts")
    expected = {number for number, end in enumerate(ends) if not end[2]}
    assert expected <= {int(row["part_id"]) for row in silver}


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("kind", [*KINDS, LOST])
def test_what_a_client_does_not_repeat_is_repeated(minio, kind, times):
    """Conditional PUTs and deletions: also when they were carried out and the answer was lost."""
    with faulty_proxy(minio.port) as proxy:
        told = dict(minio.settings()) | {"ATLAS_S3_ENDPOINT": proxy.endpoint}
        with environment(told):
            place = f"s3a://{minio.bucket()}/files"
            files = BucketFiles(place, load_settings(lake=place).s3)
        lease, another = (BucketLease(files, "t", 60) for _ in range(2))

        def faulty(work, *args, **options):
            before = proxy.failed
            proxy.fail(kind, after=0, times=times)
            result = work(*args, **options)
            assert proxy.failed - before == times
            return result

        assert faulty(lease.take, this_process())
        assert not another.take(this_process())
        faulty(lease.renew, this_process())
        assert lease.is_held
        assert lease.owner()["python"]["pid"] == os.getpid()
        faulty(lease.release)
        assert another.take(this_process())
        for name in ("a", "b", "c"):
            faulty(files.write, name, name.encode())
        faulty(files.remove, "a")
        assert list(files.names()) == ["b", "c", "t"]
        faulty(files.remove_all)
        assert list(files.names()) == []


def test_a_server_that_is_killed_and_comes_back_ends_no_run(spark, tmp_path):
    sources = tmp_path / "sources"
    generate_sources(sources, 60, 120, seed=9)
    server = Minio(tmp_path / "minio").start()
    try:
        with same_key(tmp_path):
            settings = settings_of(server, tmp_path)
            with Driver(tmp_path / "driver", settings) as driver:
                driver.send("pipeline", sources)
                _wait_for(server, settings, "silver.customers")
                server.kill()
                threading.Timer(AWAY, server.start).start()
                told = driver.answer()
                print(f"exit {told['exit']}: {told['message']}")
                if told["exit"]:  # then it says so in our words, and a rerun is right
                    assert "unexpected" not in told["message"], told["message"]
                    told = driver.ask("pipeline", sources)
                assert told["exit"] == 0, told["message"]
            assert_equal_to_a_folder(settings, spark, [sources], tmp_path)
    finally:
        server.stop()


def _wait_for(server: Minio, settings: dict[str, str], name: str) -> None:
    """Until a table has something."""
    bucket, deadline = settings["ATLAS_LAKE"].split("/")[2], time.monotonic() + 180
    listed = server.client().list_objects_v2
    while not listed(Bucket=bucket, Prefix=log_of(settings, name)).get("KeyCount"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
