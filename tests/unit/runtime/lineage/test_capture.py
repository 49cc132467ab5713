"""What a run tells Spark's listener, and that a machine that takes no events stops no run."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.contract import Contracts
from conf.settings import load_settings
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.capture import Capture
from jobs.runtime.lineage.listener import STATIC

RUN = "11111111-1111-4111-8111-111111111111"


def capture_of(state: Path, monkeypatch: pytest.MonkeyPatch) -> Capture:
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    return Capture(Lake(load_settings(lake="s3a://b/lake")), Contracts({}), RUN, "ingest")


def test_the_listener_is_told_where_who_and_for_which_run(tmp_path, monkeypatch):
    told = capture_of(tmp_path, monkeypatch).spark_settings()
    (place,) = (tmp_path / "atlas" / "lineage").iterdir()
    assert place.stat().st_mode & 0o777 == 0o700
    own = {n.removeprefix("spark.openlineage."): v for n, v in told.items() if n not in STATIC}
    assert own == {
        "transport.type": "file",
        "transport.location": f"{place}/{RUN}.spark.jsonl",
        "transport.transports.atlas.type": "file",
        "transport.transports.atlas.location": f"{place}/{RUN}.spark.jsonl",
        "namespace": "s3://b/lake#default",
        "appName": "atlas.ingest",
        "parentRunId": RUN,
        "parentJobName": "atlas.ingest",
        "parentJobNamespace": "s3://b/lake#default",
        "run.tags": f"atlas_run:{RUN}",
    }


def test_where_nothing_can_be_written_the_listener_is_off_and_the_run_goes_on(
    tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    capture = capture_of(tmp_path / "file" / "state", monkeypatch)
    told = capture.spark_settings()
    assert told == {"spark.openlineage.disabled": "true"}
    capture.begun()
