"""Scores by numbers computed by hand."""

from __future__ import annotations

import pytest

from udfs.pii.findings import Finding
from udfs.pii.scoring import Report, Scores, Span, scored


def s(start: int, end: int, entity: str) -> Span:
    return Span(start, end, entity)


def f(start: int, end: int, entity: str) -> Finding:
    return Finding(start, end, entity, 0.9)


def one(truth: list[Span], found: list[Finding]) -> Report:
    return scored([(truth, found)])


def counts(scores: Scores) -> tuple[int, int, int, int, int]:
    return scores.n, scores.covered, scores.covered_by_type, scores.found, scores.right


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], (1, 0, 0, 0, 0)),
        ([f(0, 10, "A")], (1, 1, 1, 1, 1)),
        ([f(0, 12, "A")], (1, 1, 1, 1, 1)),  # wider is covered, too
        ([f(0, 4, "A"), f(4, 10, "A")], (1, 1, 1, 2, 2)),  # two side by side cover one
        ([f(0, 4, "A"), f(4, 10, "B")], (1, 1, 0, 2, 2)),  # but not by its own type
        ([f(0, 4, "A"), f(5, 10, "A")], (1, 0, 0, 2, 2)),  # one character is out
        ([f(0, 10, "B")], (1, 1, 0, 1, 1)),  # right, under whatever name
        ([f(10, 12, "A")], (1, 0, 0, 1, 0)),  # beside it is not in it
    ],
)
def test_one_true_span(found, expected):
    assert counts(one([s(0, 10, "A")], found).overall) == expected


def test_of_an_entity_only_its_own_spans_are_right():
    report = one([s(0, 10, "A")], [f(0, 10, "B")])
    assert counts(report.entities["A"]) == (1, 1, 0, 0, 0)
    assert counts(report.entities["B"]) == (0, 0, 0, 1, 0)


def test_synonyms_are_one_type():
    truth = [s(0, 1, "GPE"), s(1, 2, "EMAIL"), s(2, 3, "US_SSN")]
    found = [f(0, 1, "LOCATION"), f(1, 2, "EMAIL_ADDRESS"), f(2, 3, "SSN")]
    assert counts(one(truth, found).overall) == (3, 3, 3, 3, 3)


@pytest.mark.parametrize("entity", ["ORGANIZATION", "TITLE", "AGE", "NRP", "MISC"])
def test_what_tells_no_person_apart_is_not_missed_and_not_wrong(entity):
    report = one([s(0, 5, entity)], [f(0, 5, "A")])
    assert counts(report.overall) == (0, 0, 0, 1, 1)
    assert (report.characters, report.clean) == (0, 0)


def test_leaked_characters():
    report = one([s(0, 10, "A"), s(20, 25, "B")], [f(0, 4, "A"), f(6, 10, "B"), f(30, 40, "B")])
    assert (report.characters, report.leaked_characters) == (15, 7)
    assert report.leaked == pytest.approx(7 / 15)


def test_clean_texts_that_are_flagged():
    report = scored([([], []), ([], [f(0, 1, "A"), f(2, 3, "A")]), ([s(0, 1, "A")], []), ([], [])])
    assert (report.clean, report.clean_flagged) == (3, 1)
    assert report.as_dict()["overall"]["clean_flagged"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("n", "covered", "found", "right", "f2"),
    [
        (4, 2, 4, 4, 5 / 9),  # p 1, r 1/2: 2.5 / 4.5
        (4, 4, 8, 4, 5 / 6),  # p 1/2, r 1: 2.5 / 3
        (10, 8, 10, 6, 12 / 16),  # p 0.6, r 0.8: 2.4 / 3.2
        (3, 3, 3, 3, 1.0),
        (3, 0, 0, 0, 0.0),
        (0, 0, 0, 0, 0.0),
    ],
)
def test_f2_weighs_recall_four_times(n, covered, found, right, f2):
    assert Scores(n, covered, 0, found, right).f2 == pytest.approx(f2)


def test_the_report_as_json():
    report = scored([([s(0, 2, "B"), s(3, 5, "A")], [f(0, 2, "B"), f(6, 7, "A")])])
    assert report.as_dict() == {
        "overall": {
            "recall": 0.5,
            "recall_typed": 0.5,
            "precision": 0.5,
            "f2": 0.5,
            "leaked": 0.5,
            "clean_flagged": 0.0,
        },
        "entities": {
            "A": {"n": 1, "recall": 0.0, "recall_typed": 0.0, "precision": 0.0},
            "B": {"n": 1, "recall": 1.0, "recall_typed": 1.0, "precision": 1.0},
        },
    }


def test_nothing_at_all_is_all_zero():
    assert set(scored([]).as_dict()["overall"].values()) == {0.0}
