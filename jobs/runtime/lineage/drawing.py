"""What the picture of the lineage is drawn from: plain values that its page gets as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from jobs.runtime.corrections import BRONZE_CORRECTIONS
from jobs.runtime.lineage.model import DIRECT, EVERY, ColumnName, Edge, PiiColumn, PiiState
from jobs.runtime.lineage.placing import BETWEEN, GAP, LAYERS, WIDTH, Lane, placed

HEAD, ROW, FOOT = 34, 24, 6
"""Pixels: the heights of a table's head, of a row, and of what is below the last."""
MANY, LARGE, FEW = 200, 12, 8
"""With many columns in all, a large table begins closed and shows a few: those that matter."""
MATTERS = (PiiState.LEAK, PiiState.CLEAR, PiiState.KEPT, PiiState.TREATED, PiiState.DERIVED)

SIZES = {"head": HEAD, "row": ROW, "foot": FOOT, "width": WIDTH, "gap": GAP, "between": BETWEEN}

UNKNOWN = "unknown"
RECORD = "A record of Atlas: references, counts and words, no values."
STATES: Mapping[str, Mapping[str, str]] = {
    PiiState.CLEAR: {"sign": "C", "words": "personal data as it came"},
    PiiState.TREATED: {
        "sign": "T",
        "words": "every way from personal data leads through a treatment",
    },
    PiiState.DERIVED: {
        "sign": "D",
        "words": "a flag, count or bucket of personal data, as its contract declares",
    },
    PiiState.KEPT: {
        "sign": "K",
        "words": "pii-indirect that its contract keeps: there is no treatment on the way",
    },
    PiiState.NONE: {"sign": "–", "words": "no personal data leads here"},
    PiiState.LEAK: {"sign": "!", "words": "personal data leads here without a treatment"},
    UNKNOWN: {"sign": "?", "words": "neither contracts nor lineage tell what it holds"},
}
"""A sign and words for each state: colour is not the only thing that tells them apart."""


def drawing(
    columns: Sequence[PiiColumn], edges: Sequence[Edge], unknown: Collection[ColumnName] = ()
) -> dict[str, Any]:
    """Tables with their places, columns, edges and lanes; all but tables are told by numbers.

    `unknown`: columns, or whole tables (`*`), of which no lineage is recorded that would tell.
    What Atlas records (`ops`, corrections) is there if an edge leads to it or from it. Edges between
    the same two columns are one, with all the ways how (`subtype`, `treatment`, `job`).
    """
    known = {column.name: column for column in columns}
    tables = _tables(known, edges)
    names = [name for table, of in tables.items() for name in (_head(table), *of)]
    numbers = {name: number for number, name in enumerate(names)}
    many = sum(len(_listed(of)) for of in tables.values()) > MANY
    boxes = [_box(table, of, known, numbers, many) for table, of in tables.items()]
    places = placed(
        {box["name"]: _height(box) for box in boxes},
        Counter((edge.source.table, edge.target.table) for edge in edges),
    )
    for box in boxes:
        box |= {"rank": places.ranks[box["name"]], "top": places.tops[box["name"]]}
    order = {table: number for number, table in enumerate(tables)}
    lost = {name for name in names if name in unknown or _head(name.table) in unknown}
    return {
        "sizes": SIZES,
        "layers": [*LAYERS, "ops"],
        "states": STATES,
        "tables": boxes,
        "columns": [
            {"table": order[name.table]} | _column(name, known.get(name), name in lost)
            for name in names
        ],
        "edges": _edges(edges, numbers),
        "lanes": [_lane(lane, order) for lane in places.lanes],
    }


def _head(table: str) -> ColumnName:
    return ColumnName(table, EVERY)


def _tables(known: Iterable[ColumnName], edges: Sequence[Edge]) -> dict[str, list[ColumnName]]:
    """The columns of each table in the order they are told, those that only edges name last."""
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    linked = {end.table for end in ends}
    names = dict.fromkeys((*known, *sorted(ends)))
    layers = {layer: number for number, layer in enumerate((*LAYERS, "ops"))}
    tables: dict[str, list[ColumnName]] = {}
    for name in sorted(names, key=lambda n: layers.get(n.layer, len(layers))):
        is_record = name.layer == "ops" or name.table == BRONZE_CORRECTIONS
        if name.table in linked or not is_record:
            of = tables.setdefault(name.table, [])
            of += [name] if name.column != EVERY else []
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


def _column(name: ColumnName, column: PiiColumn | None, is_lost: bool) -> dict[str, Any]:
    """What the panel tells of a column; a table's head has a key and a name alone."""
    told: dict[str, Any] = {"key": str(name), "name": name.column}
    if name.column == EVERY:
        return told
    if _technical(name):
        told["technical"] = True
    if column is None:
        return told | {"state": UNKNOWN} | ({"description": RECORD} if name.layer == "ops" else {})
    return told | {
        "state": UNKNOWN if is_lost and column.state is PiiState.NONE else column.state,
        "hint": hint(column),
        "derived": column.derived,
        "description": column.description,
        "retention": column.retention,
        "origins": [
            {"from": str(o.source), "class": o.classification, "treatments": o.treatments}
            for o in column.origins
        ],
    }


def _lane(lane: Lane, order: Mapping[str, int]) -> dict[str, Any]:
    ends = {"from": order[lane.source], "to": order[lane.target]}
    return ends | {"rank": lane.rank, "top": lane.top, "height": lane.height}


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
        for (source, target, direct), how in sorted(found.items(), key=lambda item: item[0])
    ]
