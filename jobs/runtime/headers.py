"""The header of a source file against its contract."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from conf.contract import SourceContract
from conf.errors import SourceError, listed
from jobs.runtime.csv_records import csv_dialect
from jobs.runtime.encodings import canonical, without_bom
from jobs.runtime.source_bytes import SourceFile
from transformations.names import column_names
from udfs.column_names import looks_like_a_name, told_names

if TYPE_CHECKING:
    from jobs.runtime.inspection import Inspection

_DELIMITERS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}


def header_of(file: SourceFile, contract: SourceContract, line: bytes, encoding: str) -> list[str]:
    """The names in a header line.

    Raises: SourceError if the line does not decode or its quoting does not parse.
    """
    try:
        text = without_bom(line.decode(encoding))
    except UnicodeDecodeError:
        raise file.error(
            f"its header is not {contract.source.encoding}",
            f"set the encoding in {contract.path} (Danish files are often windows-1252)",
        ) from None
    try:
        return next(csv.reader([text], csv_dialect(contract.source)), [])
    except csv.Error:
        todo = f"correct it, or set quote or multiline in {contract.path}"
        raise file.error(
            "its header has a quote that is not closed or has text after it",
            _other_delimiter(contract, text) or todo,
        ) from None


def checked_header(
    file: SourceFile, contract: SourceContract, names: Sequence[str]
) -> tuple[str, ...]:
    """Names trimmed; an unnamed column stays an empty name.

    Raises: SourceError if none is the contract's, or one stands twice.
    """
    header = tuple(name.strip() for name in names)
    if len(missing_columns(contract, header)) == len(contract.columns):
        raise no_match(file, contract, header)  # first: what follows tells words of the header
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise file.error(
            f"column {listed(_told(header, twice))} stands more than once in the header",
            "send each column once",
        )
    return header


def compared(
    contract: SourceContract, header: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns of the contract that the file lacks, and those it has beside them."""
    known = {c.source_name for c in contract.columns}
    extra = tuple(name for name in column_names(header) if name not in known)
    return missing_columns(contract, header), extra


def _told(header: Sequence[str], names: Sequence[str]) -> list[str]:
    """Names as an error may tell them; without a contract each by its own form alone."""
    return [n if looks_like_a_name(n) else f"column_{header.index(n) + 1}" for n in names]


def told_extra(found: Inspection, known: Collection[str]) -> tuple[str, ...]:
    """Columns beside the contract's, as logs and records may tell them.

    Those of JSON lines have no place: what may not be told is counted.
    """
    if found.header is not None:
        told = told_names(found.header, known)
        return tuple(t for t, name in zip(told, found.header, strict=True) if name not in known)
    there = len(known) - len(found.missing_columns)
    told = tuple(n for n in found.extra_columns if 2 * there >= len(known) and looks_like_a_name(n))
    others = len(found.extra_columns) - len(told)
    return (*told, f"{others} of other names") if others else told


def missing_columns(contract: SourceContract, names: Iterable[str]) -> tuple[str, ...]:
    """Contract names of the columns whose source name is not there."""
    there = set(names)
    return tuple(c.name for c in contract.columns if c.source_name not in there)


def no_match(file: SourceFile, contract: SourceContract, header: Sequence[str]) -> SourceError:
    """The error of a header without one known column. It may be a row of data: its words are not
    told, only how many there are."""
    return file.error(
        f"none of the contract's columns is among its {len(header)} column(s)",
        _hint(contract, header),
    )


def _hint(contract: SourceContract, header: Sequence[str]) -> str:
    names = {c.source_name for c in contract.columns}
    if other := _other_delimiter(contract, contract.source.delimiter.join(header)):
        return other
    if {n.casefold() for n in names} & {n.casefold() for n in header}:
        return f"letter case differs: it must name {listed(sorted(names))}, or set physicalName"
    if canonical(contract.source.encoding) == "utf-8" and any("\x00" in n for n in header):
        return f"it holds NUL characters, as UTF-16 does: see encoding in {contract.path}"
    return f"it must name {listed(c.source_name for c in contract.columns)}, or set header: false"


def _other_delimiter(contract: SourceContract, header: str) -> str | None:
    """What to do if the contract's names appear as soon as another delimiter is tried."""
    names = {c.source_name for c in contract.columns}
    for delimiter, word in _DELIMITERS.items():
        parts = {part.strip().strip('"') for part in header.split(delimiter)}
        if delimiter != contract.source.delimiter and parts & names:
            return f"it is separated by {word}: set delimiter in {contract.path}"
    return None
