"""The gate between staging and everything that is published: no clear text passes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from pyspark.sql import DataFrame

from conf.contract import Column, Form, SourceContract, Treatment
from conf.errors import DataQualityError, listed
from jobs.runtime.counts import TableCounts
from jobs.runtime.runs import Run
from transformations.leaks import Check, looked_into, looked_over
from transformations.treatments import entity
from udfs.pii.column_hints import hinted, is_number_name
from udfs.pii.identifiers import EMAIL, IDENTIFIERS, PHONE, Look, Sure, suspected
from udfs.pii.leaks import ANY_VALUE, FULL_NAMES, PERSON, Kind, Sign, judged

_ADDRESSES = ("STREET_ADDRESS", "ADDRESS")
_FEW = 3  # values that look like names before a column does

Signs = Mapping[tuple[str, Check], Mapping[Sign, int]]


def stop_on_leaks(
    run: Run, contract: SourceContract, staged: DataFrame, counts: TableCounts
) -> None:
    """Look for clear text in what is about to be published, and note columns that look like names.

    Marked columns must hold what their treatment makes, and no column an identifier (CPR number,
    e-mail, phone, card, IBAN): all values of columns that stay, a sample of the free texts.
    Raises: DataQualityError naming table, columns, entities and counts, never a value.
    """
    rows = counts.inserted + counts.updated
    look = looked_over(contract, rows, run.settings.leak_sample)
    told = staged.transform(look).collect()[0]
    columns = {c.silver_name: c for c in contract.columns}
    signs = {
        (asked["column"], Check(asked["check"])): {Sign.of(s): n for s, n in found.items()}
        for asked, found in zip(told["asked"], told["signs"], strict=True)
    }
    leaks: dict[str, Counter[str]] = defaultdict(Counter)
    for seen in told["seen"]:
        name, column = seen["column"], columns[seen["column"]]
        if seen["count"] and seen["check"] == Check.UNTREATED:
            leaks[name][entity(column)] += seen["count"]
        elif seen["count"]:  # only now, since Python costs more than the pass itself
            found = staged.transform(looked_into(column)).collect()
            signs[name, Check.WHOLE] = {Sign.of(r["sign"]): r["count"] for r in found}
    for name, entities in _identifiers(columns, signs):
        leaks[name].update(entities)
    for remark in _remarks(contract, columns, signs):
        run.note(remark)
    if leaks:
        raise DataQualityError(_message(contract, leaks))


def _identifiers(
    columns: Mapping[str, Column], signs: Signs
) -> Iterator[tuple[str, dict[str, int]]]:
    """(column, {entity: count}) of what tells a person apart beyond doubt."""
    for (name, check), counts in signs.items():
        if check is Check.PROFILE:
            continue
        # Of a span in a text only what is sure: a placeholder moved the words around it.
        sure = {s: n for s, n in counts.items() if s.kind is Kind.WHOLE or s.sure is Sure.CERTAIN}
        leaks = judged(sure, is_kept=True, hinted=_hints(columns[name])).leaks
        strong = IDENTIFIERS - decided(columns[name])
        if found := {e: n for e, n in leaks.items() if e in strong}:
            yield name, found


def decided(column: Column) -> frozenset[str]:
    """Identifiers that a kept column may hold: its contract states that form and says that they are
    nobody's, such as a hotline's number. A CPR number is always somebody's."""
    if column.treatment is not Treatment.KEEP:
        return frozenset()
    return frozenset({Form.PHONE: {PHONE}, Form.EMAIL: {EMAIL}}.get(column.form, set()))


def _remarks(
    contract: SourceContract, columns: Mapping[str, Column], signs: Signs
) -> Iterator[str]:
    todo = f"give it a classification and a treatment in {contract.path} if it is personal"
    for (name, check), counts in signs.items():
        column, like = columns[name], None
        if check is Check.PROFILE:
            like = _profiled(column, counts)
        elif check is Check.WHOLE and not _is_told_nobodys(contract, column):
            looks = {Look(s.entity, s.sure): n for s, n in counts.items() if s.kind is Kind.WHOLE}
            like = " or ".join(sorted(suspected(looks, _hints(column)) - decided(column)))
        if like:
            yield f"{contract.table}: column {name} is kept, and looks like {like}; {todo}"


def _is_told_nobodys(contract: SourceContract, column: Column) -> bool:
    is_key = column.name in contract.key or column.references
    return bool(is_key) or is_number_name(column.name)


def _profiled(column: Column, distinct: Mapping[Sign, int]) -> str | None:
    """`PERSON (12 of 200 different values)`, if that many say so."""
    values = distinct.get(ANY_VALUE, 0)
    names = sum(n for s, n in distinct.items() if s.entity == PERSON and s.kind is Kind.NAME)
    if PERSON in _hints(column):  # then one word is enough
        names = sum(n for s, n in distinct.items() if s.entity == PERSON)
    addresses = sum(n for s, n in distinct.items() if s.entity in _ADDRESSES)
    for kind, number in ((PERSON, names), ("STREET_ADDRESS", addresses)):
        if number >= _FEW and number > FULL_NAMES * values:
            return f"{kind} ({number} of {values} different values)"
    return None


def _hints(column: Column) -> set[str]:
    return {e for name in (column.name, column.source_name) if (e := hinted(name))}


def _message(contract: SourceContract, leaks: Mapping[str, Mapping[str, int]]) -> str:
    found = listed(
        f"{column} ({', '.join(f'{n} {e}' for e, n in sorted(entities.items()))})"
        for column, entities in sorted(leaks.items())
    )
    return (
        f"{contract.table}: held: what would be published has personal data in clear text: column "
        f"{found}; nothing was published; correct the column's treatment in {contract.path} (hash "
        "keeps joins) and run again, which takes the same deliveries in"
    )
