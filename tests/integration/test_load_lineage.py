"""`jobs/load_lineage.py` as people run it: a process, no Spark. And how long 10,000 events take."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conf.settings import load_settings
from jobs.runtime.lake import Lake
from tests.minio import Minio
from tests.unit.runtime.lineage_events import RUN, commit, edges, pend, told, written

ROOT = Path(__file__).parents[2]
TABLES, WRITES, COLUMNS = 10, 500, 20
EDGE = {"city": [("silver.t", "city", "IDENTITY")]}
SHOWN = {"silver.t.city -> gold.x.city DIRECT IDENTITY"}


def load(lake: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "jobs" / "load_lineage.py"), "--lake", lake, *arguments]
    here = os.environ | {"PYTHONPATH": str(ROOT)} | settings
    return subprocess.run(command, cwd=ROOT, env=here, capture_output=True, text=True, check=False)


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(load_settings(lake=str(tmp_path / "lake"), wait_seconds=0.0))


def test_it_tells_how_many_edges_and_how_many_lines_it_refused(lake):
    at = commit(lake, "gold.x")
    failed = written(lake, "gold.x", EDGE, at - 9000, at - 5000)
    pend(lake, *written(lake, "gold.x", EDGE, at - 5, at + 5), *failed, "no event", "{}")
    done = load(lake.settings.lake)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "1 edges of 1 writes from 1 files; left out: uncommitted 1; 2 lines refused (not JSON 1, "
        "not an event 1)\n",
        "",
    )
    assert edges(lake) == SHOWN
    again = load(lake.settings.lake)
    assert again.stdout == "0 edges of 0 writes from 0 files; 0 lines refused\n"


def test_with_json_it_ends_with_one_object(lake):
    at = commit(lake, "gold.x")
    pend(lake, *written(lake, "gold.x", EDGE, at - 5, at + 5), b"\xff\n")
    assert json.loads(load(lake.settings.lake, "--json").stdout) == {
        "files": 1, "waiting": 0, "writes": 1, "edges": 1, "known": 0, "left_out": {},
        "refused": {"not UTF-8": 1},
    }  # fmt: skip


def test_a_lake_without_any_events_is_left_as_it_is(tmp_path):
    done = load(str(tmp_path / "lake"))
    assert (done.returncode, list(tmp_path.iterdir())) == (0, [])


def test_while_another_one_is_at_work_it_says_who(lake):
    at = commit(lake, "gold.x")
    pend(lake, *written(lake, "gold.x", EDGE, at - 5, at + 5))
    with lake.leases.holding("ops.data_lineage"):
        done = load(lake.settings.lake, ATLAS_WAIT_SECONDS="0")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ops.data_lineage is in use by ")


@pytest.mark.full
def test_ten_thousand_events_load_in_less_than_a_minute(lake):
    """Of the size that the listener's have: about 8 KB."""
    lines = []
    for table in (f"gold.t{n}" for n in range(TABLES)):
        first = commit(lake, table)
        fields = {f"c{n}": [(f"silver.s{table[6:]}", f"c{n}", "IDENTITY"),
                            (f"silver.s{table[6:]}", "k", "TRANSFORMATION")]
                  for n in range(COLUMNS)}  # fmt: skip
        for version in range(WRITES):
            at = first + version * 10
            if version:
                _commit_only(lake, table, version, at)
            lines += written(lake, table, fields, at - 1, at + 1)
    assert len(lines) == 10_000
    size = sum(map(len, lines)) / len(lines)
    pend(lake, *lines)
    begun = time.perf_counter()
    done = load(lake.settings.lake, "--json")
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{len(lines)} events of {size:,.0f} bytes in {seconds:.1f} s, peak {peak:.0f} MB")
    found = json.loads(done.stdout)
    assert (found["writes"], found["edges"]) == (5_000, 5_000 * COLUMNS * 2)
    assert (found["left_out"], found["refused"]) == ({}, {})
    assert seconds < 60


def _commit_only(lake: Lake, table: str, version: int, at: int) -> None:
    """A commit without data, as Delta allows: 5,000 with data would take minutes to make."""
    told = {"timestamp": at, "operation": "WRITE", "userMetadata": json.dumps({"run": RUN})}
    log = Path(lake.path(table), "_delta_log", f"{version:020d}.json")
    log.write_text(json.dumps({"commitInfo": told}))


@pytest.mark.full
def test_in_buckets_of_its_own_for_each_layer_it_is_the_same(minio: Minio, monkeypatch):
    places = {f"ATLAS_{layer}": f"s3a://{minio.bucket()}" for layer in ("BRONZE", "GOLD", "OPS")}
    settings = minio.settings() | places
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    lake = Lake(load_settings(lake=f"s3a://{minio.bucket()}/my lake"))
    at = commit(lake, "gold.x")
    content = pend(lake, *written(lake, "gold.x", EDGE, at - 5, at + 5), "no event")
    bronze = commit(lake, "bronze.t")
    source = {"a": [("/in/t.csv", "A", "IDENTITY")]}
    pend(lake, told(lake, "bronze.t", 0, source, bronze), name=f"{RUN}.atlas.jsonl")
    done = load(lake.settings.lake)
    assert done.stdout == ("2 edges of 2 writes from 2 files; 1 lines refused (not JSON 1)\n"), (
        done.stderr
    )
    assert edges(lake) == {*SHOWN, "source.t.A -> bronze.t.a DIRECT IDENTITY"}
    assert lake.files("ops._lineage.pending").names() == []
    packed = lake.files("ops._lineage.done")
    assert packed.names() == [f"{RUN}.atlas.jsonl.gz", f"{RUN}.spark.jsonl.gz"]
    assert gzip.decompress(packed.read(f"{RUN}.spark.jsonl.gz") or b"") == content
    assert load(lake.settings.lake).stdout == "0 edges of 0 writes from 0 files; 0 lines refused\n"
