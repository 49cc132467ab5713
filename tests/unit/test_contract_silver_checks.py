"""Which checks Silver can answer, from what they read and how each column is treated."""

from __future__ import annotations

import pytest

from conf.contract_silver_checks import Use, columns_read, unanswered
from tests.unit.contract_texts import column, key, loaded, table

COLUMNS = [
    key("part_id"),
    column("kept", words={"treatment": "keep"}, classification="internal"),
    column("price", "number"),  # no classification: a hit would stop the table
    column("name", words={"treatment": "hash"}, classification="pii-direct"),
    column("mail", words={"treatment": "hash", "form": "email", "validFlag": "mail_valid"},
           classification="pii-direct"),
    column("phone", words={"treatment": "mask", "form": "phone"}, classification="pii-direct"),
    column("street", words={"treatment": "redact"}, classification="pii-direct"),
    column("born", "date", {"treatment": "generalize", "generalize": "year"},
           classification="pii-indirect"),
    column("zip", words={"treatment": "generalize", "generalize": "prefix:2"},
           classification="pii-indirect"),
    column("secret", words={"treatment": "drop"}, classification="pii-direct"),
    column("notes"),
]  # fmt: skip


def contract(folder, implementation: object):
    quality = [{"name": "c", "type": "custom", "engine": "soda", "dimension": "accuracy",
                "implementation": implementation}]  # fmt: skip
    return loaded(folder, table("parts", COLUMNS, quality=quality)).sources["parts"]


def failed_rows(condition: str) -> object:
    return {"failed rows": {"fail condition": condition}}


@pytest.mark.parametrize(
    ("implementation", "read"),
    [
        ("row_count > 0", {}),
        ("missing_count(mail) = 0", {"mail": Use.PRESENCE}),
        ({"missing_count(mail) = 0": {"missing values": ["n/a"]}}, {"mail": Use.VALUE}),
        ("duplicate_count(kept, name) = 0", {"kept": Use.EQUALITY, "name": Use.EQUALITY}),
        ({"missing_count(mail) = 0": {"filter": "KEPT = 'x'"}},
         {"mail": Use.PRESENCE, "kept": Use.VALUE}),
        (failed_rows("name is null and `street` is not null"),
         {"name": Use.PRESENCE, "street": Use.PRESENCE}),
        (failed_rows("name is null or name = 'x'"), {"name": Use.VALUE}),
        (failed_rows("year(born) < 1900 or not mail_valid"),
         {"born": Use.VALUE, "mail_valid": Use.VALUE}),
        ({"n < 5": {"n expression": "count_if(zip is null) + max(price)"}},
         {"zip": Use.PRESENCE, "price": Use.VALUE}),
        ("freshness(_delivered_at) < 2d", {"_delivered_at": Use.VALUE}),
    ],
)  # fmt: skip
def test_what_a_check_reads(tmp_path, implementation, read):
    source = contract(tmp_path, implementation)
    names = [c.name for c in source.columns] + ["mail_valid", "_delivered_at"]
    assert columns_read(source.checks[0], names) == read


@pytest.mark.parametrize(
    ("implementation", "why"),
    [
        ("row_count > 0", None),
        (failed_rows("kept = 'x' and price < 0 and not mail_valid"), None),
        ("freshness(_delivered_at) < 2d", None),
        *((f"missing_count({name}) = 0", None) for name in (
            "kept", "price", "name", "mail", "phone", "street", "born", "zip", "notes")),
        ("duplicate_count(name) = 0", None),
        ("missing_count(secret) = 0", "nothing"),
        ("duplicate_count(mail) = 0", "a pseudonym"),
        ("duplicate_count(phone) = 0", "a mask"),
        ("duplicate_count(notes) = 0", "the text without personal data"),
        ("avg_length(name) > 2", "a pseudonym"),
        (failed_rows("street like 'A%'"), "whether there is one"),
        (failed_rows("year(born) < 1900"), "the year"),
        (failed_rows("zip = '8000'"), "the first 2 characters"),
        ({"avg(price) > 2": {"filter": "name like 'A%'"}}, "a pseudonym"),
    ],
)  # fmt: skip
def test_what_silver_answers(tmp_path, implementation, why):
    told = unanswered(contract(tmp_path, implementation))
    if why is None:
        assert told == {}
    else:
        assert told["c"].endswith(f", of which Silver has {why}")


def test_reasons_are_of_rows_before_silver(tmp_path):
    told = unanswered(contract(tmp_path, failed_rows("size(_reasons) > 0")))
    assert told == {"c": "reads _reasons, and rows that have any do not come to Silver"}
