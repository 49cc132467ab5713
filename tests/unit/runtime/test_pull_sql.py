"""What PostgreSQL is asked; that it answers so is for tests/integration/test_jdbc.py."""

from __future__ import annotations

import pytest

from conf.contract import DatabaseSource
from jobs.runtime.pull_sql import PullSql, literal, quoted, source_of

SQL = PullSql(
    source='"orders"',
    types={"no": "int8", "email": "text", "changed": "timestamptz"},
    key=("no",),
    watermark="changed",
    overlap="1 hour",
    lower="2024-05-01 10:00:00+00",
    partitioned_by="email",
)
WANTED = (
    """("changed" > '2024-05-01 10:00:00+00'::timestamptz - interval '1 hour' """
    """or "changed" is null)"""
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("it", "'it'"), ("it's", "'it''s'"), ("a\\b", "E'a\\\\b'"), ("\\'", "E'\\\\'''")],
)
def test_literals(given, expected):
    assert literal(given) == expected


def test_names_are_taken_as_they_are():
    assert quoted('Odd "Name"') == '"Odd ""Name"""'
    assert source_of(DatabaseSource(table="Sales.Order lines")) == '"Sales"."Order lines"'
    assert source_of(DatabaseSource(query="select 1 -- one;\n")) == "(\nselect 1 -- one\n)"


def test_every_row_falls_into_one_partition():
    assert SQL.predicates([]) == ["true"]
    assert SQL.predicates(["f"]) == ["(p < 'f'::text or p is null)", "p >= 'f'::text"]
    assert SQL.predicates(["f", "o'"]) == [
        "(p < 'f'::text or p is null)",
        "p >= 'f'::text and p < 'o'''::text",
        "p >= 'o'''::text",
    ]


def test_a_watermark_to_come_is_none():
    assert SQL.bounds() == (
        """select (greatest(max("changed") filter (where "changed" <= now()), """
        """'2024-05-01 10:00:00+00'::timestamptz))::text from "orders" s where """ + WANTED
    )


def test_rows_come_by_key_and_the_newest_version_first():
    inner = (
        'select s."no"::text c0, s."email"::text c1, s."changed"::text c2, s."no" k0, '
        's."changed" w, s."email" p from "orders" s where ' + WANTED
    )
    assert SQL.rows() == (
        f"select c0, c1, c2, p from ({inner}) q order by q.k0, q.w desc nulls last, "
        "sha256(convert_to(row(q.c0, q.c1, q.c2)::text, 'UTF8'))"
    )
