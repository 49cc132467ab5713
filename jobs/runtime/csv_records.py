"""Records of CSV whose quoted values may hold line ends, by Python's own strict reader.

The inspection counts with it and Bronze is written with it, so that both see the same records.
Spark's reader is no choice: it turns CR LF into LF after an opening quote (measured).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from conf.contract import SourceFormat
from jobs.runtime.encodings import without_bom


def csv_dialect(source: SourceFormat) -> type[csv.Dialect]:
    """Quoting as RFC 4180 has it, and nothing else: what is ambiguous is an error."""
    csv.field_size_limit(1 << 30)

    class Told(csv.Dialect):
        delimiter = source.delimiter
        quotechar = source.quote or None
        doublequote = True  # the base class has None, which is false
        quoting = csv.QUOTE_MINIMAL if source.quote else csv.QUOTE_NONE
        lineterminator = "\n"
        strict = True

    return Told


@dataclass(frozen=True)
class CsvRecord:
    """One record; a blank line is a record without fields."""

    line: int  # its first line in the file, from 1
    fields: list[str]
    text: str  # as written, without its line end


class CsvRecords:
    """The records of a file, header included.

    Raises while iterated: UnicodeDecodeError, and csv.Error where quotes do not close or have text
    after them.
    """

    def __init__(self, content: BinaryIO, encoding: str, source: SourceFormat) -> None:
        self._text = io.TextIOWrapper(content, encoding, newline="")
        self._read: list[str] = []
        self._reader = csv.reader(self._lines(), csv_dialect(source))
        self.line_ends: set[str] = set()

    @property
    def line(self) -> int:
        """How many lines have been read."""
        return self._reader.line_num

    def __iter__(self) -> Iterator[CsvRecord]:
        first = 1
        for fields in self._reader:
            text = "".join(self._read)
            end = next((e for e in ("\r\n", "\n", "\r") if text.endswith(e)), "")
            self.line_ends |= {end} - {""}
            yield CsvRecord(first, fields, text.removesuffix(end))
            self._read.clear()
            first = self.line + 1

    def _lines(self) -> Iterable[str]:
        for number, line in enumerate(self._text):
            self._read.append(line if number else without_bom(line))
            yield self._read[-1]


def is_verbatim(record: CsvRecord, source: SourceFormat) -> bool:
    """Whether the fields alone give the record back: quotes where needed, or around every field."""
    if not source.quote or source.quote not in record.text:
        return True
    special = {source.quote, source.delimiter, "\r", "\n"}
    every = [_quoted(field, source.quote) for field in record.fields]
    needed = [
        q if special & set(field) else field for q, field in zip(every, record.fields, strict=True)
    ]
    return record.text in (source.delimiter.join(every), source.delimiter.join(needed))


def _quoted(field: str, quote: str) -> str:
    return f"{quote}{field.replace(quote, quote * 2)}{quote}"
