"""Spans that overlap become one; the tests of the order in which entities win."""

from __future__ import annotations

import itertools

import pytest

from udfs.pii.findings import Finding
from udfs.pii.resolving import joined, resolved


def f(start: int, end: int, entity: str, score: float = 0.5) -> Finding:
    return Finding(start, end, entity, score)


@pytest.mark.parametrize(
    ("order", "winner"),
    [(("A", "B"), "A"), (("B", "A"), "B"), (("B",), "B"), ((), "A"), (("C",), "A")],
)
def test_of_equal_scores_the_entity_listed_first_wins(order, winner):
    assert resolved([f(0, 4, "A"), f(0, 4, "B")], order) == [f(0, 4, winner)]


def test_the_order_goes_before_length_and_the_score_before_the_order():
    assert resolved([f(0, 9, "A"), f(2, 4, "B")], ("B", "A")) == [f(0, 9, "B")]
    assert resolved([f(0, 9, "A", 0.6), f(2, 4, "B")], ("B", "A")) == [f(0, 9, "A", 0.6)]


def test_it_does_not_matter_in_which_order_findings_come():
    findings = [f(0, 4, "A"), f(2, 8, "B", 0.9), f(8, 9, "C"), f(20, 30, "A"), f(21, 22, "C", 0.7)]
    expected = [f(0, 8, "B", 0.9), f(8, 9, "C"), f(20, 30, "C", 0.7)]
    assert all(resolved(p) == expected for p in itertools.permutations(findings))


def test_nothing_that_was_found_is_lost():
    chain = [f(n, n + 2, "AB"[n % 2], 0.4 + n / 100) for n in range(10)]
    assert resolved(chain) == [f(0, 11, "B", 0.49)]


@pytest.mark.parametrize(
    ("text", "findings", "expected"),
    [
        ("Bo Hansen", [f(0, 2, "A", 0.5), f(3, 9, "A", 0.8)], [f(0, 9, "A", 0.8)]),
        ("Bo, Hansen", [f(0, 2, "A"), f(4, 10, "A")], [f(0, 2, "A"), f(4, 10, "A")]),
        ("Bo\nHansen", [f(0, 2, "A"), f(3, 9, "A")], [f(0, 2, "A"), f(3, 9, "A")]),
        ("Bo Hansen", [f(0, 2, "A"), f(3, 9, "B")], [f(0, 2, "A"), f(3, 9, "B")]),
        ("BoHansen", [f(0, 2, "A"), f(2, 8, "A")], [f(0, 8, "A")]),
        ("", [], []),
    ],
)
def test_parts_with_blanks_between_are_one(text, findings, expected):
    assert joined(text, findings) == expected
