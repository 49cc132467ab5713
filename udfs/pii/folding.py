"""Text as the recognizers read it: one spelling of what looks alike, with the way back.

Zero-width characters inside a CPR number, full-width digits, a Cyrillic letter in a name or a
line's end written as an escape must not hide anything, and the text that is kept must stay as it
came.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
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
_ESCAPE = re.compile(
    r"(?<!\\)\\+(?:(?P<sign>[nrt])|u(?P<code>[0-9a-fA-F]{4}))"  # JSON, and JSON within JSON
    r"|&(?:#(?:\d{2,6}|[xX][0-9a-fA-F]{2,5})|[A-Za-z]{2,8});"  # HTML
)
_SIGNS = {"n": "\n", "r": "\n", "t": "\t"}
_TOKEN = re.compile(r"\S+")
_ACCOUNT = re.compile(r"(?<!\w)[A-Z]{2}\d\d[A-Z\d]{11,30}(?!\w)")


@dataclass(frozen=True)
class Folded:
    """The folded text, and where each of its characters began and ended (None: at its own place)."""

    text: str
    origins: Sequence[int] | None = None
    ends: Sequence[int] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """A span of the folded text as a span of the original one."""
        if self.origins is None or start >= end:
            return start, end
        return self.origins[start], self.ends[end - 1]


def folded(text: str) -> Folded:
    """Fold digits and full-width forms to ASCII, dashes and spaces to one, look-alike letters in
    Latin words to Latin, escapes of JSON and HTML to what they mean; take out characters without
    width."""
    is_escaped = ("\\" in text or "&" in text) and _ESCAPE.search(text) is not None
    if not is_escaped and _PLAIN.fullmatch(text):
        return Folded(text)
    made: list[tuple[str, int, int]] = []
    hidden: dict[int, int] = {}  # before which character what has no width was taken out, and where
    for character, start, end in _characters(text) if is_escaped else _places(text, 0, len(text)):
        seen = character if " " <= character <= "~" or character in "\t\n\r" else _one(character)
        if seen:
            made.append((seen, start, end))
        else:
            hidden[len(made)] = start
    made = _divided(made, hidden)
    joined = "".join(character for character, _, _ in made)
    if _FOREIGN.search(joined):
        joined = _LETTERS.sub(_as_latin, joined)
    if not hidden and not is_escaped:
        return Folded(joined)
    return Folded(joined, [start for _, start, _ in made], [end for _, _, end in made])


def _places(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    return ((text[at], at, at + 1) for at in range(start, end))


def _characters(text: str) -> Iterator[tuple[str, int, int]]:
    """Each character with its place; an escape is the one that it means."""
    done = 0
    for escape in _ESCAPE.finditer(text):
        yield from _places(text, done, escape.start())
        done = escape.end()
        meant = _meant(escape)
        if len(meant) == 1:
            yield meant, escape.start(), escape.end()
        else:  # &unknown;
            yield from _places(text, escape.start(), escape.end())
    yield from _places(text, done, len(text))


def _meant(escape: re.Match[str]) -> str:
    if escape["sign"]:
        return _SIGNS[escape["sign"]]
    return chr(int(escape["code"], 16)) if escape["code"] else html.unescape(escape[0])


def _divided(
    made: list[tuple[str, int, int]], hidden: dict[int, int]
) -> list[tuple[str, int, int]]:
    """With a blank for what was taken out between a word and a number or another word ("cpr",
    NUL, digits), but not inside of what holds both: an e-mail address or an account."""
    between = [at for at in hidden if 0 < at < len(made) and _is_seam(made[at - 1][0], made[at][0])]
    if not between:
        return made
    joined = "".join(character for character, _, _ in made)
    whole = bytearray(len(joined))
    for token in _TOKEN.finditer(joined):
        if "@" in token[0] or _ACCOUNT.search(token[0]):
            whole[token.start() : token.end()] = b"\x01" * len(token[0])
    told, done = list[tuple[str, int, int]](), 0
    for at in between:
        if not whole[at]:
            told += made[done:at]
            told.append((" ", hidden[at], hidden[at] + 1))
            done = at
    return told + made[done:]


def _is_seam(before: str, after: str) -> bool:
    if before.isdigit() or after.isdigit():
        return before.isalpha() or after.isalpha()
    return before.islower() and after.isupper()


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
