"""Phone numbers in E.164."""

from __future__ import annotations

import phonenumbers
import pytest

from udfs import phones
from udfs.phones import is_e164, standard_phone, to_e164


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20123456", "+4520123456"),
        ("20 12 34 56", "+4520123456"),
        ("20-12-34-56", "+4520123456"),
        ("+45 2012 3456", "+4520123456"),
        ("0045 20 12 34 56", "+4520123456"),
        ("(+45) 20123456", "+4520123456"),
        ("tlf. 20123456", "+4520123456"),
        ("+46 8 123 456 78", "+46812345678"),
        ("+1 202-555-0173", "+12025550173"),
        ("\uff12\uff10\uff11\uff12\uff13\uff14\uff15\uff16", "+4520123456"),  # full-width digits
        ("12345", None),
        ("+4500000000", None),
        ("+45 1", None),
        ("ukendt", None),
        ("", None),
        ("+", None),
        ("2" * 300, None),
    ],
)
def test_to_e164(text, expected):
    assert to_e164(text) == expected


def test_a_number_without_country_code_is_the_regions():
    assert to_e164("08 123 456 78", "SE") == "+46812345678"


def test_whatever_the_library_says_no_exception_leaves(monkeypatch):
    def broken(*_: object) -> None:
        raise IndexError("20123456")

    monkeypatch.setattr(phonenumbers, "parse", broken)
    assert to_e164.__wrapped__("20123456") is None
    assert phones.e164_or_text(" 99999999x ") == "99999999x"


def test_in_spark(spark):
    texts = ["20 12 34 56", " ukendt ", "", "  ", None, "+4520123456"]
    df = spark.createDataFrame([(t,) for t in texts], "t string")
    found = df.select(standard_phone(df.t), is_e164(df.t)).collect()
    assert [tuple(r) for r in found] == [
        ("+4520123456", False),
        ("ukendt", False),
        (None, False),
        (None, False),
        (None, None),
        ("+4520123456", True),
    ]
