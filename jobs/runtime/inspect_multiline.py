"""Inspection of CSV whose quoted values may hold line ends, by Python's own reader."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from conf.contract import SourceContract
from jobs.runtime.encodings import without_bom
from jobs.runtime.headers import checked_header, csv_dialect
from jobs.runtime.inspect_lines import Found
from jobs.runtime.source_bytes import SourceFile

MAX_COLUMNS = 20_000


def inspect_multiline(
    file: SourceFile, content: BinaryIO, contract: SourceContract, encoding: str
) -> Found:
    """Count records; blank lines between them are none.

    Raises: SourceError where it would be open which record a byte belongs to: bytes that do not
    decode, quotes that do not close, line ends of two kinds.
    """
    lines = _Lines(io.TextIOWrapper(content, encoding, newline=""))
    reader = csv.reader(lines, csv_dialect(contract.source))
    header: list[str] | None = None
    records = 0
    try:
        for row in reader:
            _check(file, row, reader.line_num)
            lines.end_record()
            if row and header is None and contract.source.header:
                header = row
            elif row:
                records += 1
    except UnicodeDecodeError:
        raise file.error(
            f"line {reader.line_num + 1} or one of the next is not {contract.source.encoding}",
            f"set the encoding in {contract.path} or correct the file",
        ) from None
    except csv.Error:
        raise file.error(
            f"a quote is not closed or has text after it, line {reader.line_num} at the latest",
            f"correct the file, or set quote in {contract.path}",
        ) from None
    if len(lines.ends) > 1:
        raise file.error("its records end with line ends of two kinds", "use one kind of line end")
    if header is None:
        return Found(records)
    return Found(records, checked_header(file, header))


def _check(file: SourceFile, row: list[str], line: int) -> None:
    if len(row) > MAX_COLUMNS:
        raise file.error(f"line {line} has more than {MAX_COLUMNS} columns", "correct the file")


class _Lines:
    """Physical lines, and with which line ends records end."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text = text
        self._last = ""
        self.ends: set[str] = set()

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._text):
            self._last = line if number else without_bom(line)
            yield self._last

    def end_record(self) -> None:
        if end := self._last[len(self._last.rstrip("\r\n")) :]:
            self.ends.add(end)
