"""What of a lake is personal data, by column: from the contracts' words along the lineage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from conf.contract import Column, Contracts, Treatment
from jobs.runtime.corrections import BRONZE_CORRECTIONS
from jobs.runtime.lineage.columns import Told, known_columns
from jobs.runtime.lineage.graph import Lineage, concerns
from jobs.runtime.lineage.model import EVERY, ColumnName, Origin, PiiColumn, PiiState
from transformations.names import RAW, RESCUED

UNCLASSIFIED = "unclassified"
_TEXT = "pii-text"
_AS_IT_CAME = ("source", "bronze")
_LAYERS = (*_AS_IT_CAME, "silver", "gold")
_CORRECTED = ColumnName(BRONZE_CORRECTIONS, "value")


@dataclass(frozen=True)
class _Given:
    """Personal data as it came, in a source or in Bronze."""

    classification: str
    source: ColumnName | None = None  # of a Bronze column: where it is from
    is_kept: bool = False  # its contract says `keep`, as pii-indirect may


_GivenColumns = Mapping[ColumnName, _Given]


def pii_columns(lineage: Lineage, contracts: Contracts) -> dict[ColumnName, PiiColumn]:
    """Every column of sources, Bronze, Silver and Gold, with the personal data behind it.

    Silver and Gold tables of which no write was recorded are left out, since nothing can be said
    of them: `without_lineage` names them.
    """
    lineage = Lineage(lineage.edges)  # of an earlier version: without what leads on from it now
    told, given = known_columns(contracts), dict(_given(lineage, contracts))
    ways = _ways(lineage, given, {name: t.derived for name, t in told.items() if t.derived})
    written = {edge.target.table for edge in lineage.edges}
    others = sorted(lineage.columns - told.keys())
    names = [n for n in (*told, *others) if n.column != EVERY and n.layer in _LAYERS]
    found: dict[ColumnName, PiiColumn] = {}
    for name in sorted(names, key=lambda n: (_LAYERS.index(n.layer), n.table)):
        known = told.get(name, Told())
        if name.layer in _AS_IT_CAME:
            column = _as_it_came(name, given.get(name))
        elif name.table in written:
            column = _later(name, known.derived, ways, given)
        else:
            continue
        keeps = _retention(column, contracts)
        found[name] = replace(column, description=known.description, retention=keeps)
    return found


def without_lineage(lineage: Lineage, contracts: Contracts) -> list[ColumnName]:
    """What nothing can be said of: Silver and Gold tables of which no write was recorded (`*`),
    Silver columns to which nothing of their own Bronze column is known to lead, and columns that
    others come from though nothing leads to them, as after a rewrite without them."""
    written = {edge.target.table for edge in lineage.edges}
    whole = [ColumnName(table, EVERY) for table in contracts.outputs if table not in written]
    single = [
        silver
        for table, source in contracts.sources.items()
        for column in source.columns
        if column.treatment is not Treatment.DROP and f"silver.{table}" in written
        and (silver := ColumnName(f"silver.{table}", column.silver_name))
        and not _leads(lineage, ColumnName(f"bronze.{table}", column.name), silver)
    ]  # fmt: skip
    ends = {e.source for e in lineage.edges if e.is_of_value and e.source.table in written}
    loose = [
        name
        for name in ends
        if name.layer not in _AS_IT_CAME and name.column[0] not in "_*"
        and not any(e.is_of_value for e in lineage.into(name))
    ]  # fmt: skip
    return sorted({*whole, *single, *loose})


def _leads(lineage: Lineage, source: ColumnName, target: ColumnName) -> bool:
    edges = lineage.upstream(target) if target in lineage else ()
    return any(e.is_of_value and concerns(e.source, source) for e in edges)


def _given(lineage: Lineage, contracts: Contracts) -> Iterator[tuple[ColumnName, _Given]]:
    """What is personal as it comes: by its contract, and whatever no contract speaks of."""
    for table, contract in contracts.sources.items():
        for column in contract.columns:
            if _is_personal(column):
                source = ColumnName(f"source.{table}", column.source_name)
                kind = column.classification or UNCLASSIFIED
                given = _Given(kind, is_kept=column.treatment is Treatment.KEEP)
                yield source, given
                yield ColumnName(f"bronze.{table}", column.name), replace(given, source=source)
        for technical in (RAW, RESCUED):  # the verbatim line, and columns that no contract names
            whole = ColumnName(f"source.{table}", EVERY)
            yield ColumnName(f"bronze.{table}", technical), _Given(_TEXT, source=whole)
    yield _CORRECTED, _Given(_TEXT, source=ColumnName("source.corrections", "value"))
    for name in lineage.columns - known_columns(contracts).keys():
        if name.layer in _AS_IT_CAME and name.column[0] not in "_*":
            yield name, _Given(UNCLASSIFIED)


def _is_personal(column: Column) -> bool:
    """By its classification; without one everything is but what its contract keeps."""
    kind = column.classification
    if kind is None:
        return column.treatment is not Treatment.KEEP
    return kind.startswith("pii-") or column.treatment is Treatment.DETECT


def _ways(
    lineage: Lineage, given: _GivenColumns, derived: Mapping[ColumnName, str]
) -> Mapping[ColumnName, set[Origin]]:
    """By column, every way from Bronze by DIRECT edges, as the treatments that lie on it.

    What leads on from a flag, count or bucket has that as a treatment. A treatment counts once, so
    that tables which are merged into, and lead to themselves, come to an end.
    Corrected values begin no way: each stands in for one of a column, and is treated as that is.
    """
    ways: defaultdict[ColumnName, set[Origin]] = defaultdict(set)
    begun = [n for n in given if n.layer == "bronze" and n != _CORRECTED]
    waiting = [(name, Origin(name, given[name].classification, ())) for name in begun]
    while waiting:
        column, way = waiting.pop()
        for edge in lineage.out_of(column):
            passed = (derived.get(column, ""), edge.treatment)
            new = [t for t in dict.fromkeys(passed) if t and t not in way.treatments]
            onward = replace(way, treatments=(*way.treatments, *new))
            is_later = edge.target.layer not in _AS_IT_CAME
            if edge.is_of_value and is_later and onward not in ways[edge.target]:
                ways[edge.target].add(onward)
                waiting.append((edge.target, onward))
    return ways


def _as_it_came(name: ColumnName, given: _Given | None) -> PiiColumn:
    if given is None:
        return PiiColumn(name, PiiState.NONE)
    origins = (Origin(given.source, given.classification, ()),) if given.source else ()
    return PiiColumn(name, PiiState.CLEAR, origins)


def _later(
    name: ColumnName,
    derived: str,
    ways: Mapping[ColumnName, set[Origin]],
    given: _GivenColumns,
) -> PiiColumn:
    """A column of Silver or Gold."""
    whole = ways.get(ColumnName(name.table, EVERY), set())
    found = sorted(ways.get(name, set()) | whole, key=lambda way: (way.source, way.treatments))
    untreated = [way for way in found if not way.treatments]
    if not found:
        state = PiiState.NONE
    elif not untreated:
        state = PiiState.TREATED
    elif derived:
        state = PiiState.DERIVED
    elif all(given[way.source].is_kept for way in untreated):
        state = PiiState.KEPT
    else:
        state = PiiState.LEAK
    return PiiColumn(name, state, tuple(found), derived)


def _retention(column: PiiColumn, contracts: Contracts) -> str:
    """How long, as the contracts of its sources say; the texts are the contracts' own."""
    if column.state is PiiState.NONE:
        return ""
    behind = (column.name, *(origin.source for origin in column.origins))
    tables = (name.table.partition(".")[2] for name in behind)
    told = (contracts.sources[t].retention for t in tables if t in contracts.sources)
    return "; ".join(text for text in dict.fromkeys(told) if text)
