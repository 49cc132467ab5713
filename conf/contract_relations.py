"""What contracts mean together: foreign keys, pseudonym domains, roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from conf.contract import PARENT_KEY, Column, Form, SourceContract, Treatment
from conf.contract_problems import Problem, closest
from conf.errors import listed

Sources = Mapping[str, SourceContract]


def with_references(sources: Sources, namespace: str) -> dict[str, SourceContract]:
    """Foreign keys get treatment, form, entity and domain of the key they refer to in the end,
    so that joins hold; every domain gets its namespace. Unknown targets are left as they are.

    In: contracts as read, a domain empty where the file names none.
    """

    def settled(table: str, column: Column) -> Column:
        owner, target = _final_target(sources, table, column)
        domain = f"{namespace}/{target.domain or f'{owner}.{target.name}'}"
        if target is column:
            return replace(column, domain=domain)
        return replace(
            column,
            treatment=target.treatment,
            is_classified=target.is_classified,
            form=target.form,
            entity=column.entity or target.entity,
            classification=column.classification or target.classification,
            domain=domain,
        )

    return {
        name: replace(source, columns=tuple(settled(name, c) for c in source.columns))
        for name, source in sources.items()
    }


def _final_target(sources: Sources, table: str, column: Column) -> tuple[str, Column]:
    """The table and column at the end of a chain of foreign keys."""
    seen = {(table, column.name)}
    while column.references and column.references not in seen:
        seen.add(column.references)
        found = _column(sources, column.references)
        if found is None:
            break
        table, column = column.references[0], found
    return table, column


def _column(sources: Sources, place: tuple[str, str]) -> Column | None:
    source = sources.get(place[0])
    return next((c for c in source.columns if c.name == place[1]), None) if source else None


def relation_problems(sources: Sources, broken: frozenset[str]) -> Iterator[Problem]:
    """Problems of foreign keys as the files state them. `broken` tables exist, but could not be
    read: what refers to them is not judged."""
    for source in sources.values():
        for column in source.columns:
            if column.references and column.references[0] not in broken:
                for text in _reference_problems(sources, source.table, column):
                    yield Problem(source.path, (source.table, column.name, "relationships"), text)
        for name, text in _parent_problems(sources, source, broken):
            yield Problem(source.path, (source.table, "quality", name), text)


def _parent_problems(
    sources: Sources, source: SourceContract, broken: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Checks see of a parent what Silver keeps as it is."""
    referring = {c.name: c.references for c in source.columns if c.references}
    for check in source.checks:
        for key, name in check.parent_columns:
            table, _ = referring.get(key) or ("", "")
            parent = sources.get(table)
            if key not in referring:
                yield check.name, f"no foreign key {key}; {closest(key, referring)}"
            elif parent and table not in broken and name != PARENT_KEY:
                kept = [c.name for c in parent.columns if c.treatment is Treatment.KEEP]
                if name not in kept:
                    yield check.name, f"{table} keeps no column {name}; {closest(name, kept)}"


def _reference_problems(sources: Sources, table: str, column: Column) -> Iterator[str]:
    assert column.references is not None
    to_table, to_name = column.references
    target, other = _column(sources, column.references), sources.get(to_table)
    if other is None:
        yield f"no table {to_table}; {closest(to_table, sources)}"
    elif target is None:
        yield f"no column {to_name} in {to_table}; its key is {listed(other.key)}"
    elif other.key != (to_name,):
        yield f"{to_table}.{to_name} is not the key of {to_table}; that is {listed(other.key)}"
    elif column.references == (table, column.name):
        yield "the column refers to itself"
    elif to_table == table and column.late_parent == "wait":
        # Rows of one batch would wait for each other, generation by generation.
        yield f"lateParent wait, but the parent is of {table} itself; allowed is pass"
    elif target.logical_type != column.logical_type:
        yield f"type {column.logical_type} here, {target.logical_type} in {to_table}.{to_name}"
    else:
        yield from _contradictions(sources, table, column)


def _contradictions(sources: Sources, table: str, column: Column) -> Iterator[str]:
    """A foreign key may repeat what its target says, not say otherwise."""
    owner, target = _final_target(sources, table, column)
    if target.references:
        if target.references[0] in sources:
            yield "the foreign keys run in a circle"
        return
    where = f"{owner}.{target.name}"
    if column.is_classified and column.treatment is not target.treatment:
        yield f"treatment {column.treatment} here, {target.treatment} in {where}; leave it out here"
    if column.form not in (Form.TEXT, target.form):
        yield f"form {column.form} here, {target.form} in {where}; leave it out here"
    if column.domain and column.domain != target.domain:
        theirs = target.domain or where
        yield f"domain {column.domain} here, {theirs} in {where}; leave it out here"


def domain_problems(sources: Sources) -> Iterator[Problem]:
    """Columns of one pseudonym domain must have one form, or equal values would not join.

    In: contracts with their references resolved.
    """
    members: dict[str, list[tuple[SourceContract, Column]]] = defaultdict(list)
    for source in sources.values():
        for column in source.columns:
            if column.treatment is Treatment.HASH:
                members[column.domain].append((source, column))
    for (first_source, first), *others in members.values():
        for source, column in others:
            if column.form is not first.form:
                place = (source.table, column.name)
                other = f"{first_source.table}.{first.name}"
                text = f"form {column.form}, but {other} of the same domain has {first.form}"
                yield Problem(source.path, place, text)


def shared_problems(sources: Sources) -> Iterator[Problem]:
    """What only one table may have: a role, a pattern for its files. And how the roles meet."""
    for what, word, given in (
        ("role", "role", {n: (s.role,) if s.role else () for n, s in sources.items()}),
        ("file pattern", "files", {n: s.source.files for n, s in sources.items()}),
    ):
        takers: dict[str, list[str]] = defaultdict(list)
        for table, values in given.items():
            for value in dict.fromkeys(values):
                takers[value].append(table)
        for value, tables in takers.items():
            for table in tables[1:]:
                text = f"{what} {value} is that of {tables[0]} already; one table may have it"
                yield Problem(sources[table].path, (table, word), text)
    yield from _customers_of_orders(sources)


def _customers_of_orders(sources: Sources) -> Iterator[Problem]:
    by_role = {source.role: source for source in sources.values()}
    orders, customers = by_role.get("orders"), by_role.get("customers")
    theirs = customers.role_column("customer") if customers else None
    ours = orders.role_column("customer") if orders else None
    if orders and customers and ours and theirs and ours.domain != theirs.domain:
        target = f"{customers.table}.{theirs.name}"
        text = f"customer must refer to {target} (relationships), or no order finds its customer"
        yield Problem(orders.path, (orders.table, ours.name, "goldRole"), text)
