"""Pools of values to draw from: Faker is called for the pools, not for each row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from faker import Faker
from numpy.random import Generator

from udfs.phones import to_e164

POOL = 1200
PREFIXES = (
    "20",
    "21",
    "22",
    "26",
    "28",
    "30",
    "31",
    "40",
    "42",
    "50",
    "51",
    "53",
    "60",
    "61",
    "71",
)


@dataclass(frozen=True)
class Pools:
    """Values a row is made of."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]  # postal code, town
    clean_notes: tuple[str, ...]


@cache
def pools(seed: int) -> Pools:
    """Danish and American names, streets and towns."""
    fakers = [Faker("da_DK"), Faker("en_US")]
    for faker in fakers:
        faker.seed_instance(seed)
    danish, american = fakers
    first = [danish.first_name() for _ in range(POOL)] + [american.first_name() for _ in range(300)]
    last = [danish.last_name() for _ in range(POOL)] + [american.last_name() for _ in range(300)]
    streets = [danish.street_name() for _ in range(POOL)]
    towns = [(danish.postcode(), danish.city()) for _ in range(POOL)]
    return Pools(tuple(first), tuple(last), tuple(streets), tuple(towns), CLEAN_NOTES)


CLEAN_NOTES = (
    "Ønsker faktura kvartalsvis.",
    "Ringede om levering, alt er aftalt.",
    "Vil gerne have nyhedsbrevet om efteråret.",
    "Har spurgt til returnering af en vare.",
    "Kunden er tilfreds med den seneste ordre.",
    "Prefers delivery on weekdays.",
    "Asked about the loyalty program.",
    "Complained about a late parcel, got a voucher.",
    "Wants paper invoices.",
    "Happy with the last order.",
)

# {name}, {cpr}, {phone} and {email} are planted; the order of a template's fields is its spans'.
NOTES = (
    "Kunden {name} ringede og bad om at blive kontaktet på {phone}.",
    "CPR {cpr} er oplyst af kunden i telefonen.",
    "Send venligst kvitteringen til {email}, tak.",
    "Kontakt ægtefællen {name} på {email} eller {phone}.",
    "Har oplyst cpr-nr. {cpr} og mobil {phone}.",
    "Customer {name} asked us to call {phone} after work.",
    "Please send the invoice to {email} instead.",
    "Identified by CPR number {cpr}, spoke to {name}.",
)

PHONE_SPELLINGS = (
    "{0}{1}{2}{3}",
    "{0} {1} {2} {3}",
    "{0}{1} {2}{3}",
    "+45{0}{1}{2}{3}",
    "+45 {0} {1} {2} {3}",
    "+45 {0}{1}{2}{3}",
    "0045{0}{1}{2}{3}",
    "0045 {0} {1} {2} {3}",
    "(+45) {0} {1} {2} {3}",
    "{0}-{1}-{2}-{3}",
)
INVALID_PHONES = ("12345", "00 00 00 00", "ukendt", "+45 1", "n/a", "11-11")


@cache
def _phone_heads() -> tuple[str, ...]:
    """First three digits after which any five make a valid number: the numbering plan's patterns
    say nothing of the other digits, so that one number a head has to be asked for."""
    heads = (f"{prefix}{digit}" for prefix in PREFIXES for digit in range(10))
    return tuple(head for head in heads if to_e164(f"{head}12345"))


def phone_numbers(rng: Generator, count: int) -> list[str]:
    """Distinct valid Danish numbers of eight digits."""
    heads = _phone_heads()
    found: dict[str, None] = {}
    while len(found) < count:
        head = rng.choice(len(heads), count)
        tail = rng.integers(0, 100_000, count)
        found |= dict.fromkeys(f"{heads[h]}{t:05d}" for h, t in zip(head, tail, strict=True))
    return list(found)[:count]


def spelled(number: str, spelling: int) -> str:
    """One of the ways people write a number."""
    pairs = (number[0:2], number[2:4], number[4:6], number[6:8])
    return PHONE_SPELLINGS[spelling % len(PHONE_SPELLINGS)].format(*pairs)


def cpr_numbers(rng: Generator, count: int) -> list[str]:
    """Numbers of the CPR's form, with a legal date and without the control digit's guarantee."""
    days = rng.integers(0, 365 * 60, count)
    births = np.datetime64("1940-01-01") + days.astype("timedelta64[D]")
    serials = rng.integers(0, 4000, count)
    numbers = []
    for birth, serial in zip(births.astype(str), serials, strict=True):
        year, month, day = birth.split("-")
        numbers.append(f"{day}{month}{year[2:]}-{serial:04d}")
    return numbers
