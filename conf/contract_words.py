"""Our own words in a contract: the one set of `customProperties`, validated.

ODCS's words come first (`physicalName`, `enum`, `logicalTypeOptions`, `relationships`); these say
what it has no word for. docs/CONTRACTS.md describes each.
"""

# ruff: noqa: N815 - the fields are the words of the file, and ODCS writes those in camelCase

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from open_data_contract_standard.model import CustomProperty
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from conf.contract import Form, Severity, Threshold, Treatment
from conf.contract_problems import Problem, closest
from conf.errors import listed

RESERVED = ("deletes", "scd2", "clusterBy")
VENDOR = "atlas"  # custom properties of another vendor are that vendor's own

_CONFIG = ConfigDict(extra="forbid", frozen=True)
_NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
W = TypeVar("W", bound=BaseModel)


def _several(given: Any) -> Any:
    """One text stands for a list of one."""
    return [given] if isinstance(given, str) else given


def _text(given: Any) -> Any:
    """YAML reads `overlap: 100` as a number."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]


class RuleWords(BaseModel):
    """A row rule: a name for the quarantine, and Spark SQL over the table's columns."""

    model_config = _CONFIG
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    expression: str = Field(min_length=1)


class ThresholdWords(BaseModel):
    """The least a quality score may be, of a dimension or of all of them together."""

    model_config = _CONFIG
    dimension: Literal[
        "completeness",
        "uniqueness",
        "validity",
        "consistency",
        "timeliness",
        "accuracy",
        "overall",
    ]
    atLeast: float = Field(ge=0, le=1)
    severity: Severity = Severity.WARNING


class TableWords(BaseModel):
    """Custom properties of a source table."""

    model_config = _CONFIG
    format: Literal["csv", "jsonl", "parquet", "fixed-width", "jdbc"]
    delimiter: str = Field(",", min_length=1, max_length=1)
    encoding: str = "UTF-8"
    quote: str = Field('"', max_length=1)
    multiline: bool = False
    header: bool | None = None  # by default a CSV file has one, a fixed-width file has none
    files: Texts = ()
    connection: str | None = Field(None, pattern=r"^[a-z][a-z0-9_-]*$")
    jdbcTable: str | None = Field(None, pattern=r'^[^."\s][^."]*(\.[^."]+)?$')
    jdbcQuery: str | None = Field(None, min_length=1)
    watermark: str | None = None
    overlap: Annotated[str | None, BeforeValidator(_text)] = Field(
        None, pattern=r"^\d+( ?(second|minute|hour|day)s?)?$"
    )
    partitionColumn: str | None = None
    partitions: int | None = Field(None, ge=2, le=256)
    sequenceBy: str | None = None
    delivery: Literal["full", "increment"] = "full"
    heldDeliveries: Literal["pass", "wait"] = "pass"
    sourceSystem: str | None = None
    role: Literal["customers", "orders"] | None = None
    rules: tuple[RuleWords, ...] = ()
    qualityThresholds: tuple[ThresholdWords, ...] = ()
    revenueStatuses: Texts = ()
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    retention: str = ""


class ColumnWords(BaseModel):
    """Custom properties of a source column."""

    model_config = _CONFIG
    treatment: Treatment | None = None
    piiEntity: str | None = Field(None, pattern=r"^[A-Z][A-Z0-9_]*$")
    form: Form | None = None
    validFlag: str | None = Field(None, pattern=_NAME)
    silverName: str | None = Field(None, pattern=_NAME)
    generalize: str | None = Field(None, pattern=r"^(year|prefix:[1-9]\d?)$")
    domain: str | None = Field(None, pattern=r"^[a-z][a-z0-9_-]*$")
    goldRole: str | None = None
    lateParent: Literal["pass", "wait"] | None = None  # pass, where a parent is named
    decimalSeparator: Literal[".", ","] = "."
    thousandsSeparator: Literal["", ".", ",", " "] = ""
    start: int | None = Field(None, ge=1)
    width: int | None = Field(None, ge=1)


class KAnonymityWords(BaseModel):
    """The least size of a group of rows with the same quasi-identifiers, and what may be below."""

    model_config = _CONFIG
    k: int = Field(ge=2)
    atMost: float = Field(0, ge=0, le=1)
    severity: Severity = Severity.WARNING


class OutputWords(BaseModel):
    """Custom properties of a Silver or Gold table."""

    model_config = _CONFIG
    retention: str = ""
    qualityThresholds: tuple[ThresholdWords, ...] = ()
    kAnonymity: KAnonymityWords | None = None


class OutputColumnWords(BaseModel):
    """Custom properties of a Silver or Gold column."""

    model_config = _CONFIG
    derived: Literal["flag", "count", "bucket"] | None = None
    quasiIdentifier: bool = False  # of Gold alone


def thresholds(given: Iterable[ThresholdWords]) -> tuple[Threshold, ...]:
    """The thresholds as values."""
    return tuple(Threshold(t.dimension, t.atLeast, t.severity) for t in given)


class NoWords(BaseModel):
    """Where custom properties have no meaning: the whole contract."""

    model_config = _CONFIG


_PATTERNS: Mapping[str, str] = {
    "currency": "a currency code such as DKK",
    "piiEntity": "capitals, as in PERSON or STREET_ADDRESS",
    "validFlag": "letters, digits and _, a letter first",
    "silverName": "letters, digits and _, a letter first",
    "generalize": "year or prefix:N",
    "domain": "lower-case letters, digits, _ and -, a letter first",
    "name": "lower-case letters, digits and _, a letter first",
    "connection": "lower-case letters, digits, _ and -, a letter first",
    "jdbcTable": "table or schema.table, as the database has the names, without quotes",
    "overlap": "a time such as 30 minutes, 1 hour or 2 days, or a whole number",
}


def words(
    model: type[W], given: Iterable[CustomProperty] | None, file: str, place: tuple[str, ...]
) -> tuple[W | None, list[Problem]]:
    """The custom properties as a model (None if one is wrong), and what is wrong with them."""
    problems: list[Problem] = []
    told: dict[str, Any] = {}
    for word in given or ():
        name = word.property or ""
        if word.vendor not in (None, VENDOR):
            continue
        if name in RESERVED:
            problems.append(Problem(file, (*place, name), _NOT_YET))
        elif name in told:
            problems.append(Problem(file, (*place, name), "stands twice; write it once"))
        told.setdefault(name, word.value)
    known = {name: value for name, value in told.items() if name not in RESERVED}
    try:
        return model(**known), problems
    except ValidationError as error:
        wrong = error.errors(include_url=False)
        return None, problems + [
            Problem(file, (*place, *(str(p) for p in e["loc"])), _told(model, e)) for e in wrong
        ]


_NOT_YET = "not yet: the word is reserved for a later version; take it out"


def _told(model: type[BaseModel], error: Any) -> str:
    name, found, kind = str(error["loc"][-1]), error.get("input"), error["type"]
    model = _inner(model, error["loc"][:-1])
    if kind == "extra_forbidden":
        return _unknown(model, name)
    if kind == "missing":
        choices = _choices(model, name)
        return f"missing; allowed are {listed(choices)}" if choices else "missing"
    if name == "retention":
        return "not yet: retention is a text for the register, nothing deletes by it"
    return f"found {found!r}; {_allowed(model, error)}"


def _inner(model: type[BaseModel], place: Iterable[int | str]) -> type[BaseModel]:
    """The model whose words stand at a place: of the words inside a word that word's own."""
    for name in place:
        if field := model.model_fields.get(str(name)):
            model = next(_models(field.annotation), model)
    return model


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in getattr(kind, "__args__", ()):
        yield from _models(part)


def _unknown(model: type[BaseModel], name: str) -> str:
    if not model.model_fields:
        return "no word has a meaning here; those of a source are for its table and its columns"
    return f"unknown word; {closest(name, model.model_fields)}"


def _allowed(model: type[BaseModel], error: Any) -> str:
    word = str(next(name for name in reversed(error["loc"]) if isinstance(name, str)))
    choices = _choices(model, word)
    if choices:
        return closest(str(error["input"]), choices)
    if error["type"] == "string_pattern_mismatch":
        return f"allowed is {_PATTERNS[str(error['loc'][-1])]}"
    return str(error["msg"]).lower()


def _choices(model: type[BaseModel], name: str) -> list[str]:
    field = model.model_fields.get(name)
    return [str(v) or "nothing" for v in _values(field.annotation)] if field else []


def _values(kind: Any) -> list[Any]:
    """The values of a Literal or an enum, alone or as one side of a union."""
    if isinstance(kind, type):
        return list(kind) if issubclass(kind, (Treatment, Form, Severity)) else []
    parts = getattr(kind, "__args__", ())
    return [v for part in parts for v in ([part] if isinstance(part, str) else _values(part))]
