"""Inspection of CSV whose quoted values may hold line ends."""

from __future__ import annotations

import csv
from typing import BinaryIO

from conf.contract import SourceContract
from jobs.runtime.csv_records import CsvRecords
from jobs.runtime.headers import checked_header
from jobs.runtime.inspect_lines import Found
from jobs.runtime.source_bytes import SourceFile


def inspect_multiline(
    file: SourceFile, content: BinaryIO, contract: SourceContract, encoding: str
) -> Found:
    """Count records, blank lines between them too.

    Raises: SourceError where it would be open which record a byte belongs to: bytes that do not
    decode, quotes that do not close, line ends of two kinds.
    """
    records = CsvRecords(content, encoding, contract.source)
    try:
        header = next(iter(records), None) if contract.source.header else None
        count = sum(1 for _ in records)
    except UnicodeDecodeError:
        raise file.error(
            f"line {records.line + 1} or one of the next is not {contract.source.encoding}",
            f"set the encoding in {contract.path} or correct the file",
        ) from None
    except csv.Error:
        raise file.error(
            f"a quote is not closed or has text after it, line {records.line} at the latest",
            f"correct the file, or set quote in {contract.path}",
        ) from None
    if len(records.line_ends) > 1:
        raise file.error("its records end with line ends of two kinds", "use one kind of line end")
    return Found(count, checked_header(file, contract, header.fields) if header else None)
