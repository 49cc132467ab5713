"""CSV records as Python's strict reader takes them, and whether fields give them back."""

from __future__ import annotations

import csv
import io

import pytest

from conf.contract import SourceFormat
from jobs.runtime.csv_records import CsvRecord, CsvRecords, Verbatim

SOURCE = SourceFormat(kind="csv")


def records(content: bytes, encoding: str = "utf-8", source: SourceFormat = SOURCE):
    reader = CsvRecords(io.BytesIO(content), encoding, source)
    return [(r.line, r.fields, r.text) for r in reader], reader.line_ends


def test_records_know_their_first_line_and_their_text():
    content = b'\xef\xbb\xbfa,b\r\n\r\n"x\ny","""z"""\r\n1\r\n"\r\n'[:-3] + b'2,"\r\n"'
    assert records(content) == (
        [
            (1, ["a", "b"], "a,b"),
            (2, [], ""),
            (3, ["x\ny", '"z"'], '"x\ny","""z"""'),
            (5, ["1"], "1"),
            (6, ["2", "\r\n"], '2,"\r\n"'),
        ],
        {"\r\n"},
    )


def test_line_ends_of_two_kinds_are_seen_outside_quotes_alone():
    assert records(b'a\r"\n"\rb\n')[1] == {"\r", "\n"}
    assert records(b'a\n"\r"\nb')[1] == {"\n"}
    assert records("a\r\nb\r\n".encode("utf-16"), "utf-16")[1] == {"\r\n"}


def test_without_a_quote_character_quotes_are_text():
    told = SourceFormat(kind="csv", quote="", delimiter=";")
    assert records(b'"a;b"\n"', source=told)[0] == [(1, ['"a', 'b"'], '"a;b"'), (2, ['"'], '"')]
    assert Verbatim(told).holds(CsvRecord(1, ['"a', 'b"'], '"a;b"'))


@pytest.mark.parametrize("content", [b'a,"b', b'a,"b"c', b'"a" ,b'])
def test_a_quote_that_is_not_closed_or_goes_on_is_an_error(content):
    with pytest.raises(csv.Error):
        records(content)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a,b", True),
        ('"a","b"', True),
        ('a,"b,c"', True),
        ('a,"b ""c"""', True),
        ('a,"x\ny"', True),
        ('a,"x\ry"', True),
        ('a,"b"', False),
        ('a,5" disk', False),
        ('"a,b",c,""', False),
    ],
)
def test_fields_give_their_record_back_or_not(text, held):
    (record,) = CsvRecords(io.BytesIO(text.encode()), "utf-8", SOURCE)
    assert Verbatim(SOURCE).holds(record) is held
