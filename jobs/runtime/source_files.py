"""Source files: which are here, and whose they are."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from conf.contract import Contracts
from conf.errors import SourceError
from jobs.runtime.file_names import check_name, has_data_ending, is_data, table_of
from jobs.runtime.inspection import Inspection, inspect
from jobs.runtime.source_bytes import SourceFile, size_and_time

__all__ = ["Inspection", "SourceFile", "find_source_files", "inspect"]

LITTLE = 16 << 20
_DELTA_LOG = "_delta_log"


def find_source_files(
    root: str, contracts: Contracts
) -> tuple[list[SourceFile], list[SourceError]]:
    """The files below a folder in order of (modification time, name), and what is wrong there.

    Names that begin with `_` or `.` and what Spark and Hadoop leave behind are not data.
    """
    folder = Path(root)
    if not folder.is_dir():
        return [], [SourceError("sources", root, "no such folder", "set SOURCES or ATLAS_SOURCES")]
    files, errors = [], []
    for path in _candidates(folder):
        try:
            name = PurePosixPath(path.relative_to(folder).as_posix())
            files.append(_source_file(path, name, contracts))
        except SourceError as error:
            errors.append(error)
    return sorted(files, key=lambda f: (f.modified_at, f.name)), errors


def is_little(root: str) -> bool:
    """Whether so little lies in a folder that starting up costs more than the work itself."""
    size = 0
    for at, _, names in os.walk(root):
        for name in names:
            with contextlib.suppress(OSError):
                size += (Path(at) / name).stat().st_size
            if size > LITTLE:
                return False
    return True


def _candidates(folder: Path) -> Iterator[Path]:
    """Files below the folder; as a whole Delta tables, and empty folders named like a file."""
    for at, folders, names in os.walk(folder):
        if _DELTA_LOG in folders:
            folders.clear()
            yield Path(at)
            continue
        folders[:] = filter(is_data, folders)
        found = [Path(at, name) for name in names if is_data(name)]
        yield from found
        if not found and not folders and has_data_ending(at) and Path(at) != folder:
            yield Path(at)


def _source_file(path: Path, name: PurePosixPath, contracts: Contracts) -> SourceFile:
    table = table_of(name, contracts)
    if path.is_dir() and not (path / _DELTA_LOG).exists():
        raise SourceError(table, str(name), "is a folder without data", "put a file there")
    if path.is_dir():
        found = "is a Delta table, whose files also hold rows deleted since"
        raise SourceError(table, str(name), found, "export it to Parquet, CSV or JSON lines")
    check_name(name, contracts.sources[table])
    try:
        size, modified_at = size_and_time(path)
    except OSError as error:
        found = f"cannot be read ({type(error).__name__})"
        raise SourceError(table, str(name), found, "check the file and its rights") from None
    if not path.is_file():
        raise SourceError(table, str(name), "is not a regular file", "put a file there")
    return SourceFile(table, path, str(name), size, modified_at)
