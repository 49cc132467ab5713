"""Where the tables of the picture stand: layers from left to right, the rest is graphlay's work."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

import graphlay

LAYERS = ("source", "bronze", "silver", "gold")
"""From left to right; a table of `ops` stands right of what it is made of."""
WIDTH, GAP, BETWEEN = 252.0, 104.0, 30.0
"""Pixels: a table's width, from rank to rank, and from table to table below."""
LANE, WIDEST_LANE = 3.0, 18.0
"""Pixels that an edge takes beside the tables that it passes, and all those of two tables."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Lane:
    """Where what leads from one table to another passes between the tables of a rank."""

    source: str
    target: str
    rank: int
    top: float
    height: float


@dataclass(frozen=True)
class Placed:
    """The rank of each table, its upper edge in pixels, and the lanes."""

    ranks: Mapping[str, int]
    tops: Mapping[str, float]
    lanes: Sequence[Lane]


def placed(heights: Mapping[str, float], edges: Mapping[Pair, int]) -> Placed:
    """Place tables of these heights; `edges` tells how many lead from one table to another."""
    rank_of = ranks(list(heights), (pair for pair in edges if pair[0] != pair[1]))
    between = {pair: count for pair, count in edges.items() if rank_of[pair[0]] != rank_of[pair[1]]}
    graph = graphlay.Graph()
    for table, height in heights.items():
        graph.node(table, width=WIDTH, height=height, rank={"fixed": rank_of[table]})
    for (source, target), count in between.items():
        graph.edge(source, target, thickness=_lane(count), weight=float(min(count, 8)))
    spacing = {"layer_gap": GAP, "node_gap": BETWEEN, "dummy_gap": BETWEEN / 2 + WIDEST_LANE / 2}
    layout = graphlay.layout(graph, options={"direction": "leftright", "spacing": spacing})
    middles = layout.positions()
    tops = {table: middles[table][1] - height / 2 for table, height in heights.items()}
    middle_of = {rank_of[table]: x for table, (x, _) in middles.items()}
    lanes = [
        Lane(
            *pair,
            rank,
            _height_at(edge["points"], middle_of[rank]) - _lane(count) / 2,
            _lane(count),
        )
        for (pair, count), edge in zip(between.items(), layout.edges, strict=True)
        for rank in _passed(rank_of, pair)
    ]
    return Placed(rank_of, tops, lanes)


def ranks(tables: Sequence[str], pairs: Iterable[Pair]) -> dict[str, int]:
    """How far right each table stands: right of what it is made of, and of the layers before.

    Where tables are made of each other, one of the ways that close the circle does not count.
    """
    after: dict[Hashable, list[Hashable]] = {table: [] for table in tables}
    for source, target in pairs:
        after[target].append(source)
    for layer, before in zip(LAYERS, (None, *LAYERS), strict=False):
        of_layer = [table for table in tables if table.partition(".")[0] == layer]
        start = [("end of", before)] if before else []
        after["end of", layer] = [*start, *of_layer]
        for table in of_layer:
            after[table] += start
    level: dict[Hashable, int] = {}
    for one in _ordered(after):
        level[one] = max((level[b] + isinstance(b, str) for b in after[one]), default=0)
    return {table: level[table] for table in tables}


def _ordered(after: dict[Hashable, list[Hashable]]) -> list[Hashable]:
    """Everything after what it comes after; from a circle, one step between tables is taken out."""
    while True:
        try:
            return list(TopologicalSorter(after).static_order())
        except CycleError as error:
            steps = pairwise(error.args[1])
            first, then = next(s for s in steps if all(isinstance(end, str) for end in s))
            after[then].remove(first)


def _passed(rank_of: Mapping[str, int], pair: Pair) -> range:
    """The ranks between two tables."""
    low, high = sorted(rank_of[table] for table in pair)
    return range(low + 1, high)


def _lane(count: int) -> float:
    return min(count * LANE, WIDEST_LANE)


def _height_at(points: Sequence[Mapping[str, Any]], x: float) -> float:
    """Where a line of points is at `x`; beyond its ends, where they are."""
    for one, other in pairwise(points):
        left, right = sorted((one, other), key=lambda point: float(point["x"]))
        if left["x"] <= x <= right["x"] and left["x"] < right["x"]:
            share = (x - left["x"]) / (right["x"] - left["x"])
            return float(left["y"] + share * (right["y"] - left["y"]))
    return float(min(points, key=lambda point: abs(point["x"] - x))["y"])
