"""Records of CSV whose quoted values may hold line ends, by Python's own strict reader.

The inspection counts with it and Bronze is written with it, so that both see the same records.
Spark's reader is no choice: it turns CR LF into LF after an opening quote (measured).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

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


@dataclass(slots=True)
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


class Verbatim:
    """Whether fields alone give their record back: quotes where needed, or around every field."""

    def __init__(self, source: SourceFormat) -> None:
        self._quote = source.quote
        self._written = ""
        self._writers = [
            csv.writer(
                self,
                delimiter=source.delimiter,
                quotechar=source.quote,
                quoting=quoting,
                lineterminator="\r\n",  # so that both signs count as needing quotes
            )
            for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
            if source.quote
        ]

    def holds(self, record: CsvRecord) -> bool:
        """Whether the record's text need not be kept beside its fields."""
        if not self._quote or self._quote not in record.text:
            return True
        return any(self._as_written(writer, record) == record.text for writer in self._writers)

    def write(self, text: str) -> None:
        """What a csv.writer calls once for each row."""
        self._written = text

    def _as_written(self, writer: Any, record: CsvRecord) -> str:
        writer.writerow(record.fields)
        return self._written.removesuffix("\r\n")
