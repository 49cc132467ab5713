"""Spans the detector was unsure about: what waits for a person, what was said, what it measures.

`ops/pii_review` and `ops/pii_verdicts` hold references, offsets and keyed fingerprints. The text is
read from Bronze when it is shown, and goes nowhere else.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from conf.contract import Contracts
from conf.errors import UsageError
from conf.s3 import is_s3
from conf.secrets import KeySource
from jobs.runtime.batches import Batches
from jobs.runtime.corrections import corrected_value
from jobs.runtime.lake import Lake
from jobs.runtime.records import PII_REVIEW, PII_VERDICTS, Record, latest
from transformations.names import DELIVERY, ROW
from transformations.standardize import clean_text
from transformations.treatments import reviewed_columns
from udfs.pii.verdicts import NO_VERDICTS, Verdict, Verdicts, fingerprint

REVIEW, VERDICTS = "ops.pii_review", "ops.pii_verdicts"
PLACE = ("table", "batch", DELIVERY, ROW, "column", "start", "end", "entity")


def verdicts_of(lake: Lake, keys: KeySource) -> Verdicts:
    """The allow and deny lists: of each text what was said last."""
    said = latest(lake.log(VERDICTS, PII_VERDICTS).read(), "fingerprint").values()
    if not said:
        return NO_VERDICTS
    lists: dict[str, set[str]] = defaultdict(set)
    for verdict in said:
        lists[verdict["verdict"]].add(verdict["fingerprint"])
    return Verdicts(
        frozenset(lists[Verdict.NOT_PERSONAL]), frozenset(lists[Verdict.PERSONAL]), keys
    )


def waiting(lake: Lake, tables: Sequence[str] = (), *, again: bool = False) -> list[Record]:
    """Spans of published batches without a verdict, or `again` all, by table, delivery and row."""
    kept = [r for r in lake.log(REVIEW, PII_REVIEW).read() if not tables or r["table"] in tables]
    published = {
        (table, batch)
        for table in {r["table"] for r in kept}
        for batch in Batches(lake, table, "").published
    }
    said = set() if again else set(latest(lake.log(VERDICTS, PII_VERDICTS).read(), *PLACE))
    spans = [r for r in kept if (r["table"], r["batch"]) in published and _place(r) not in said]
    return sorted(spans, key=_place)


def _place(record: Record) -> tuple[Any, ...]:
    return tuple(record[name] for name in PLACE)


def counted(spans: Iterable[Record]) -> list[dict[str, Any]]:
    """How many spans by table, column and entity."""
    names = ("table", "column", "entity")
    counts = Counter(tuple(span[n] for n in names) for span in spans)
    return [dict(zip(names, key, strict=True)) | {"spans": n} for key, n in sorted(counts.items())]


@dataclass(frozen=True)
class Shown:
    """A span in its text: for a terminal, never to be stored."""

    text: str
    start: int
    end: int

    @property
    def span(self) -> str:
        return self.text[self.start : self.end]

    def parts(self, reach: int = 60) -> tuple[str, str, str]:
        """What stands before, the span, and what stands after; nothing in it steers a terminal."""
        before = self.text[max(0, self.start - reach) : self.start]
        return _printable(before), _printable(self.span), _printable(self.text[self.end :][:reach])

    def __repr__(self) -> str:  # the text must not get into an error or a log
        return f"Shown({self.start}, {self.end})"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " if c.isspace() else "\N{MIDDLE DOT}" for c in text)


class Reviewer:
    """Somebody with Bronze rights and the lake's key, who looks at spans and judges them."""

    def __init__(self, lake: Lake, contracts: Contracts, keys: KeySource, name: str) -> None:
        """Raises: UsageError if Bronze cannot be read."""
        self._lake, self._contracts, self._keys, self._name = lake, contracts, keys, name
        self._unwritten: list[Record] = []
        bronze = lake.settings.layer("bronze")
        if not is_s3(bronze) and not os.access(bronze, os.R_OK | os.X_OK):
            raise UsageError(f"reviewing needs the right to read Bronze ({bronze})")

    def look(self, span: Record) -> Shown | None:
        """The span in its row's text, standardized as the pipeline did; None if it does not fit:
        the contract has changed since."""
        contract = self._contracts.sources.get(span["table"])
        columns = reviewed_columns(contract) if contract else []
        column = next((c for c in columns if c.name == span["column"]), None)
        if column is None:
            return None
        name = column.name.replace('"', '""')
        rows = self._lake.query(
            f"bronze.{span['table']}",
            f'select "{name}" as value from t '
            f"where {DELIVERY} = {span[DELIVERY]} and {ROW} = {span[ROW]}",
        )
        corrected = corrected_value(
            self._lake, span["table"], span[DELIVERY], span[ROW], column.name
        )
        values = [corrected["value"]] if corrected else [row["value"] for row in rows]
        text = clean_text(column, values[0]) if len(values) == 1 else None
        if text is None or not 0 <= span["start"] < span["end"] <= len(text):
            return None
        return Shown(text, span["start"], span["end"])

    def said_before(self, shown: Shown) -> Verdict | None:
        """What was said of the same text at another place."""
        return self._said.get(fingerprint(self._keys.load(), shown.span))

    def say(self, span: Record, shown: Shown, verdict: Verdict, *, is_repeat: bool = False) -> None:
        """Keep a verdict: who said what, when, of which place, and the text's fingerprint.

        Repeats wait for the next verdict or for `close`: there may be hundreds.
        """
        told = fingerprint(self._keys.load(), shown.span)
        self._said[told] = verdict
        self._unwritten.append(
            {name: span[name] for name in (*PLACE, "score", "found")}
            | {
                "verdict": str(verdict),
                "fingerprint": told,
                "is_repeat": is_repeat,
                "reviewer": self._name,
                "recorded_at": datetime.now(UTC),
            }
        )
        if not is_repeat:
            self.close()

    def close(self) -> None:
        """Write what waits to be written."""
        self._lake.log(VERDICTS, PII_VERDICTS).append(self._unwritten)
        self._unwritten = []

    @cached_property
    def _said(self) -> dict[str, Verdict]:
        lists = verdicts_of(self._lake, self._keys)
        return dict.fromkeys(lists.personal, Verdict.PERSONAL) | dict.fromkeys(
            lists.not_personal, Verdict.NOT_PERSONAL
        )


@dataclass(frozen=True)
class Measured:
    """What reviewers said of one entity. Only unsure findings are reviewed, so that this is the
    precision where the detector doubts, not of all that it finds."""

    entity: str
    reviewed: int = 0  # findings
    confirmed: int = 0  # of them personal
    nearly_found: int = 0  # spans below the threshold
    missed: int = 0  # of them personal

    @property
    def precision(self) -> float | None:
        """confirmed / reviewed; None if nothing was reviewed."""
        return self.confirmed / self.reviewed if self.reviewed else None

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "precision": self.precision}


def precision(lake: Lake, tables: Sequence[str] = ()) -> list[Measured]:
    """The measured precision of each entity that was reviewed."""
    said = lake.log(VERDICTS, PII_VERDICTS).read()
    return measured(r for r in said if not tables or r["table"] in tables)


def measured(verdicts: Iterable[Record]) -> list[Measured]:
    """By entity, of each place what was said last."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for said in latest(verdicts, *PLACE).values():
        is_personal = int(said["verdict"] == Verdict.PERSONAL)
        names = ("reviewed", "confirmed") if said["found"] else ("nearly_found", "missed")
        counts[said["entity"]].update(dict(zip(names, (1, is_personal), strict=True)))
    return [Measured(entity, **told) for entity, told in sorted(counts.items())]
