"""Where tables stand: right of what they are made of, never on each other, the same each time."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from jobs.runtime.lineage.placing import Pair, Placed, placed, ranks

SAMPLE = [
    "source.customers", "source.orders", "bronze.customers", "bronze.orders",
    "silver.customers", "silver.orders", "gold.customer_360", "gold.customer_features",
]  # fmt: skip
MADE = [
    ("source.customers", "bronze.customers"), ("source.orders", "bronze.orders"),
    ("bronze.customers", "silver.customers"), ("bronze.orders", "silver.orders"),
    ("silver.customers", "gold.customer_360"), ("silver.orders", "gold.customer_360"),
    ("gold.customer_360", "gold.customer_features"), ("silver.orders", "gold.customer_features"),
]  # fmt: skip


def test_layers_go_from_left_to_right():
    assert list(ranks(SAMPLE, MADE).values()) == [0, 0, 1, 1, 2, 2, 3, 4]


def test_a_table_that_nothing_leads_to_stands_in_its_layer():
    made = [pair for pair in MADE if "silver.orders" not in pair]
    found = ranks([*SAMPLE, "gold.calendar"], made)
    assert found["silver.orders"] == 2 and found["gold.calendar"] == 3


def test_a_layer_begins_right_of_the_one_before_even_where_that_has_steps():
    made = [*MADE, ("silver.customers", "silver.orders")]
    found = ranks(SAMPLE, made)
    assert [found[t] for t in SAMPLE[4:]] == [2, 3, 4, 5]


def test_a_table_of_ops_stands_right_of_what_it_is_made_of_and_moves_no_layer():
    tables = [*SAMPLE, "ops.quarantine"]
    found = ranks(tables, [*MADE, ("bronze.orders", "ops.quarantine")])
    assert found["ops.quarantine"] == 2
    assert list(found.values())[:-1] == list(ranks(SAMPLE, MADE).values())


@pytest.mark.parametrize(
    "circle",
    [
        [("silver.orders", "silver.customers"), ("silver.customers", "silver.orders")],
        [("gold.customer_360", "silver.orders")],
        [("gold.customer_features", "bronze.orders"), ("silver.customers", "source.orders")],
    ],
)
def test_tables_that_are_made_of_each_other_are_placed_all_the_same(circle):
    found = ranks(SAMPLE, [*MADE, *circle])
    assert set(found) == set(SAMPLE)
    for layer, before in (("bronze", "source"), ("silver", "bronze"), ("gold", "silver")):
        least = min(rank for table, rank in found.items() if table.startswith(layer))
        assert least > max(rank for table, rank in found.items() if table.startswith(before))


def overlaps(heights: Mapping[str, float], places: Placed) -> list[tuple[object, object]]:
    """Tables, and middles of lanes, that stand on a table of their rank by more than a pixel.

    What is nearer to each other than it should be, the page moves apart: a browser tests that.
    """
    things = [(places.ranks[t], places.tops[t], height, t) for t, height in heights.items()]
    things += [(lane.rank, lane.top + lane.height / 2, 0.0, str(lane)) for lane in places.lanes]
    return [
        (one, other)
        for one, other in pairwise(sorted(things))
        if one[0] == other[0] and one[1] + one[2] > other[1] + 1
    ]


def test_an_edge_past_a_table_gets_a_lane_beside_it():
    heights = dict.fromkeys(SAMPLE, 300.0)
    places = placed(heights, dict.fromkeys(MADE, 4))
    (lane,) = places.lanes
    assert (lane.source, lane.target, lane.rank) == ("silver.orders", "gold.customer_features", 3)
    assert lane.height == 12
    assert overlaps(heights, places) == []


@pytest.mark.parametrize("seed", range(6))
def test_nothing_stands_on_anything(seed):
    print(f"seed {seed}")
    chance = random.Random(seed)
    tables = [
        f"{layer}.t{n}" for layer in ("source", "bronze", "silver", "gold", "ops") for n in range(8)
    ]
    heights = {table: chance.uniform(60, 700) for table in tables}
    edges: dict[Pair, int] = {}
    for _ in range(70):
        source, target = chance.sample(tables, 2)
        edges[source, target] = chance.randint(1, 40)
    places = placed(heights, edges)
    assert overlaps(heights, places) == []
    rank = places.ranks
    assert {lane.rank for lane in places.lanes} <= set(rank.values())
    for source, target in edges:
        between = sorted(
            lane.rank for lane in places.lanes if (lane.source, lane.target) == (source, target)
        )
        low, high = sorted((rank[source], rank[target]))
        assert between == list(range(low + 1, high))


def test_a_table_that_leads_to_itself_needs_no_lane():
    places = placed({"silver.orders": 100.0}, {("silver.orders", "silver.orders"): 3})
    assert places.lanes == [] and places.ranks == {"silver.orders": 0}


def test_without_tables_there_is_nothing():
    assert placed({}, {}) == Placed({}, {}, [])


def test_the_same_lineage_gives_the_same_page():
    code = (
        "import hashlib\n"
        "from jobs.runtime.lineage.picture import lineage_page\n"
        "from tests.lineage_sample import large\n"
        "print(hashlib.sha256(lineage_page(*large(24, 14)).encode()).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            cwd=Path(__file__).parents[4], env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(told) == 1 and len(told.pop()) == 65
