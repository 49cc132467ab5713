"""What leads to a column and what it leads to, over edges written by hand."""

from __future__ import annotations

import random

import pytest

from conf.errors import UsageError
from conf.settings import load_settings
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.graph import Lineage, column_name
from jobs.runtime.lineage.model import ColumnName
from tests.unit.runtime.lineages import CUSTOMERS, decides, edge, record


def shown(edges) -> list[str]:
    return [f"{e.source} {e.subtype} {e.target}" for e in edges]


@pytest.fixture
def lineage() -> Lineage:
    return Lineage(CUSTOMERS)


def test_upstream_the_nearest_first_and_filters_of_each_table_once(lineage):
    assert shown(lineage.upstream(column_name("gold.customer_360.city"))) == [
        "silver.customers.city IDENTITY gold.customer_360.city",
        "silver.customers.customer_id JOIN gold.customer_360.*",
        "bronze.customers._bronze_error FILTER silver.customers.*",
        "bronze.customers.city IDENTITY silver.customers.city",
        "silver.customers.city IDENTITY silver.customers.city",
        "source.customers.city IDENTITY bronze.customers.city",
    ]


def test_downstream_ends_where_a_value_only_decides_on_rows(lineage):
    assert shown(lineage.downstream(column_name("source.customers.date_of_birth"))) == [
        "source.customers.* IDENTITY bronze.customers._bronze_raw",
        "source.customers.date_of_birth IDENTITY bronze.customers.date_of_birth",
        "bronze.customers.date_of_birth IDENTITY silver.customers.birth_year",
        "silver.customers.birth_year IDENTITY gold.customer_360.birth_year",
        "gold.customer_360.birth_year IDENTITY gold.customer_features.age",
    ]
    assert shown(lineage.downstream(column_name("silver.customers.customer_id"))) == [
        "silver.customers.customer_id JOIN gold.customer_360.*"
    ]


def test_a_whole_table_is_each_of_its_columns(lineage):
    whole = lineage.upstream(column_name("gold.customer_360.*"))
    assert {e.target.column for e in whole if e.target.table == "gold.customer_360"} == {
        "birth_year",
        "city",
        "*",
    }
    raw = lineage.upstream(column_name("bronze.customers._bronze_raw"))
    assert shown(raw) == ["source.customers.* IDENTITY bronze.customers._bronze_raw"]


def test_a_cycle_comes_to_an_end():
    ring = [edge(f"silver.t.c{i}", f"silver.t.c{(i + 1) % 5}") for i in range(5)]
    for start in range(5):
        found = Lineage(ring).upstream(ColumnName("silver.t", f"c{start}"))
        assert [e.target.column for e in found] == [f"c{(start - i) % 5}" for i in range(5)]


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_what_was_recorded_does_not_matter(seed):
    rng = random.Random(seed)
    nodes = [f"silver.t{i % 4}.c{i}" for i in range(12)]
    edges = [
        rng.choice((edge, decides))(rng.choice(nodes), rng.choice([*nodes, "silver.t1.*"]))
        for _ in range(40)
    ]
    start = edges[0].target
    first = Lineage(edges)
    mixed = rng.sample([*edges, *edges[:7]], 47)
    assert Lineage(mixed).upstream(start) == first.upstream(start), f"seed {seed}"
    assert Lineage(mixed).downstream(start) == first.downstream(start), f"seed {seed}"
    # Both ways tell the same of what values come from.
    for upper in {e.source for e in first.edges if e.source.column != "*"}:
        values = [e for e in first.downstream(upper) if e.type == "DIRECT"]
        for lower in {e.target for e in values} - {upper}:
            assert {e.source for e in first.upstream(lower)} & {upper}, f"seed {seed}"


def test_names_hold_dots_and_blanks_after_the_second_dot():
    assert column_name("source.medlemmer.Årligt kontingent (kr.)") == ColumnName(
        "source.medlemmer", "Årligt kontingent (kr.)"
    )
    for wrong in ("gold.customer_360", "city", "gold..city", "gold.customer_360."):
        with pytest.raises(UsageError, match=r"a column is LAYER\.TABLE\.COLUMN"):
            column_name(wrong)


def test_unknown_names_are_told_with_the_closest(lineage):
    with pytest.raises(
        UsageError,
        match=r"no lineage of table gold.customer_36; did you mean "
        r"gold.customer_360\? allowed are bronze.customers, ",
    ):
        lineage.upstream(column_name("gold.customer_36.city"))
    with pytest.raises(
        UsageError,
        match=r"gold.customer_360 has no column ctiy in its lineage; "
        r"did you mean city\? allowed are birth_year and city",
    ):
        lineage.downstream(column_name("gold.customer_360.ctiy"))
    with pytest.raises(UsageError, match=r"no lineage is recorded yet: run jobs/load_lineage.py"):
        Lineage([]).upstream(column_name("gold.customer_360.city"))


def test_a_column_that_only_its_contract_names_is_no_unknown_one(lineage):
    constant = column_name("gold.customer_360._gold_run_id")
    with pytest.raises(UsageError, match="has no column _gold_run_id"):
        lineage.upstream(constant)
    known = lineage.knowing([constant])
    assert shown(known.upstream(constant)) == [
        "silver.customers.customer_id JOIN gold.customer_360.*"
    ]


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(load_settings(lake=str(tmp_path / "lake")))


@pytest.fixture
def history(lake) -> Lake:
    """Bronze, Silver and Gold, then Bronze again from another column, then Silver, then Gold."""
    record(lake, 0, 0, edge("source.t.a", "bronze.t.x"), edge("source.t.n", "bronze.t.note"))
    record(lake, 1, 0, edge("bronze.t.x", "silver.t.x", "hash"))
    record(lake, 2, 0, edge("silver.t.x", "gold.t.x"))
    record(lake, 3, 1, edge("source.t.b", "bronze.t.x"))
    record(lake, 4, 3, edge("bronze.t.x", "silver.t.x", "mask"))  # 1 and 2: no writes of ours
    record(lake, 4, 3, edge("bronze.t.x", "silver.t.x", "mask"))  # loaded twice
    record(lake, 5, 10, edge("silver.t.x", "gold.t.y"))
    return lake


def steps(edges) -> list[str]:
    return [f"{e.source} {e.treatment or 'as it is'} {e.target}" for e in edges]


def test_of_each_table_its_latest_write(history):
    lineage = Lineage.of(history)
    assert steps(lineage.upstream(column_name("gold.t.y"))) == [
        "silver.t.x as it is gold.t.y",
        "bronze.t.x mask silver.t.x",
        "source.t.b as it is bronze.t.x",
    ]
    with pytest.raises(UsageError, match=r"gold.t has no column x in its lineage; allowed are y"):
        lineage.upstream(column_name("gold.t.x"))
    with pytest.raises(UsageError, match=r"bronze.t has no column note"):
        lineage.upstream(column_name("bronze.t.note"))


@pytest.mark.parametrize("version", [0, 3, 9])
def test_an_earlier_version_with_the_tables_upstream_as_they_were(history, version):
    lineage = Lineage.at(history, "gold.t", version)
    assert steps(lineage.upstream(column_name("gold.t.x"))) == [
        "silver.t.x as it is gold.t.x",
        "bronze.t.x hash silver.t.x",
        "source.t.a as it is bronze.t.x",
    ]


def test_downstream_of_an_earlier_version_is_as_now(history):
    lineage = Lineage.at(history, "silver.t", 2)
    assert steps(lineage.upstream(column_name("silver.t.x"))) == [
        "bronze.t.x hash silver.t.x",
        "source.t.a as it is bronze.t.x",
    ]
    assert steps(lineage.downstream(column_name("silver.t.x"))) == ["silver.t.x as it is gold.t.y"]
    latest = Lineage.at(history, "silver.t", 99).upstream(column_name("silver.t.x"))
    assert latest == Lineage.of(history).upstream(column_name("silver.t.x"))


def test_versions_before_the_first_and_unknown_tables(history, lake):
    record(lake, 6, 7, edge("silver.t.x", "gold.late.x"))
    with pytest.raises(UsageError, match=r"gold.late: found version 6; its lineage begins at 7"):
        Lineage.at(lake, "gold.late", 6)
    with pytest.raises(UsageError, match=r"did you mean gold.late\?"):
        Lineage.at(lake, "gold.lte", 6).upstream(column_name("gold.lte.x"))


def test_a_lake_without_lineage_has_no_edges(lake):
    assert Lineage.of(lake).edges == ()
    with pytest.raises(UsageError, match="no lineage is recorded yet"):
        Lineage.at(lake, "gold.t", 0).upstream(column_name("gold.t.x"))


def test_names_with_quotes_are_asked_for_as_they_are(lake):
    record(lake, 0, 0, edge("source.it's.a", "bronze.it's.a"))
    assert steps(Lineage.of(lake).edges) == ["source.it's.a as it is bronze.it's.a"]
