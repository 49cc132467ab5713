"""Where the rows of a table went: the counts of the record and of the --json line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields


@dataclass
class TableCounts:
    """Rows of one table in one run. `read` = the sum of all others, or a row was lost."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    stale: int = 0
    duplicates: int = 0
    quarantined: int = 0
    held: int = 0

    def add(self, other: TableCounts) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def accounted(self) -> int:
        """Rows whose whereabouts are known; must equal `read`."""
        return sum(self.as_dict().values()) - self.read

    @property
    def kept_by_reference(self) -> int:
        """Rows that changed nothing: they stand in `ops/duplicates`."""
        return self.duplicates + self.unchanged + self.stale

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> TableCounts:
        return cls(**{f.name: int(counts.get(f.name) or 0) for f in fields(cls)})
