"""Notes with planted personal data, and where it stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_FIELD = re.compile(r"\{(\w+)\}")
ENTITIES = {
    "name": "PERSON",
    "cpr": "DK_CPR",
    "phone": "PHONE_NUMBER",
    "email": "EMAIL_ADDRESS",
}


@dataclass(frozen=True)
class Span:
    """Planted personal data in a note: offsets in characters."""

    start: int
    end: int
    type: str


def filled(template: str, values: Mapping[str, str]) -> tuple[str, list[Span]]:
    """A template with its fields filled in, and the span of each."""
    text, spans, after = "", [], 0
    for match in _FIELD.finditer(template):
        text += template[after : match.start()]
        value = values[match.group(1)]
        spans.append(Span(len(text), len(text) + len(value), ENTITIES[match.group(1)]))
        text += value
        after = match.end()
    return text + template[after:], spans


def fields(template: str) -> list[str]:
    """Names of a template's fields, in order."""
    return _FIELD.findall(template)
