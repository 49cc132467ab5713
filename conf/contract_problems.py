"""What is wrong with contracts: each problem with its file, line, place and what is allowed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import yaml

from conf.contract_yaml import ContractLoader
from conf.errors import UsageError, listed

_PASSED_THROUGH = frozenset(
    ("schema", "properties", "customProperties", "value", "logicalTypeOptions", "quality")
)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a contract file."""

    file: str
    place: tuple[str, ...]  # table, column, word: as far as it goes
    text: str  # what was found, what is allowed
    line: int | None = None  # None: looked up by place

    def __str__(self) -> str:
        line = self.line or _line(self.file, self.place)
        at = f"{_shown(self.file)}:{line}" if line else _shown(self.file)
        return f"{at}: {'.'.join(self.place)}: {self.text}" if self.place else f"{at}: {self.text}"


def refused(problems: Iterable[Problem]) -> UsageError:
    """The one error that tells all problems, by file and line."""
    _document.cache_clear()  # a file may have been mended since
    told = sorted({str(p): p for p in problems}, key=_numerically)
    some = f"{len(told)} problems in the contracts" if len(told) > 1 else "a problem in a contract"
    return UsageError("\n  ".join([f"{some} (docs/CONTRACTS.md has the words):", *told]))


def closest(found: str, allowed: Iterable[str]) -> str:
    """`did you mean x? allowed are x, y and z`, for an error text."""
    known = [str(a) for a in allowed]
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(found.lower(), by_lower, n=1)
    hint = f"did you mean {by_lower[close[0]]}? " if close else ""
    return f"{hint}allowed are {listed(known)}"


def _numerically(told: str) -> tuple[str, int, str]:
    file, _, rest = told.partition(":")
    line = rest.partition(":")[0]
    return file, int(line) if line.isdigit() else 0, rest


def _shown(file: str) -> str:
    """The path as a terminal can follow it: relative where it lies below the working folder."""
    relative = os.path.relpath(file)
    return file if relative.startswith("..") else relative


@cache
def _document(file: str) -> yaml.Node | None:
    try:
        return yaml.compose(Path(file).read_bytes(), Loader=ContractLoader)
    except (OSError, yaml.YAMLError):
        return None


def _line(file: str, place: tuple[str, ...]) -> int | None:
    """The line of the deepest part of `place` that the file has."""
    node, line = _document(file), None
    for part in place:
        if node is None or (found := _child(node, part)) is None:
            break
        node, line = found
    return line


def _child(node: yaml.Node, part: str) -> tuple[yaml.Node, int] | None:
    """The node called `part` and its line; words that only group others need not be named."""
    if isinstance(node, yaml.SequenceNode):
        named = (n for n in node.value if part in _names(n))
        return next(((n, n.start_mark.line + 1) for n in named), None)
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if key.value == part:
            return value, key.start_mark.line + 1
    grouped = (_child(v, part) for k, v in node.value if k.value in _PASSED_THROUGH)
    return next((found for found in grouped if found), None)


def _names(node: yaml.Node) -> list[str]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [str(v.value) for k, v in node.value if k.value in ("name", "property")]
