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
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z]")
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
        seen = character if " " <= character <= "~" or character in "\t\n\r" else _one(character)
        moved |= not seen
        if seen:
            made.append(seen)
            origins.append(index)
    joined = "".join(made)
    if _FOREIGN.search(joined):
        joined = _LETTERS.sub(_as_latin, joined)
    return Folded(joined, origins if moved else None)


def _as_latin(word: re.Match[str]) -> str:
    """A word with a Latin letter in Latin letters alone; another as it is."""
    if not _LATIN.search(word[0]):
        return word[0]
    return "".join(_LOOKS_LATIN.get(c, c) for c in word[0])


def _one(character: str) -> str:  # noqa: PLR0911
    """The folded form of one character: one character, or none."""
    match unicodedata.category(character):
        case "Cf" | "Cs":  # zero width, direction marks, soft hyphen; half a surrogate pair
            return ""
        case "Cc":  # those that end a line, those that divide, and NUL and the rest
            if character in "\x0b\x0c\x85":
                return "\n"
            return " " if character.isspace() else ""
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
    if character == "\u2212":
        return "-"
    plain = unicodedata.normalize("NFKC", character)  # full width, mathematical, circled
    return plain if character > "\u017f" and len(plain) == 1 and plain.isascii() else character
