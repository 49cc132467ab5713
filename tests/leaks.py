"""Look for planted values in every byte that a run leaves or makes on the way.

A value is looked for in every canonical form it could take. Parquet is decoded (a compressed or
dictionary-encoded page hides a string from a byte scan) and scanned raw as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Leak:
    """A planted value that was found where it must not be: never the value itself."""

    kind: str
    path: str


def forms(kind: str, value: str) -> set[str]:
    """The canonical forms of a value, as text."""
    if kind in {"phone", "cpr"}:
        digits = re.sub(r"\D", "", value)
        if kind == "phone":
            digits = digits[-8:]
            pairs = " ".join(digits[i : i + 2] for i in range(0, 8, 2))
            return {value, digits, f"+45{digits}", pairs}
        return {value, digits, f"{digits[:6]}-{digits[6:]}", f"{digits[:6]} {digits[6:]}"}
    return {
        unicodedata.normalize(form, text)
        for form in ("NFC", "NFD")
        for text in (value, value.lower(), value.upper())
    }


class Needles:
    """Planted values as one lookup: tokens by length, so that a file is read once."""

    def __init__(self, planted: Iterable[tuple[str, str]]) -> None:
        self._digits: dict[bytes, str] = {}
        self._texts: dict[bytes, str] = {}
        for kind, value in planted:
            for form in forms(kind, value):
                target = self._digits if form.isdigit() else self._texts
                target[form.encode()] = kind
                target[form.encode("utf-16-le")] = kind
        # Digits inside a longer run of hex digits are a digest or an id, not a number.
        self._digit_run = re.compile(rb"(?<![0-9A-Fa-f])[0-9]{8,12}(?![0-9A-Fa-f])")
        self._by_head: dict[bytes, list[bytes]] = defaultdict(list)
        for needle in self._texts:
            self._by_head[needle[:6]].append(needle)
        self._heads = re.compile(b"|".join(map(re.escape, self._by_head)) or rb"(?!)")
        self._wide_run = re.compile(rb"(?:[0-9]\x00){8,12}")

    def kinds_in(self, data: bytes) -> set[str]:
        """The kinds of planted values that stand in some bytes."""
        found = {
            self._digits[run.group()]
            for pattern in (self._digit_run, self._wide_run)
            for run in pattern.finditer(data)
            if run.group() in self._digits
        }
        for head in self._heads.finditer(data):
            for needle in self._by_head[head.group()]:
                if data.startswith(needle, head.start()):
                    found.add(self._texts[needle])
        return found


def decoded(path: Path) -> Iterator[bytes]:
    """A file's bytes, and for Parquet every string and binary value of every column, too."""
    data = path.read_bytes()
    yield data
    if data[:4] == b"PAR1":
        for column in pq.read_table(path).flatten().columns:
            yield "\n".join(_strings(column)).encode("utf-8", "surrogatepass")


def _strings(column: pa.ChunkedArray) -> Iterator[str]:
    for value in column.to_pylist():
        if value is not None:
            yield value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def scan(needles: Needles, *roots: Path, outside: Path | None = None) -> list[Leak]:
    """The leaks in every file below `roots`, except below `outside`."""
    leaks = []
    for root in roots:
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            if outside is not None and path.is_relative_to(outside):
                continue
            try:
                kinds = {kind for data in decoded(path) for kind in needles.kinds_in(data)}
            except FileNotFoundError:  # scratch that a running job has removed
                continue
            leaks += [Leak(kind, str(path.relative_to(root))) for kind in sorted(kinds)]
    return leaks
