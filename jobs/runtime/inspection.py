"""What one pass over a source file's bytes tells, without Spark."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from conf.contract import SourceContract
from conf.errors import SourceError
from jobs.runtime.encodings import WrongEncodingError, resolved_encoding
from jobs.runtime.file_names import as_received
from jobs.runtime.headers import compared
from jobs.runtime.inspect_json import inspect_json_lines
from jobs.runtime.inspect_lines import Found, inspect_lines
from jobs.runtime.inspect_multiline import inspect_multiline
from jobs.runtime.inspect_parquet import inspect_parquet
from jobs.runtime.source_bytes import GZIP_MAGIC, SourceFile, first_bytes, opened
from jobs.runtime.source_paths import stamp_of


@dataclass(frozen=True)
class Inspection:
    """What a file holds."""

    content_sha256: str  # of the file's bytes as they lie there, compressed or not
    records: int  # without the header; blank lines count
    header: tuple[str, ...] | None  # as received, trimmed; None where there is none
    missing_columns: tuple[str, ...]  # names in the contract
    extra_columns: tuple[str, ...]  # names in the file; of JSON lines, seen in the first megabyte

    @property
    def empty(self) -> bool:
        return self.records == 0


def inspect(file: SourceFile, contract: SourceContract) -> Inspection:
    """Hash a file, count its records and compare its header with the contract.

    Raises: SourceError for a file that cannot be taken in whole.
    """
    contract = as_received(contract, file.name)
    try:
        _check_unchanged(file)
        digest, found = _inspected(file, contract)
        _check_unchanged(file)
    except WrongEncodingError as error:
        raise file.error(error.found, f"{error.todo} ({contract.path})") from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(file, error) from None
    missing, extra = found.missing, found.extra
    if found.header is not None:
        missing, extra = compared(contract, found.header)
    return Inspection(digest, found.records, found.header, missing, extra)


def _inspected(file: SourceFile, contract: SourceContract) -> tuple[str, Found]:
    if contract.source.kind == "parquet":
        with opened(file) as (hashed, _):
            digest = hashed.hexdigest()
        return digest, inspect_parquet(file, contract)
    head = first_bytes(file.path, file.is_gzip)
    if head.startswith(GZIP_MAGIC):
        raise file.error("is gzip by its first bytes", "give it a name that ends in .gz")
    encoding = resolved_encoding(head, contract.source.encoding)
    with opened(file) as (hashed, content):
        match contract.source.kind:
            case "jsonl":
                found = inspect_json_lines(file, content, contract, encoding)
            case "csv" if contract.source.multiline:
                found = inspect_multiline(file, content, contract, encoding)
            case _:
                found = inspect_lines(file, content, contract, encoding)
        return hashed.hexdigest(), found


def _check_unchanged(file: SourceFile) -> None:
    if stamp_of(file.path) != file.stamp:
        raise file.error(
            "changed while it was being read",
            "let the writer finish (write elsewhere, then rename) and run again",
        )


def _unreadable(file: SourceFile, error: Exception) -> SourceError:
    # A damaged stream has no errno; a missing right or file has one.
    if file.is_gzip and getattr(error, "errno", None) is None:
        return file.error("the gzip stream is truncated or damaged", "send the whole file again")
    return file.error(f"cannot be read ({type(error).__name__})", "check the file and its rights")
