"""The bytes of a source file, read once: hashed as they come, decompressed on the way."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, cast

from conf.errors import SourceError
from jobs.runtime.source_paths import SourcePath, Stamp

CHUNK = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class SourceFile:
    """A file that belongs to a table. `name`, relative to the sources, is its source name."""

    table: str
    path: SourcePath
    name: str
    stamp: Stamp

    @property
    def size(self) -> int:
        return self.stamp.size

    @property
    def modified_at(self) -> datetime:
        return self.stamp.modified_at

    @property
    def is_gzip(self) -> bool:
        return self.name.endswith(".gz")

    def error(self, found: str, todo: str) -> SourceError:
        """An error about this file."""
        return SourceError(self.table, self.name, found, todo)


class HashedBytes(io.RawIOBase):
    """A file whose content is hashed while it is read."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._digest.update(data)
        return len(data)

    def hexdigest(self) -> str:
        """SHA-256 of the whole file, also of what no reader asked for."""
        while chunk := self._raw.read(CHUNK):
            self._digest.update(chunk)
        return self._digest.hexdigest()


@contextmanager
def opened(file: SourceFile) -> Iterator[tuple[HashedBytes, BinaryIO]]:
    """The hashed file and the stream of its content, decompressed."""
    with file.path.open("rb") as raw:
        hashed = HashedBytes(raw)
        buffered = io.BufferedReader(hashed, CHUNK)
        is_gzip = file.is_gzip
        content = gzip.GzipFile(fileobj=cast(BinaryIO, buffered)) if is_gzip else buffered
        yield hashed, cast(BinaryIO, content)


def first_bytes(path: SourcePath, is_gzip: bool, size: int = 4096) -> bytes:
    """The beginning of a file's content."""
    with content_of(path, is_gzip) as stream:
        return stream.read(size)


@contextmanager
def content_of(path: SourcePath, is_gzip: bool) -> Iterator[BinaryIO]:
    """A file's bytes, decompressed."""
    with path.open("rb") as raw:
        yield cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if is_gzip else raw
