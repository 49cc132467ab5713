"""Where a source file lies: a path of this machine, or an object in a bucket that reads like one."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple, cast

import obstore
from obstore.store import S3Store

from conf.s3 import S3, is_s3
from jobs.runtime.objects import our_words, store_of

_REQUEST = 4 << 20  # bytes asked for at once


class Stamp(NamedTuple):
    """What tells cheaply whether a file changed."""

    size: int
    modified_at: datetime  # of an object to the second, as HTTP has it
    e_tag: str | None = None


@dataclass(frozen=True)
class S3Path:
    """An object: the few methods of a Path that reading a source takes."""

    place: str
    s3: S3

    def __str__(self) -> str:
        return self.place

    @property
    def name(self) -> str:
        return PurePosixPath(self.place).name

    def open(self, mode: str = "rb") -> BinaryIO:
        """The object's bytes, fetched as they are read; it can seek."""
        with our_words(self.place, self.s3):
            reader = obstore.open_reader(self._store, self.name, buffer_size=_REQUEST)
        return cast(BinaryIO, io.BufferedReader(_Bytes(reader, self), 1 << 20))

    def stamp(self) -> Stamp:
        with our_words(self.place, self.s3):
            return _stamp(obstore.head(self._store, self.name))

    @property
    def _store(self) -> S3Store:
        return store_of(self.place.rpartition("/")[0], self.s3)


SourcePath = Path | S3Path


class _Bytes(io.RawIOBase):
    """An object as Python's own kind of file."""

    def __init__(self, reader: Any, path: S3Path) -> None:
        self._reader, self._path = reader, path

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with our_words(self._path.place, self._path.s3):
            data = self._reader.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def source_path(place: str, s3: S3) -> SourcePath:
    """What a delivery's path names."""
    return S3Path(place, s3) if is_s3(place) else Path(place)


def stamp_of(path: SourcePath) -> Stamp:
    """Raises: OSError if there is no such file."""
    if isinstance(path, S3Path):
        return path.stamp()
    stat = path.stat()
    return Stamp(stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))


def objects_below(root: str, s3: S3) -> list[tuple[str, Stamp]]:
    """(name below the prefix, stamp) of every object; folders are none."""
    with our_words(root, s3):
        found = [one for chunk in obstore.list(store_of(root, s3)) for one in chunk]
    return [(one["path"], _stamp(one)) for one in found if one["path"]]


def _stamp(told: Any) -> Stamp:
    return Stamp(told["size"], told["last_modified"].replace(microsecond=0), told["e_tag"])
