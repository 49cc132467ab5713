"""JSON lines to Bronze rows: text as written, the line verbatim, nothing lost."""

from __future__ import annotations

import gzip

from tests.received import contract, received, told, values

JSONL = contract(["Kunde Nr=id", "name", "note"], kind="jsonl")

GOOD = '{"Kunde Nr": 1.10, "name": "Bjørn", "note": {"a": [1.0, "x"]}, "n": 1e5, "m": null}'
FEW = '\t{"note": null, "Kunde Nr": "12345678901234567890"}'
TWICE = '{"name": "a", "name": "b"}'
ARRAY = '[{"Kunde Nr": 1}]'
CUT = '{"Kunde Nr": "3", "name": "x'
NUL = '{"name": "a\x00b"}'
LINES = [GOOD, "", FEW, " \t", TWICE, ARRAY, CUT, NUL, "{}"]
NONE = (None, None, None)
EXPECTED = [
    (("1.10", "Bjørn", '{"a":[1.0,"x"]}'), 1, None, GOOD, {"n": "1e5", "m": None}),
    (NONE, 2, "blank_line", "", None),
    (("12345678901234567890", None, None), 3, None, FEW, None),
    (NONE, 4, "blank_line", " \t", None),
    (NONE, 5, "unparsed_line", TWICE, None),
    (NONE, 6, "unparsed_line", ARRAY, None),
    (NONE, 7, "unparsed_line", CUT, None),
    (NONE, 8, "unparsed_line", NUL, None),
    (NONE, 9, None, "{}", None),
]


def expected(encoding="utf-8", end=""):
    return [
        (fields, row, error, (raw + end).encode(encoding), rescued)
        for fields, row, error, raw, rescued in EXPECTED
    ]


def test_lines_are_parsed_or_kept(spark, tmp_path):
    content = "\r\n".join(LINES).encode("utf-8-sig")
    rows = received(spark, tmp_path, "things.jsonl", content, JSONL)
    assert [(values(r), *told(r)) for r in rows] == expected()


def test_gzip_and_utf16_are_read_alike(spark, tmp_path):
    content = gzip.compress("\r\n".join([*LINES, ""]).encode("utf-16-be"))
    wide = contract(["Kunde Nr=id", "name", "note"], kind="jsonl", encoding="UTF-16BE")
    rows = received(spark, tmp_path, "things.json.gz", content, wide)
    assert [(values(r), *told(r)) for r in rows] == expected("utf-16-be", "\r")


def test_bytes_of_another_encoding_are_kept(spark, tmp_path):
    bad = '{"Kunde Nr": "æ"}'.encode("cp1252")
    content = bad + b"\n" + '{"Kunde Nr": "\ufffd"}'.encode()
    rows = received(spark, tmp_path, "things.jsonl", content, JSONL)
    assert [(values(r), *told(r)) for r in rows] == [
        (NONE, 1, "bad_encoding", bad, None),
        (("\ufffd", None, None), 2, None, '{"Kunde Nr": "\ufffd"}'.encode(), None),
    ]
