"""Names of persons as word lists: Faker's (MIT), read from the installed package.

What a list tells depends on the word: `Mette` is a name wherever it stands with a capital, `Bo`
and `Will` are names only with something beside them that says so.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from functools import cache

import faker.providers.person as faker_persons

from udfs.pii.name_words import ALSO_WORDS
from udfs.pii.words import frequencies, is_common

NEAR = ("da_DK", "no_NO", "sv_SE", "fi_FI", "is_IS", "de_DE", "en_US", "en_GB", "tr_TR")
"""Locales whose names are usual in Danish customer data."""

_LATIN = re.compile(r"[^\W\d_]{2,}(?:['’\-][^\W\d_]+)*")


@dataclass(frozen=True)
class Lexicon:
    """First and last names in lower case."""

    first: frozenset[str]
    near_first: frozenset[str]  # usual here, and hardly ever anything else
    last: frozenset[str]
    near_last: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The lists of all of Faker's locales in Latin letters. A foreign name that is a usual Danish
    or English word is left out."""
    first, near_first, last, near_last = set(), set(), set(), set()
    for module in pkgutil.iter_modules(faker_persons.__path__):
        if not module.ispkg:
            continue
        given, family = _names(module.name)
        if module.name in NEAR:
            near_first |= given
            near_last |= family
        else:
            given = {n for n in given if not _usual(n)}
            family = {n for n in family if not _usual(n)}
        first |= given
        last |= family
    return Lexicon(
        frozenset(first - ALSO_WORDS),
        frozenset(near_first - ALSO_WORDS),
        frozenset(last),
        frozenset(near_last),
    )


def _names(locale: str) -> tuple[set[str], set[str]]:
    provider = importlib.import_module(f"{faker_persons.__name__}.{locale}").Provider
    lists: dict[str, set[str]] = {"first": set(), "last": set()}
    for attribute in dir(provider):
        kind = next((k for k in lists if k in attribute), None)
        values = getattr(provider, attribute)
        if kind and "format" not in attribute and isinstance(values, (tuple, list, dict)):
            lists[kind] |= {str(v).lower() for v in values if _LATIN.fullmatch(str(v))}
    return lists["first"], lists["last"]


def _usual(name: str) -> bool:
    return is_common(name, "da", 1e-5) or is_common(name, "en", 2e-5)


def looks_like_surname(lower: str) -> bool:
    """Danish and Nordic surnames by their form: -sen, -sson, -gaard, -strup, -bæk ..."""
    return bool(_SURNAME.fullmatch(lower)) and lower not in frequencies_of_words()


_SURNAME = re.compile(
    r"[^\W\d_]{2,}(?:sen|sson|ssen|gaard|gård|strup|bæk|bech|lund|holm|quist|kvist|berg|bjerg|"
    r"ager|høj|dahl|skov|rup|bro|toft|vad|feldt|ström|strøm|mann|ski|sky|ska|dottir|dóttir|vic|ić)"
)


@cache
def frequencies_of_words() -> frozenset[str]:
    """Usual Danish words that only look like surnames (`næsen`, `lossen`): endings of the definite
    form, where no list knows a name."""
    known, spelt = lexicon().last, ("gaard", "bech", "mann")  # as no word is, only names
    seen = (w for w in frequencies("da") if _SURNAME.fullmatch(w) and not w.endswith(spelt))
    return frozenset(w for w in seen if w not in known)
