"""Several drivers on one lake in a bucket: no commit is lost, and one that is lost is mended."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from jobs.generate_sources import generate_sources
from tests.driver import Driver
from tests.integration.test_on_minio import GOLD, OPS, TABLES, environment
from tests.lakes import content, rows, run_pipeline, same_key
from tests.unit.contract_texts import column, key, table, write

pytestmark = pytest.mark.full

DELIVERIES = 20


@pytest.fixture
def settings(minio, tmp_path):
    """The environment of every driver of one lake."""
    with same_key(tmp_path):
        yield {
            **minio.settings(),
            "ATLAS_LAKE": f"s3a://{minio.bucket()}/lake",
            "ATLAS_PII_SECRET_FILE": os.environ["ATLAS_PII_SECRET_FILE"],
            "ATLAS_REPORTS": str(tmp_path / "reports"),
            "ATLAS_LEASE_SECONDS": "3",
            "ATLAS_WAIT_SECONDS": "120",
        }


def log_of(settings: dict[str, str], name: str) -> str:
    prefix = settings["ATLAS_LAKE"].split("/", 3)[3]
    return f"{prefix}/{name.replace('.', '/')}/_delta_log/"


def versions(minio, settings: dict[str, str], name: str) -> list[int]:
    """The versions in a table's log."""
    bucket = settings["ATLAS_LAKE"].split("/")[2]
    told = minio.client().list_objects_v2(Bucket=bucket, Prefix=log_of(settings, name))
    found = [Path(one["Key"]).name for one in told["Contents"]]
    return sorted(int(n[:-5]) for n in found if n.endswith(".json") and n[:-5].isdigit())


def test_two_drivers_append_at_once_and_every_row_is_there(minio, settings, tmp_path):
    (tmp_path / "contracts").mkdir()
    price = column("price", "number", {"treatment": "keep"}, classification="internal")
    write(tmp_path / "contracts", table("parts", [key("part_id"), price]), file="parts")

    def append(name: str, told: list[dict]) -> None:
        with Driver(tmp_path / name, settings) as driver:
            for number in range(DELIVERIES):
                place = tmp_path / name / str(number)
                place.mkdir()
                lines = [f"{name}{number}.{row},{row}" for row in range(3)]
                (place / f"parts_{name}{number}.csv").write_text(
                    "\n".join(["part_id,price", *lines, ""])
                )
                told.append(driver.ask("ingest", place, contracts=str(tmp_path / "contracts")))

    told: dict[str, list[dict]] = {"a": [], "b": []}
    threads = [threading.Thread(target=append, args=one) for one in told.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = [one for both in told.values() for one in both]
    assert [one["message"] for one in ends if one["exit"]] == []
    assert len(ends) == 2 * DELIVERIES
    assert versions(minio, settings, "bronze.parts") == list(range(2 * DELIVERIES))
    with environment(settings):
        bronze = rows(
            settings["ATLAS_LAKE"], "bronze.parts", "select part_id, _bronze_delivery from t"
        )
        received = rows(
            settings["ATLAS_LAKE"],
            "ops.deliveries",
            "select delivery from t where status = 'received'",
        )
    expected = {f"{d}{n}.{row}" for d in "ab" for n in range(DELIVERIES) for row in range(3)}
    assert sorted(row["part_id"] for row in bronze) == sorted(expected)
    assert sorted(d["delivery"] for d in received) == list(range(1, 2 * DELIVERIES + 1))


def test_a_driver_that_stood_still_past_its_lease_does_no_harm(minio, settings, spark, tmp_path):
    sources = tmp_path / "sources"
    generate_sources(sources, 40, 80, seed=7)
    bucket = settings["ATLAS_LAKE"].split("/")[2]
    with Driver(tmp_path / "a", settings) as a, Driver(tmp_path / "b", settings) as b:
        a.send("pipeline", sources)
        deadline = time.monotonic() + 120
        while (
            not minio.client()
            .list_objects_v2(Bucket=bucket, Prefix="lake/bronze/customers/_delta_log/")
            .get("KeyCount")
        ):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        a.signal(signal.SIGSTOP)
        ended = b.ask("pipeline", sources)
        assert (ended["exit"], ended["message"]) == (0, "")
        a.signal(signal.SIGCONT)
        late = a.answer()
        assert late["exit"] == 1 and "ran out, since this process stood still" in late["message"]
        assert {t: c["read"] for t, c in b.ask("pipeline", sources)["tables"].items()} == {}
    assert_equal_to_a_folder(settings, spark, [sources], tmp_path)


def assert_equal_to_a_folder(settings, spark, sources: list[Path], tmp_path: Path) -> None:
    for one in sources:
        run_pipeline(spark, one, tmp_path / "lake")
    with environment(settings):
        remote = {name: content(settings["ATLAS_LAKE"], name) for name in (*TABLES, *GOLD, *OPS)}
    for name, frame in remote.items():
        assert frame.equals(content(tmp_path / "lake", name)), name
    assert sum(map(len, remote.values())) > 0


def overwrite(minio, settings: dict[str, str], name: str, version: int) -> None:
    """What a second driver's commit does that was begun before this one's and ended after it."""
    bucket = settings["ATLAS_LAKE"].split("/")[2]
    place = f"{log_of(settings, name)}{version:020d}.json"
    before = minio.client().get_object(Bucket=bucket, Key=place)["Body"].read().splitlines()
    kept = [line for line in before if b'"add"' not in line and b'"remove"' not in line]
    foreign = [json.loads(line) for line in kept]
    for action in foreign:
        action.get("commitInfo", {}).pop("userMetadata", None)
    body = "\n".join(json.dumps(a) for a in foreign if "txn" not in a).encode()
    minio.client().put_object(Bucket=bucket, Key=place, Body=body)


def test_a_commit_that_was_overwritten_is_found_and_mended(minio, settings, spark, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    generate_sources(first, 40, 80, seed=7)
    generate_sources(second, 40, 120, seed=7)
    changed = (first / "customers.csv").read_text().replace(",true,bronze,", ",false,bronze,")
    (second / "customers.csv").write_text(changed)  # rows that are updated, and others as they were
    lost = {
        "bronze.customers": 0,
        "bronze.orders": 1,
        "silver.customers": 1,
        "silver.orders": 0,
        "ops.quarantine": 1,
        "ops.duplicates": 0,
        "gold.customer_360": 1,
        "gold.customer_features": 0,
    }
    with Driver(tmp_path / "a", settings) as driver:
        for sources in (first, second):
            assert driver.ask("pipeline", sources)["exit"] == 0
        for name, version in lost.items():
            overwrite(minio, settings, name, version)
        told = driver.ask("pipeline", second)
        assert (told["exit"], told["message"]) == (0, "")
        found = [note for note in told["notes"] if "another writer has overwritten" in note]
        assert {note.split()[1].rstrip(":") for note in found} == set(lost)
        again = driver.ask("pipeline", second)
        assert (again["exit"], again["tables"], again["notes"]) == (0, {}, again["notes"])
        assert not [n for n in again["notes"] if "overwritten" in n]
    assert_equal_to_a_folder(settings, spark, [first, second], tmp_path)
