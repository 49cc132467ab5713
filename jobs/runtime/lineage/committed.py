"""Which commit a write made. OpenLineage's listener tells failed writes as complete, too: only a
table's log knows."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any

from jobs.runtime.commits import RUN
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.writes import Write

_AT_ONCE = 64  # entries of a log that are read at first; if they do not reach, eight times as many
_SLACK = 1000  # milliseconds between the clock of an event and that of a commit
_UNSTARTED = 60_000
"""Milliseconds before its end in which a write without START may have committed: a listener that
lags behind a short write finds it over, and tells its end alone."""


@dataclass(frozen=True)
class Commit:
    """One version of a table."""

    table: str
    version: int
    millisecond: int
    run_id: str | None


class Commits:
    """The commits that writes made; one that the listener's write has taken is no other's."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._logs: dict[str, _Log] = {}
        self._taken: set[Commit] = set()
        self._reserved: dict[Commit, Write] = {}

    def told(self, write: Write) -> Commit | None:
        """The version that our own event names, if that run made it."""
        if write.version is None:
            return None
        commit = self._log(write.table).version(write.version)
        return commit if commit and commit.run_id == write.run_id else None

    def taken(self, write: Write) -> Commit | None:
        """The run's first free commit between the START and the COMPLETE of its listener."""
        started, ended = write.started_at, write.ended_at
        for commit in self._around(write):
            if started is not None and started <= commit.millisecond <= ended:
                self._taken.add(commit)
                return commit
        return None

    def reserve(self, write: Write) -> bool:
        """Whether there is one just beside, or before it if no START was told: a write that comes
        later may be nearer to it."""
        free = [c for c in self._around(write) if c not in self._reserved]
        if free:
            self._reserved[free[-1 if write.started_at is None else 0]] = write
        return bool(free)

    def reserved(self) -> Iterator[tuple[Commit | None, Write]]:
        """The writes that reserved a commit; None where another has taken it."""
        for commit, write in self._reserved.items():
            yield (None if commit in self._taken else commit), write

    def _around(self, write: Write) -> Iterator[Commit]:
        started = write.ended_at - _UNSTARTED if write.started_at is None else write.started_at
        since, until = started - _SLACK, write.ended_at + _SLACK
        for commit in self._log(write.table).of_run(write.run_id, since):
            if commit.millisecond > until:
                return
            if commit not in self._taken:
                yield commit

    def _log(self, table: str) -> _Log:
        if table not in self._logs:
            self._logs[table] = _Log(self._lake, table)
        return self._logs[table]


class _Log:
    """A table's log, read backwards as far as it is asked for."""

    def __init__(self, lake: Lake, table: str) -> None:
        self._lake, self._table = lake, table
        self._limit = _AT_ONCE
        self._read()

    def version(self, number: int) -> Commit | None:
        while not self._is_whole and number < self._oldest.version:
            self._read_more()
        return self._versions.get(number)

    def of_run(self, run_id: str, since: int) -> Iterator[Commit]:
        """Those of a run from a time on, in the order of their times."""
        while not self._is_whole and since <= self._oldest.millisecond:
            self._read_more()
        of_run = self._runs.get(run_id, [])
        first = bisect_left(of_run, since, key=attrgetter("millisecond"))
        return islice(of_run, first, None)

    def _read_more(self) -> None:
        self._limit *= 8
        self._read()

    def _read(self) -> None:
        entries = self._lake.history(self._table, self._limit)
        commits = [_commit(self._table, entry) for entry in entries]
        self._is_whole = len(entries) < self._limit
        self._versions = {commit.version: commit for commit in commits}
        self._runs: defaultdict[str, list[Commit]] = defaultdict(list)
        for commit in sorted(commits, key=attrgetter("millisecond", "version")):
            if commit.run_id is not None:
                self._runs[commit.run_id].append(commit)
        if commits:
            self._oldest = commits[-1]


def _commit(table: str, entry: Mapping[str, Any]) -> Commit:
    return Commit(table, int(entry["version"]), int(entry.get("timestamp", 0)), _run_of(entry))


def _run_of(entry: Mapping[str, Any]) -> str | None:
    """None for a commit of somebody else, whose metadata may be any text."""
    try:
        told = json.loads(entry.get("userMetadata") or "{}")
    except (ValueError, RecursionError):
        return None
    run = told.get(RUN) if isinstance(told, dict) else None
    return run if isinstance(run, str) else None
