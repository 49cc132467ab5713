"""Which tables the relations of a plan read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conf.settings import Settings
from jobs.runtime.lineage.datasets import table_at

UNKNOWN = "unknown.rows"
"""Table of rows that were made of an RDD: a checkpoint, or `frame.rdd`, which cuts a plan off."""

_RDD = re.compile(r"(\w+RDD)\[")
_MADE_BY_DRIVER = {"MapPartitionsRDD", "PythonRDD", "ParallelCollectionRDD", "EmptyRDD"}


def tables_of(settings: Settings, plan: Any) -> dict[int, str | None]:
    """By the id of its first column the table of each relation, also of those in subqueries; None
    for rows that the driver made, and for what is no table of the lake."""
    plans = [plan, *_all(plan.subqueriesAll())]
    leaves = [leaf for one in plans for leaf in _all(one.collectLeaves())]
    return {
        leaf.output().head().exprId().id(): _table(settings, leaf)
        for leaf in leaves
        if not leaf.output().isEmpty()
    }


def _all(found: Any) -> Iterator[Any]:
    return (found.apply(i) for i in range(found.size()))


def _table(settings: Settings, leaf: Any) -> str | None:
    match _classes(leaf)[0]:
        case "LogicalRDD":
            rdds = set(_RDD.findall(leaf.rdd().toDebugString()))
            return None if rdds <= _MADE_BY_DRIVER else UNKNOWN
        case "LogicalRelation" if "HadoopFsRelation" in _classes(leaf.relation()):
            places = _all(leaf.relation().location().rootPaths())
            tables = (_table_above(settings, str(place.toString())) for place in places)
            return next((table for table in tables if table), None)
    return None


def _table_above(settings: Settings, place: str) -> str | None:
    """The table at a place, or that a single file of it lies in."""
    while place:
        if table := table_at(settings, place):
            return table
        place = place.rpartition("/")[0]
    return None


def _classes(thing: Any) -> list[str]:
    """Its class and those above; Delta's relations are of one without a name."""
    found, one = [], thing.getClass()
    while one is not None:
        found.append(str(one.getSimpleName()))
        one = one.getSuperclass()
    return found
