"""A run that dies at a chosen write, as SIGKILL would have it: nothing is written after that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from jobs.runtime.lake import Lake, Transaction
from jobs.runtime.lineage.graph import DATA_LINEAGE_TABLE
from jobs.runtime.records import RecordLog

LINEAGE = DATA_LINEAGE_TABLE.rpartition(".")[2]


class Crash(BaseException):
    """No handler of a run catches it, and its `finally` blocks find that they can write no more."""


class Crashes:
    """Every write of a run has a name and a moment before and after it; one of them can kill.

    What follows one write and precedes the next leaves nothing behind, so that dying before each
    write, and after those whose `finally` would tidy up, is dying everywhere.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        self._at: str | None = None
        self._dead = False
        monkeypatch.setattr(RecordLog, "append", self._wrapped(RecordLog.append, _record))
        for name in ("append", "overwrite", "merge", "stage", "remove"):
            named = _lake(name)
            monkeypatch.setattr(Lake, name, self._wrapped(getattr(Lake, name), named))

    def arm(self, at: str | None) -> None:
        """Die at this moment of the next run, or not at all; forget what was seen."""
        self._at, self._dead, self.seen = at, False, []

    def _wrapped(self, write: Callable[..., Any], named: Callable[..., str]) -> Any:
        def wrapper(*args: Any, **options: Any) -> Any:
            name = named(*args, **options)
            self._pass(f"before {name}")
            result = write(*args, **options)
            self._pass(f"after {name}")
            return result

        return wrapper

    def _pass(self, moment: str) -> None:
        if self._dead:
            raise Crash
        self.seen.append(moment)
        if moment == self._at:
            self._dead = True
            raise Crash


def _record(log: RecordLog, records: Sequence[Mapping[str, Any]]) -> str:
    first = records[0] if records else {}
    name = Path(log.path).name
    if name == LINEAGE:  # edges of several runs go in one append: the first one's job is no name
        return name
    told = (first.get(k) for k in ("job", "status", "delivery", "batch"))
    return " ".join([name, *(str(t) for t in told if t is not None)])


def _lake(verb: str) -> Callable[..., str]:
    def named(lake: Lake, *args: Any, **options: Any) -> str:
        table = next(a for a in args if isinstance(a, str))
        version = [str(a.version) for a in args if isinstance(a, Transaction)]
        return " ".join([verb, table, *version])

    return named
