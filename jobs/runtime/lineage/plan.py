"""Where the columns of a frame come from, read from its analyzed plan.

Spark gives a plan as JSON (`TreeNode.toJSON`): nodes and expressions in pre-order, each with its
number of children. Attributes have ids that are unique in a plan, so that a column is followed from
alias to alias down to a relation. The plan holds literals: it is read in memory and never kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from jobs.runtime.lineage.model import DIRECT, INDIRECT, ColumnName
from transformations import treatments
from udfs.anonymizers import ANONYMIZERS
from udfs.text import REDACTED_ERROR

Json = dict[str, Any]

IDENTITY, TRANSFORMATION, AGGREGATION = "IDENTITY", "TRANSFORMATION", "AGGREGATION"
CONDITIONAL, WINDOW = "CONDITIONAL", "WINDOW"
YEAR, TOP_LEVEL_DOMAIN = "year", "top-level domain"
"""What a built-in expression leaves of a value; besides `prefix:N` and `suffix:N`."""

_PLAIN = ("Alias", "AttributeReference")
_ONE_SIDED = ("LeftSemi", "LeftAnti", "ExistenceJoin")
_FROM_ALL = ("MapInPandas", "MapPartitions", "FlatMapGroupsInPandas", "PythonMapInArrow")


@dataclass(frozen=True, order=True)
class Way:
    """One way from a column of a table to a column of the frame.

    `signs` are the anonymizers (by treatment) and built-in shortenings that stand on it.
    """

    source: ColumnName
    type: str = DIRECT
    subtype: str = IDENTITY
    signs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Node:
    """A node of a plan, or an expression."""

    told: Json
    children: tuple[Node, ...]

    @property
    def kind(self) -> str:
        """Its class without the package."""
        return str(self.told["class"]).rpartition(".")[2].rstrip("$")

    @property
    def id(self) -> int:
        return int(self.told["exprId"]["id"])

    @property
    def literal(self) -> str | None:
        return str(self.told["value"]) if self.kind == "Literal" else None


def tree(flat: Sequence[Json]) -> Node:
    """The tree of a pre-order list."""
    return _next(iter(flat))


def _next(flat: Iterator[Json]) -> Node:
    told = next(flat)
    return Node(told, tuple(_next(flat) for _ in range(told["num-children"])))


@dataclass
class PlanColumns:
    """The columns of a plan's frame, each with the ways that lead to it.

    `tables`: the name of each relation's table in the order of the plan's leaves; None: it is no
    table, such as rows that the driver made.
    """

    plan: Node
    tables: Sequence[str | None]
    _made: dict[int, list[Node]] = field(default_factory=dict)  # alias id -> what it is of
    _read: dict[int, ColumnName | None] = field(default_factory=dict)
    _known: dict[int, frozenset[Way]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tables = iter(self.tables)
        self._output = self._collect(self.plan)

    def ways(self) -> dict[str, frozenset[Way]]:
        """By column of the frame, in its order."""
        return {name: self._of_attribute(number) for name, number in self._output}

    # What each attribute is made of.

    def _collect(self, node: Node) -> list[tuple[str, int]]:  # noqa: PLR0911
        """Note what the node and those below it define; returns its output: names and ids."""
        below = [self._collect(child) for child in node.children]
        for expression in _expressions(node.told):
            if expression.kind == "Alias":
                self._made[expression.id] = list(expression.children)
        match node.kind:
            case "Project":
                return _named(node.told["projectList"])
            case "Aggregate":
                return _named(node.told["aggregateExpressions"])
            case "Window":
                return [*below[0], *_named(node.told["windowExpressions"])]
            case "Generate":
                generated = _named(node.told["generatorOutput"])
                self._made |= {number: [tree(node.told["generator"])] for _, number in generated}
                return [*below[0], *generated]
            case "Union":
                return self._union(below)
            case "Join":
                is_one_sided = str(node.told["joinType"]).find
                left_only = any(is_one_sided(kind) >= 0 for kind in _ONE_SIDED)
                return below[0] if left_only else [*below[0], *below[1]]
            case kind if kind in _FROM_ALL:
                return self._from_all(node, below)
        return below[0] if below else self._leaf(node)

    def _leaf(self, node: Node) -> list[tuple[str, int]]:
        table = next(self._tables, None)
        output = _named(node.told.get("output") or [])
        for name, number in output:
            self._read[number] = ColumnName(table, name) if table else None
        return output

    def _union(self, below: list[list[tuple[str, int]]]) -> list[tuple[str, int]]:
        """Columns by position; the first side gives names and ids, and comes from all sides."""
        first, *others = below
        for position, (_, number) in enumerate(first):
            same = [_reference(other[position][1]) for other in others]
            self._made.setdefault(number, []).extend(same)
        return first

    def _from_all(self, node: Node, below: list[list[tuple[str, int]]]) -> list[tuple[str, int]]:
        """What a function of whole rows makes may come from any column."""
        output = _named(node.told["output"])
        every = [_reference(number) for _, number in chain.from_iterable(below)]
        for _, number in output:
            self._made[number] = [Node({"class": node.kind}, tuple(every))]
        return output

    # The ways to a column.

    def _of_attribute(self, number: int) -> frozenset[Way]:
        if number not in self._known:
            self._known[number] = frozenset()  # of a cycle nothing more is known
            read = self._read.get(number)
            ways = {Way(read)} if read else set()
            for expression in self._made.get(number, []):
                ways |= self._of(expression)
            self._known[number] = frozenset(ways)
        return self._known[number]

    def _of(self, expression: Node) -> frozenset[Way]:
        if expression.kind == "AttributeReference":
            return self._of_attribute(expression.id)
        deciding = _deciding(expression)
        ways: set[Way] = set()
        for position, child in enumerate(expression.children):
            for way in self._of(child):
                if position in deciding:
                    ways.add(Way(way.source, INDIRECT, deciding[position], way.signs))
                else:
                    ways.add(_through(way, expression))
        return frozenset(ways)


def _through(way: Way, expression: Node) -> Way:
    """The way, gone on through an expression."""
    if expression.kind in _PLAIN or _is_same_type(expression):
        return way
    signs = way.signs | _signs(expression)
    if way.type == INDIRECT:
        return Way(way.source, INDIRECT, way.subtype, signs)
    is_aggregate = ".aggregate." in expression.told["class"] or way.subtype == AGGREGATION
    return Way(way.source, DIRECT, AGGREGATION if is_aggregate else TRANSFORMATION, signs)


def _is_same_type(expression: Node) -> bool:
    """A cast to the type that a value has already: it stays as it is."""
    told = expression.told
    is_cast = expression.kind == "Cast"
    return is_cast and expression.children[0].told.get("dataType") == told["dataType"]


def _signs(expression: Node) -> set[str]:  # noqa: PLR0911
    """What of a value an expression hides, if it is one that is known to."""
    arguments = [child.literal for child in expression.children[1:]]
    match expression.kind:
        case "PythonUDF" if treatment := ANONYMIZERS.get(expression.told["name"]):
            return {str(treatment)}
        case "Year":
            return {YEAR}
        case "Left" if arguments[0]:
            return {f"prefix:{arguments[0]}"}
        case "Substring" if arguments[0] == "1" and arguments[1]:
            return {f"prefix:{arguments[1]}"}
        case "Right" if arguments[0]:
            return {f"suffix:{arguments[0]}"}
        case "RegExpExtract" if arguments[0] == treatments.TOP_LEVEL_DOMAIN:
            return {TOP_LEVEL_DOMAIN}
    return set()


def _deciding(expression: Node) -> dict[int, str]:
    """Which children only decide, and how: conditions, and the specification of a window."""
    count = len(expression.children)
    match expression.kind:
        case "CaseWhen":
            return _conditions(expression, range(0, count - count % 2, 2))
        case "If":
            return _conditions(expression, range(1))
        case "WindowExpression":
            return {1: WINDOW}
        case "AggregateExpression":  # its FILTER (WHERE ...)
            return dict.fromkeys(range(1, count), CONDITIONAL)
    return {}


def _conditions(expression: Node, positions: range) -> dict[int, str]:
    """Conditions decide; but where all they choose from is constant, they are what the value is made
    of (`CASE x WHEN 'ja' THEN true`), unless they only ask whether there is one."""
    children = expression.children
    is_mapping = all(_is_constant(c) for i, c in enumerate(children) if i not in positions)
    return {i: CONDITIONAL for i in positions if not is_mapping or _is_presence(children[i])}


def _is_constant(expression: Node) -> bool:
    if expression.kind == "CaseWhen":  # what it decides by is looked at on its own
        count = len(expression.children)
        values = [
            *expression.children[1 : count - count % 2 : 2],
            *expression.children[count - count % 2 :],
        ]
        return all(map(_is_constant, values))
    return expression.kind != "AttributeReference" and all(map(_is_constant, expression.children))


def _is_presence(condition: Node) -> bool:
    """Whether a condition only asks if a value is there, or could not be treated."""
    children = condition.children
    match condition.kind:
        case "IsNull" | "IsNotNull":
            return True
        case "EqualTo":
            return REDACTED_ERROR in (child.literal for child in children)
        case "Literal":
            return True
        case "Not" | "And" | "Or" | "Coalesce":
            return all(map(_is_presence, children))
    return False


def _expressions(told: Mapping[str, Any]) -> Iterator[Node]:
    """The expressions that a plan node holds itself: fields that are one, or a list of them."""
    for value in told.values():
        if not isinstance(value, list) or not value:
            continue
        if isinstance(value[0], dict) and "num-children" in value[0]:
            yield tree(value)
        elif isinstance(value[0], list):
            yield from (tree(one) for one in value if one and isinstance(one[0], dict))


def _named(expressions: Sequence[Sequence[Json]]) -> list[tuple[str, int]]:
    return [(one[0]["name"], int(one[0]["exprId"]["id"])) for one in expressions]


def _reference(number: int) -> Node:
    return Node({"class": "AttributeReference", "exprId": {"id": number}}, ())
