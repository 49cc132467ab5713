"""Inspection of JSON lines: there is no header, so names are looked for in the content."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import BinaryIO

from conf.contract import SourceContract
from jobs.runtime.headers import missing_columns, no_match
from jobs.runtime.inspect_lines import Found, chunks
from jobs.runtime.lines import LineCounter
from jobs.runtime.source_bytes import SourceFile
from udfs.json_lines import json_fields

_OVERLAP = 1024
_SAMPLE = 1000  # lines parsed to find columns the contract does not name


def inspect_json_lines(
    file: SourceFile, content: BinaryIO, contract: SourceContract, encoding: str
) -> Found:
    """Count lines and look for the contract's names.

    Raises: SourceError if the first records are objects and no name of the contract is anywhere,
    WrongEncodingError for UTF-16 that Hadoop would cut inside a character.
    """
    counter, names = LineCounter(encoding), _Names(contract, encoding)
    head = b""
    for chunk in chunks(content):
        head = head or chunk
        counter.feed(chunk)
        names.feed(chunk)
    counter.check(contract.source.encoding)
    seen = _names_in(head.decode(encoding, "ignore").split("\n")[:_SAMPLE])
    missing = missing_columns(contract, names.seen | seen)
    if seen and len(missing) == len(contract.columns):
        raise no_match(file, contract, sorted(seen))
    known = {c.source_name for c in contract.columns}
    return Found(counter.lines, None, missing if seen else (), tuple(sorted(seen - known)))


def _names_in(lines: Iterable[str]) -> set[str]:
    return {name for line in lines for name in json_fields(line) or ()}


class _Names:
    """Which of the contract's names stand in quotes somewhere: no parsing, a search of bytes."""

    def __init__(self, contract: SourceContract, encoding: str) -> None:
        names = [c.source_name for c in contract.columns]
        self._open = {n: json.dumps(n, ensure_ascii=False).encode(encoding) for n in names}
        self._last = b""
        self.seen: set[str] = set()

    def feed(self, chunk: bytes) -> None:
        window = self._last + chunk
        for name in [n for n, literal in self._open.items() if literal in window]:
            self.seen.add(name)
            del self._open[name]
        self._last = chunk[-_OVERLAP:] if self._open else b""
