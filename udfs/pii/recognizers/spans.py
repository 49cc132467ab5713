"""What recognizers that find spans of several kinds have in common."""

from __future__ import annotations

from collections.abc import Iterable

from presidio_analyzer import RecognizerResult


def first_come(
    text: str, spans: Iterable[tuple[str, int, int, float]]
) -> list[RecognizerResult]:
    """The (entity, start, end, score) that overlap none before them, as Presidio's results."""
    taken = bytearray(len(text))
    found = []
    for entity, start, end, score in spans:
        if start < end and not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(RecognizerResult(entity, start, end, score))
    return found
