"""What an output contract says of k-anonymity: which columns could single somebody out, and how
large the groups of rows must be that share their values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from conf.contract import KAnonymity, OutputColumn
from conf.contract_words import KAnonymityWords

_WORD, _COLUMN_WORD = "kAnonymity", "quasiIdentifier"


def k_anonymity(told: KAnonymityWords | None) -> KAnonymity | None:
    """The words as a value."""
    return KAnonymity(told.k, told.atMost, told.severity) if told else None


def anonymity_problems(
    table: str, told: KAnonymityWords | None, columns: Iterable[OutputColumn], key: Collection[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with the words together: where, below the table, and what."""
    marked = {c.name: c.spark_type for c in columns if c.is_quasi_identifier}
    if not table.startswith("gold."):
        if told:
            yield (_WORD,), "is for Gold: it is measured as Gold is published"
        for column in marked:
            yield (column, _COLUMN_WORD), "is for Gold: it is measured as Gold is published"
        return
    if told and not marked:
        yield (_WORD,), f"no column says {_COLUMN_WORD}: true; mark those that it is about"
    for column, spark_type in marked.items():
        if not told:
            yield (column, _COLUMN_WORD), f"needs {_WORD} of the table, with k: the least group"
        if list(key) == [column]:
            yield (column, _COLUMN_WORD), "is the key: each row would be a group of its own"
        if spark_type == "double":
            yield (column, _COLUMN_WORD), "is a double, of which hardly two are equal"
