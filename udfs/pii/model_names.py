"""Names by rule and by model together: which texts a model must read, and what of its answer
stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from udfs.pii.findings import Finding, covered
from udfs.pii.language import DANISH
from udfs.pii.lexicon import lexicon
from udfs.pii.name_words import ALSO_WORDS, NO_NAMES, PER_WHAT
from udfs.pii.names import (
    ALONE,
    FORM,
    PERSON,
    at_sentence_start,
    base_of,
    cue_before,
    genitive_end,
    is_brand,
    is_ordinary,
    is_surname,
)
from udfs.pii.recognizers.places import by_first_word
from udfs.pii.words import Word, is_common, words_between


def may_hide_a_name(
    text: str, words: Sequence[Word], findings: Sequence[Finding], language: str
) -> bool:
    """Whether a model could find a name here that nothing has found yet: some word with a capital
    that is neither explained, nor an ordinary word at a sentence's start, nor a usual one in
    small letters that is a name as well."""
    told = covered(len(text), (f for f in findings if f.score >= ALONE))
    lists = lexicon()
    for word in words:
        if told[word.start] or word.lower in NO_NAMES:
            continue
        if not word.capital:
            if word.lower in lists.near_first or not _is_known(word.lower, language):
                return True
            continue
        ordinary = is_common(word.lower, language, _rarest(word.lower)) and (
            word.lower not in lists.first
        )
        if not (ordinary and at_sentence_start(text, word.start)):
            return True
    return False


def _rarest(lower: str) -> float:
    """How usual a word must be for its capital at a sentence's start to say nothing."""
    return 2e-4 if lower in ALSO_WORDS else 1e-5


def _is_known(lower: str, language: str) -> bool:
    """Whether a word in small letters needs no second look. Danish makes new words by joining
    known ones, so that there an unknown one says nothing."""
    return language == DANISH or len(lower) < 3 or is_common(lower, language, 0.0000015)


def person(text: str, words: Sequence[Word], finding: Finding) -> Finding | None:
    """What a model takes for a person, without what cannot belong to a name; None if nothing is
    left: a product, a number, an ordinary word that only begins a sentence."""
    line = text[finding.start : finding.end].split("\n", maxsplit=1)[0]
    end = finding.start + len(line)
    near = words_between(words, finding.start, end)
    told = [w for w in near if w.start >= finding.start and w.end <= end]
    starts = at_sentence_start(text, finding.start)
    while starts and len(told) > 1 and is_ordinary(told[0]) and not is_ordinary(told[1]):
        told.pop(0)
    branded = bool(told) and (is_brand(told) or (starts and len(told) > 1 and is_brand(told[1:])))
    if not told or branded or any(c.isdigit() for c in line):
        return None
    if all(w.lower in NO_NAMES for w in told) or (starts and _is_preposition(text, words, told)):
        return None
    if not any(w.capital or base_of(w.lower) in lexicon().first for w in told):
        return None
    cued = cue_before(text, told[0].start)
    if not cued and _is_thing(text, told):
        return None
    if not cued and all(is_ordinary(w) or _is_definite(w) for w in told):
        small = not any(w.capital for w in told)
        if small or len(told) > 1 or at_sentence_start(text, told[0].start):
            return None
    end = genitive_end(text, told[-1].end)
    return Finding(told[0].start, end, finding.entity, finding.score)


_NUMBER = re.compile(r"\s+\d")


def _is_preposition(text: str, words: Sequence[Word], told: Sequence[Word]) -> bool:
    """Whether they are the `Per` of `Per telefon`, `Per 1. marts`."""
    if [word.lower for word in told] != ["per"]:
        return False
    following = next((w for w in words if w.start >= told[0].end), None)
    return bool(_NUMBER.match(text, told[0].end)) or (
        following is not None and following.lower in PER_WHAT
    )


_LOCATIVE = re.compile(r"(?<!\w)(?:i|på|fra|ved|nær|of|in|at|near)\s$", re.IGNORECASE)


def _is_thing(text: str, told: Sequence[Word]) -> bool:
    """Whether a span is rather a place or a house: an unknown word behind a preposition of place,
    a noun that belongs to a name (`Robinsons Hule`), a compound (`Europa-Cup-runde`)."""
    lists, last = lexicon(), told[-1]
    known = any(
        base_of(part) in lists.first for w in told for part in (w.lower, w.lower.partition("-")[0])
    )
    if "-" in last.text and last.text.rpartition("-")[2].islower() and not known:
        return True
    if len(told) == 1:
        unknown = not known and not is_surname(last.lower)
        return unknown and bool(_LOCATIVE.search(text, max(0, last.start - 6), last.start))
    return len(told) == 2 and told[0].lower.endswith("s") and is_ordinary(last)


def _is_definite(word: Word) -> bool:
    """Danish nouns in the definite form (`Genkendelsen`, `Japaneren`)."""
    return word.lower.endswith(("elsen", "ingen", "heden", "tionen", "eren", "erne", "ismen"))


def is_place(words: Sequence[Word], finding: Finding) -> bool:
    """Whether what a model takes for a place can be one: it has a capital, or is known."""
    told = words_between(words, finding.start, finding.end)
    return any(w.capital or w.lower in by_first_word() for w in told)


def mentions(text: str, words: Sequence[Word], findings: Sequence[Finding]) -> Iterator[Finding]:
    """A name once found is a name wherever else it stands in the text with a capital, and so is
    what is listed with names (`Malon, Mark, Kaylee and Brandi`)."""
    persons = [f for f in findings if f.entity == PERSON]
    if not persons:
        return
    named = covered(len(text), persons)
    inside = {w for w in words if named[w.start]}
    known = {base_of(w.lower) for w in inside if len(w.text) > 2 and not is_ordinary(w)}
    listed = _listed_with(text, words, inside)
    for word in words:
        if word.capital and word not in inside and (base_of(word.lower) in known or word in listed):
            yield Finding(word.start, word.end, PERSON, FORM)


def _listed_with(text: str, words: Sequence[Word], persons: Collection[Word]) -> set[Word]:
    """Single capitalized words in a list of which at least two, and half, are persons."""
    listed: set[Word] = set()
    row: list[Word] = []
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word.capital and word.lower not in NO_NAMES:
            row.append(word)
        elif word.lower not in {"and", "og"} or not row:
            row = []
        gap = text[word.end : following.start] if following else ""
        if gap not in {", ", " "} or (
            gap == " "
            and "and" != word.lower != "og"
            and not (following and following.lower in {"and", "og"})
        ):
            if len(row) > 2 and 2 <= sum(w in persons for w in row) >= len(row) / 2:
                listed.update(row)
            row = []
    return listed
