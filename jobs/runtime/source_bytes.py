"""The bytes of a source file, read once: hashed as they come, decompressed on the way."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from conf.errors import SourceError

CHUNK = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class SourceFile:
    """A file that belongs to a table. `name`, relative to the sources, is its source name."""

    table: str
    path: Path
    name: str
    size: int
    modified_at: datetime

    @property
    def is_gzip(self) -> bool:
        return self.name.endswith(".gz")

    def error(self, found: str, todo: str) -> SourceError:
        """An error about this file."""
        return SourceError(self.table, self.name, found, todo)


def size_and_time(path: Path) -> tuple[int, datetime]:
    """What tells cheaply whether a file changed."""
    stat = path.stat()
    return stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC)


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


def first_bytes(path: Path, is_gzip: bool, size: int = 4096) -> bytes:
    """The beginning of a file's content."""
    with gzip.open(path, "rb") if is_gzip else path.open("rb") as stream:
        return cast(bytes, stream.read(size))
