"""Our own words in a contract: the one set of `customProperties`, validated.

ODCS's words come first (`physicalName`, `enum`, `logicalTypeOptions`, `relationships`); these say
what it has no word for. docs/CONTRACTS.md describes each.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from conf.contract import ROLE_COLUMNS, Form, Treatment

RESERVED = ("deletes", "scd2", "clusterBy")
_CONFIG = ConfigDict(extra="forbid", strict=False, frozen=True)
_COLUMN_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
W = TypeVar("W", bound=BaseModel)


class RuleWords(BaseModel):
    """A row rule: a name for the quarantine, and Spark SQL over the table's columns."""

    model_config = _CONFIG
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    expression: str = Field(min_length=1)


class TableWords(BaseModel):
    """Custom properties of a source table."""

    model_config = _CONFIG
    format: Literal["csv", "jsonl", "parquet", "fixed-width", "jdbc"]
    delimiter: str = Field(",", min_length=1, max_length=1)
    encoding: str = "UTF-8"
    quote: str = Field('"', max_length=1)
    multiline: bool = False
    header: bool = True
    files: list[str] = []
    sequenceBy: str | None = None
    delivery: Literal["full", "increment"] = "full"
    sourceSystem: str = ""
    role: str | None = None
    rules: list[RuleWords] = []
    revenueStatuses: list[str] = []
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    retention: str | None = None

    @field_validator("role")
    @classmethod
    def _role(cls, role: str | None) -> str | None:
        if role is not None and role not in ROLE_COLUMNS:
            raise ValueError(f"allowed are {', '.join(ROLE_COLUMNS)}")
        return role

    @field_validator("files", mode="before")
    @classmethod
    def _list(cls, files: Any) -> Any:
        return [files] if isinstance(files, str) else files

    @field_validator("encoding")
    @classmethod
    def _encoding(cls, encoding: str) -> str:
        try:
            "".encode(encoding)
        except LookupError:
            raise ValueError("not an encoding; for example UTF-8, ISO-8859-1, windows-1252") from None
        return encoding


class ColumnWords(BaseModel):
    """Custom properties of a source column."""

    model_config = _CONFIG
    treatment: Treatment | None = None
    piiEntity: str | None = Field(None, pattern=r"^[A-Z][A-Z0-9_]*$")
    form: Form = Form.TEXT
    validFlag: str | None = Field(None, pattern=_COLUMN_NAME)
    silverName: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    generalize: str | None = Field(None, pattern=r"^(year|prefix:[1-9]\d*)$")
    domain: str | None = Field(None, pattern=r"^[a-z][a-z0-9_.-]*$")
    goldRole: str | None = None
    decimalSeparator: Literal[".", ","] = "."
    thousandsSeparator: Literal["", ".", ",", " ", "'"] = ""
    start: int | None = Field(None, ge=1)
    width: int | None = Field(None, ge=1)


def words(model: type[W], given: Any, where: str) -> tuple[W | None, list[str]]:
    """The custom properties as a model, and what is wrong with them, each with its place."""
    told = {p.property: p.value for p in given or ()}
    errors = [
        f"{where}.{name}: not yet: this word is kept for a later version; take it out"
        for name in RESERVED
        if name in told
    ]
    known = {name: value for name, value in told.items() if name not in RESERVED}
    try:
        return model(**known), errors
    except ValidationError as error:
        return None, errors + [_told(model, e, where) for e in error.errors(include_url=False)]


def _told(model: type[BaseModel], error: Any, where: str) -> str:
    place = ".".join([where, *map(str, error["loc"])])
    if error["type"] == "extra_forbidden":
        name = str(error["loc"][-1])
        close = get_close_matches(name, model.model_fields, n=1)
        hint = f"did you mean {close[0]}?" if close else "allowed are " + ", ".join(model.model_fields)
        return f"{place}: unknown word; {hint}"
    if error["type"] == "missing":
        return f"{place}: missing"
    return f"{place}: found {error['input']!r}: {error['msg']}"
