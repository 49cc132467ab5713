"""Small files that Atlas keeps in the lake beside its tables, in a folder or in a bucket."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import obstore

from conf.s3 import S3, is_s3
from jobs.runtime.objects import again_if_unanswered, our_words, store_of

PART = ".part"  # how a file of a folder is called until it is whole
PART_SECONDS = 60.0  # no live writer takes so long


class SmallFiles(Protocol):
    """The files directly below one place; nobody ever sees half of one."""

    place: str

    def names(self) -> Sequence[str]:
        """In order; none if nothing was written yet."""

    def folders(self) -> Sequence[str]:
        """The folders directly below, in order."""

    def read(self, name: str) -> bytes | None:
        """The content; None if there is no such file."""

    def write(self, name: str, content: bytes) -> None:
        """Replace a file in one step."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def remove_parts(self) -> None:
        """Remove what was not whole when its writer was killed: parts that are a minute old."""

    def remove_all(self) -> None:
        """Remove physically all that lies below, also in folders."""


def small_files(place: str, s3: S3) -> SmallFiles:
    """The files at a folder or at s3a://bucket/prefix."""
    return BucketFiles(place, s3) if is_s3(place) else FolderFiles(place)


class FolderFiles:
    """Small files in a folder, made with the first of them."""

    def __init__(self, place: str | Path) -> None:
        self.place = str(place)
        self._folder = Path(place)

    def names(self) -> Sequence[str]:
        try:
            found = [p.name for p in self._folder.iterdir() if p.is_file()]
        except FileNotFoundError:
            return []
        return sorted(name for name in found if not name.endswith(PART))

    def folders(self) -> Sequence[str]:
        return sorted(p.name for p in self._folder.glob("*/"))

    def read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=self._folder, prefix=".", suffix=PART, delete=False
        ) as file:
            file.write(content)
        Path(file.name).replace(self._folder / name)

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def remove_parts(self) -> None:
        for path in self._folder.glob(f".*{PART}"):
            with suppress(FileNotFoundError):  # became whole just now
                if time.time() - path.stat().st_mtime > PART_SECONDS:
                    path.unlink()

    def remove_all(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class BucketFiles:
    """Small files in a bucket."""

    def __init__(self, place: str, s3: S3) -> None:
        self.place = place
        self.s3 = s3
        self.store = store_of(place, s3)

    def names(self) -> Sequence[str]:
        with our_words(self.place, self.s3):
            found = obstore.list_with_delimiter(self.store)["objects"]
        return sorted(one["path"] for one in found)

    def folders(self) -> Sequence[str]:
        with our_words(self.place, self.s3):
            found = obstore.list_with_delimiter(self.store)["common_prefixes"]
        return sorted(one.rstrip("/") for one in found)

    def read(self, name: str) -> bytes | None:
        with our_words(self.place, self.s3):
            try:
                return bytes(obstore.get(self.store, name).bytes())
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        with our_words(self.place, self.s3):
            obstore.put(self.store, name, content)

    @again_if_unanswered
    def remove(self, name: str) -> None:
        with our_words(self.place, self.s3):
            obstore.delete(self.store, name)

    def remove_parts(self) -> None:
        """An object is there whole or not at all."""

    @again_if_unanswered
    def remove_all(self) -> None:
        with our_words(self.place, self.s3):
            for chunk in obstore.list(self.store):
                obstore.delete(self.store, [one["path"] for one in chunk])
