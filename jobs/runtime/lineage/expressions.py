"""What the expressions of Spark's plans do to the values that go into them.

Spark gives a plan as JSON (`TreeNode.toJSON`): nodes and expressions in pre-order, each with its
number of children.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jobs.runtime.lineage.model import (
    AGGREGATION,
    DIRECT,
    IDENTITY,
    INDIRECT,
    TRANSFORMATION,
    ColumnName,
)
from transformations import treatments
from udfs.anonymizers import ANONYMIZERS
from udfs.text import REDACTED_ERROR

Json = dict[str, Any]

CONDITIONAL, WINDOW = "CONDITIONAL", "WINDOW"
YEAR, TOP_LEVEL_DOMAIN = "year", "top-level domain"
"""What a built-in expression leaves of a value; besides `prefix:N` and `suffix:N`."""

_PLAIN = ("Alias", "AttributeReference", "OuterReference")


@dataclass(frozen=True, order=True)
class Way:
    """One way from a column of a table to a column of the frame.

    `signs` are the anonymizers (by treatment) and built-in shortenings that stand on it. `tells`:
    it is INDIRECT, but a choice between the values of other columns tells of this one.
    """

    source: ColumnName
    type: str = DIRECT
    subtype: str = IDENTITY
    signs: frozenset[str] = frozenset()
    tells: bool = False


Ways = frozenset[Way]


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
    """The tree of a pre-order list. Without recursion: plans may be hundreds of nodes deep."""
    done: list[Node] = []
    for told in reversed(flat):
        done.append(Node(told, tuple(done.pop() for _ in range(told["num-children"]))))
    return done.pop()


def expressions(told: Mapping[str, Any]) -> Iterator[Node]:
    """The expressions that a plan node holds itself: fields that are one, or a list of them."""
    for value in told.values():
        if not isinstance(value, list) or not value:
            continue
        if isinstance(value[0], dict) and "num-children" in value[0]:
            yield tree(value)
        elif isinstance(value[0], list):
            yield from (tree(one) for one in value if one and isinstance(one[0], dict))


def through(expression: Node, into: Sequence[Ways]) -> Ways:
    """The ways that come out of an expression, of those that go into each of its children."""
    deciding = _deciding(expression)
    valued = {w.source for i, ways in enumerate(into) if i not in deciding for w in ways}
    found: set[Way] = set()
    for position, ways in enumerate(into):
        if position not in deciding:
            found.update(_gone_on(way, expression) for way in ways)
            continue
        subtype, child = deciding[position], expression.children[position]
        is_choice = subtype == CONDITIONAL and not _is_presence(child)
        for way in ways:
            tells = way.tells or (is_choice and way.source not in valued)
            found.add(Way(way.source, INDIRECT, subtype, way.signs, tells))
    return frozenset(found)


def _gone_on(way: Way, expression: Node) -> Way:
    """The way of a value, gone on through an expression."""
    if expression.kind in _PLAIN or _is_same_type(expression):
        return way
    signs = way.signs | _signs(expression)
    if way.type == INDIRECT:
        return replace(way, signs=signs)
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
            return _conditions(expression, _asked(expression))
        case "If":
            return _conditions(expression, range(1))
        case "WindowExpression":
            return {1: WINDOW}
        case "AggregateExpression":  # its FILTER (WHERE ...)
            return dict.fromkeys(range(1, count), CONDITIONAL)
    return {}


def _asked(case_when: Node) -> range:
    """Which children of a CASE are conditions: every other one, without an ELSE at the end."""
    count = len(case_when.children)
    return range(0, count - count % 2, 2)


def _conditions(expression: Node, positions: range) -> dict[int, str]:
    """Conditions decide; but where all they choose from is constant, they are what the value is made
    of (`CASE x WHEN 'ja' THEN true`), unless they only ask whether there is one."""
    children = expression.children
    is_mapping = all(_is_constant(c) for i, c in enumerate(children) if i not in positions)
    return {i: CONDITIONAL for i in positions if not is_mapping or _is_presence(children[i])}


def _is_constant(expression: Node) -> bool:
    if expression.kind == "CaseWhen":  # what it decides by is looked at on its own
        asked = _asked(expression)
        return all(_is_constant(c) for i, c in enumerate(expression.children) if i not in asked)
    if "plan" in expression.told:  # a subquery
        return False
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
