"""Text as the recognizers read it: one spelling of what looks alike, with the way back.

Zero-width characters inside a CPR number, full-width digits or a Cyrillic letter in a name must
not hide anything, and the text that is kept must stay as it came.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_LOOKS_LATIN = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХаеѕіјкорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαν",
        "ABESIJKMHOPCTYXaesijkopcyxABEZHIKMNOPTYXoav",
        strict=True,
    )
)
"""Cyrillic and Greek letters that look Latin (after Unicode Technical Standard 39, confusables)."""

_PLAIN = re.compile(r"[\t\n\r\x20-\x7e\xa1-\xac\xae-\u017f]*")  # most texts: nothing to fold
_MIXED = re.compile(r"[^\W\d_]*[A-Za-z][^\W\d_]*")
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u04ff]")


@dataclass(frozen=True)
class Folded:
    """The folded text, and where each of its characters stood (None: at the same place)."""

    text: str
    origins: Sequence[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """A span of the folded text as a span of the original one."""
        if self.origins is None or start >= end:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def folded(text: str) -> Folded:
    """Fold digits and full-width forms to ASCII, dashes and spaces to one, look-alike letters in
    Latin words to Latin; take out characters without width."""
    if _PLAIN.fullmatch(text):
        return Folded(text)
    made, origins, moved = [], [], False
    for index, character in enumerate(text):
        seen = character if character.isascii() and character != "\0" else _one(character)
        moved |= not seen
        if seen:
            made.append(seen)
            origins.append(index)
    joined = "".join(made)
    if _FOREIGN.search(joined):
        joined = _MIXED.sub(lambda word: "".join(_LOOKS_LATIN.get(c, c) for c in word[0]), joined)
    return Folded(joined, origins if moved else None)


def _one(character: str) -> str:  # noqa: PLR0911
    """The folded form of one character: one character, or none."""
    match unicodedata.category(character):
        case "Cf" | "Cc":  # zero width, direction marks, soft hyphen, NUL, C1 controls
            return "\n" if character == "\x85" else ""
        case "Nd":
            return str(unicodedata.digit(character))
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case "Mn" | "Me":
            return ""  # a combining mark that NFC could not join
    if "\uff01" <= character <= "\uff5e":
        return chr(ord(character) - 0xFEE0)
    return "-" if character == "\u2212" else character
