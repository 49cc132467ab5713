"""Which date patterns and encodings a contract may name."""

from __future__ import annotations

import codecs

import pytest

from conf.contract_formats import ENCODINGS, canonical_encoding, pattern_problems, zone_problem


@pytest.mark.parametrize(
    "pattern",
    [
        "yyyy-MM-dd",
        "yyyyMMdd",
        "d. MMM yyyy",
        "dd.MM.yy",
        "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]XXX",
        "MM/dd/yyyy hh:mm a",
        "yyyy-MM-dd ''HH",
        "yyyy-MM-dd HH:mm:ss VV",
    ],
)
def test_a_pattern_spark_can_read(pattern: str) -> None:
    assert list(pattern_problems(pattern, "UTC")) == []


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("yyyy-mm-dd", "it has no month (MM; mm is the minute)"),
        ("HH:mm", "it has no year (yyyy) and no month (MM; mm is the minute) and no day (dd)"),
        ("YYYY-MM-dd", "'YYYY' is no part of a pattern; write yyyy"),
        ("yyyy-MM-DD", "'DD' is no part of a pattern; write dd"),
        ("uuuu-MM-dd", "'uuuu' is no part of a pattern; write yyyy"),
        ("y-M-d", "'y' is no part of a pattern; write yyyy"),
        ("EEE dd MMM yyyy", "'EEE' is no part of a pattern; allowed are"),
        ("yyyy-MM-dd kk:mm", "'kk' is no part of a pattern; write HH"),
        ("yyyy-MM-dd hh:mm", "hh is the hour of a half day and needs a; write HH"),
        ("yyyy-MM-dd HH:mm a", "HH is the hour of a whole day; write hh with a"),
        ("yyyy-MM-dd 'T", "a quote is open"),
        ("yyyy-MM-dd[ HH", "allowed besides letters are signs, 'quoted text' and [optional]"),
        ("yyyy#MM#dd", "allowed besides letters are signs, 'quoted text' and [optional]"),
        ("%Y-%m-%d", "'Y' is no part of a pattern; write yyyy"),
        ("yyyy-MM-dd HH:mm:ss.SSSSSSSSSS", "'SSSSSSSSSS' is no part of a pattern"),
    ],
)
def test_a_pattern_spark_cannot_read(pattern: str, told: str) -> None:
    first = next(iter(pattern_problems(pattern, "UTC")))
    assert first.startswith(f"format {pattern!r}: {told}")


def test_a_quoted_z_is_not_a_zone() -> None:
    pattern = "yyyy-MM-dd'T'HH:mm:ss'Z'"
    assert list(pattern_problems(pattern, "UTC")) == []
    assert list(pattern_problems(pattern, "Europe/Copenhagen")) == [
        f"format {pattern!r}: 'Z' in quotes is read over, and the time as Europe/Copenhagen; write X"
    ]


@pytest.mark.parametrize("zone", ["", "../UTC", "Europe/Kopenhagen", "/etc/localtime", "Europe"])
def test_what_is_no_zone(zone: str) -> None:
    assert zone_problem(zone) is not None


def test_zones() -> None:
    assert [zone_problem(z) for z in ("UTC", "Europe/Copenhagen", "Etc/GMT+1")] == [None] * 3


@pytest.mark.parametrize("name", ENCODINGS)
def test_python_knows_the_encodings(name: str) -> None:
    assert codecs.lookup(name)
    assert canonical_encoding(name.upper()) == name


def test_what_is_no_encoding() -> None:
    assert canonical_encoding("cp1252") is None
