"""Where the lakes of a chaos lie: in a folder, or in a bucket of a real MinIO."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from tests.minio import Minio


class Lakes(Protocol):
    """Lakes by name."""

    def place(self, name: str) -> str:
        """Where a lake lies, or will."""

    def copy(self, one: str, other: str) -> None:
        """Make a lake that is another's copy, both by name."""

    def remove(self, name: str) -> None:
        """Remove a lake that ended well."""


class FolderLakes:
    """Each a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, name: str) -> str:
        return str(self._folder / name)

    def copy(self, one: str, other: str) -> None:
        shutil.copytree(self.place(one), self.place(other))

    def remove(self, name: str) -> None:
        shutil.rmtree(self.place(name))


class BucketLakes:
    """Each a prefix of one bucket; the server's settings must be in the environment."""

    def __init__(self, minio: Minio) -> None:
        self._client, self._bucket = minio.client(), minio.bucket()

    def place(self, name: str) -> str:
        return f"s3a://{self._bucket}/{name}"

    def copy(self, one: str, other: str) -> None:
        for key in self._keys(one):
            source = {"Bucket": self._bucket, "Key": key}
            target = f"{other}/{key.removeprefix(f'{one}/')}"
            self._client.copy_object(Bucket=self._bucket, Key=target, CopySource=source)

    def remove(self, name: str) -> None:
        for key in self._keys(name):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def _keys(self, name: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{name}/"
        )
        return [one["Key"] for page in pages for one in page.get("Contents", ())]
