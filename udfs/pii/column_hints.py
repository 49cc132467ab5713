"""What a column's name says of its content, in Danish and English.

A name is a hint and no more: it is written by somebody who may have meant something else.
"""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue"})
_CAMEL = re.compile(r"(?<=[a-zæøå0-9])(?=[A-ZÆØÅ])|(?<=[A-ZÆØÅ])(?=[A-ZÆØÅ][a-zæøå])")


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|_)(?:{'|'.join(patterns)})(?=_|$)")


# Looked at in this order: `vejnavn` is a street, `bynavn` a town, `mobil_nr` a phone.
_HINTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("DK_CPR", _any(
        r"\w*cpr(?:_?(?:nr|no|nummer|number))?", r"(?:cpr|person|personal|foedsels|fodsels)_?(?:nr|no|id|nummer|number)",
        "pnr", "ssn", "national_?id(?:_number)?", "social_security(?:_number)?")),
    ("EMAIL_ADDRESS", _any(
        r"\w*e_?mails?(?:_?(?:adresse|adr|address))?", r"(?:kontakt|arbejds|privat)?mail(?:_?(?:adresse|adr|address))?", "epost")),
    ("IBAN_CODE", _any(r"\w*iban(?:_?(?:nr|no|nummer|number|code))?")),
    ("CREDIT_CARD", _any(
        r"(?:kort|kreditkort|betalingskort|dankort|card|credit_?card)_?(?:nr|no|nummer|number)", "credit_?card", "kreditkort", "pan")),
    ("BANK_ACCOUNT", _any(
        r"\w*konto(?:_?(?:nr|no|nummer))?", r"reg_?(?:nr|no|nummer)", r"(?:bank_)?account_?(?:nr|no|number)", "bank_account", "sort_?code")),
    ("DATE_OF_BIRTH", _any(
        r"f(?:oe|o)dsels_?(?:dato|dag|aar|ar)", r"f(?:oe|o)dt(?:_dato)?", "foedt", "dob", r"birth_?(?:date|day)", "date_of_birth",
        "born(?:_on)?", r"year_of_birth", "birth_?year")),
    ("PHONE_NUMBER", _any(
        r"\w*(?:telefon|tlf|mobil|mobiltelefon)(?:_?(?:nr|no|nummer))?",
        r"\w*(?:phone|mobile|cell|cellphone|telephone|msisdn|fax)(?:_?(?:nr|no|num|number))?", "tel")),
    ("POSTAL_CODE", _any(
        r"\w*post_?(?:nr|no|nummer|kode|code)", r"(?:postal|zip)(?:_?code)?", "plz", "zip")),
    ("STREET_ADDRESS", _any(
        r"\w*adr(?:esse)?(?:_?linje)?(?:_?\d)?", r"\w*address(?:_?line)?(?:_?\d)?", r"\w*vej(?:navn)?", r"gade(?:navn)?", r"street(?:_?name)?",
        r"hus_?(?:nr|nummer)", r"house_?(?:no|number)")),
    ("LOCATION", _any(r"by(?:_?navn)?", "post_?distrikt", "city(?:_?name)?", "town", "kommune(?:navn)?", "municipality")),
    ("PERSON", _any(
        r"\w*(?:fornavne?|efternavne?|mellemnavn|fuldenavn|fulde_navn)", r"(?:kunde|medlems?|bruger|kontakt|person|patient|klient|elev|medarbejder)?_?navne?",
        r"(?:first|last|middle|full|given|family|maiden|sur|customer|member|user|contact|person|client|patient|employee|account_holder|card_?holder)_?names?",
        "name", "surname", r"(?:card_?)?holder", r"kontaktperson", r"contact_?person", "aegtefaelle", "spouse")),
)  # fmt: skip
# A company's, a thing's or a file's name, a machine's address and a computed share are nobody's.
_NOBODY = _any(
    r"(?:firma|virksomheds?|produkt|vare|fil|projekt|system|afdelings?|butiks?|kampagne|land|lande)_?navn",
    r"(?:company|product|file|table|project|system|department|store|shop|brand|campaign|country|event|host|domain|column|category)_?name",
    r"(?:ip|mac|web|url)_?(?:adr|adresse|address)", r"(?:iban|cpr|email|mail|phone)_(?:valid|ok|type|count)",
    r"\w*_(?:valid|type|count|flag|status)",
)  # fmt: skip
_NUMBERS = _any(
    r"\w*(?:ordre|order|faktura|invoice|sags?|case|vare|item|ean|cvr|track|batch|kvittering|receipt|bilag|sku)_?(?:id|nr|no|nummer|number)?",
    r"(?:\w*_)?id", r"(?:kunde|medlems?|bruger)id",
)  # fmt: skip


def hinted(name: str) -> str | None:
    """The entity that a column's name tells, None if it tells none."""
    text = normalized(name)
    if _NOBODY.fullmatch(text):
        return None
    return next((entity for entity, pattern in _HINTS if pattern.search(text)), None)


def is_number_name(name: str) -> bool:
    """Whether a name says that its numbers are of orders, invoices, items: nobody's."""
    return _NUMBERS.fullmatch(normalized(name)) is not None


def normalized(name: str) -> str:
    """Words in lower case joined by `_`, æ ø å written out: `KundeNavn` and `Kunde-navn` are
    `kunde_navn`."""
    composed = _CAMEL.sub("_", unicodedata.normalize("NFC", name).strip())
    return re.sub(r"[^a-z0-9]+", "_", composed.lower().translate(_LETTERS)).strip("_")
