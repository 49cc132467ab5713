"""The command line of reviewing: what it tells without a terminal, and what it asks at one."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from conf.settings import load_settings
from jobs import review_pii
from jobs.runtime.lake import Lake
from jobs.runtime.records import BATCHES, PII_REVIEW, PII_VERDICTS
from jobs.runtime.reviewing import Shown

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = {
    "table": "notes",
    "batch": 1,
    "_bronze_delivery": 1,
    "_bronze_row": 2,
    "column": "note",
    "start": 7,
    "end": 16,
    "entity": "PERSON",
    "score": 0.57,
    "found": True,
}


@pytest.fixture
def folder(tmp_path) -> str:
    lake = Lake(load_settings(lake=str(tmp_path)))
    spans = [SPAN, SPAN | {"_bronze_row": 3}]
    published = {"table": "notes", "batch": 1, "status": "published", "recorded_at": NOW}
    lake.log("ops.batches", BATCHES).append([published])
    lake.log("ops.pii_review", PII_REVIEW).append([s | {"recorded_at": NOW} for s in spans])
    said = SPAN | {"verdict": "personal", "fingerprint": "f", "recorded_at": NOW}
    lake.log("ops.pii_verdicts", PII_VERDICTS).append([said])
    return str(tmp_path)


def told(capsys, **options) -> dict:
    review_pii.main(as_json=True, **options)
    return json.loads(capsys.readouterr().out)


def test_what_waits_is_counted_without_key_bronze_or_terminal(folder, capsys):
    waiting = {"table": "notes", "column": "note", "entity": "PERSON", "spans": 1}
    assert told(capsys, is_list=True, lake=folder) == {"waiting": [waiting]}
    assert told(capsys, is_list=True, lake=folder, tables=["orders"]) == {"waiting": []}
    review_pii.main(is_list=True, lake=folder)
    assert "PERSON" in capsys.readouterr().out


def test_the_precision_is_told_by_entity(folder, capsys):
    counts = {"reviewed": 1, "confirmed": 1, "nearly_found": 0, "missed": 0}
    person = {"entity": "PERSON", **counts, "precision": 1.0}
    assert told(capsys, is_precision=True, lake=folder) == {"entities": [person]}
    review_pii.main(is_precision=True, lake=folder)
    assert "1.000" in capsys.readouterr().out


def test_personal_data_is_shown_at_a_terminal_alone(folder, capsys):
    with pytest.raises(SystemExit) as ended:
        review_pii.main(lake=folder)
    assert ended.value.code == 2
    assert "needs a terminal" in capsys.readouterr().err


def test_a_table_without_a_contract_is_named(folder, capsys):
    with pytest.raises(SystemExit) as ended:
        review_pii.main(is_list=True, lake=folder, tables=["costumers"])
    assert ended.value.code == 2
    assert "no contract for table costumers; there are customers" in capsys.readouterr().err


def test_where_nothing_waits_nothing_is_asked(tmp_path, capsys):
    assert told(capsys, lake=str(tmp_path)) == {"waiting": [], "reviewed": {}}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("typed", "answer"), [("y\n", "y"), ("what\nn\n", "n"), ("", "q")])
def test_the_question(monkeypatch, typed, answer):
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    screen = io.StringIO()
    ask = review_pii._asking(Console(file=screen))
    assert ask(SPAN, Shown("We met Josephine [bold]today[/bold]", 7, 16), 3) == answer
    shown = screen.getvalue()
    assert "3 left. notes.note: PERSON, 0.57, found" in shown
    assert "We met Josephine [bold]today[/bold]" in shown
