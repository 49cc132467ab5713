"""What the picture of the lineage is drawn from: plain values that its page gets as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jobs.runtime.lineage.model import DIRECT, ColumnName, Edge, PiiColumn, PiiState
from jobs.runtime.lineage.placing import BETWEEN, GAP, LAYERS, WIDTH, placed

WHOLE = "*"
HEAD, ROW, FOOT = 34, 24, 6
"""Pixels: the heights of a table's head, of a row, and of what is below the last."""
MANY, LARGE, FEW = 200, 12, 8
"""With many columns in all, a large table begins closed and shows a few: those that matter."""
MATTERS = (PiiState.LEAK, PiiState.CLEAR, PiiState.TREATED, PiiState.DERIVED)

STATES: Mapping[str, tuple[str, str]] = {
    PiiState.CLEAR: ("C", "personal data as it came"),
    PiiState.TREATED: ("T", "every way from personal data leads through a treatment"),
    PiiState.DERIVED: ("D", "a flag, count or bucket of personal data, as its contract declares"),
    PiiState.NONE: ("–", "no personal data leads here"),
    PiiState.LEAK: ("!", "personal data leads here without a treatment"),
    "unknown": ("?", "a lineage event names it, and nothing else tells of it"),
}
"""A sign and words for each state: colour is not the only thing that tells them apart."""


def drawing(columns: Sequence[PiiColumn], edges: Sequence[Edge]) -> dict[str, Any]:
    """Tables with their places, columns, edges and lanes; names of columns are told once.

    A table of `ops` is there if an edge leads to it or from it. Rows of the same two columns are
    one edge, with all the ways how (`subtype`, `treatment`, `job`).
    """
    known = {column.name: column for column in columns}
    linked = {end.table for edge in edges for end in (edge.source, edge.target)}
    tables = _tables(known, edges, linked)
    numbers = {
        name: number
        for number, name in enumerate(
            n for table, of in tables.items() for n in (_head(table), *of)
        )
    }
    many = sum(len(_listed(of)) for of in tables.values()) > MANY
    boxes = [_box(table, of, known, numbers, many) for table, of in tables.items()]
    places = placed(
        {box["name"]: _height(box) for box in boxes},
        Counter((edge.source.table, edge.target.table) for edge in edges),
    )
    order = {box["name"]: number for number, box in enumerate(boxes)}
    for box in boxes:
        box |= {"rank": places.ranks[box["name"]], "top": places.tops[box["name"]]}
    return {
        "sizes": {
            "head": HEAD,
            "row": ROW,
            "foot": FOOT,
            "width": WIDTH,
            "gap": GAP,
            "between": BETWEEN,
        },
        "layers": [*LAYERS, "ops"],
        "states": {
            state: {"sign": sign, "words": words} for state, (sign, words) in STATES.items()
        },
        "tables": boxes,
        "columns": [_column(name, known.get(name), order) for name in numbers],
        "edges": _edges(edges, numbers),
        "lanes": [
            {"from": order[lane.source], "to": order[lane.target], "rank": lane.rank}
            | {"top": lane.top, "height": lane.height}
            for lane in places.lanes
        ],
    }


def layer_of(table: str) -> str:
    """source | bronze | silver | gold | ops"""
    return table.partition(".")[0]


def _head(table: str) -> ColumnName:
    return ColumnName(table, WHOLE)


def _tables(
    known: Iterable[ColumnName], edges: Sequence[Edge], linked: set[str]
) -> dict[str, list[ColumnName]]:
    """The columns of each table in the order they are told, those that only edges name last."""
    ends = sorted({end for edge in edges for end in (edge.source, edge.target)})
    names = dict.fromkeys((*known, *ends))
    layers = {layer: number for number, layer in enumerate((*LAYERS, "ops"))}
    tables: dict[str, list[ColumnName]] = {}
    for name in sorted(names, key=lambda n: layers.get(n.layer, len(layers))):
        if name.layer != "ops" or name.table in linked:
            of = tables.setdefault(name.table, [])
            of += [name] if name.column != WHOLE else []
    return tables


def _technical(name: ColumnName) -> bool:
    return name.column.startswith("_")


def _listed(names: Iterable[ColumnName]) -> list[ColumnName]:
    """Without the technical columns, which are hidden at first."""
    return [name for name in names if not _technical(name)]


def _box(
    table: str,
    names: Sequence[ColumnName],
    known: Mapping[ColumnName, PiiColumn],
    numbers: Mapping[ColumnName, int],
    many: bool,
) -> dict[str, Any]:
    listed = _listed(names)
    rank = {state: number for number, state in enumerate(MATTERS)}
    personal = [n for n in listed if n in known and known[n].state in rank]
    main = set(sorted(personal, key=lambda n: rank[known[n].state])[:FEW])
    folds = len(listed) > LARGE > len(main)
    return {
        "name": table,
        "head": numbers[_head(table)],
        "columns": [numbers[name] for name in names],
        "listed": len(listed),
        "main": [numbers[name] for name in listed if name in main],
        "folds": folds,
        "open": not (folds and many),
    }


def _height(box: Mapping[str, Any]) -> float:
    """As high as the page draws it at first; what is closed has a last row that tells of the others."""
    rows = box["listed"] if box["open"] else len(box["main"]) + 1
    return HEAD + ROW * rows + FOOT


def _column(name: ColumnName, column: PiiColumn | None, order: Mapping[str, int]) -> dict[str, Any]:
    told: dict[str, Any] = {"key": str(name), "table": order[name.table], "name": name.column}
    if name.column == WHOLE:
        return told
    if _technical(name):
        told["technical"] = True
    if column is None:
        return told | {"state": "unknown"}
    origins = [
        {"from": str(o.source), "class": o.classification, "treatments": list(o.treatments)}
        for o in column.origins
    ]
    return told | {
        "state": column.state,
        "hint": hint(column),
        "derived": column.derived,
        "description": column.description,
        "retention": column.retention,
        "origins": origins,
    }


def hint(column: PiiColumn) -> str:
    """The one word beside a column's name: what it is, or what made it safe."""
    if column.state is PiiState.TREATED:
        return ", ".join(dict.fromkeys(o.treatments[-1] for o in column.origins if o.treatments))
    if column.state is PiiState.DERIVED:
        return column.derived
    if column.state is PiiState.CLEAR:
        return ", ".join(dict.fromkeys(o.classification for o in column.origins))
    return column.state.value if column.state is PiiState.LEAK else ""


def _edges(edges: Sequence[Edge], numbers: Mapping[ColumnName, int]) -> list[dict[str, Any]]:
    found: dict[tuple[int, int, bool], list[dict[str, str]]] = {}
    for edge in sorted(set(edges)):
        ends = numbers[edge.source], numbers[edge.target], edge.type == DIRECT
        how = {"subtype": edge.subtype, "treatment": edge.treatment, "job": edge.job}
        found.setdefault(ends, []).append(how)
    return [
        {"from": source, "to": target, "direct": direct, "how": how}
        for (source, target, direct), how in found.items()
    ]
