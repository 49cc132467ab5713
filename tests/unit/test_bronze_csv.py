"""CSV lines to Bronze rows: exact values, exact errors, nothing lost."""

from __future__ import annotations

import csv
import gzip
import io
import random

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F
from pyspark.sql import types as T

from conf.errors import SourceError
from tests.received import NOW, bronze, contract, found, inspected, received, told, values
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


READINGS = [
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
]


def test_a_line_has_one_reading_or_none(spark):
    got = line_fields(spark, [line for line, *_ in READINGS])
    assert [
        (line, fields, verbatim if fields is not None else None)
        for (line, *_), (fields, verbatim) in zip(READINGS, got, strict=True)
    ] == READINGS


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


# An example costs Spark jobs, and shrinking costs a hundred of them: few examples of many lines.
few = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
)
TEXT = st.text(st.sampled_from('"", aæ€\t;|\\\'#\x00\ufeff🙂'), max_size=8)


@few
@given(lines=st.lists(TEXT.filter(bool), min_size=30, max_size=200), width=st.integers(1, 4))
@example(lines=['"a"",b', '"a"","",""', '","', '"""', '""', '" "', ',"', '",'], width=2)
def test_any_line_reads_as_pythons_strict_reader_reads_it(spark, lines, width):
    got = [(line, f) for line, (f, _) in zip(lines, line_fields(spark, lines, width), strict=True)]
    assert [g for g in got if g[1] != strict(g[0], width)] == []


CELL = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12
) | st.sampled_from(['"', '""', ",", " ", "", '","', "\\", '\\"', "Ærø, 5", "\x00", "\u2028"])
HEADER = ("id", "name", "note")


def written(rows, **dialect):
    out = io.StringIO()
    csv.writer(out, **dialect).writerows([HEADER, *rows])
    return out.getvalue()


@few
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=60),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "UTF-16BE", "UTF-16LE"]),
)
@example([("", "", "")], csv.QUOTE_MINIMAL, "\r\n", ",", "utf-16")
@example([("", "", ""), ("1", "", "æ")], csv.QUOTE_MINIMAL, "\n", ",", "utf-16")
@example([("\u0a0a", "\x00", '"\u010a')], csv.QUOTE_ALL, "\r\n", ";", "UTF-16BE")
def test_bronze_has_the_values_python_reads(
    spark, tmp_path_factory, rows, quoting, line_end, delimiter, encoding
):
    if encoding.lower().startswith("utf-16"):
        line_end = "\r\n" if line_end == "\r" else line_end
    text = written(rows, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    told_ = contract(delimiter=delimiter, encoding=encoding)
    folder = tmp_path_factory.mktemp("any")
    got = received(spark, folder, "things.csv", text.encode(encoding), told_)
    assert [values(r) for r in got] == rows
    assert [r["_bronze_row"] for r in got] == list(range(2, len(rows) + 2))
    assert {r["_bronze_error"] for r in got} <= {None}


@pytest.mark.parametrize(
    ("encoding", "text"), [("UTF-16LE", "\u0a05\u0100"), ("UTF-16BE", "\u0100\u0a05")]
)
def test_utf16_that_hadoop_would_cut_inside_a_character_is_refused(tmp_path, encoding, text):
    told_ = contract(encoding=encoding)
    whole = f"id,name,note\n1,{text[::-1]},x\n"
    assert inspected(tmp_path, "things.csv", whole.encode(encoding), told_).records == 1
    cut = f"id,name,note\n1,{text},x\n"
    with pytest.raises(SourceError) as error:
        inspected(tmp_path, "things.csv", cut.encode(encoding), told_)
    assert str(error.value) == (
        f"things: things.csv: holds two characters of {encoding} that together look like a line "
        "end to Hadoop; convert the file to UTF-8 and set encoding: UTF-8 (things.odcs.yaml)"
    )


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "UTF-16BE"])
def test_row_numbers_are_exact_over_many_splits(spark, tmp_path, encoding):
    random.seed(4)
    told_ = contract(encoding=encoding)
    lines = ["id,name,note", *(f"{i},{'x' * random.randint(0, 300)}," for i in range(2, 3000))]
    file = found(tmp_path, "things.csv", "\r\n".join(lines).encode(encoding), told_)
    with_splits = {
        "spark.sql.files.maxPartitionBytes": "20001",
        "spark.sql.files.openCostInBytes": "1",
    }
    for name, value in with_splits.items():
        spark.conf.set(name, value)
    try:
        df = bronze(spark, file, told_)
        assert df.rdd.getNumPartitions() > 10
        rows = df.collect()
    finally:
        for name in with_splits:
            spark.conf.unset(name)
    assert len(rows) == 2998
    assert {r["_bronze_row"] - int(r["id"]) for r in rows} == {0}


def test_a_byte_that_windows_1252_does_not_have_is_told(spark, tmp_path):
    danish = contract(encoding="windows-1252", delimiter=";")
    content = "id;name;note\n1;Bjørn;€\n".encode("cp1252") + b"2;\x81;x\n"
    rows = received(spark, tmp_path, "things.csv", content, danish)
    assert [(values(r), *told(r)) for r in rows] == [
        (("1", "Bjørn", "€"), 2, None, None, None),
        ((None, None, None), 3, "bad_encoding", b"2;\x81;x", None),
    ]


@pytest.mark.parametrize("multiline", [False, True])
def test_unnamed_columns_and_columns_named_like_ours_are_kept(spark, tmp_path, multiline):
    content = b"id,,,column_2,_bronze_row,ID\n1,a,b,c,d,e\n"
    (row,) = received(spark, tmp_path, "things.csv", content, contract(multiline=multiline))
    rescued = {"column_2_": "a", "column_3": "b", "column_2": "c", "_bronze_row": "d", "ID": "e"}
    assert (values(row), *told(row)) == (("1", None, None), 2, None, None, rescued)


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
        ((None, None, None), 6, "blank_line", b""),
        (("2", "x", '"y"'), 7, None, None),
        ((None, None, None), 8, "unparsed_line", b"3,p"),
        ((None, None, None), 9, "unparsed_line", b"4,q,r,s"),
        (("5", "", ""), 10, None, b'5,,""'),
    ]


MULTI_CELL = CELL | st.sampled_from(["a\nb", "\r\n", "\n", "x\r", '"\n"', " \n,"])


@few
@given(
    rows=st.lists(st.tuples(MULTI_CELL, MULTI_CELL, MULTI_CELL), max_size=60),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "UTF-16BE"]),
)
@example([("x\r", "\n", "\r\n"), ("", "", "")], "\n", "utf-8")
def test_multi_line_bronze_has_the_values_python_reads(
    spark, tmp_path_factory, rows, line_end, encoding
):
    # Python quotes no lone CR of its own accord, which then ends a line for everybody else.
    text = written(rows, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    told_ = contract(multiline=True, encoding=encoding)
    folder = tmp_path_factory.mktemp("any")
    got = received(spark, folder, "things.csv", text.encode(encoding), told_)
    assert [values(r) for r in got] == rows


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            b"id,name,note\n1,a,x\r,2,b\n",
            "its records end with line ends of two kinds; use one kind of line end",
        ),
        (
            b'id,name,note\n1,"a,x\n2,b,c\n',
            "a quote is not closed or has text after it, line 3 at the latest; "
            "correct the file, or set quote in things.odcs.yaml",
        ),
        (
            b'id,name,note\n1,"a" b,x\n',
            "a quote is not closed or has text after it, line 2 at the latest; "
            "correct the file, or set quote in things.odcs.yaml",
        ),
        (
            b"id,name,note\n1,\xe6,x\n",
            "line 1 or one of the next is not UTF-8; "
            "set the encoding in things.odcs.yaml or correct the file",
        ),
    ],
)
def test_multi_line_csv_whose_records_are_open_is_refused(tmp_path, content, text):
    with pytest.raises(SourceError) as error:
        inspected(tmp_path, "things.csv", content, MULTI)
    assert str(error.value) == f"things: things.csv: {text}"
