"""Parquet to Bronze rows: every type as exact text."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from tests.received import contract, received, told, values

AT = datetime(2024, 5, 1, 12, 30, 59, 120000)
OLD = datetime(1582, 10, 1, 0, 0, 0, 1)
NANOS = 1_714_566_659_123_456_789

# name: (type, value, its text)
CASES = {
    "tiny": (pa.int8(), -128, "-128"),
    "big": (pa.int64(), 9_007_199_254_740_993, "9007199254740993"),
    "unsigned": (pa.uint64(), 2**64 - 1, "18446744073709551615"),
    "half_up": (pa.float64(), 0.1, "0.1"),
    "single": (pa.float32(), 0.1, "0.1"),
    "huge": (pa.float64(), 1e300, "1.0E300"),
    "not_a_number": (pa.float64(), float("nan"), "NaN"),
    "money": (pa.decimal128(18, 2), Decimal("1.10"), "1.10"),
    "small": (pa.decimal128(20, 10), Decimal("0.0000000012"), "0.0000000012"),
    "whole": (pa.decimal128(38, 0), Decimal(10**37), str(10**37)),
    "flag": (pa.bool_(), False, "false"),
    "text": (pa.string(), " Ærø\x00\r\n", " Ærø\x00\r\n"),
    "large": (pa.large_string(), "", ""),
    "coded": (pa.dictionary(pa.int32(), pa.string()), "a", "a"),
    "bytes": (pa.binary(), b"\x00\xff", "AP8="),
    "day": (pa.date32(), date(2024, 2, 29), "2024-02-29"),
    "old_day": (pa.date32(), date(1582, 10, 1), "1582-10-01"),
    "local": (pa.timestamp("us"), AT, "2024-05-01T12:30:59.120000"),
    "millis": (pa.timestamp("ms"), AT, "2024-05-01T12:30:59.120000"),
    "instant": (pa.timestamp("us", "Europe/Copenhagen"), AT, "2024-05-01T12:30:59.120000Z"),
    "old": (pa.timestamp("us"), OLD, "1582-10-01T00:00:00.000001"),
    "nanos": (pa.timestamp("ns"), NANOS, "2024-05-01T12:30:59.123456789"),
    "nanos_utc": (pa.timestamp("ns", "UTC"), -1, "1969-12-31T23:59:59.999999999Z"),
    "list": (pa.list_(pa.float64()), [1.5, None], "[1.5,null]"),
    "struct": (
        pa.struct({"a": pa.int64(), "t": pa.timestamp("us")}),
        {"a": None, "t": AT},
        '{"a":null,"t":"2024-05-01T12:30:59.120000"}',
    ),
    "map": (pa.map_(pa.string(), pa.string()), [("k", "v")], '{"k":"v"}'),
    "nothing": (pa.null(), None, None),
}


def parquet(columns, **options):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def test_every_type_has_its_exact_text(spark, tmp_path):
    contract_ = contract([*CASES], kind="parquet")
    content = parquet(
        {name: pa.array([value, None], kind) for name, (kind, value, _) in CASES.items()}
    )
    first, second = received(spark, tmp_path, "things.parquet", content, contract_)
    got = dict(zip(CASES, values(first), strict=True))
    assert got == {name: text for name, (_, _, text) in CASES.items()}
    assert values(second) == (None,) * len(CASES)
    assert [told(r) for r in (first, second)] == [(1, None, None, None), (2, None, None, None)]


def test_rows_are_numbered_over_row_groups_and_columns_matched_by_name(spark, tmp_path):
    names = ["Kunde Nr", "_bronze_row", "x.y`z", "c0"]
    count = 3_000
    content = parquet({n: [f"{n}{i}" for i in range(count)] for n in names}, row_group_size=700)
    contract_ = contract(["Kunde Nr=id", "name"], kind="parquet")
    rows = received(spark, tmp_path, "things/{part}-0.parquet", content, contract_)
    assert [(values(r), *told(r)) for r in rows] == [
        (
            (f"Kunde Nr{i}", None),
            i + 1,
            None,
            None,
            {n: f"{n}{i}" for n in names[1:]},
        )
        for i in range(count)
    ]


def test_a_file_without_rows_has_none(spark, tmp_path):
    content = parquet({"id": pa.array([], pa.string())})
    assert received(spark, tmp_path, "things.parquet", content, contract(kind="parquet")) == []
