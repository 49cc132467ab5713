"""Customers with known faults."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from jobs.sample.notes import fields, filled
from jobs.sample.pools import INVALID_PHONES, NOTES, cpr_numbers, phone_numbers, pools, spelled

CHUNK = 50_000
TIERS = ("bronze", "silver", "gold", "platinum")
COUNTRIES = ("DK", "SE", "NO", "US")


@dataclass
class CustomerTruth:
    """What was put into the customers, exactly."""

    rows: int = 0
    distinct_ids: int = 0
    missing_email: int = 0
    invalid_phone: int = 0
    duplicate_lines: list[int] = field(default_factory=list)  # 1-based lines of a CSV file
    notes_with_pii: int = 0


@dataclass
class Chunk:
    """Some customers, their notes' spans, and the planted values a leak scan looks for."""

    frame: pd.DataFrame
    spans: list[dict[str, Any]]
    planted: list[tuple[str, str, str]]  # column, kind, value


def customers(count: int, seed: int, truth: CustomerTruth) -> Iterator[Chunk]:
    """Customers in chunks: 5 % without e-mail, 2 % with an invalid phone, 1 % repeated ids.

    The faults are exact in number and spread over the rows. A repeated id stands on a later row
    than its first; every other repetition is identical to it.
    """
    rng = np.random.default_rng([seed, 1])
    repeats = count // 100
    distinct = count - repeats
    faulty = _Faults(
        email=set(rng.choice(distinct, count * 5 // 100, replace=False).tolist()),
        phone=set(rng.choice(distinct, count * 2 // 100, replace=False).tolist()),
    )
    for start in range(0, distinct, CHUNK):
        size = min(CHUNK, distinct - start)
        chunk = _chunk(np.random.default_rng([seed, 2, start]), seed, start, size, faulty)
        if start + size == distinct:
            _repeat(chunk, repeats, rng, start, faulty)
            truth.duplicate_lines = list(range(distinct + 2, count + 2))
        _tally(truth, chunk)
        yield chunk
    truth.distinct_ids = distinct


@dataclass(frozen=True)
class _Faults:
    email: set[int]
    phone: set[int]


def customer_id(number: int) -> str:
    return f"C{number + 1:08d}"


def _chunk(rng: np.random.Generator, seed: int, start: int, size: int, faulty: _Faults) -> Chunk:
    pool = pools(seed)
    numbers = range(start, start + size)
    first = [pool.first_names[i] for i in rng.integers(0, len(pool.first_names), size)]
    last = [pool.last_names[i] for i in rng.integers(0, len(pool.last_names), size)]
    words = tokens(numbers)
    phones = phone_numbers(rng, size)
    spellings = rng.integers(0, 10, size)
    towns = rng.integers(0, len(pool.towns), size)
    streets = rng.integers(0, len(pool.streets), size)
    houses = rng.integers(1, 200, size)
    births = np.datetime64("1940-01-01") + rng.integers(0, 365 * 65, size).astype("timedelta64[D]")
    created = np.datetime64("2019-01-01T06:00:00") + rng.integers(0, 4 * 365 * 86_000, size).astype(
        "timedelta64[s]"
    )
    names = [f"{f} {t} {s}" for f, t, s in zip(first, words, last, strict=True)]
    emails = [
        None if n in faulty.email else f"{_ascii(f)}.{t.lower()}@example.{'dk' if n % 3 else 'com'}"
        for n, f, t in zip(numbers, first, words, strict=True)
    ]
    frame = pd.DataFrame(
        {
            "customer_id": [customer_id(n) for n in numbers],
            "customer_name": names,
            "email_address": emails,
            "phone_number": [
                INVALID_PHONES[n % len(INVALID_PHONES)] if n in faulty.phone else spelled(p, int(s))
                for n, p, s in zip(numbers, phones, spellings, strict=True)
            ],
            "address": [
                f"{pool.streets[s]} {h}, {t.lower()}. tv"
                for s, h, t in zip(streets, houses, words, strict=True)
            ],
            "city": [pool.towns[i][1] for i in towns],
            "postal_code": [pool.towns[i][0] for i in towns],
            "country": [COUNTRIES[i] for i in rng.choice(4, size, p=[0.9, 0.04, 0.03, 0.03])],
            "date_of_birth": births.astype(str),
            "created_at": [c.replace("T", " ") for c in created.astype(str)],
            "is_active": np.where(rng.random(size) < 0.85, "true", "false"),
            "customer_tier": [TIERS[i] for i in rng.choice(4, size, p=[0.6, 0.25, 0.1, 0.05])],
        }
    )
    planted = [("customer_id", "id", customer_id(n)) for n in numbers]
    # The address holds the same token as the name, and shipping addresses do.
    planted += [("customer_name", "name", t) for t in words]
    planted += [("email_address", "email", e) for e in emails if e]
    planted += [
        ("phone_number", "phone", p)
        for n, p in zip(numbers, phones, strict=True)
        if n not in faulty.phone
    ]
    # A time may fall on 1970-01-01 by itself: it is what zero seconds are.
    days = sorted({str(b) for b in births.astype(str)} - {"1970-01-01"})
    planted += [("date_of_birth", "date", day) for day in days]
    chunk = Chunk(frame, [], planted)
    frame["notes"] = _notes(rng, chunk, start, size, pool.clean_notes)
    return chunk


def _notes(
    rng: np.random.Generator, chunk: Chunk, start: int, size: int, clean: tuple[str, ...]
) -> list[str | None]:
    """A third with planted personal data, a third clean, a third empty."""
    cprs = cpr_numbers(rng, size)
    phones = phone_numbers(rng, size)
    templates, picks, spellings = (rng.integers(0, n, size) for n in (len(NOTES), len(clean), 10))
    notes: list[str | None] = []
    for i in range(size):
        if i % 3 == 1:
            notes.append(clean[picks[i]])
        elif i % 3 == 2:
            notes.append(None)
        else:
            token = _token(start + i, salt="n")
            values = {
                "name": f"{str(chunk.frame['customer_name'].iat[i]).split()[0]} {token}",
                "cpr": cprs[i],
                "phone": spelled(phones[i], int(spellings[i])),
                "email": f"{token.lower()}@example.net",
            }
            text, spans = filled(NOTES[templates[i]], values)
            notes.append(text)
            chunk.spans.append(
                {"line": start + i + 2, "text": text, "spans": [asdict(s) for s in spans]}
            )
            plain = values | {"phone": phones[i], "name": token}
            chunk.planted += [("notes", name, plain[name]) for name in fields(NOTES[templates[i]])]
    return notes


def _repeat(
    chunk: Chunk, repeats: int, rng: np.random.Generator, start: int, faulty: _Faults
) -> None:
    """Append rows that repeat earlier ids without other faults; every second with another town."""
    bad = faulty.email | faulty.phone
    sound = [i for i in range(len(chunk.frame)) if start + i not in bad]
    picks = sorted(rng.choice(sound, repeats, replace=False).tolist())
    again = chunk.frame.iloc[picks].reset_index(drop=True)
    again.loc[1::2, "city"] = "Andenby"
    by_line = {s["line"]: s for s in chunk.spans}
    first_line = start + len(chunk.frame) + 2
    for offset, pick in enumerate(picks):
        if span := by_line.get(start + pick + 2):
            chunk.spans.append(span | {"line": first_line + offset})
    chunk.frame = pd.concat([chunk.frame, again], ignore_index=True)


def _tally(truth: CustomerTruth, chunk: Chunk) -> None:
    truth.rows += len(chunk.frame)
    truth.missing_email += int(chunk.frame["email_address"].isna().sum())
    truth.invalid_phone += int(chunk.frame["phone_number"].isin(INVALID_PHONES).sum())
    truth.notes_with_pii += len(chunk.spans)


def _token(number: int, salt: str = "q") -> str:
    """An improbable word of letters, one for each number: no town or name is mistaken for it."""
    return tokens([number], salt)[0]


def tokens(numbers: Sequence[int] | np.ndarray, salt: str = "q") -> list[str]:
    """The token of each number."""
    value = np.asarray(numbers, dtype=np.int64) * 7919 + 104_729
    places = value[:, None] // 20 ** np.arange(7) % 20
    letters = np.array(list("bcdfghjklmnpqrstvwxz"))[places]
    return [f"X{salt}{word}" for word in letters.view("U7").ravel().tolist()]


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return "".join(c for c in plain if c.isalnum()) or "kunde"
