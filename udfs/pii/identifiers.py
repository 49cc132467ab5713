"""Values that as a whole tell a person apart: CPR numbers, e-mails, phones, IBANs and cards.

For structured columns, where the detector has no words around a value to judge it by. A form with
its own marks (a CPR number's hyphen, a phone's country code) is certain by itself. Bare digits are
not: of random ten digits one in thirty is a legal CPR number, of eight most are phone numbers that
may have been issued. So those are judged by the column they stand in.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from udfs.phones import to_e164
from udfs.pii.check_digits import is_luhn, is_mod_97

DK_CPR, EMAIL, PHONE = "DK_CPR", "EMAIL_ADDRESS", "PHONE_NUMBER"
IBAN, CARD = "IBAN_CODE", "CREDIT_CARD"
IDENTIFIERS = frozenset({DK_CPR, EMAIL, PHONE, IBAN, CARD})
"""What tells a person apart by itself, in Presidio's words."""

LONGEST = 320  # of any identifier: 64 characters, an @ and 255
_FEWEST = {DK_CPR: 3, CARD: 3}  # bare values before chance is no explanation

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_CPR = re.compile(r"(\d{6})([-\u2010-\u2013 /]?)(\d{4})")
_INTERNATIONAL = re.compile(r"(?:\(?\+|00)\d[\d ().\-/]{5,24}\d")
_DANISH_PHONE = re.compile(r"\d{2}([ .\-]?)\d{2}(?:\1\d{2}){2}|\d{4}[ .\-]\d{4}")
_IBAN = re.compile(r"[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_DANISH_IBAN = re.compile(r"(?:DK|FO|GL)\d{16}")
_CARD = re.compile(
    r"\d{13,19}|\d{4}(?:([ -])\d{4})(?:\1\d{4}){2}(?:\1\d{1,3})?|\d{4}[ -]\d{6}[ -]\d{5}"
)
# Visa, Mastercard, Amex, Diners, Discover, JCB, Maestro, Dankort (ISO/IEC 7812 issuers).
_ISSUERS = re.compile(r"4|5[0-8]|2[2-7]|3[05-9]|6")


class Sure(StrEnum):
    """How much a value's own form says."""

    CERTAIN = "certain"
    LIKELY = "likely"  # bare digits that pass every check
    SHAPE = "shape"  # as many digits, but they pass no check: says what the column is not


@dataclass(frozen=True, order=True)
class Look:
    """What a whole value looks like."""

    entity: str
    sure: Sure


def look(value: str) -> Look | None:
    """What the value as a whole is, None if it has the form of no identifier."""
    if len(value) > LONGEST:
        return None
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", value)).strip()
    if "@" in text:
        return Look(EMAIL, Sure.CERTAIN) if _EMAIL.fullmatch(text) else None
    return _cpr(text) or _phone(text) or _card(text) or _iban(text)


def identifying(looks: Mapping[Look, int], hinted: Collection[str] = ()) -> dict[str, int]:
    """By entity: how many values of one column are identifiers, from how each looks.

    Bare digits count where at least half of the column's values of their length pass, and enough of
    them; bare phone numbers only where the column's name or another value says that they are some.
    `hinted`: the entities that the column's name tells.
    """
    found: dict[str, int] = {}
    for entity, (certain, likely, shape) in _by_entity(looks).items():
        is_column = entity != PHONE and likely >= max(_FEWEST.get(entity, 1), shape)
        counts = entity in hinted or certain > 0 or is_column
        if number := certain + (likely if counts else 0):
            found[entity] = number
    return found


def suspected(looks: Mapping[Look, int], hinted: Collection[str] = ()) -> set[str]:
    """Entities that do not count as found, though nearly every value could be one."""
    counted = identifying(looks, hinted)
    return {
        entity
        for entity, (_, likely, shape) in _by_entity(looks).items()
        if entity not in counted and likely >= 3 and likely >= 9 * shape
    }


def _by_entity(looks: Mapping[Look, int]) -> dict[str, tuple[int, int, int]]:
    counted: dict[str, dict[Sure, int]] = defaultdict(dict)
    for told, number in looks.items():
        counted[told.entity][told.sure] = number
    return {
        entity: (by.get(Sure.CERTAIN, 0), by.get(Sure.LIKELY, 0), by.get(Sure.SHAPE, 0))
        for entity, by in sorted(counted.items())
    }


def _cpr(text: str) -> Look | None:
    if not (match := _CPR.fullmatch(text)):
        return None
    if not _is_date(match[1]):
        # With a blank or a hyphen it may be anything else; without, it is a number of ten digits.
        return None if match[2] else Look(DK_CPR, Sure.SHAPE)
    return Look(DK_CPR, Sure.CERTAIN if match[2] else Sure.LIKELY)


def _is_date(ddmmyy: str) -> bool:
    """Whether there is such a day in the last or in this century: the seventh digit tells which,
    but not to someone who mistypes it."""
    day, month, year = int(ddmmyy[:2]), int(ddmmyy[2:4]), int(ddmmyy[4:])
    for century in (1900, 2000):
        try:
            date(century + year, month, day)
        except ValueError:
            continue
        return True
    return False


def _phone(text: str) -> Look | None:
    if _INTERNATIONAL.fullmatch(text):
        number = re.sub(r"^00", "+", re.sub(r"[^\d+]", "", text))
        return Look(PHONE, Sure.CERTAIN) if to_e164(number) else None
    if not _DANISH_PHONE.fullmatch(text):
        return None
    if not to_e164(re.sub(r"\D", "", text)):
        return Look(PHONE, Sure.SHAPE)
    # A hyphen or a dot may as well part a date or an item number.
    return Look(PHONE, Sure.CERTAIN if " " in text else Sure.LIKELY)


def _card(text: str) -> Look | None:
    if not _CARD.fullmatch(text):
        return None
    digits = re.sub(r"\D", "", text)
    if not (_ISSUERS.match(digits) and is_luhn(digits)):
        return Look(CARD, Sure.SHAPE)
    return Look(CARD, Sure.LIKELY if text == digits else Sure.CERTAIN)


def _iban(text: str) -> Look | None:
    if not _IBAN.fullmatch(text):
        return None
    plain = re.sub("[ -]", "", text).upper()
    if not is_mod_97(plain):
        return Look(IBAN, Sure.SHAPE)
    is_certain = plain != text or _DANISH_IBAN.fullmatch(plain)
    return Look(IBAN, Sure.CERTAIN if is_certain else Sure.LIKELY)
