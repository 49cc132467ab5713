"""The lineage of the sample's tables equals a list written by hand, edge for edge."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.real_lineage import edges_of, made_lake, told

pytestmark = pytest.mark.full

GOLDEN = Path(__file__).parents[1] / "golden" / "lineage.txt"
_LINE = re.compile(r"(\S+) -> (\S+) +(\S+) (\S+) +(\S.*?) +(\S+)")


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Path:
    return made_lake(tmp_path_factory.mktemp("real"))


def golden() -> list[tuple[str, ...]]:
    lines = GOLDEN.read_text().splitlines()
    found = [_LINE.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert all(found)
    return [one.groups() for one in found if one]


def test_the_list_names_each_edge_once():
    assert [edge for edge, n in Counter(golden()).items() if n > 1] == []


def test_what_is_captured_is_the_golden_list_edge_for_edge(lake):
    found, wanted = told(edges_of(lake)), set(golden())
    assert (sorted(found - wanted), sorted(wanted - found)) == ([], [])
    assert len(found) == 206
