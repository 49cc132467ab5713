"""The committed writes that event files tell of, with what is told of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from jobs.runtime.lake import Lake
from jobs.runtime.lineage.committed import Commit, Commits
from jobs.runtime.lineage.datasets import Tables
from jobs.runtime.lineage.events import events
from jobs.runtime.lineage.folding import Staging, folded, simplified, united
from jobs.runtime.lineage.model import EVERY, Edge
from jobs.runtime.lineage.writes import UNCOMMITTED, Write, Writes
from jobs.runtime.source_paths import SourcePath

UNSTAGED = "unstaged"


@dataclass
class Loaded:
    """What was made of the files that were there."""

    files: int = 0
    waiting: int = 0  # files of runs that are alive, or of tables that these keys may not read
    writes: int = 0
    edges: int = 0
    known: int = 0  # writes that were loaded before
    left_out: Counter[str] = field(default_factory=Counter)
    """foreign: events without our tag. uncommitted: writes that the table's log does not have.
    unknown_inputs: datasets that are no table of the lake. unstaged: edges from a staging that
    nothing is known of."""
    refused: Counter[str] = field(default_factory=Counter)  # lines, by what is wrong with them

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"left_out": dict(self.left_out), "refused": dict(self.refused)}


@dataclass
class Told:
    """What is told of one commit."""

    ours: set[Edge] = field(default_factory=set)
    listeners: set[Edge] = field(default_factory=set)

    @property
    def edges(self) -> list[Edge]:
        """Of columns ours alone, where there are any: they are exact (from the analyzed plan, where
        the listener reads the optimized one) and know treatments. Of rows the listener's."""
        rows = {edge for edge in self.listeners if edge.target.column == EVERY}
        return sorted(simplified(united(self.ours, rows if self.ours else self.listeners)))


class Found:
    """The committed writes of event files. Of others nothing is kept, so that memory is bounded by
    the tables' logs and not by the files."""

    def __init__(self, lake: Lake, loaded: Loaded) -> None:
        self._commits, self._staging = Commits(lake), Staging()
        self._loaded = loaded
        self._writes = Writes(Tables(lake.settings), loaded.left_out)
        self._told: dict[Commit, Told] = {}

    def read(self, path: SourcePath, *, is_ours: bool) -> None:
        with path.open("rb") as file:
            for write in self._writes.of(events(file, self._loaded.refused), is_ours=is_ours):
                self._add(write)

    def writes(self) -> dict[Commit, Told]:
        for commit, write in self._commits.reserved():
            self._keep(commit, write)
        return {commit: told for commit, told in self._told.items() if told.edges}

    def _add(self, write: Write) -> None:
        if write.is_staging:
            self._staging.keep(write)
        elif write.is_ours:
            self._keep(self._commits.told(write), write)
        elif commit := self._commits.taken(write):
            self._keep(commit, write)
        elif not self._commits.reserve(write):
            self._keep(None, write)

    def _keep(self, commit: Commit | None, write: Write) -> None:
        if commit is None:
            self._loaded.left_out[UNCOMMITTED] += 1
            return
        edges, unstaged = folded(write, self._staging)
        if unstaged:
            self._loaded.left_out[UNSTAGED] += unstaged
        told = self._told.setdefault(commit, Told())
        (told.ours if write.is_ours else told.listeners).update(edges)
