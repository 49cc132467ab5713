"""Where the columns of a frame come from, read from its analyzed plan.

Attributes have ids that are unique in a plan, so that a column is followed from relation to alias
to alias. The plan holds literals: it is read in memory and never kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from jobs.runtime.lineage.expressions import (
    Json,
    Node,
    Way,
    Ways,
    expressions,
    through,
    tree,
)
from jobs.runtime.lineage.model import DIRECT, TRANSFORMATION, ColumnName

_Output = list[tuple[str, int]]  # names and ids

_ONE_SIDED = ("LeftSemi", "LeftAnti", "ExistenceJoin")
_LISTED = {"Project": "projectList", "Aggregate": "aggregateExpressions"}
_PASSED_ON = frozenset(
    # What comes out is what comes in, of the last child of a WITH, else of the first.
    (
        *("SubqueryAlias", "View", "WithCTE", "CTERelationDef", "Filter", "Sort", "Sample"),
        *("GlobalLimit", "LocalLimit", "Offset", "Tail", "Distinct", "Deduplicate", "Intersect"),
        *("Except", "Repartition", "RepartitionByExpression", "RebalancePartitions"),
        *("ResolvedHint", "CollectMetrics", "EventTimeWatermark"),
    )
)


@dataclass
class PlanColumns:
    """The columns of a plan's frame, each with the ways that lead to it.

    `tables`: by the id of a relation's first column its table; None: it is no table, such as rows
    that the driver made. The plan is read from the relations up: what an attribute comes from is
    known before it is asked for. What a node defines that is not known here comes from all columns
    below it, so that no way is lost.
    """

    plan: Node
    tables: Mapping[int, str | None]
    _ways: dict[int, Ways] = field(default_factory=dict)  # by attribute id
    _common: dict[int, _Output] = field(default_factory=dict)  # WITH name AS (...), by its number

    def __post_init__(self) -> None:
        self._output = self._collect(self.plan)

    def ways(self) -> dict[str, Ways]:
        """By column of the frame, in its order."""
        return {name: self._of_attribute(number) for name, number in self._output}

    def _collect(self, node: Node) -> _Output:  # noqa: PLR0911
        """Note what the node and those below it define; returns its output: names and ids."""
        below = [self._collect(child) for child in node.children]
        if node.kind == "LateralJoin":
            below += [self._collect(tree(right["plan"])) for right in node.told["right"][:1]]
        for expression in expressions(node.told):
            if expression.kind == "Alias":
                self._add(expression.id, self._of(expression))
        match node.kind:
            case kind if kind in _LISTED:
                return _named(node.told[_LISTED[kind]])
            case "Window":
                return [*below[0], *_named(node.told["windowExpressions"])]
            case "Generate":
                return [*below[0], *self._generated(node)]
            case "Union":
                return self._union(below)
            case "Expand":
                return self._expanded(node, below)
            case "Join" | "LateralJoin" | "AsOfJoin":
                return below[0] if _is_one_sided(node) else [*below[0], *below[1]]
            case kind if kind in _PASSED_ON:
                return self._passed_on(node, below)
        return self._made_of_all(node, below) if below else self._leaf(node)

    def _passed_on(self, node: Node, below: Sequence[_Output]) -> _Output:
        if node.kind == "CTERelationDef":
            self._common[node.told["id"]] = below[0]
        return below[-1 if node.kind == "WithCTE" else 0]

    def _leaf(self, node: Node) -> _Output:
        output = _named(node.told.get("output") or [])
        if node.kind == "CTERelationRef":
            for (_, number), (_, meant) in zip(
                output, self._common[node.told["cteId"]], strict=True
            ):
                self._add(number, self._of_attribute(meant))
            return output
        table = self.tables.get(output[0][1]) if output else None
        for name, number in output:
            self._add(number, frozenset([Way(ColumnName(table, name))] if table else []))
        return output

    def _generated(self, node: Node) -> _Output:
        output, ways = _named(node.told["generatorOutput"]), self._of(tree(node.told["generator"]))
        for _, number in output:
            self._add(number, ways)
        return output

    def _union(self, below: Sequence[_Output]) -> _Output:
        """Columns by position; the first side gives names and ids, and comes from all sides."""
        first, *others = below
        for position, (_, number) in enumerate(first):
            for other in others:
                is_known = len(other) == len(first)
                ways = self._of_attribute(other[position][1]) if is_known else self._of_all()
                self._add(number, ways)
        return first

    def _expanded(self, node: Node, below: Sequence[_Output]) -> _Output:
        """Each row several times (rollup, cube, unpivot): columns by position."""
        output, rows = _named(node.told["output"]), node.told.get("projections")
        if not rows or any(not isinstance(row, list) or len(row) != len(output) for row in rows):
            return self._made_of_all(node, below)
        for position, (_, number) in enumerate(output):
            for row in rows:
                self._add(number, self._of(tree(row[position])))
        return output

    def _made_of_all(self, node: Node, below: Sequence[_Output]) -> _Output:
        """What a function of whole rows makes, or a node that is not known, may come from any
        column."""
        output = _named(node.told.get("output") or [])
        known = {number for _, number in chain.from_iterable(below)}
        ways = _changed(chain.from_iterable(map(self._of_attribute, known)))
        for _, number in output:
            if number not in known:
                self._add(number, ways)
        return output or list(chain.from_iterable(below))

    # The ways to a column.

    def _add(self, number: int, ways: Ways) -> None:
        """An id may come up again, as where a frame is united with itself: then it has all ways."""
        self._ways[number] = self._ways.get(number, frozenset()) | ways

    def _of_attribute(self, number: int) -> Ways:
        return self._ways[number] if number in self._ways else self._of_all()

    def _of_all(self) -> Ways:
        """What nobody knows the origin of may come from anything."""
        return _changed(chain.from_iterable(self._ways.values()))

    def _of(self, expression: Node) -> Ways:
        if expression.kind == "AttributeReference":
            return self._of_attribute(expression.id)
        into = [self._of(child) for child in expression.children]
        found = through(expression, into)
        if "plan" in expression.told:  # a subquery
            output = self._collect(tree(expression.told["plan"]))
            found |= frozenset(chain.from_iterable(self._of_attribute(n) for _, n in output))
        return found


def _changed(ways: Iterable[Way]) -> Ways:
    return frozenset(
        Way(w.source, w.type, TRANSFORMATION if w.type == DIRECT else w.subtype, w.signs, w.tells)
        for w in ways
    )


def _is_one_sided(node: Node) -> bool:
    return any(kind in str(node.told["joinType"]) for kind in _ONE_SIDED)


def _named(flat: Sequence[Sequence[Json]]) -> _Output:
    return [(one[0]["name"], int(one[0]["exprId"]["id"])) for one in flat]
