"""What a row rule may say."""

from __future__ import annotations

import pytest

from conf.contract_rules import rule_problems

COLUMNS = ("amount", "status", "ordered_at", "Discount")


@pytest.mark.parametrize(
    "expression",
    [
        "amount >= 0",
        "AMOUNT >= 1.5e3 and discount is not null",
        "status in ('paid', 'it''s; --fine') or amount between -1 and 1",
        "`Discount` <= amount * 0.5",
        "coalesce(try_cast(status as int), 0) % 2 = 0",
        "ordered_at >= timestamp '2020-01-01 00:00:00'",
        "ordered_at < ordered_at + interval 1 day",
        "case when status = 'free' then amount = 0 else amount > 0 end",
        "not (status rlike '^[A-Z]{2}\\\\d+$')",
    ],
)
def test_a_rule_over_known_columns(expression: str) -> None:
    assert list(rule_problems(expression, COLUMNS)) == []


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("amout >= 0", "no column amout; did you mean amount? "),
        ("`a mount` >= 0", "no column a mount; did you mean amount? "),
        ("cast(status as int) > 0", "cast() raises for a value that does not fit; write try_cast"),
        ("to_date(status) is null", "to_date() raises for a value that does not fit"),
        ("rand() < 0.5", "function rand is not among those of a rule: abs, "),
        ("raise_error(status)", "function raise_error is not among those of a rule"),
        ("amount >= 0; drop table x", "';' has no place in a rule"),
        ("status::int > 0", "':' has no place in a rule"),
        ("amount >= 0 -- always", "no column always"),
        ("(amount >= 0", "its parentheses do not match"),
        ("amount) >= (0", "its parentheses do not match"),
        ("exists (select 1)", "function exists is not among those of a rule"),
        ("status = 'open", '"\'" has no place in a rule'),
    ],
)
def test_a_rule_that_may_not_be(expression: str, told: str) -> None:
    assert next(iter(rule_problems(expression, COLUMNS))).startswith(told)
