"""The first records of a source file or of a lake's table as text, without Spark or a contract."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import QueryBuilder

from conf.contract import Contracts, SourceContract, SourceFormat
from conf.errors import SourceError, UsageError
from jobs.runtime.any_table import AnyTable
from jobs.runtime.csv_records import CsvRecords
from jobs.runtime.encodings import WrongEncodingError, resolved_encoding
from jobs.runtime.file_names import as_received, has_data_ending, is_data, table_of
from jobs.runtime.source_bytes import content_of, first_bytes
from transformations.names import column_names
from udfs.json_lines import json_fields
from udfs.pii.identifiers import look

_MANY_DIGITS = re.compile(r"(?:\D*\d){5}")
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Sample:
    """Some records of a table, column by column."""

    table: str
    origin: str  # the file, or the table of the lake
    source: SourceFormat
    columns: dict[str, list[str | None]]
    contract: SourceContract | None = None

    @property
    def records(self) -> int:
        return max(map(len, self.columns.values()), default=0)


def file_samples(root: Path, contracts: Contracts, records: int) -> list[Sample]:
    """A sample of each table's first file below a folder, or of one file.

    Raises: UsageError if nothing is there or a file cannot be read.
    """
    files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if _is_source(p, root))
    if not files:
        what = "holds no source file" if root.is_dir() else "is neither a file nor a folder"
        raise UsageError(f"{root}: {what}; give CSV, JSON lines or Parquet")
    first: dict[str, Sample] = {}
    for path in files:
        name = PurePosixPath(path.relative_to(root).as_posix() if path != root else path.name)
        contract = _contract(name, contracts)
        table = contract.table if contract else _table(name)
        if table not in first:
            first[table] = _sample(path, table, contract, records)
    return list(first.values())


def table_sample(table: AnyTable, contracts: Contracts, records: int) -> Sample:
    """Some rows of a Delta table, without the columns that Atlas adds."""
    names = [f.name for f in table.table.schema().fields if not f.name.startswith("_")]
    chosen = ", ".join(f'"{name}"' for name in names)
    sql = f"select {chosen} from t limit {records}"
    rows = pa.table(QueryBuilder().register("t", table.table).execute(sql).read_all())
    name = table.name.rpartition(".")[2] if "/" not in table.name else Path(table.name).name
    of_lake = contracts.sources.get(name) if table.name.startswith("bronze.") else None
    return Sample(name, table.name, SourceFormat("parquet"), _as_texts(rows), of_lake)


def _is_source(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    return path.is_file() and all(map(is_data, parts)) and has_data_ending(path.name)


def _contract(name: PurePosixPath, contracts: Contracts) -> SourceContract | None:
    try:
        return as_received(contracts.sources[table_of(name, contracts)], name.name)
    except SourceError:
        return None


def _table(name: PurePosixPath) -> str:
    stem = name.name.partition(".")[0].lower()
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in stem).strip("_") or "table"


def _sample(path: Path, table: str, contract: SourceContract | None, records: int) -> Sample:
    is_gzip = path.name.endswith(".gz")
    try:
        source = contract.source if contract else _guessed(path, is_gzip)
        if source.kind == "parquet":
            columns = _parquet(path, records)
        elif source.kind == "jsonl":
            columns = _json_lines(path, is_gzip, records)
        elif source.kind == "csv":
            columns = _csv(path, is_gzip, source, records, contract)
        else:
            raise UsageError(
                f"{path}: {source.kind} has no names of columns; its contract must stand first"
            )
    except (OSError, EOFError, zlib.error, ValueError, csv.Error, pa.ArrowException) as error:
        raise UsageError(
            f"{path}: cannot be read as {path.suffix} ({type(error).__name__})"
        ) from None
    _check_names(path, columns)
    if any("\n" in v for values in columns.values() for v in values if v) and not contract:
        source = replace(source, multiline=source.kind == "csv")
    if contract:
        told = {c.source_name: c.name for c in contract.columns}
        columns = {told.get(name, name): values for name, values in columns.items()}
    return Sample(table, str(path), source, columns, contract)


def _check_names(path: Path, names: Iterable[str]) -> None:
    """Names are shown and pasted, and those of a file without a header are somebody's values."""
    if any("@" in name or look(name) or _MANY_DIGITS.match(name) for name in names):
        raise UsageError(
            f"{path}: its first line looks like a record; give it one with the columns' names"
        )


def _guessed(path: Path, is_gzip: bool) -> SourceFormat:
    suffix = PurePosixPath(path.name.removesuffix(".gz")).suffix
    if suffix in (".parquet", ".jsonl", ".ndjson"):
        return SourceFormat("parquet" if suffix == ".parquet" else "jsonl")
    head = first_bytes(path, is_gzip, 1 << 16)
    if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{"):
        return SourceFormat("jsonl")
    encoding = _encoding(head)
    line = head.decode(encoding, "replace").partition("\n")[0]
    return SourceFormat("csv", encoding, max(_DELIMITERS, key=line.count))


def _encoding(head: bytes) -> str:
    """By its byte order mark; else UTF-8 if it is that, and Danish files are else windows-1252."""
    for told in ("UTF-8", "UTF-16", "windows-1252"):
        try:
            # The last character may be cut.
            head[: len(head) - 3 if len(head) > 4096 else None].decode(
                resolved_encoding(head, told)
            )
        except (WrongEncodingError, UnicodeDecodeError):
            continue
        return told
    return "windows-1252"


def _csv(
    path: Path, is_gzip: bool, source: SourceFormat, records: int, contract: SourceContract | None
) -> dict[str, list[str | None]]:
    encoding = resolved_encoding(first_bytes(path, is_gzip), source.encoding)
    with content_of(path, is_gzip) as content:
        rows = (r.fields for r in CsvRecords(content, encoding, source) if r.fields)
        if source.header or contract is None:
            header = column_names([name.strip() for name in next(rows, [])])
        else:
            header = [c.source_name for c in contract.columns]
        taken = list(itertools.islice(rows, records))
    return _columns(header, (dict(zip(header, row, strict=False)) for row in taken))


def _json_lines(path: Path, is_gzip: bool, records: int) -> dict[str, list[str | None]]:
    with content_of(path, is_gzip) as content:
        text = io.TextIOWrapper(content, "utf-8-sig")
        objects = (told for line in text if (told := json_fields(line)))
        taken = list(itertools.islice(objects, records))
    return _columns(list(dict.fromkeys(name for told in taken for name in told)), taken)


def _parquet(path: Path, records: int) -> dict[str, list[str | None]]:
    with pq.ParquetFile(path) as parquet:
        batches = list(itertools.islice(parquet.iter_batches(batch_size=records), 1))
        return _as_texts(pa.Table.from_batches(batches, parquet.schema_arrow))


def _as_texts(rows: pa.Table) -> dict[str, list[str | None]]:
    return {name: [_text(v) for v in rows.column(name).to_pylist()] for name in rows.column_names}


def _text(value: Any) -> str | None:
    match value:
        case None | bytes():
            return None
        case str():
            return value
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def _columns(
    header: Sequence[str], rows: Iterator[dict[str, Any]] | list[dict[str, Any]]
) -> dict[str, list[str | None]]:
    taken = list(rows)
    return {name: [row.get(name) or None for row in taken] for name in header}
