"""The words of a text, and which of them are common: what names and language are told by."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from wordfreq import get_frequency_dict

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")


class Word(NamedTuple):
    """A word of a text: where it stands, how it is written."""

    start: int
    end: int
    text: str
    lower: str
    capital: bool


def words_of(text: str) -> list[Word]:
    """Runs of letters, with inner hyphens and apostrophes."""
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        found.append(Word(match.start(), match.end(), word, word.lower(), word[0].isupper()))
    return found


def words_between(words: Sequence[Word], start: int, end: int) -> Sequence[Word]:
    """The words that have a part in [start, end), without a look at the others."""
    first = bisect_right(words, start, key=attrgetter("end"))
    return words[first : bisect_left(words, end, key=attrgetter("start"))]


@cache
def frequencies(language: str) -> dict[str, float]:
    """How often each word is used in a language (package wordfreq), by lower-case word; some
    30,000 words. It counts names as well."""
    return get_frequency_dict(language, "small")


def is_common(word: str, language: str, least: float = 2e-6) -> bool:
    """Whether a lower-case word is used at least so often."""
    return frequencies(language).get(word, 0.0) >= least


def word_set(listed: str) -> frozenset[str]:
    """The words of a text, in which lists read and change more easily."""
    return frozenset(listed.split())


def phrase_set(listed: str) -> frozenset[str]:
    """The phrases of a text, divided by commas."""
    return frozenset(" ".join(phrase.split()) for phrase in listed.split(","))
