"""What a column of a source holds, by its name and a sample of its values: plain Python, no Spark.

Values beat names: an `id` full of CPR numbers is a CPR column, an `email` without one @ is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from udfs.pii.column_hints import hinted, is_number_name, normalized
from udfs.pii.findings import FAILURE
from udfs.pii.identifiers import CARD, DK_CPR, EMAIL, IBAN, PHONE, Look, Sure, identifying, look
from udfs.pii.leaks import PERSON, Detect, Kind, signs

MOST = 0.5  # share of values from which on they decide
DETECTED = 300  # different values that the detector sees of a column
_PHONES = 0.9  # of random numbers of eight digits three in four may have been issued
_FEW = 20  # different values of a category at most
_ADULT, _OLDEST = 15, 110  # years: a column of births reaches back at least and at most so far

_DATES = {
    "yyyy-MM-dd": "%Y-%m-%d",
    "dd-MM-yyyy": "%d-%m-%Y",
    "dd.MM.yyyy": "%d.%m.%Y",
    "dd/MM/yyyy": "%d/%m/%Y",
    "yyyyMMdd": "%Y%m%d",
}
_TIMES = {
    "yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S",
    "dd-MM-yyyy HH:mm:ss": "%d-%m-%Y %H:%M:%S",
    "dd-MM-yyyy HH:mm": "%d-%m-%Y %H:%M",
    "yyyy-MM-dd'T'HH:mm:ss": "%Y-%m-%dT%H:%M:%S",
}
_INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[+-]?\d{1,15}[.,]\d{1,6}")
_BOOLEANS = frozenset(
    ["true", "false", "t", "f", "yes", "no", "y", "n", "ja", "nej", "j", "1", "0", "sand", "falsk"]
)
_POSTAL = re.compile(r"(?:DK-?)?[0-9]{4}|(?:SE-?)?\d{3} ?\d{2}", re.IGNORECASE)
_STREET = re.compile(
    r"\b\w*(?:vej|gade|all[eé]|plads|str[æa]de|vænget|boulevard|street|road|avenue|lane)\s+\d{1,4}\b",
    re.IGNORECASE,
)
_ADDRESSES = ("STREET_ADDRESS", "ADDRESS")


@dataclass(frozen=True)
class Proposal:
    """What a contract may say of a column, and why. Holds no value."""

    column: str  # as the source calls it
    why: str
    entity: str | None = None
    classification: str | None = None  # None: the column is searched (detect)
    treatment: str | None = None
    words: dict[str, str] = field(default_factory=dict)  # further custom properties
    logical_type: str = "string"
    format: str | None = None  # of dates and times
    shares: dict[str, float] = field(default_factory=dict)  # of the values that look like each


# entity: classification, treatment, further words.
_RULES: dict[str, tuple[str, str, dict[str, str]]] = {
    DK_CPR: ("pii-sensitive", "hash", {"form": "cpr"}),
    EMAIL: ("pii-direct", "hash", {"form": "email"}),
    PHONE: ("pii-direct", "hash", {"form": "phone"}),
    IBAN: ("pii-direct", "hash", {}),
    CARD: ("pii-sensitive", "redact", {}),
    "BANK_ACCOUNT": ("pii-direct", "hash", {}),
    PERSON: ("pii-direct", "hash", {}),
    "STREET_ADDRESS": ("pii-direct", "redact", {}),
    "POSTAL_CODE": ("pii-indirect", "generalize", {"generalize": "prefix:2"}),
    "LOCATION": ("pii-indirect", "keep", {}),
    "DATE_OF_BIRTH": ("pii-indirect", "generalize", {"generalize": "year"}),
}


def proposed(name: str, values: Sequence[str | None], detect: Detect, today: date) -> Proposal:
    """What to say of a column from its name and a sample of its values."""
    told = [text for v in values if v is not None and (text := v.strip())]
    hint = hinted(name)
    if not told:
        return _named(name, hint, "no values in the sample, only the name says so")
    shares = _shares(name, told, detect, today, hint)
    best = _best(shares, hint)
    if best and best != hint:
        why = f"{shares[best]:.0%} of the values"
        return _ruled(name, best, f"{why}; the name says {hint}" if hint else why, told, shares)
    if best:
        return _ruled(name, best, f"the name and {shares[best]:.0%} of the values", told, shares)
    if hint and _is_open(hint, told):
        return _ruled(name, hint, "the name; values neither prove nor disprove it", told, shares)
    return _unpersonal(name, hint, told, shares)


def _best(shares: dict[str, float], hint: str | None) -> str | None:
    """The entity that most values are; of two, the one that the name tells."""
    most = {e: s for e, s in shares.items() if e in _RULES and s >= MOST}
    if hint in most:
        return hint
    # A town or a street may be a name to the detector, never the other way round.
    return max(most, key=lambda e: (most[e], e != PERSON), default=None)


def _is_open(hint: str, told: Sequence[str]) -> bool:
    """Whether values that pass no check can still be what the name says: words, not codes."""
    if hint in (DK_CPR, EMAIL, IBAN, CARD):
        return False
    distinct = set(told)
    if hint == "BANK_ACCOUNT":
        return sum(any(c.isdigit() for c in v) for v in distinct) >= MOST * len(distinct)
    if hint in (PERSON, "STREET_ADDRESS", "LOCATION"):
        words = sum(any(map(str.isalpha, v)) and v.lower() not in _BOOLEANS for v in distinct)
        return words >= MOST * len(distinct)
    return False


def _shares(
    name: str, told: Sequence[str], detect: Detect, today: date, hint: str | None
) -> dict[str, float]:
    looks = Counter(seen for v in told if (seen := look(v)))
    hints = {hint} if hint else set()
    found: dict[str, float] = {e: n / len(told) for e, n in identifying(looks, hints).items() if n}
    bare = looks[Look(PHONE, Sure.LIKELY)] / len(told)
    if PHONE not in found and bare >= _PHONES and hint is None and not is_number_name(name):
        found[PHONE] = bare  # a guess: whoever reads the proposal knows better
    if (births := _births(told, today, hint)) is not None:
        found["DATE_OF_BIRTH"] = births
    if hint == "POSTAL_CODE":
        found["POSTAL_CODE"] = sum(_POSTAL.fullmatch(v) is not None for v in told) / len(told)
    return found | _by_detector(told, detect)


def _by_detector(told: Sequence[str], detect: Detect) -> dict[str, float]:
    """Shares of the different values, of which the detector sees some."""
    distinct = list(dict.fromkeys(told))[:DETECTED]
    seen = signs(distinct, detect)
    kinds = Counter(s for each in seen for s in each)
    names = sum(n for s, n in kinds.items() if s.entity == PERSON and s.kind is not Kind.TEXT)
    by_form = sum(_STREET.search(v) is not None and len(v) < 100 for v in distinct)
    streets = max(by_form, sum(n for s, n in kinds.items() if s.entity in _ADDRESSES))
    in_text = sum(any(s.kind is Kind.TEXT and s.entity != FAILURE for s in each) for each in seen)
    shares = {
        PERSON: names / len(distinct),
        "STREET_ADDRESS": streets / len(distinct),
        "TEXT": in_text / len(distinct),
    }
    if shares["STREET_ADDRESS"] >= MOST:
        shares[PERSON] = 0.0  # streets are named after people
    return {entity: share for entity, share in shares.items() if share}


def _births(told: Sequence[str], today: date, hint: str | None) -> float | None:
    """Share of the values that are days somebody may be born on; None if they are other days."""
    _, days = _days(told, _DATES)
    if not days:
        return None
    years = [today.year - day.year for day in days]
    possible = sum(0 <= age <= _OLDEST for age in years) / len(told)
    reaches_back = sorted(years)[len(years) // 2] >= _ADULT and len(set(days)) > 1
    return possible if hint == "DATE_OF_BIRTH" or (hint is None and reaches_back) else None


def _days(told: Sequence[str], patterns: dict[str, str]) -> tuple[str | None, list[date]]:
    """The pattern that most values have, and what they are by it."""
    parsed = {p: [d for v in told if (d := _parsed(v, how))] for p, how in patterns.items()}
    pattern = max(parsed, key=lambda p: len(parsed[p]))
    return (pattern, parsed[pattern]) if len(parsed[pattern]) >= MOST * len(told) else (None, [])


def _parsed(value: str, how: str) -> date | None:
    try:
        return datetime.strptime(value, how).date()
    except ValueError:
        return None


def _ruled(
    name: str, entity: str, why: str, told: Sequence[str], shares: dict[str, float]
) -> Proposal:
    classification, treatment, words = _RULES[entity]
    kind, pattern = "string", None
    if entity == "DATE_OF_BIRTH":
        pattern, _ = _days(told, _DATES)
        kind = "date" if pattern else "string"
        if not pattern:  # a year of a text that is no date cannot be taken
            treatment, words = "redact", {}
    words = words if "form" in words else {**words, "piiEntity": entity}
    return Proposal(name, why, entity, classification, treatment, words, kind, pattern, shares)


def _named(name: str, hint: str | None, why: str) -> Proposal:
    if hint is None:
        return Proposal(name, "no values in the sample, and the name says nothing")
    return _ruled(name, hint, why, [], {})


def _unpersonal(
    name: str, hint: str | None, told: Sequence[str], shares: dict[str, float]
) -> Proposal:
    against = f"; the name says {hint}, no value does" if hint else ""
    sure = {e: n for e, n in shares.items() if e in (DK_CPR, EMAIL, PHONE, IBAN, CARD, "TEXT")}
    words = sum(len(v.split()) >= 4 for v in told) / len(told)
    if sure or words >= 0.3 or shares.get(PERSON, 0) >= 0.2:
        why = "personal data in some values" if sure else "free words"
        return Proposal(name, why + against, None, "pii-text", "detect", shares=shares)
    kind, pattern = _type(told)
    if is_number_name(name) and _is_persons_number(name):
        why = "the number of a person"
        return Proposal(
            name, why, None, "pii-indirect", "hash", logical_type="string", shares=shares
        )
    bare = sum(look(v) == Look(PHONE, Sure.LIKELY) for v in told)
    if bare >= MOST * len(told) and not is_number_name(name):
        return Proposal(name, "may be phone numbers; it is searched" + against, shares=shares)
    is_category = len(set(told)) <= _FEW and len(told) >= 2 * len(set(told))
    if kind != "string" or is_category or is_number_name(name):
        what = "a category" if is_category else "numbers, days or codes"
        return Proposal(
            name,
            what + against,
            None,
            "internal",
            "keep",
            _separators(kind, told),
            kind,
            pattern,
            shares,
        )
    return Proposal(name, "nothing personal seen; it is searched" + against, shares=shares)


def _separators(kind: str, told: Sequence[str]) -> dict[str, str]:
    is_comma = kind == "number" and any("," in v for v in told)
    return {"decimalSeparator": ","} if is_comma else {}


def _is_persons_number(name: str) -> bool:
    return re.match(
        r"(?:kunde|medlem|bruger|patient|person|klient|customer|member|user|client|employee)",
        normalized(name),
    ) is not None  # fmt: skip


def _type(told: Sequence[str]) -> tuple[str, str | None]:
    """The logical type that every value has, and the pattern of days and times."""
    distinct = set(told)
    if {v.lower() for v in distinct} <= _BOOLEANS:
        return "boolean", None
    for kind, patterns in (("date", _DATES), ("timestamp", _TIMES)):
        pattern, days = _days(list(distinct), patterns)
        if pattern and len(days) == len(distinct):
            return kind, pattern
    if all(_INTEGER.fullmatch(v) for v in distinct):
        return "integer", None
    if all(_NUMBER.fullmatch(v) or _INTEGER.fullmatch(v) for v in distinct):
        return "number", None
    return "string", None
