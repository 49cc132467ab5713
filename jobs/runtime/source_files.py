"""Source files: which are here, and whose they are."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

from conf.contract import Contracts
from conf.errors import SourceError
from conf.s3 import AWS, S3, is_s3
from jobs.runtime.file_names import check_name, has_data_ending, is_data, table_of
from jobs.runtime.inspection import Inspection, inspect
from jobs.runtime.source_bytes import SourceFile
from jobs.runtime.source_paths import S3Path, SourcePath, Stamp, objects_below, stamp_of

__all__ = ["Inspection", "SourceFile", "find_source_files", "inspect"]

LITTLE = 16 << 20
ALL_SOURCES = "sources"
"""The table of an error that concerns them all."""
_DELTA_LOG = "_delta_log"


def find_source_files(
    root: str, contracts: Contracts, s3: S3 = AWS
) -> tuple[list[SourceFile], list[SourceError]]:
    """The files below a folder or prefix in order of (modification time, name), and what is wrong
    there.

    Names that begin with `_` or `.` and what Spark and Hadoop leave behind are not data.
    """
    found: Iterable[_Candidate] | None
    if is_s3(root):  # there a folder is nothing but its objects
        found, missing = _objects(root, s3), "no object lies there"
    else:
        found, missing = _files(Path(root)) if Path(root).is_dir() else None, "no such folder"
    if found is None:
        return [], [SourceError(ALL_SOURCES, root, missing, "set SOURCES or ATLAS_SOURCES")]
    files, errors = [], []
    for candidate in found:
        try:
            files.append(_source_file(candidate, contracts))
        except SourceError as error:
            errors.append(error)
    return sorted(files, key=lambda f: (f.modified_at, f.name)), errors


def is_little(root: str, s3: S3 = AWS) -> bool:
    """Whether so little lies there that starting up costs more than the work itself."""
    if is_s3(root):
        return sum(stamp.size for _, stamp in objects_below(root, s3)) <= LITTLE
    size = 0
    for at, _, names in os.walk(root):
        for name in names:
            with contextlib.suppress(OSError):
                size += (Path(at) / name).stat().st_size
            if size > LITTLE:
                return False
    return True


class _Kind(Enum):
    FILE = 0
    EMPTY_FOLDER = 1
    DELTA_TABLE = 2


@dataclass(frozen=True)
class _Candidate:
    """What may be a source file. `name` is relative to the sources."""

    name: str
    path: SourcePath
    kind: _Kind = _Kind.FILE
    stamp: Stamp | None = None  # where it is known


def _files(folder: Path) -> Iterator[_Candidate]:
    """Files below the folder; as a whole Delta tables, and empty folders named like a file."""
    for at, folders, names in os.walk(folder):
        below = Path(at).relative_to(folder).as_posix()
        if _DELTA_LOG in folders:
            folders.clear()
            yield _Candidate(below, Path(at), _Kind.DELTA_TABLE)
            continue
        folders[:] = filter(is_data, folders)
        found = [Path(at, name) for name in names if is_data(name)]
        yield from (_Candidate(p.relative_to(folder).as_posix(), p) for p in found)
        if not found and not folders and has_data_ending(at) and Path(at) != folder:
            yield _Candidate(below, Path(at), _Kind.EMPTY_FOLDER)


def _objects(root: str, s3: S3) -> list[_Candidate] | None:
    """Objects below the prefix; as a whole Delta tables. None if there is nothing."""
    found = objects_below(root, s3)
    if not found:
        return None
    tables = {
        name.partition(f"/{_DELTA_LOG}/")[0] for name, _ in found if f"/{_DELTA_LOG}/" in name
    }
    candidates = [_Candidate(t, S3Path(f"{root}/{t}", s3), _Kind.DELTA_TABLE) for t in tables]
    for name, stamp in found:
        is_of_table = any(name.startswith(f"{table}/") for table in tables)
        if not is_of_table and all(map(is_data, name.split("/"))):
            candidates.append(_Candidate(name, S3Path(f"{root}/{name}", s3), stamp=stamp))
    return candidates


def _source_file(candidate: _Candidate, contracts: Contracts) -> SourceFile:
    told, path = candidate.name, candidate.path
    name = PurePosixPath(told)
    table = table_of(name, contracts)
    if candidate.kind is _Kind.EMPTY_FOLDER:
        raise SourceError(table, told, "is a folder without data", "put a file there")
    if candidate.kind is _Kind.DELTA_TABLE:
        found = "is a Delta table, whose files also hold rows deleted since"
        raise SourceError(table, told, found, "export it to Parquet, CSV or JSON lines")
    check_name(name, contracts.sources[table])
    try:
        stamp = candidate.stamp or stamp_of(path)
    except OSError as error:
        found = f"cannot be read ({type(error).__name__})"
        raise SourceError(table, told, found, "check the file and its rights") from None
    if isinstance(path, Path) and not path.is_file():
        raise SourceError(table, told, "is not a regular file", "put a file there")
    return SourceFile(table, path, told, stamp)
