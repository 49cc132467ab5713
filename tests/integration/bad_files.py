"""Bad input by file: what Bronze must hold of it, or what its error must say.

`{T}` in a file stands for the token that may be in no message, log or ops table.
"""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.unit.contract_texts import column, key, table

TOKEN = "Zqxjvtok"

TABLES = {
    "plain": {},
    "wide": {"encoding": "UTF-16"},
    "danish": {"encoding": "windows-1252", "delimiter": ";"},
    "quoted": {"multiline": True},
    "lines": {"format": "jsonl"},
    "columns": {"format": "parquet"},
}
CONTRACTS = [
    table(
        name,
        [key(), *(column(c, classification="internal") for c in ("name", "note"))],
        words,
    )
    for name, words in TABLES.items()
]

Row = tuple[Any, ...]


def ok(row: int, *values: str | None, raw: bytes | None = None, **rescued: str) -> Row:
    """(row, error, raw, values, rescued) of a row that was read."""
    return row, None, raw, values, rescued or None


def bad(row: int, error: str, raw: bytes) -> Row:
    return row, error, raw, (None, None, None), None


def token(text: str) -> str:
    return text.replace("{T}", TOKEN)


UNPARSED, ENCODING, BLANK = "unparsed_line", "bad_encoding", "blank_line"
HEAD = b"id,name,note\n"
LONG = "y" * (1 << 20)
# Lines of one file, each with what Bronze has of it.
LINES: list[tuple[bytes, str | None, tuple[str, ...]]] = [
    (b"", BLANK, ()),
    (f"3,{TOKEN}".encode(), UNPARSED, ()),
    (f"4,a,{TOKEN},c".encode(), UNPARSED, ()),
    (b"  ", UNPARSED, ()),
    (b"5,a,1.10", None, ("5", "a", "1.10")),
    (b"6,a\x00b,\x00", None, ("6", "a\x00b", "\x00")),
    (b'7,"\x00","\x00,"', None, ("7", "\x00", "\x00,")),
    (f'9,"{TOKEN},x'.encode(), UNPARSED, ()),
    (f'9,"{TOKEN}" x,y'.encode(), UNPARSED, ()),
    (b'9,5" disk,"a ""b"""', None, ("9", '5" disk', 'a "b"')),
    (f"10,{TOKEN},".encode() + b"\xe6", ENCODING, ()),
    (b"15,\xef\xbf\xbd,y", None, ("15", "\ufffd", "y")),
    (f"16,{LONG},b".encode(), None, ("16", LONG, "b")),
    (f"18;{TOKEN};b".encode(), UNPARSED, ()),
    (b"22,a,b", None, ("22", "a", "b")),
    (b"22,a,b", None, ("22", "a", "b")),
    (b",a,b", None, ("", "a", "b")),
]


def row_of(number: int, line: bytes, error: str | None, values: tuple[str, ...]) -> Row:
    if error:
        return bad(number, error, line)
    return ok(number, *values, raw=line if b'"' in line else None)


JSON = {
    n: token(text).encode()
    for n, text in {
        1: '{"id": 1.10, "name": "{T}", "note": [1.0, {"a": 1e5}], "new": true}',
        3: '{"id": "j3", "name": "{T}',
        4: '{"id": "j4", "id": "{T}"}',
        5: '[{"id": "{T}"}]',
        7: '{"id": 12345678901234567890123, "name": null}',
    }.items()
}

# In the order in which they arrive; name: (content, Bronze rows).
ACCOUNTED: dict[str, tuple[bytes, list[Row]]] = {
    "plain_a good.csv": (
        HEAD + b"1,Ada,x\n2,Bo,1.10\n",
        [ok(2, "1", "Ada", "x"), ok(3, "2", "Bo", "1.10")],
    ),
    "plain_b_empty.csv": (b"", []),
    "plain_c_header_only.csv": (HEAD, []),
    "plain_d_lines.csv": (
        HEAD + b"\n".join(line for line, *_ in LINES),
        [row_of(n, *told) for n, told in enumerate(LINES, 2)],
    ),
    "plain_h_lone_cr.csv": (
        b"id,name,note\r10,a,b\r11,c,d",
        [ok(2, "10", "a", "b"), ok(3, "11", "c", "d")],
    ),
    "plain_i_mixed_ends.csv": (
        b"id,name,note\r\n12,a,b\r13,c,d\n14,e,f\n\r\n",
        [ok(2, "12", "a", "b"), ok(3, "13", "c", "d"), ok(4, "14", "e", "f"), bad(5, BLANK, b"")],
    ),
    "plain_l_other_schema.csv": (
        b"note,extra,id\n1.10,007,17\n",
        [ok(2, "17", None, "1.10", extra="007")],
    ),
    "plain_n.csv.gz": (gzip.compress(HEAD + b"19,a,b\n"), [ok(2, "19", "a", "b")]),
    "plain_p/{x}[y]*? \\ æ.csv": (b"\xef\xbb\xbf" + HEAD + b"21,a,b\n", [ok(2, "21", "a", "b")]),
    "wide_a.csv": (
        "id,name,note\r\n1,Bjørn,\u0a0a\r\n\r\n2,x\r\n".encode("utf-16"),
        [
            ok(2, "1", "Bjørn", "\u0a0a"),
            bad(3, BLANK, "\r".encode("utf-16-le")),
            bad(4, UNPARSED, "2,x\r".encode("utf-16-le")),
        ],
    ),
    "quoted_a.csv": (
        b'id,name,note\r\n1,"\r\na\n",b\r\n\r\n2,x\r\n3,c,d\r\n',
        [
            ok(2, "1", "\r\na\n", "b"),
            bad(5, BLANK, b""),
            bad(6, UNPARSED, b"2,x"),
            ok(7, "3", "c", "d"),
        ],
    ),
    "lines_a.jsonl": (
        JSON[1] + b"\n\n" + b"\n".join(JSON[n] for n in (3, 4, 5)) + b"\n \n" + JSON[7],
        [
            ok(1, "1.10", TOKEN, '[1.0,{"a":1e5}]', raw=JSON[1], new="true"),
            bad(2, BLANK, b""),
            bad(3, UNPARSED, JSON[3]),
            bad(4, UNPARSED, JSON[4]),
            bad(5, UNPARSED, JSON[5]),
            bad(6, BLANK, b" "),
            ok(7, "12345678901234567890123", None, None, raw=JSON[7]),
        ],
    ),
}


def parquet(**columns: pa.Array) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


_AT = datetime(2024, 5, 1, 12, 30, 0, 5, tzinfo=UTC)
TYPED = parquet(
    id=pa.array([1, 9007199254740993]),
    name=pa.array([_AT, None], pa.timestamp("us", tz="UTC")),
    note=pa.array([Decimal("1.10"), Decimal("-0.00000001")], pa.decimal128(20, 8)),
    more=pa.array([{"a": [1.5, None]}, None]),
    flag=pa.array([True, None]),
)
ACCOUNTED["columns_a.parquet"] = (
    TYPED,
    [
        ok(
            1,
            "1",
            "2024-05-01T12:30:00.000005Z",
            "1.10000000",
            more='{"a":[1.5,null]}',
            flag="true",
        ),
        (2, None, None, ("9007199254740993", None, "-0.00000001"), {"more": None, "flag": None}),
    ],
)


def _damaged_page() -> bytes:
    """A sound footer, and in the middle of a page of values other bytes."""
    names = [f"{TOKEN}{i:06}" for i in range(20_000)]
    out = io.BytesIO()
    pq.write_table(
        pa.table({"id": names, "name": names}), out, compression="snappy", use_dictionary=False
    )
    content = bytearray(out.getvalue())
    content[2_000:6_000] = b"\xff" * 4_000
    return bytes(content)


_ROWS = f"1,{TOKEN},{TOKEN}\n".encode()
_GZIP = gzip.compress(HEAD + _ROWS * 1000)
_BROKEN = bytes([*_GZIP[:-8], _GZIP[-8] ^ 1, *_GZIP[-7:]])
_NAMES = "id, name and note"
WHOLE = "send the whole file again"
ALSO = "or add a contract"

# name: (content, error text without table and name).
REFUSED: dict[str, tuple[bytes, str]] = {
    "plain_semicolons.csv": (
        HEAD.replace(b",", b";") + _ROWS,
        "none of the contract's columns is among its 1 column(s); "
        "it is separated by semicolons: set delimiter in t.odcs.yaml",
    ),
    "plain_header_encoding.csv": (
        b"id,name,n\xf8te\n" + _ROWS,
        "its header is not UTF-8; set the encoding in t.odcs.yaml (Danish files are often windows-1252)",
    ),
    "plain_utf16.csv": (
        (HEAD + _ROWS).decode().encode("utf-16"),
        "begins with the byte order mark of UTF-16LE, the contract says UTF-8; "
        "set encoding: UTF-16LE in the contract or convert the file (t.odcs.yaml)",
    ),
    "plain_utf16_no_mark.csv": (
        (HEAD + _ROWS).decode().encode("utf-16-be"),
        "looks like UTF-16 (every other byte is NUL), the contract says UTF-8; "
        "set encoding: UTF-16LE (or UTF-16BE) in the contract or convert the file (t.odcs.yaml)",
    ),
    "plain_truncated.csv.gz": (_GZIP[:-12], f"the gzip stream is truncated or damaged; {WHOLE}"),
    "plain_damaged.csv.gz": (_BROKEN, f"the gzip stream is truncated or damaged; {WHOLE}"),
    "plain_text.csv.gz": (HEAD + _ROWS, f"the gzip stream is truncated or damaged; {WHOLE}"),
    "plain_gzip.csv": (_GZIP, "is gzip by its first bytes; give it a name that ends in .gz"),
    "plain_twice.csv": (
        b"id,name,name\n" + _ROWS,
        "column name stands more than once in the header; send each column once",
    ),
    "plain_upper_case.csv": (
        HEAD.upper() + _ROWS,
        "none of the contract's columns is among its 3 column(s); "
        f"letter case differs: it must name {_NAMES}, or set physicalName",
    ),
    "plain_no_header.csv": (
        _ROWS,
        "none of the contract's columns is among its 3 column(s); "
        f"it must name {_NAMES}, or set header: false",
    ),
    "plain_open_header.csv": (
        b'id,"name,note\n' + _ROWS,
        "its header has a quote that is not closed or has text after it; "
        "correct it, or set quote or multiline in t.odcs.yaml",
    ),
    "plain_one_line.csv": (
        TOKEN.encode() * 200_000,
        "its first line is longer than a megabyte; is it a text file at all?",
    ),
    "plain_sheet.xlsx": (
        b"PK" + _ROWS,
        "no format has this ending; read are .jsonl, .ndjson, .parquet, .csv, .tsv, .txt, .dat "
        "and .json, also with .gz",
    ),
    "plain/day=2024-05-01/a.csv": (
        HEAD + _ROWS,
        "lies in a partition folder, whose value is not in the file; "
        "write the value as a column and drop the folder",
    ),
    "plain_10:30.csv": (HEAD + _ROWS, "Hadoop reads no name with a colon; rename it"),
    "plain_text.parquet": (HEAD + _ROWS, f"is no whole Parquet file; {WHOLE}"),
    "columns_truncated.parquet": (TYPED[:-20], f"is no whole Parquet file; {WHOLE}"),
    "columns_times.parquet": (
        parquet(id=pa.array([1]), name=pa.array([5], pa.time64("us"))),
        "Spark reads no column of type name (time64[us]); write it as text or as a timestamp",
    ),
    "columns_other.parquet": (
        parquet(x=pa.array([TOKEN])),
        "none of the contract's columns is among its 1 column(s); "
        f"it must name {_NAMES}, or set header: false",
    ),
    "columns_case.parquet": (
        parquet(id=pa.array([1]), ID=pa.array([1])),
        "columns have no name or differ in letter case only; rename them",
    ),
    "columns_damaged.parquet": (
        _damaged_page(),
        "Spark could not read it or write it to Bronze (",
    ),
    "wide_no_mark.csv": (
        (HEAD + _ROWS).decode().encode("utf-16-le"),
        "has no byte order mark, so that UTF-16 leaves the byte order open; "
        "set encoding: UTF-16LE or UTF-16BE in the contract (t.odcs.yaml)",
    ),
    "wide_cut.csv": (
        f"id,name,note\n1,\u0a05\u0100,{TOKEN}\n".encode("utf-16"),
        "holds two characters of UTF-16 that together look like a line end to Hadoop; "
        "convert the file to UTF-8 and set encoding: UTF-8 (t.odcs.yaml)",
    ),
    "danish_utf8.csv": (
        f"id;name;note\n1;{TOKEN}ø;x\n".encode(),
        "is UTF-8 from end to end, the contract says windows-1252; "
        "set encoding: UTF-8 in the contract or convert the file (t.odcs.yaml)",
    ),
    "quoted_open.csv": (
        HEAD + f'1,"{TOKEN},x\n2,b,c\n'.encode(),
        "a quote is not closed or has text after it, line 3 at the latest; "
        "correct the file, or set quote in t.odcs.yaml",
    ),
    "quoted_two_ends.csv": (
        HEAD + f"1,{TOKEN},x\r2,b,c\n".encode(),
        "its records end with line ends of two kinds; use one kind of line end",
    ),
    "lines_other.jsonl": (
        b'{"x": "' + TOKEN.encode() + b'"}\n',
        "none of the contract's columns is among its 1 column(s); "
        f"it must name {_NAMES}, or set header: false",
    ),
}
UNKNOWN = "stranger.csv"

# What Spark, Hadoop and others leave behind is no data and no error.
IGNORED = (
    "plain_p/_SUCCESS",
    "plain_p/.part-0.csv.crc",
    "plain_p/part-0.csv.crc",
    "plain_p/_temporary/0/part-1.csv",
    ".hidden.csv",
    "plain_x.csv._COPYING_",
    "plain_x.csv.tmp",
)


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
