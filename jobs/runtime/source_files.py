"""Source files: which are here, whose they are, and what one pass over their bytes tells."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from conf.contract import Contracts, SourceContract
from conf.errors import SourceError, listed
from jobs.runtime.lines import LineCounter

CHUNK = 1 << 20
_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class SourceFile:
    """A file that belongs to a table. `name`, relative to the sources, is its source name."""

    table: str
    path: Path
    name: str
    size: int
    modified_at: datetime


@dataclass(frozen=True)
class Inspection:
    """What a file holds, counted without Spark."""

    content_sha256: str
    records: int
    header: tuple[str, ...] | None
    missing_columns: tuple[str, ...]
    extra_columns: tuple[str, ...]


def find_source_files(
    root: str, contracts: Contracts
) -> tuple[list[SourceFile], list[SourceError]]:
    """The files below a folder in order of (modification time, name), and those of no table.

    A file belongs to the contract whose `files` patterns match its name, else to the longest
    table name it (or its folder) begins with. Names that begin with `_` or `.` are not data.
    """
    folder = Path(root)
    if not folder.is_dir():
        return [], [SourceError("sources", root, "no such folder", "set SOURCES or ATLAS_SOURCES")]
    files, errors = [], []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if any(part.startswith(("_", ".")) for part in name.parts) or not path.is_file():
            continue
        table = _table_of(name, contracts)
        if table is None:
            errors.append(
                SourceError(
                    "unknown table",
                    name.as_posix(),
                    "belongs to no contract",
                    f"name it after one of {listed(sorted(contracts.sources))}, or add a contract",
                )
            )
            continue
        stat = path.stat()
        modified = datetime.fromtimestamp(stat.st_mtime, UTC)
        files.append(SourceFile(table, path, name.as_posix(), stat.st_size, modified))
    return sorted(files, key=lambda f: (f.modified_at, f.name)), errors


def _table_of(name: Path, contracts: Contracts) -> str | None:
    for table, contract in contracts.sources.items():
        if any(fnmatch(name.name, p) or fnmatch(name.as_posix(), p) for p in contract.source.files):
            return table
    starts = [
        t for t in contracts.sources if any(part.lower().startswith(t) for part in name.parts)
    ]
    return max(starts, key=len, default=None)


def inspect(file: SourceFile, contract: SourceContract) -> Inspection:
    """Hash a file, count its records and read its header, in one pass.

    Raises: SourceError for a file that cannot be taken in, in our own words.
    """
    wrong = _Complaint(file)
    try:
        if contract.source.kind == "parquet":
            digest, records, header = _inspect_parquet(file, wrong)
        else:
            digest, records, header = _inspect_lines(file, contract, wrong)
    except (OSError, EOFError, zlib.error) as error:
        raise wrong(*_unreadable(file, error)) from None
    stat = file.path.stat()
    if (stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC)) != (file.size, file.modified_at):
        raise wrong(
            "changed while it was being read",
            "let the writer finish (write elsewhere, then rename) and run again",
        )
    missing, extra = _compared(contract, header, wrong)
    return Inspection(digest, records, header, missing, extra)


@dataclass(frozen=True)
class _Complaint:
    """Makes the errors of one file."""

    file: SourceFile

    def __call__(self, found: str, todo: str) -> SourceError:
        return SourceError(self.file.table, self.file.name, found, todo)


def _unreadable(file: SourceFile, error: Exception) -> tuple[str, str]:
    if file.name.endswith(".gz") and not isinstance(error, PermissionError):
        return "the gzip stream is truncated or damaged", "send the whole file again"
    return f"cannot be read ({type(error).__name__})", "check the file and its rights"


def _inspect_parquet(
    file: SourceFile, wrong: _Complaint
) -> tuple[str, int, tuple[str, ...] | None]:
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    try:
        metadata = pq.ParquetFile(file.path)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise wrong("not a whole Parquet file", "send the whole file again") from None
    return digest, metadata.metadata.num_rows, tuple(metadata.schema_arrow.names)


@dataclass
class _Pass:
    """One pass over a file's bytes: the content's hash, and its decompressed stream."""

    stream: BinaryIO
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.digest.update(data)
        return data


def _inspect_lines(
    file: SourceFile, contract: SourceContract, wrong: _Complaint
) -> tuple[str, int, tuple[str, ...] | None]:
    with file.path.open("rb") as raw:
        hashed = _Pass(raw)
        is_gzip = file.name.endswith(".gz")
        stream: BinaryIO = gzip.GzipFile(fileobj=hashed) if is_gzip else hashed  # type: ignore[arg-type,assignment]
        head = stream.read(CHUNK)
        _check_encoding(head, contract, wrong)
        chunks = _chunks(head, stream)
        source = contract.source
        if source.kind == "csv" and source.multiline:
            records = _multiline_records(chunks, contract)
        else:
            records = LineCounter(source.encoding).count(chunks)
        while hashed.read(CHUNK):  # what a reader left unread still belongs to the content
            pass
    header = _header(head, contract, wrong) if source.kind == "csv" and source.header else None
    if header is not None:
        records -= 1
    return hashed.digest.hexdigest(), records, header


def _chunks(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    chunk = head
    while chunk:
        yield chunk
        chunk = stream.read(CHUNK)


def _check_encoding(head: bytes, contract: SourceContract, wrong: _Complaint) -> None:
    told = contract.source.encoding.upper().replace("_", "-")
    for bom, family in _BOMS:
        if head.startswith(bom):
            if not told.startswith(family):
                raise wrong(
                    f"begins with the byte order mark of {family}, the contract says {told}",
                    f"set encoding: {family} in {contract.path} or convert the file",
                )
            return
    if not told.startswith(("UTF-16", "UTF-32")) and head[:4096].count(0) > len(head[:4096]) // 4:
        raise wrong(
            f"looks like UTF-16 (every other byte is NUL), the contract says {told}",
            f"set encoding: UTF-16LE in {contract.path} or convert the file",
        )


def _multiline_records(chunks: Iterator[bytes], contract: SourceContract) -> int:
    text = b"".join(chunks).decode(contract.source.encoding, "replace").lstrip("\ufeff")
    csv.field_size_limit(1 << 30)
    return sum(1 for row in _csv_rows(text, contract.source.delimiter, contract.source.quote) if row)


def _csv_rows(text: str, delimiter: str, quote: str) -> Iterator[list[str]]:
    yield from csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )


def _header(head: bytes, contract: SourceContract, wrong: _Complaint) -> tuple[str, ...] | None:
    """The header as received; None for an empty file."""
    source = contract.source
    try:
        text = _whole_lines(head).decode(source.encoding)
    except UnicodeDecodeError:
        first = head.splitlines()[:1]
        try:
            text = b"".join(first).decode(source.encoding)
        except UnicodeDecodeError:
            raise wrong(
                f"its header is not {source.encoding}",
                f"set the encoding in {contract.path} (Danish files are often windows-1252)",
            ) from None
    rows = _csv_rows(text.lstrip("\ufeff"), source.delimiter, source.quote)
    header = tuple(name.strip() for name in next(rows, []))
    if not head:
        return None
    twice = sorted({name for name in header if header.count(name) > 1 and name})
    if twice:
        raise wrong(f"column {listed(twice)} stands twice in the header", "send each column once")
    return header


def _whole_lines(head: bytes) -> bytes:
    """The chunk without a character that its end may have cut."""
    return head if len(head) < CHUNK else head[: max(head.rfind(b"\n"), 0) + 1] or head


def _compared(
    contract: SourceContract, header: tuple[str, ...] | None, wrong: _Complaint
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns of the contract the file lacks, and columns it has beside them."""
    if header is None:
        return (), ()
    known = [c.source_name for c in contract.columns]
    missing = tuple(c.name for c in contract.columns if c.source_name not in header)
    if len(missing) == len(known):
        raise wrong(_no_match(contract, header), _delimiter_hint(contract, header))
    return missing, tuple(name for name in header if name not in known)


def _no_match(contract: SourceContract, header: tuple[str, ...]) -> str:
    # A header may really be a row of data: its words are not told, only how many there are.
    return f"none of the contract's columns is in its header of {len(header)} column(s)"


def _delimiter_hint(contract: SourceContract, header: tuple[str, ...]) -> str:
    names = {c.source_name for c in contract.columns}
    for delimiter, word in _DELIMITERS.items():
        parts = {part.strip().strip('"') for name in header for part in name.split(delimiter)}
        if delimiter != contract.source.delimiter and parts & names:
            return f"it is separated by {word}: set delimiter in {contract.path}"
    return f"it must name {listed(c.source_name for c in contract.columns)}"


