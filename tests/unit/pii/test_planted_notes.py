"""The sample's notes, whose truth is known to the letter: what is planted is found."""

from __future__ import annotations

import pytest

from jobs.evaluate_pii import measured, read_texts
from jobs.generate_sources import generate_sources
from udfs.pii.detector import detector


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    generate_sources(folder, 2000, 1)
    rows = read_texts(folder / "_truth" / "spans.jsonl")
    assert len(rows) > 500
    return measured(rows, detector().detect([row["text"] for row in rows]))


@pytest.mark.parametrize("entity", ["DK_CPR", "EMAIL_ADDRESS", "PHONE_NUMBER"])
def test_every_planted_number_and_address_is_found_as_what_it_is(report, entity):
    scores = report.entities[entity]
    assert scores.n > 100
    assert (scores.recall, scores.recall_typed, scores.precision) == (1.0, 1.0, 1.0)


def test_planted_names_are_found(report):
    assert report.entities["PERSON"].recall >= 0.99
    assert report.overall.f2 >= 0.99
    assert report.leaked <= 0.001
