"""How well the rows of a table hide among each other: sizes and counts, never a group's values,
since a group of one is a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.runtime.lake import Lake
from jobs.runtime.records import K_ANONYMITY, Record, RecordLog, latest
from jobs.runtime.sql_text import listing
from transformations.k_anonymity import LEFT_OUT, SIZE, SIZES, group_figures, size_label


@dataclass(frozen=True)
class Groups:
    """The groups of rows with equal quasi-identifiers, in the words of `group_figures`."""

    figures: Mapping[str, int | None]

    @property
    def rows(self) -> int:
        return self.figures["rows"] or 0

    @property
    def groups(self) -> int:
        return self.figures["groups"] or 0

    @property
    def smallest(self) -> int | None:
        """Rows of the smallest group; None of a table without rows."""
        return self.figures["smallest_group"]

    @property
    def groups_below_k(self) -> int:
        return self.figures["groups_below_k"] or 0

    @property
    def rows_below_k(self) -> int:
        return self.figures["rows_below_k"] or 0

    @property
    def share_below_k(self) -> float:
        """Of all rows, 0 to 1."""
        return self.rows_below_k / self.rows if self.rows else 0.0

    @property
    def by_size(self) -> Iterator[tuple[str, int, int]]:
        """(size of the group in words, groups, rows)."""
        for least, greatest in SIZES:
            label = size_label(least, greatest)
            told = label.replace("_up", " and more").replace("_", " to ")
            yield told, self.figures[f"groups_{label}"] or 0, self.figures[f"rows_{label}"] or 0


@dataclass(frozen=True)
class Anonymity:
    """k-anonymity of a table by some columns, and if each one of them were left out."""

    columns: tuple[str, ...]
    k: int
    whole: Groups
    without: Mapping[str, Groups]

    def records(self) -> Iterator[Record]:
        """As `ops/k_anonymity` has them: by all columns, then without each."""
        by_all: dict[str | None, Groups] = {None: self.whole}
        for left_out, groups in (by_all | dict(self.without)).items():
            told = {"columns": list(self.columns), "k": self.k, LEFT_OUT: left_out}
            yield told | dict(groups.figures)

    def as_dict(self) -> dict[str, Any]:
        """The object of the --json line."""
        without = {
            name: {"rows_below_k": of.rows_below_k, "share_below_k": of.share_below_k}
            for name, of in self.without.items()
        }
        told = {"columns": list(self.columns), "k": self.k, **self.whole.figures}
        return told | {"share_below_k": self.whole.share_below_k, "without": without}


def anonymity_log(lake: Lake) -> RecordLog:
    return lake.log("ops.k_anonymity", K_ANONYMITY)


def anonymity_of_runs(lake: Lake, run_ids: Iterable[str]) -> list[Record]:
    """What these runs measured; of a table that was measured again the last."""
    found = anonymity_log(lake).read(f"run_id in ({listing(run_ids)})")
    return list(latest(found, "table", LEFT_OUT).values())


def anonymity_of(columns: Sequence[str], k: int, rows: Iterable[Mapping[str, Any]]) -> Anonymity:
    """The value of what `k_anonymity` or `anonymity_sql` has counted; a table without rows has
    counted nothing."""
    empty = Groups({name: None if name == "smallest_group" else 0 for name in group_figures(k)})
    counted = {
        row[LEFT_OUT]: Groups({name: row[name] for name in group_figures(k)}) for row in rows
    }
    without = {name: counted.get(name, empty) for name in columns}
    return Anonymity(tuple(columns), k, counted.get(None, empty), without)


def anonymity_sql(columns: Sequence[str], k: int) -> str:
    """What `k_anonymity` counts, as SQL of delta-rs over table `t`."""
    names = [f"_{n}" for n in range(len(columns))]
    values = ", ".join(f"{_quoted(c, chr(34))} as {n}" for c, n in zip(columns, names, strict=True))
    figures = ", ".join(f'{sql} as "{name}"' for name, sql in group_figures(k).items())
    left_out: list[tuple[str | None, list[str]]] = [(None, names)]
    left_out += [(c, names[:n] + names[n + 1 :]) for n, c in enumerate(columns)]
    sizes = " union all ".join(_sizes(*one) for one in left_out)
    grouped = f"select {', '.join(names)}, count(*) as _rows from v group by {', '.join(names)}"
    return (
        f"with v as (select {values} from t), grouped as ({grouped}), sizes as ({sizes}) "
        f"select {LEFT_OUT}, {figures} from sizes group by {LEFT_OUT}"
    )


def _sizes(left_out: str | None, names: Sequence[str]) -> str:
    """The groups by these columns, from those by all columns; by none it is all rows."""
    told = f"{_quoted(left_out, chr(39)) if left_out else 'cast(null as varchar)'} as {LEFT_OUT}"
    by = f"group by {', '.join(names)}" if names else "having count(*) > 0"
    return f"select {told}, sum(_rows) as {SIZE} from grouped {by}"


def _quoted(text: str, mark: str) -> str:
    return mark + text.replace(mark, mark * 2) + mark
