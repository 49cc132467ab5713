"""A run's numbers as Prometheus' own parser reads them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobs.runtime.anonymity import anonymity_log
from jobs.runtime.metrics import Metrics
from jobs.runtime.records import DELIVERIES
from tests.run_records import Records


@pytest.fixture
def records(tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_METRICS_FILE", str(tmp_path / "metrics" / "atlas.prom"))
    return Records(tmp_path)


def record_of(records: Records, **changes):
    told = {"read": 70, "inserted": 60, "quarantined": 10, "quality": {"overall": 0.97}}
    record = records.run("r", 0, 40, seconds={"merge orders": 1.5})
    return {**record, "tables": json.dumps({"orders": told}), "pii": '{"PERSON": 7}', **changes}


def values(path) -> dict[tuple[str, ...], float]:
    told = {}
    for family in text_string_to_metric_families(path.read_text()):
        for sample in family.samples:
            labels = sample.labels
            assert (labels.pop("namespace"), labels.pop("job")) == ("default", "pipeline")
            told[sample.name, *(labels[n] for n in sorted(labels, reverse=True))] = sample.value
    return told


def test_rows_quality_seconds_and_personal_data(records, tmp_path):
    newest = datetime.now(UTC) - timedelta(hours=2)
    records.lake.log("ops.deliveries", DELIVERIES).append(
        [{"table": "orders", "delivery": 1, "status": "received", "modified_at": newest}]
    )
    notes: list[str] = []
    Metrics(records.lake.settings, records.lake, notes.append).on_record(record_of(records))
    told = values(tmp_path / "metrics" / "atlas.prom")
    assert 7200 <= told.pop(("atlas_lag_seconds", "orders")) < 7300
    ended = told.pop(("atlas_run_ended_timestamp_seconds",))
    assert ended == record_of(records)["ended_at"].timestamp()
    assert told == {
        ("atlas_run_status", "succeeded"): 1.0,
        **{("atlas_run_status", s): 0.0 for s in ("failed", "stopped", "killed", "cancelled")},
        ("atlas_run_seconds",): 40.0,
        ("atlas_stage_seconds", "merge orders"): 1.5,
        ("atlas_pii_found", "PERSON"): 7.0,
        ("atlas_quality_score", "orders", "overall"): 0.97,
        ("atlas_rows", "orders", "read"): 70.0,
        ("atlas_rows", "orders", "inserted"): 60.0,
        ("atlas_rows", "orders", "quarantined"): 10.0,
    }
    assert notes == []


def test_of_who_can_be_singled_out_the_last_measurement_counts(records, tmp_path):
    log, now = anonymity_log(records.lake), datetime.now(UTC)
    for ago, below in ((2, 50), (1, 20)):
        counted = {"left_out": None, "rows_below_k": below}
        figures = [counted, {"left_out": "city", "rows_below_k": 1}]
        told = {"table": "gold.people", "rows": 80, "measured_at": now - timedelta(days=ago)}
        log.append([told | one for one in figures])
    Metrics(records.lake.settings, records.lake, pytest.fail).on_record(record_of(records))
    told = values(tmp_path / "metrics" / "atlas.prom")
    assert {k: v for k, v in told.items() if k[0] == "atlas_below_k_share"} == {
        ("atlas_below_k_share", "gold.people"): 0.25
    }


def test_jobs_of_a_pipeline_are_part_of_it_and_no_setting_is_no_file(records, tmp_path):
    made = Metrics(records.lake.settings, records.lake, pytest.fail)
    made.on_record(record_of(records, parent_run_id="p"))
    without = records.lake.settings.model_copy(update={"metrics_file": None})
    Metrics(without, records.lake, pytest.fail).on_record(record_of(records))
    assert not (tmp_path / "metrics").exists()


def test_a_file_that_cannot_be_written_is_noted(records, tmp_path):
    (tmp_path / "metrics").write_text("a file where the folder should be")
    notes: list[str] = []
    Metrics(records.lake.settings, records.lake, notes.append).on_record(record_of(records))
    (note,) = notes
    assert note.startswith("no metrics could be written to ") and "FileExistsError" in note
