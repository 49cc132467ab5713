"""The key filter of a Silver table: a file in `ops` that follows the table's log.

It saves a batch of new keys from reading every key the table has (invariant 5). It is only ever a
short cut: if it does not belong to the table's present version it is made anew from the table.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyspark.sql import DataFrame

from conf.contract import SourceContract
from jobs.runtime.lake import Lake
from transformations.versions import silver_key_hashes
from udfs.key_filters import filter_of

MAX_SEGMENTS = 16
MIN_KEYS = 20_000  # below it reading the table costs less than keeping a filter


class KeyFilter:
    """Filters of one table, a segment for each batch that inserted keys."""

    def __init__(self, lake: Lake, contract: SourceContract) -> None:
        self._lake, self._contract = lake, contract
        self._silver = f"silver.{contract.table}"
        self._files = lake.files("ops._key_filters")

    def segments(self) -> list[bytes] | None:
        """The filters of the table as it is, made anew where those kept are of another version;
        None for a table that is small, or not there."""
        if self._keys() < MIN_KEYS:
            return None
        version, segments = self._kept()
        if version != self._version() or len(segments) > MAX_SEGMENTS:
            hashes = self._lake.read(self._silver).select(silver_key_hashes(self._contract))
            segments = [filter_of(hashes, hashes.count())]
            self._keep(segments)
        return segments

    def add(self, inserted: DataFrame, count: int, segments: Sequence[bytes] | None) -> None:
        """Keep the filters together with one of the keys a batch has just inserted.

        Where there are none yet the first large batch makes them, if the table holds nothing else;
        else the next batch does.
        """
        if segments is None and not MIN_KEYS <= count == self._keys():
            return
        hashes = inserted.select(silver_key_hashes(self._contract))
        new = [filter_of(hashes, count)] if count else []
        self._keep([*(segments or ()), *new])

    def _keys(self) -> int:
        counted = self._lake.query(self._silver, "select count(*) as n from t")
        return int(counted[0]["n"]) if counted else 0

    def _version(self) -> int:
        table = self._lake.rust_table(self._silver)
        return table.version() if table is not None else -1

    def _keep(self, segments: Sequence[bytes]) -> None:
        head = {"version": self._version(), "sizes": [len(s) for s in segments]}
        content = b"".join([json.dumps(head).encode(), b"\n", *segments])
        self._files.write(self._contract.table, content)

    def _kept(self) -> tuple[int | None, list[bytes]]:
        told, _, rest = (self._files.read(self._contract.table) or b"").partition(b"\n")
        try:
            head = json.loads(told)
            segments = []
            for size in head["sizes"]:
                segments.append(rest[:size])
                rest = rest[size:]
            return int(head["version"]), segments
        except (ValueError, KeyError, TypeError):
            return None, []
