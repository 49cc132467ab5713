"""Names of persons by rule: word lists, titles, greetings and signatures, the form of surnames.

It works without any model, and beside one it finds what the model misses. In every language a
name is a run of capitalized words; what makes the run a name is, in falling certainty, a cue in
front of it (`Kære`, `Hr.`, `hedder`, `spoke to`), a known first name followed by another
capitalized word, a surname by its form, or, in Danish, a known first name alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from udfs.pii.findings import Finding
from udfs.pii.language import DANISH
from udfs.pii.lexicon import lexicon, looks_like_surname
from udfs.pii.name_words import (
    ALSO_WORDS,
    BEFORE_NAMES,
    BRANDS,
    HOUSES,
    MONTHS,
    NAMES_BY_CAPITAL,
    NO_NAMES,
    PARTICLES,
    PHRASES_BEFORE_NAMES,
    PLACE_WORDS,
    TITLES,
)
from udfs.pii.words import Word, frequencies, is_common

PERSON = "PERSON"
CUED, FULL, FORM, ALONE, NEAR, WEAK = 0.9, 0.85, 0.7, 0.6, 0.57, 0.55
"""How sure each kind of evidence is. What is less than `ALONE` a model may know better."""


_CUE = re.compile(
    rf"(?<!\w)(?:(?P<title>{'|'.join(sorted(TITLES))})\.?"
    rf"|(?P<cue>{'|'.join((*sorted(PHRASES_BEFORE_NAMES), *sorted(BEFORE_NAMES)))}))[.:,!]{{0,2}}(?:\s{{1,3}}|(?<=/))$",
    re.IGNORECASE,
)
_CUE_REACH = 30
_NO_NAME_BEFORE = re.compile(r"[\d_]|\.(?:docx?|pdf|txt|csv|jpe?g|png)\b")  # part of a code or file
_DAY = re.compile(r"\.? ?\d")
_OPENED, _CLOSED = {' "', " “", " ”", " »", " «", " '"}, {'" ', "” ", "“ ", "« ", "» ", "' "}
_OPENING, _QUOTED = re.compile(r"(?<!\w)['’‘]"), 60
_GAP = re.compile(r"[ \t]{1,2}|-")
_AFTER_INITIAL = re.compile(r"\.?[ \t]{0,2}")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n\r>\"“”»«•*(\[|-])\s*$")


def names_in(text: str, words: Sequence[Word], languages: Collection[str]) -> Iterator[Finding]:
    """The persons named in a text, by rule."""
    at = 0
    while at < len(words):
        word = words[at]
        if not word.capital or not _may_be_name(text, words, at):
            if (cued := _lower_name(text, words, at)) is not None:
                yield Finding(word.start, words[cued].end, PERSON, CUED)
                at = cued
            at += 1
            continue
        last = _run(text, words, at)
        score = _certainty(text, words, at, last, languages)
        if score:
            start = _title_start(text, words, at) if score == CUED else word.start
            yield Finding(start, genitive_end(text, words[last].end), PERSON, score)
        at = last + 1 if score or is_brand(words[at : last + 1]) else at + 1


def genitive_end(text: str, end: int) -> int:
    """Where a name ends with the apostrophe of its genitive: `Lars' far`, not `'Lars'`."""
    if text[end - 1] not in "sSxXzZ" or text[end : end + 1] not in ("'", "’"):
        return end
    line = text[max(0, end - _QUOTED) : end].rpartition("\n")[2]
    return end if _OPENING.search(line) or text[end + 1 : end + 2].isalnum() else end + 1


def is_brand(run: Sequence[Word]) -> bool:
    """Whether a run of words is a product, or begins with a house that bears a person's name."""
    first = run[0].lower.partition("-")[0]
    told = (" ".join(w.lower for w in run[:n]) for n in (2, 3))
    return (
        first in BRANDS or first.removesuffix("s") in BRANDS or any(name in HOUSES for name in told)
    )


def at_sentence_start(text: str, start: int) -> bool:
    """Whether a capital there may only mark a sentence's start."""
    return bool(_SENTENCE_START.search(text, max(0, start - 12), start)) or start == 0


def cue_before(text: str, start: int) -> str | None:
    """The kind of cue that stands directly before a place: `title`, `cue` or None."""
    match = _CUE.search(text, max(0, start - _CUE_REACH), start)
    return match.lastgroup if match else None


def _certainty(  # noqa: PLR0911
    text: str, words: Sequence[Word], first: int, last: int, languages: Collection[str]
) -> float:
    """How sure a run of capitalized words is a name; 0 if nothing says so."""
    run, word = words[first : last + 1], words[first]
    cue = cue_before(text, word.start)
    if is_brand(run) and cue != "title":
        return 0.0
    if cue == "title" or (cue and _is_free(run)):
        return CUED
    if _follows_place_word(text, words, first):
        return 0.0
    known, lists = base_of(word.lower), lexicon()
    double = _is_double(word)
    if len(run) > 1 and (known in lists.first or double or _is_inverted(run[0], run[1])):
        return FULL
    if len(run) > 2 and len(run[1].text) == 1 and not is_ordinary(word):
        return FULL  # an initial in the middle
    if len(run) > 1 and known in ALSO_WORDS and is_surname(run[-1].lower):
        return FORM if at_sentence_start(text, word.start) else FULL
    if len(run) > 1 and is_surname(run[-1].lower) and _is_free(run):
        ambiguous = languages != {DANISH} and is_common(run[-1].lower, "en", 1e-5)
        return 0.0 if ambiguous else FORM
    if len(run) > 1:
        return 0.0
    return _certainty_alone(text, words, first, languages)


def _is_double(word: Word) -> bool:
    """`Anne-Mette`, and `Hans-Peter`, of which each half is a word as well."""
    half, _, other = word.text.partition("-")
    return half.lower() in lexicon().near_first or (
        half.lower() in ALSO_WORDS and other[:1].isupper()
    )


def _certainty_alone(  # noqa: PLR0911
    text: str, words: Sequence[Word], at: int, languages: Collection[str]
) -> float:
    """How sure a single capitalized word without a cue is a name; 0 if nothing says so."""
    word, lists = words[at], lexicon()
    known = base_of(word.lower)
    if known.endswith("sen") and known in lists.near_last:
        return ALONE
    if _joined_to_name(text, words, at):
        return ALONE
    if word.text.isupper() and not text.isupper():  # an abbreviation
        return 0.0
    if known in lists.near_first or known.partition("-")[0] in lists.near_first:
        return ALONE if languages == {DANISH} else NEAR
    if languages == {DANISH} and known in NAMES_BY_CAPITAL:
        return ALONE if _is_capital_of_its_own(text, words, at) else 0.0
    if at_sentence_start(text, word.start):
        unused = languages == {DANISH} and known in lists.last and not _is_used(known)
        return WEAK if unused else 0.0
    rare = not is_common(known, "en", 1e-5) and not is_common(known, "da", 1e-5)
    return WEAK if known in lists.first or (rare and known in lists.last) else 0.0


def _is_capital_of_its_own(text: str, words: Sequence[Word], at: int) -> bool:
    """Neither that of a sentence nor of a longer name, as in `Sankt Hans`, a day."""
    if not at or at_sentence_start(text, words[at].start):
        return False
    before = words[at - 1]
    is_longer = before.capital and not at_sentence_start(text, before.start)
    return not is_longer and before.lower not in ("sankt", "skt")


def _title_start(text: str, words: Sequence[Word], at: int) -> int:
    """Where the title before a name begins, or the name itself."""
    before = words[at - 1] if at else None
    if before and before.lower in TITLES and words[at].start - before.end <= 2:
        return before.start
    return words[at].start


def _follows_place_word(text: str, words: Sequence[Word], at: int) -> bool:
    """San Rafael, Mount Vincent, Fort Wayne: no persons."""
    before = words[at - 1] if at else None
    return bool(
        before
        and before.capital
        and before.lower in PLACE_WORDS
        and text[before.end : words[at].start] in (" ", ". ")
    )


def _joined_to_name(text: str, words: Sequence[Word], at: int) -> bool:
    """`Viola og Lene Hansen`: what is joined to a full name is a name, if it can be one."""
    if at + 3 >= len(words) or words[at + 1].lower not in {"og", "and", "&"}:
        return False
    lower = words[at].lower
    lists = lexicon()
    known = lower in lists.first or lower in ALSO_WORDS
    partner = words[at + 2]
    return known and partner.capital and partner.lower in lists.first and words[at + 3].capital


def _run(text: str, words: Sequence[Word], first: int) -> int:
    """The last word of the run of capitalized words that begins at `first`."""
    last, at = first, first + 1
    shouted = words[first].text.isupper() and len(words[first].text) > 1
    while at < len(words) and at - first < 6:
        gap = text[words[at - 1].end : words[at].start]
        joined = _AFTER_INITIAL if len(words[at - 1].text) == 1 else _GAP
        word = words[at]
        if _is_nickname(text, words, at):
            last, at = at + 1, at + 2
            continue
        if gap == ", " and at == first + 1 and _is_inverted(words[first], word):
            return at
        if not joined.fullmatch(gap):
            break
        if word.capital and _may_follow(word, shouted):
            last = at
        elif word.lower not in PARTICLES:
            break
        at += 1
    return last


def _is_nickname(text: str, words: Sequence[Word], at: int) -> bool:
    """`Ole "Bogart" Michelsen`: in quotes between a first name and another capitalized word."""
    return (
        text[words[at - 1].end : words[at].start] in _OPENED
        and at + 1 < len(words)
        and text[words[at].end : words[at + 1].start] in _CLOSED
        and words[at].capital
        and words[at + 1].capital
        and base_of(words[at - 1].lower) in lexicon().first
    )


def _is_inverted(surname: Word, given: Word) -> bool:
    """`Lenhart, Matthew`: a first name behind what is none."""
    lists = lexicon()
    return (
        given.capital
        and given.lower in lists.near_first
        and surname.lower not in lists.first
        and surname.lower not in ALSO_WORDS
        and not is_common(surname.lower, "en", 1e-5)
        and not is_common(surname.lower, "da", 1e-5)
    )


def _may_follow(word: Word, shouted: bool) -> bool:
    if len(word.text) == 1:
        return word.text != "I"
    if word.lower in NO_NAMES:
        return False
    if word.text.isupper() and len(word.text) > 2:
        return shouted and (is_surname(word.lower) or _listed(base_of(word.lower)))
    return True


def _may_be_name(text: str, words: Sequence[Word], at: int) -> bool:
    word = words[at]
    if len(word.text) == 1:  # initials begin a name only if a surname follows
        following = at + 1
        while following < len(words) and len(words[following].text) == 1:
            following += 1
        return (
            following < min(len(words), at + 4)
            and words[following].start - word.end <= 3 * (following - at)
            and words[following].capital
            and is_surname(words[following].lower)
        )
    if word.lower in NO_NAMES:
        return False
    return not _NO_NAME_BEFORE.match(text, word.end) and not (
        word.lower in MONTHS and _DAY.match(text, word.end)
    )


def _lower_name(text: str, words: Sequence[Word], at: int) -> int | None:
    """The last word of a name written without capitals: a first name with a surname that is
    usual here, or after a greeting."""
    word, lists = words[at], lexicon()
    if word.capital or word.lower not in lists.near_first:
        return None
    last = at
    if at + 1 < len(words) and text[word.end : words[at + 1].start] == " ":
        following = words[at + 1].lower
        surname = following in lists.near_last or following.endswith(("sen", "gaard", "sson"))
        if surname or (len(following) > 3 and not _is_used(following)):
            last = at + 1
    if last > at or (cue_before(text, word.start) and not is_common(word.lower, "en", 5e-5)):
        return last
    return None


def _is_free(run: Sequence[Word]) -> bool:
    """Whether the first word is not an ordinary word of Danish or English."""
    lower = base_of(run[0].lower)
    lists = lexicon()
    if len(lower) == 1:  # an initial
        return len(run) > 1
    if lower in lists.first or lower in lists.near_last or lower in ALSO_WORDS:
        return True
    if len(run) > 1 and is_surname(run[-1].lower):
        return not (is_common(lower, "da", 2e-5) or is_common(lower, "en", 2e-5))
    return not (is_common(lower, "da") or is_common(lower, "en"))


def is_surname(lower: str) -> bool:
    base = base_of(lower)
    lists = lexicon()
    return any(w in lists.near_last or looks_like_surname(w) for w in (lower, base))


def base_of(lower: str) -> str:
    """A name without its genitive -s, where only the rest is known."""
    for ending in ("'s", "’s", "s", "'", "’"):
        rest = lower.removesuffix(ending)
        if rest != lower and not _listed(lower) and _listed(rest):
            return rest
    return lower


def _listed(lower: str) -> bool:
    lists = lexicon()
    return lower in lists.first or lower in lists.last


def _is_used(lower: str) -> bool:
    """Whether a word is used at all in Danish or English."""
    return lower in frequencies("da") or lower in frequencies("en")


def is_ordinary(word: Word) -> bool:
    """Whether a word is used in Danish or English, and is no name that is usual here."""
    known = base_of(word.lower)
    if known in lexicon().first or known in ALSO_WORDS or is_surname(word.lower):
        return False
    return is_common(word.lower, "da", 5e-6) or is_common(word.lower, "en", 1e-5)
