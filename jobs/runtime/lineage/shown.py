"""Edges for people and programs: as a tree, as JSON, as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.text import Text
from rich.tree import Tree

from jobs.runtime.lineage.graph import concerns
from jobs.runtime.lineage.model import DIRECT, ColumnName, Edge

_PLAIN = frozenset(" ._-()/")


def as_dict(column: ColumnName, edges: Iterable[Edge]) -> dict[str, Any]:
    """For JSON: names as LAYER.TABLE.COLUMN."""
    told = [
        {
            "from": str(edge.source),
            "to": str(edge.target),
            "type": edge.type,
            "subtype": edge.subtype,
            "treatment": edge.treatment,
            "job": edge.job,
        }
        for edge in edges
    ]
    return {"column": str(column), "edges": told}


def tree(column: ColumnName, edges: Iterable[Edge], *, is_upstream: bool) -> Tree:
    """Where values come from, or go to; what leads on from a column is shown once."""
    steps = [
        (e.target, e.source, e) if is_upstream else (e.source, e.target, e)
        for e in edges
        if e.type == DIRECT
    ]
    nothing = "" if steps else f"  (no value {'leads here' if is_upstream else 'comes from it'})"
    root, shown = Tree(Text(f"{column}{nothing}")), {column}
    waiting = [(root, column)]
    while waiting:
        branch, name = waiting.pop(0)
        for near, far, edge in steps:
            if concerns(near, name):
                again = " (shown already)" if far in shown else ""
                how = edge.treatment or edge.subtype.lower()
                leaf = branch.add(Text(f"{far}  {how} ({edge.job}){again}"))
                waiting += [] if again else [(leaf, far)]
                shown.add(far)
    return root


def deciding(edges: Iterable[Edge]) -> list[str]:
    """What decides on rows, groups or order, a line for each table, way and job."""
    found: dict[tuple[ColumnName, str, str], list[str]] = {}
    for edge in edges:
        if edge.type != DIRECT:
            found.setdefault((edge.target, edge.subtype, edge.job), []).append(str(edge.source))
    return [
        f"{target}: {subtype} by {', '.join(sources)} ({job})"
        for (target, subtype, job), sources in found.items()
    ]


def mermaid(column: ColumnName, edges: Iterable[Edge]) -> str:
    """A flowchart; the column that was asked for stands out, dotted is what only decides on rows."""
    return "\n".join(_flowchart(column, list(edges)))


def _flowchart(column: ColumnName, edges: list[Edge]) -> Iterator[str]:
    ends = (end for edge in edges for end in (edge.source, edge.target))
    ids = {name: f"c{number}" for number, name in enumerate(dict.fromkeys((column, *ends)))}
    yield "flowchart LR"
    for name, number in ids.items():
        yield f'    {number}["{_escaped(str(name))}"]'
    for edge in edges:
        line = "-->" if edge.type == DIRECT else "-.->"
        label = _escaped(edge.treatment or edge.subtype)
        told = f'|"{label}"|' if label else ""
        yield f"    {ids[edge.source]} {line}{told} {ids[edge.target]}"
    yield f"    style {ids[column]} stroke-width:3px"


def _escaped(text: str) -> str:
    """Any text inside quotes: what may mean something to Mermaid, by its number."""
    return "".join(c if c.isalnum() or c in _PLAIN else f"#{ord(c)};" for c in text)
