"""Whether a row's parent is in Silver, what it says, and who waits for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conf.contract import Contracts, Dimension, QualityCheck, Severity, Treatment
from jobs.runtime.parents import parents_first
from tests.standard import bronze, column, contract, keys_in
from transformations.parents import Parent, wanted_parents, with_parents
from transformations.standardize import standardized

PEOPLE = replace(
    contract(
        [
            column("id", treatment=Treatment.HASH, domain="default/people.id"),
            column("since", "date"),
            column("name", treatment=Treatment.HASH),
            column("city", silver_name="town"),
        ]
    ),
    table="people",
)


def who(**more):
    return column(
        "who", references=("people", "id"), **{
            "treatment": Treatment.HASH, "domain": "default/people.id", **more
        }
    )  # fmt: skip


def check(*columns: str) -> QualityCheck:
    return QualityCheck(
        "c", "", {}, Dimension.CONSISTENCY, Severity.WARNING,
        parent_columns=tuple(("who", c) for c in columns),
    )  # fmt: skip


@pytest.fixture
def people(spark, tmp_path):
    """Silver of people 1 and 2, made by the same standardizing."""
    frame = bronze(spark, PEOPLE, [{"since": "2024-01-01", "city": "Aarhus"}, {"city": "Ribe"}])
    known = frame.transform(standardized(PEOPLE, keys_in(tmp_path)))
    return known.selectExpr("_hashed_id as id", "since", "city as town", "name")


def told(spark, tmp_path, given, silver, *whos):
    """By row: the parent's struct as a dictionary, and the reasons."""
    frame = bronze(spark, given, [{"who": w} for w in whos])
    frame = frame.transform(standardized(given, keys_in(tmp_path)))
    done = frame.transform(with_parents(given, {"people": Parent(PEOPLE, silver)}))
    rows = sorted(done.collect(), key=lambda r: r["_bronze_row"])
    return [(r["_parent_who"].asDict() if r["_parent_who"] else None, r["_reasons"]) for r in rows]


def test_nobody_asks_so_nothing_is_joined(spark, tmp_path):
    passes = contract([who()])
    assert wanted_parents(passes) == {}
    frame = bronze(spark, passes, [{"who": "1"}])
    assert frame.transform(with_parents(passes, {})) is frame


def test_rows_of_unknown_parents_wait_and_a_null_has_none(spark, tmp_path, people):
    waits = contract([who(late_parent="wait")])
    keys = [r["id"] for r in people.orderBy("town").collect()]
    assert told(spark, tmp_path, waits, people, "1", " 2 ", "3", None) == [
        ({"key": keys[0]}, []),
        ({"key": keys[1]}, []),
        (None, ["parent_missing: who"]),
        (None, []),
    ]


def test_without_a_table_every_parent_is_unknown(spark, tmp_path):
    waits = contract([who(late_parent="wait")], checks=(check("since"),))
    assert told(spark, tmp_path, waits, None, "1", None) == [
        (None, ["parent_missing: who"]),
        (None, []),
    ]


def test_a_check_reads_what_silver_keeps_under_the_contracts_names(spark, tmp_path, people):
    """A pseudonym is nothing to check; a column that Silver does not have yet is null."""
    asks = contract([who()], checks=(check("city", "name"), check("since", "city")))
    assert wanted_parents(asks) == {"who": ("city", "name", "since")}
    ((parent, reasons),) = told(spark, tmp_path, asks, people.drop("since"), "1")
    assert (list(parent), parent["city"], parent["since"]) == (
        ["key", "city", "since"],
        "Aarhus",
        None,
    )
    assert reasons == []
    ((parent, _),) = told(spark, tmp_path, asks, people, "1")
    assert str(parent["since"]) == "2024-01-01"


def test_a_kept_key_is_compared_as_text(spark, tmp_path):
    things = replace(contract([column("id", "integer")]), table="people")
    waits = contract([column("who", "integer", references=("people", "id"), late_parent="wait")])
    silver = spark.createDataFrame([(1,)], "id bigint")
    frame = bronze(spark, waits, [{"who": "01"}, {"who": "2"}])
    frame = frame.transform(standardized(waits, keys_in(tmp_path)))
    done = frame.transform(with_parents(waits, {"people": Parent(things, silver)})).collect()
    assert [r["_reasons"] for r in sorted(done, key=lambda r: r["_bronze_row"])] == [
        [], ["parent_missing: who"],
    ]  # fmt: skip


def test_parents_come_before_children():
    def table(name: str, *parents: str):
        columns = [column(p, references=(p, "id")) for p in parents]
        return replace(contract(columns), table=name)

    tables = [
        table("accounts", "people"), table("lines", "orders", "people"),
        table("orders", "people", "accounts"), table("people", "people"), table("zones"),
    ]  # fmt: skip
    contracts = Contracts({t.table: t for t in tables})
    everything = list(contracts.sources)
    assert parents_first(contracts, everything) == [
        "people",
        "accounts",
        "orders",
        "lines",
        "zones",
    ]
    assert parents_first(contracts, ["orders", "accounts"]) == ["accounts", "orders"]


def test_two_tables_that_refer_to_each_other_have_an_order_too():
    tables = [
        replace(contract([column("b", references=("b", "id"))]), table="a"),
        replace(contract([column("a", references=("a", "id"))]), table="b"),
    ]
    assert parents_first(Contracts({t.table: t for t in tables}), ["b", "a"]) == ["b", "a"]
