"""OpenLineage's events as they lie in files, read line by line.

Nothing of such a file is trusted: a line that is no event is counted with the kind of what is wrong
with it, and never told. Of an event only what edges are made of is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, BinaryIO, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

MAX_LINE = 16 << 20  # bytes
TAG = "atlas_run"
"""The tag by which every event of a run, the listener's too, names it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Name = Annotated[str, Field(min_length=1, max_length=4096)]
_Subtype = Annotated[str, Field(pattern=r"^[A-Z_]{0,40}$")]


class Refusal(StrEnum):
    """Why a line is no event."""

    TOO_LONG = "longer than 16 MiB"
    TRUNCATED = "truncated"  # the last line, as a writer that was killed leaves it
    NOT_TEXT = "not UTF-8"
    NOT_JSON = "not JSON"
    TOO_DEEP = "nested too deep"
    NOT_AN_EVENT = "not an event"  # no object, or fields that are missing or of a wrong type


class _Told(BaseModel):
    model_config = ConfigDict(strict=True)


class Transformation(_Told):
    type: Literal["DIRECT", "INDIRECT"]
    subtype: _Subtype | None = None
    description: str | None = None
    masking: bool | None = None


class InputField(_Told):
    namespace: str
    name: str
    field: _Name
    transformations: list[Transformation] | None = None


class InputFields(_Told):
    inputs: list[InputField] = Field(alias="inputFields")


class ColumnLineage(_Told):
    fields_: dict[_Name, InputFields] = Field(alias="fields")
    dataset: list[InputField] | None = None


class Version(_Told):
    version: Annotated[str, Field(alias="datasetVersion", pattern=r"^[0-9]{1,18}$")]


class Facets(_Told):
    lineage: ColumnLineage | None = Field(default=None, alias="columnLineage")
    version: Version | None = None


class Output(_Told):
    namespace: str
    name: str
    facets: Facets = Field(default_factory=Facets)


class Tag(_Told):
    key: str
    value: str


class Tags(_Told):
    tags: list[Tag] = []


class RunFacets(_Told):
    tags: Tags = Field(default_factory=Tags)


class EventRun(_Told):
    run_id: _Name = Field(alias="runId")
    facets: RunFacets = Field(default_factory=RunFacets)


class Job(_Told):
    name: str


class Event(_Told):
    """An event of a run (OpenLineage's RunEvent)."""

    type: Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] = Field(
        alias="eventType"
    )
    time: AwareDatetime = Field(alias="eventTime")
    run: EventRun
    job: Job
    outputs: list[Output] | None = None

    @property
    def atlas_run(self) -> str | None:
        """The run of Atlas; None if it is somebody else's event."""
        return next((tag.value for tag in self.run.facets.tags.tags if tag.key == TAG), None)

    @property
    def millisecond(self) -> int:
        """Its time, as Delta's log counts."""
        return (self.time - _EPOCH) // timedelta(milliseconds=1)


def events(file: BinaryIO, refused: Counter[str]) -> Iterator[Event]:
    """The events of a file; lines that are none are counted by their kind, empty ones are none."""
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            _skip_line(file)
            refused[Refusal.TOO_LONG] += 1
        elif line.strip():
            event = _event(line)
            if isinstance(event, Event):
                yield event
            else:
                refused[event] += 1


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
        pass


def _event(line: bytes) -> Event | Refusal:
    try:
        return Event.model_validate_json(line.decode())
    except UnicodeDecodeError:
        kind = Refusal.NOT_TEXT
    except ValidationError as error:
        kind = _kind(error)
    is_whole = line.endswith(b"\n")
    return kind if is_whole or kind is Refusal.NOT_AN_EVENT else Refusal.TRUNCATED


def _kind(error: ValidationError) -> Refusal:
    [first, *_] = error.errors(include_url=False, include_input=False)
    if first["type"] != "json_invalid":
        return Refusal.NOT_AN_EVENT
    is_deep = str(first["ctx"]["error"]).startswith("recursion limit")
    return Refusal.TOO_DEEP if is_deep else Refusal.NOT_JSON
