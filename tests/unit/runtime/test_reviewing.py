"""What waits for a person, what was said, and the precision that makes."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from conf.contract import Contracts, Form, Treatment
from conf.errors import UsageError
from conf.settings import load_settings
from jobs.review_pii import review
from jobs.runtime.lake import Lake
from jobs.runtime.records import BATCHES, PII_REVIEW, PII_VERDICTS
from jobs.runtime.reviewing import (
    VERDICTS,
    Measured,
    Reviewer,
    Shown,
    counted,
    measured,
    precision,
    verdicts_of,
    waiting,
)
from tests.standard import KEY, column, contract, keys_in
from transformations.names import DELIVERY, ROW
from udfs.pii.verdicts import NO_VERDICTS, Verdict, fingerprint

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOTES = {2: "  We met Josephine\n yesterday", 3: "Jose\u0301 and Josephine", 4: None, 5: "short"}
TOLD = contract(
    [
        column("note", treatment=Treatment.DETECT),
        column("phone", treatment=Treatment.DETECT, form=Form.PHONE),
        column("city"),
    ]
)


def span(row: int, start: int, end: int, **more) -> dict:
    return {
        "table": "t",
        "batch": 1,
        DELIVERY: 1,
        ROW: row,
        "column": "note",
        "start": start,
        "end": end,
        "entity": "PERSON",
        "score": 0.57,
        "found": True,
    } | more


@pytest.fixture
def lake(tmp_path):
    """Batch 1 is published, 2 abandoned."""
    lake = Lake(load_settings(lake=str(tmp_path / "lake")))
    lake.create_layers()
    bronze = pa.table(
        {
            DELIVERY: pa.array([1] * len(NOTES), pa.int64()),
            ROW: pa.array(list(NOTES), pa.int64()),
            "note": pa.array(list(NOTES.values()), pa.string()),
            "phone": pa.array(["20 12 34 56"] * len(NOTES), pa.string()),
        }
    )
    write_deltalake(lake.path("bronze.t"), bronze)
    batches = [
        {"table": "t", "batch": n, "status": s, "recorded_at": NOW}
        for n, s in ((1, "published"), (2, "abandoned"))
    ]
    lake.log("ops.batches", BATCHES).append(batches)
    return lake


def kept(lake, *spans: dict) -> None:
    lake.log("ops.pii_review", PII_REVIEW).append([s | {"recorded_at": NOW} for s in spans])


@pytest.fixture
def keys(tmp_path):
    return keys_in(tmp_path)


@pytest.fixture
def reviewer(lake, keys):
    return Reviewer(lake, Contracts({"t": TOLD}), keys, "ann")


def answers(*given: str):
    """An `ask` that gives these answers and remembers what it was shown."""
    left = list(given)

    def ask(span: dict, shown: Shown, count: int) -> str:
        ask.seen.append((shown.span, count))
        return left.pop(0)

    ask.seen = []
    return ask


def test_nothing_waits_in_a_new_lake(tmp_path):
    lake = Lake(load_settings(lake=str(tmp_path)))
    assert (waiting(lake), precision(lake)) == ([], [])
    assert list(tmp_path.iterdir()) == []


def test_spans_of_published_batches_wait_in_their_order(lake):
    first, other = span(2, 7, 16), span(3, 9, 18, entity="SSN")
    kept(lake, other, first, span(3, 9, 18, batch=2))
    assert [(s[ROW], s["start"]) for s in waiting(lake)] == [(2, 7), (3, 9)]
    assert waiting(lake, ["other"]) == []
    assert counted(waiting(lake)) == [
        {"table": "t", "column": "note", "entity": "PERSON", "spans": 1},
        {"table": "t", "column": "note", "entity": "SSN", "spans": 1},
    ]


def test_a_span_is_shown_in_the_text_as_the_pipeline_standardized_it(reviewer):
    shown = reviewer.look(span(2, 7, 16))
    assert (shown.span, shown.text) == ("Josephine", "We met Josephine\n yesterday")
    assert shown.parts() == ("We met ", "Josephine", "  yesterday")
    assert reviewer.look(span(3, 0, 4)).span == "Jos\u00e9"
    assert reviewer.look(span(2, 0, 11, column="phone")).span == "+4520123456"


@pytest.mark.parametrize(
    "lost",
    [
        span(5, 7, 16),  # another text
        span(4, 0, 1),  # none
        span(9, 0, 1),  # no such row
        span(2, 7, 7),
        span(2, 7, 16, column="gone"),
        span(2, 7, 16, column="city"),  # nothing is searched there
        span(2, 7, 16, table="gone"),
    ],
)
def test_what_does_not_fit_its_text_is_not_shown(reviewer, lost):
    assert reviewer.look(lost) is None
    assert review(reviewer, [lost], answers()) == {"lost": 1}


def test_a_text_cannot_steer_the_terminal_and_is_in_no_repr():
    shown = Shown("a\x1b[2Jb Josephine\u202ex", 7, 16)
    assert shown.parts() == ("a\N{MIDDLE DOT}[2Jb ", "Josephine", "\N{MIDDLE DOT}x")
    assert "Josephine" not in repr(shown)


def test_verdicts_are_kept_without_the_text(lake, reviewer, keys):
    kept(lake, span(2, 7, 16), span(3, 0, 4))
    ask = answers("n", "y")
    assert review(reviewer, waiting(lake), ask) == {"not_personal": 1, "personal": 1}
    assert ask.seen == [("Josephine", 2), ("José", 1)]
    first, second = lake.log(VERDICTS, PII_VERDICTS).read()
    del first["recorded_at"]
    assert first == span(2, 7, 16) | {
        "verdict": "not_personal",
        "fingerprint": fingerprint(KEY, "Josephine"),
        "is_repeat": False,
        "reviewer": "ann",
    }
    assert second["verdict"] == "personal"
    assert waiting(lake) == []
    told = verdicts_of(lake, keys)
    assert (told.of("josephine"), told.of("José")) == (Verdict.NOT_PERSONAL, Verdict.PERSONAL)


def test_a_text_is_asked_about_once(lake, reviewer):
    kept(lake, span(2, 7, 16), span(3, 9, 18))
    ask = answers("n")
    assert review(reviewer, waiting(lake), ask) == {"not_personal": 2}
    assert [v["is_repeat"] for v in lake.log(VERDICTS, PII_VERDICTS).read()] == [False, True]


def test_skipping_and_leaving_say_nothing(lake, reviewer, keys):
    kept(lake, span(2, 7, 16), span(3, 9, 18), span(3, 0, 4))
    assert review(reviewer, waiting(lake), answers("s", "q")) == {"skipped": 1}
    assert len(waiting(lake)) == 3
    assert verdicts_of(lake, keys) is NO_VERDICTS


def test_one_may_change_ones_mind(lake, reviewer, keys):
    kept(lake, span(2, 7, 16))
    review(reviewer, waiting(lake), answers("n"))
    review(reviewer, waiting(lake, again=True), answers("y"), again=True)
    assert verdicts_of(lake, keys).of("Josephine") is Verdict.PERSONAL
    assert precision(lake) == [Measured("PERSON", reviewed=1, confirmed=1)]


def test_without_rights_on_bronze_nobody_reviews(lake, keys, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(UsageError, match="right to read Bronze"):
        Reviewer(lake, Contracts({}), keys, "ann")


def test_precision_counts_findings_and_what_was_missed_apart():
    def said(row: int, verdict: str, **more) -> dict:
        return span(row, 0, 4, **more) | {"verdict": verdict}

    told = measured(
        [
            said(1, "personal"),
            said(2, "personal"),
            said(3, "not_personal"),
            said(4, "personal", found=False),
            said(5, "not_personal", found=False),
            said(6, "not_personal", found=False),
            said(7, "not_personal", entity="SSN", found=False),
            said(3, "personal"),  # what was said last counts
            said(2, "not_personal"),
        ]
    )
    assert told == [
        Measured("PERSON", reviewed=3, confirmed=2, nearly_found=3, missed=1),
        Measured("SSN", nearly_found=1),
    ]
    assert [m.precision for m in told] == [pytest.approx(2 / 3), None]
    assert told[1].as_dict()["precision"] is None
