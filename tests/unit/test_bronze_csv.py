"""CSV lines to Bronze rows: exact values, exact errors, nothing lost."""

from __future__ import annotations

import csv
import gzip
import io
import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F
from pyspark.sql import types as T

from tests.received import NOW, bronze, contract, found, received, told, values
from transformations.csv_lines import FIELDS, with_csv_fields

CSV = contract()


def line_fields(spark, lines, width=3, told=CSV):
    df = spark.createDataFrame([(i, x) for i, x in enumerate(lines)], "i int, text string")
    rows = df.transform(with_csv_fields(told.source, width)).orderBy("i").collect()
    return [(r[FIELDS], r["_is_verbatim"]) for r in rows]


def test_bronze_has_its_columns_in_their_order_and_types(spark, tmp_path):
    df = bronze(spark, found(tmp_path, "things.csv", b"id,name,note\n1,a,b\n", CSV), CSV)
    assert [(f.name, f.dataType) for f in df.schema] == [
        ("_bronze_delivery", T.LongType()),
        ("_bronze_row", T.LongType()),
        ("_bronze_ingested_at", T.TimestampType()),
        ("_bronze_run_id", T.StringType()),
        ("_bronze_source_file", T.StringType()),
        ("_bronze_source_system", T.StringType()),
        ("_bronze_error", T.StringType()),
        ("_bronze_raw", T.BinaryType()),
        ("_bronze_rescued", T.MapType(T.StringType(), T.StringType())),
        *((name, T.StringType()) for name in ("id", "name", "note")),
    ]
    row = df.withColumn("_bronze_ingested_at", F.unix_timestamp("_bronze_ingested_at")).first()
    at = int(NOW.timestamp())
    assert tuple(row) == (7, 2, at, "run", "things.csv", "tests", None, None, None, "1", "a", "b")


def test_columns_are_matched_by_name_extra_ones_rescued_and_missing_ones_null(spark, tmp_path):
    contract_ = contract(["Kunde Nr=id", "name", "note"])
    content = b" name ,x,Kunde Nr,,y\nAda,1,7,u,2\n"
    (row,) = received(spark, tmp_path, "things.csv", content, contract_)
    assert values(row) == ("7", "Ada", None)
    assert told(row) == (2, None, None, {"x": "1", "column_4": "u", "y": "2"})


@pytest.mark.parametrize(
    ("line", "fields", "is_verbatim"),
    [
        ("a,b,c", ["a", "b", "c"], True),
        (",,", ["", "", ""], True),
        (" a ,\t,c ", [" a ", "\t", "c "], True),
        ('a,"b,c",d', ["a", "b,c", "d"], True),
        ('a,"b ""c""",d', ["a", 'b "c"', "d"], True),
        ('"a","b","c"', ["a", "b", "c"], True),
        ('"a",b,"c"', ["a", "b", "c"], False),
        ('"",,', ["", "", ""], False),
        ('"","",""', ["", "", ""], True),
        ('a,5" disk,c', ["a", '5" disk', "c"], False),
        ('""""' + ",b,c", ['"', "b", "c"], True),
        ('\x00a,"b,",c\x00', ["\x00a", "b,", "c\x00"], True),
        ('#a,"b,",c', ["#a", "b,", "c"], True),
        ('a, "b",c', ["a", ' "b"', "c"], False),
        ("a,b", None, None),
        ("a,b,c,d", None, None),
        ('a,"b",c,d', None, None),
        ('a,"b"', None, None),
        ('a,"b"x,c', None, None),
        ('a,"b" ,c', None, None),
        ('a,b,"c', None, None),
        ('a,"b,c', None, None),
        ('"a,b,c', None, None),
        ('a,b,c"', ["a", "b", 'c"'], False),
        ('a, "b,c"', ["a", ' "b', 'c"'], False),
    ],
)
def test_a_line_has_one_reading_or_none(spark, line, fields, is_verbatim):
    ((found_fields, verbatim),) = line_fields(spark, [line])
    assert found_fields == fields
    if fields is not None:
        assert verbatim is is_verbatim


def test_a_line_of_more_columns_than_the_parser_takes_has_no_reading(spark):
    wide = '"a"' + "," * 200_000
    long = 'x,"' + "y" * 1_000_000 + '",z'
    assert [f for f, _ in line_fields(spark, [wide, long])] == [None, ["x", "y" * 1_000_000, "z"]]


def strict(line: str, width: int) -> list[str] | None:
    try:
        fields = next(csv.reader([line], strict=True))
    except csv.Error:
        return None
    return fields if len(fields) == width else None


TEXT = st.text(st.sampled_from('"", aæ€\t;|\\\'#\x00\ufeff🙂'), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(TEXT.filter(bool), min_size=1, max_size=60), width=st.integers(1, 4))
@example(lines=['"a"",b', '"a"","",""', '","', '"""', '""', '" "', ',"', '",'], width=2)
def test_any_line_reads_as_pythons_strict_reader_reads_it(spark, lines, width):
    assert [f for f, _ in line_fields(spark, lines, width)] == [strict(x, width) for x in lines]


CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12
) | st.sampled_from(['"', '""', ",", " ", "", '","', "\\", '\\"', "Ærø, 5", "\x00", "\u2028"])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=8),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]),
)
def test_bronze_has_the_values_python_reads(
    spark, tmp_path_factory, rows, quoting, line_end, delimiter, encoding
):
    if encoding.startswith("utf-16"):
        line_end = "\r\n"
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerows([("id", "name", "note"), *rows])
    told_ = contract(delimiter=delimiter, encoding=encoding)
    content = out.getvalue().encode(encoding)
    got = received(spark, tmp_path_factory.mktemp("any"), "things.csv", content, told_)
    assert [values(r) for r in got] == rows
    assert [r["_bronze_row"] for r in got] == list(range(2, len(rows) + 2))
    assert {r["_bronze_error"] for r in got} <= {None}


def test_row_numbers_are_exact_over_many_splits(spark, tmp_path):
    random.seed(4)
    lines = ["id,name,note", *(f"{i},{'x' * random.randint(0, 300)}," for i in range(2, 3000))]
    content = "\r\n".join(lines).encode()
    file = found(tmp_path, "things.csv", content, CSV)
    with_splits = {
        "spark.sql.files.maxPartitionBytes": "20000",
        "spark.sql.files.openCostInBytes": "1",
    }
    for name, value in with_splits.items():
        spark.conf.set(name, value)
    try:
        df = bronze(spark, file, CSV)
        assert df.rdd.getNumPartitions() > 10
        rows = df.collect()
    finally:
        for name in with_splits:
            spark.conf.unset(name)
    assert len(rows) == 2998
    assert {r["_bronze_row"] - int(r["id"]) for r in rows} == {0}


def test_gzip_is_read_like_plain_text(spark, tmp_path):
    content = gzip.compress("id,name,note\n1,Bjørn,\n\n".encode())
    rows = received(spark, tmp_path, "things_2024.csv.gz", content, CSV)
    assert [(values(r), *told(r)) for r in rows] == [
        (("1", "Bjørn", ""), 2, None, None, None),
        ((None, None, None), 3, "blank_line", b"", None),
    ]


MULTI = contract(multiline=True)


def test_multi_line_records_keep_their_line_ends(spark, tmp_path):
    content = b'id,name,note\n1,"a\r\nb","c\nd\n"\n\n2,x,"""y"""\n3,p\n4,q,r,s\n5,,""\n'
    rows = received(spark, tmp_path, "things.csv", content, MULTI)
    assert [(values(r), *told(r)[:3]) for r in rows] == [
        (("1", "a\r\nb", "c\nd\n"), 2, None, None),
        (("2", "x", '"y"'), 3, None, None),
        ((None, None, None), 4, "unparsed_line", b"3,p"),
        ((None, None, None), 5, "unparsed_line", b"4,q,r,s"),
        (("5", "", ""), 6, None, None),
    ]


MULTI_CELL = CELL | st.sampled_from(["a\nb", "\r\n", "\n", "x\r", '"\n"', " \n,"])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(MULTI_CELL, MULTI_CELL, MULTI_CELL), max_size=8),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_multi_line_bronze_has_the_values_python_reads(
    spark, tmp_path_factory, rows, line_end, encoding
):
    out = io.StringIO()
    csv.writer(out, lineterminator=line_end).writerows([("id", "name", "note"), *rows])
    told_ = contract(multiline=True, encoding=encoding)
    content = out.getvalue().encode(encoding)
    got = received(spark, tmp_path_factory.mktemp("any"), "things.csv", content, told_)
    assert [values(r) for r in got] == rows
