"""Row rules: a careful look at an expression before Spark sees it.

No parser, but a scan that lets only known columns, words and functions pass. The functions are
those that give the same answer on every run and cannot raise: an error text would hold the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conf.contract_problems import closest
from conf.errors import listed

_FUNCTIONS = (
    "abs btrim ceil char_length coalesce concat contains date_add date_diff date_sub datediff day "
    "dayofmonth dayofweek endswith floor greatest hour if ifnull instr isnotnull isnull least left "
    "length lower ltrim minute month months_between nullif nvl quarter regexp_like replace right "
    "round rtrim second sign startswith substr substring trim trunc try_add try_cast try_divide "
    "try_multiply try_subtract try_to_timestamp upper year"
)
_KEYWORDS = (
    "and or not in is null between like ilike rlike escape case when then else end true false as "
    "date timestamp interval year month day hour minute second string int bigint double decimal "
    "boolean div"
)
FUNCTIONS = frozenset(_FUNCTIONS.split())
_WORDS = frozenset(_KEYWORDS.split())
_TOKEN = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.|'')*')
      | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
      | `(?P<quoted>[^`]+)`
      | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)(?P<call>\s*\()?
      | (?P<sign><=>|<>|!=|<=|>=|==|\|\||[-+*/%<>=(),])
      | (?P<blank>\s+)
      | (?P<odd>.)""",
    re.VERBOSE | re.DOTALL,
)


def rule_problems(
    expression: str, columns: Iterable[str], more_functions: Iterable[str] = ()
) -> Iterator[str]:
    """Why a text cannot be a rule over `columns` (Spark's names: case does not count)."""
    allowed = FUNCTIONS | frozenset(more_functions)
    known = {name.lower(): name for name in columns}
    depth = 0
    for token in _TOKEN.finditer(expression):
        if token["odd"]:
            yield f"{token['odd']!r} has no place in a rule"
        elif token["name"] and token["call"]:
            yield from _call_problems(token["name"], allowed)
        elif token["name"] and token["name"].lower() not in known.keys() | _WORDS:
            yield f"no column {token['name']}; {closest(token['name'], known.values())}"
        elif token["quoted"] and token["quoted"].lower() not in known:
            yield f"no column {token['quoted']}; {closest(token['quoted'], known.values())}"
        depth += (token["sign"] == "(" or bool(token["call"])) - (token["sign"] == ")")
        if depth < 0:
            break
    if depth != 0:
        yield "its parentheses do not match"


def names_read(expression: str) -> Iterator[tuple[str, bool]]:
    """Each name that may be a column's, and whether it stands there in `is null` or `is not null`
    alone. Of `struct.field` it is the struct's name."""
    tokens = [t for t in _TOKEN.finditer(expression) if not t["blank"]]
    words = [(t["name"] or t[0]).lower() for t in tokens]
    for at, token in enumerate(tokens, start=1):
        if token["quoted"] or (token["name"] and not token["call"]):
            name = token["quoted"] or token["name"].partition(".")[0]
            yield (
                name,
                words[at : at + 2] == ["is", "null"]
                or words[at : at + 3]
                == [
                    "is",
                    "not",
                    "null",
                ],
            )


def _call_problems(name: str, allowed: frozenset[str]) -> Iterator[str]:
    lower = name.lower()
    if lower in ("cast", "to_date", "to_timestamp", "to_number"):
        yield f"{name}() raises for a value that does not fit; write try_cast"
    elif lower not in allowed | _WORDS:
        yield f"function {name} is not among those of a rule: {listed(sorted(allowed))}"
