"""The commits Atlas has made in a bucket, by version and ETag: one that another writer overwrote is
found.

Delta's log in a bucket has no lock between drivers: of two that write one version at the same moment
the later one wins, and nobody is told. The leases keep that from happening, except to a writer that
stood still past its lease in the middle of a commit, and to writers outside Atlas.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import obstore

from conf.errors import TransientError
from conf.s3 import S3
from jobs.runtime.objects import our_words
from jobs.runtime.small_files import BucketFiles, SmallFiles

KEPT = 100  # the newest of a table; a writer that slept longer than so many commits finds others
WRITE = "write"
"""The word of a commit's `userMetadata` that tells one write from all others."""
RUN = "run"
"""The word that tells which run made it."""


@dataclass(frozen=True)
class Added:
    """A data file that a commit added."""

    path: str
    size: int
    rows: int


@dataclass(frozen=True)
class Commit:
    """A commit as it was made."""

    version: int
    e_tag: str
    write: str
    metadata: Mapping[str, Any]  # its `userMetadata`
    added: Sequence[Added] = ()

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Commit:
        return cls(**{**told, "added": tuple(Added(**one) for one in told["added"])})


class Commits:
    """The commits of one table, kept in a small file of their own."""

    def __init__(self, name: str, path: str, files: SmallFiles, s3: S3) -> None:
        """`path` is the table's, `files` those that tell of all tables."""
        self._name, self._files = name, files
        self._log = BucketFiles(f"{path}/_delta_log", s3)

    def keep(self, write: str) -> None:
        """Keep what a write has committed, as it stands in the log now.

        Raises: TransientError if it is not there: another writer has taken its place.
        """
        kept = self.kept()
        since = kept[-1].version if kept else -1
        for version in sorted(self._e_tags(since), reverse=True):
            found = self._read(version)
            if found is not None and found.write == write:
                self._keep([*kept, found][-KEPT:])
                return
        raise TransientError(
            f"{self._name}: its commit is not in the log: another writer's stands in its place; "
            "nothing else may write to Atlas's tables; run again"
        )

    def lost(self) -> list[Commit]:
        """Those in whose place something else stands by now."""
        kept = self.kept()
        if not kept:
            return []
        now = self._e_tags(kept[0].version - 1)
        oldest = min(now, default=0)  # of older ones Delta has cleaned the log up
        return [c for c in kept if c.version >= oldest and not self._stands(c, now)]

    def since(self, version: int) -> list[Commit]:
        """The commits from this version on as the log tells them, whoever made them."""
        found = (self._read(one) for one in sorted(self._e_tags(version - 1)))
        return [commit for commit in found if commit is not None]

    def forget(self, lost: Sequence[Commit]) -> None:
        """What was lost and has been mended."""
        gone = {commit.version for commit in lost}
        self._keep([c for c in self.kept() if c.version not in gone])

    def kept(self) -> list[Commit]:
        told = json.loads(self._files.read(self._name) or b"[]")
        return [Commit.of(one) for one in told]

    def _keep(self, commits: Sequence[Commit]) -> None:
        self._files.write(self._name, json.dumps([asdict(c) for c in commits]).encode())

    def _stands(self, commit: Commit, now: Mapping[int, str]) -> bool:
        if now.get(commit.version) == commit.e_tag:
            return True
        found = self._read(commit.version)
        return found is not None and found.write == commit.write  # written again as it was

    def _e_tags(self, after: int) -> dict[int, str]:
        """The log's versions after this one."""
        with our_words(self._log.place, self._log.s3):
            chunks = obstore.list(self._log.store, offset=_file(after) if after >= 0 else None)
            found = [one for chunk in chunks for one in chunk]
        names = {str(one["path"]): str(one["e_tag"]) for one in found}
        return {
            int(n[:-5]): e for n, e in names.items() if n[:-5].isdigit() and n.endswith(".json")
        }

    def _read(self, version: int) -> Commit | None:
        with our_words(self._log.place, self._log.s3):
            try:
                got = obstore.get(self._log.store, _file(version))
                content, e_tag = bytes(got.bytes()), str(got.meta["e_tag"])
            except FileNotFoundError:
                return None
        actions = [json.loads(line) for line in content.splitlines() if line.strip()]
        infos = [a["commitInfo"] for a in actions if "commitInfo" in a]
        metadata = json.loads(infos[0].get("userMetadata") or "{}") if infos else {}
        added = tuple(_added(a["add"]) for a in actions if "add" in a)
        return Commit(version, e_tag, metadata.get(WRITE, ""), metadata, added)


def _file(version: int) -> str:
    return f"{version:020d}.json"


def _added(add: Mapping[str, Any]) -> Added:
    return Added(
        add["path"], add["size"], json.loads(add.get("stats") or "{}").get("numRecords", 0)
    )
