"""Append-only logs of records."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from jobs.runtime.records import RecordLog, latest

SCHEMA = pa.schema(
    {"id": pa.int64(), "status": pa.string(), "recorded_at": pa.timestamp("us", tz="UTC")}
)


def event(number: int, status: str, second: int) -> dict[str, object]:
    return {
        "id": number,
        "status": status,
        "recorded_at": datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC),
    }


@pytest.fixture
def log(tmp_path):
    return RecordLog(str(tmp_path / "log"), SCHEMA)


def test_reading_before_anything_was_written_gives_nothing(log):
    assert log.read() == []


def test_records_come_back_oldest_first_and_filtered(log):
    log.append([event(2, "registered", 1)])
    log.append([event(1, "registered", 2), event(2, "received", 3)])
    assert [(r["id"], r["status"]) for r in log.read()] == [
        (2, "registered"),
        (1, "registered"),
        (2, "received"),
    ]
    assert [r["status"] for r in log.read("id = 2")] == ["registered", "received"]


def test_a_field_the_table_does_not_have_is_refused(log):
    with pytest.raises(KeyError, match="emial"):
        log.append([{"emial": "x"}])


def test_an_empty_append_makes_no_commit(log):
    log.append([])
    assert log.read() == []


def test_the_last_event_of_a_key_counts():
    events = [event(1, "registered", 1), event(2, "registered", 1), event(1, "received", 2)]
    assert {k: e["status"] for k, e in latest(events, "id").items()} == {
        (1,): "received",
        (2,): "registered",
    }
