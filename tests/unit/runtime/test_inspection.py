"""Records, header and columns of a file, without Spark."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conf.errors import SourceError
from tests.received import contract, fixed_width, inspected

CSV = contract(["Kunde Nr=id", "name", "note"])


def summary(told):
    return told.records, told.header, told.missing_columns, told.extra_columns


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", (0, None, (), ())),
        (b"\xef\xbb\xbf", (0, None, (), ())),
        (b"Kunde Nr,name,note", (0, ("Kunde Nr", "name", "note"), (), ())),
        (b"Kunde Nr,name,note\r\n1,a,b\r\n\r\n", (2, ("Kunde Nr", "name", "note"), (), ())),
        (
            b'\xef\xbb\xbf" note ","x ""y""",,Kunde Nr\n1\n',
            (1, ("note", 'x "y"', "", "Kunde Nr"), ("name",), ('x "y"', "column_3")),
        ),
        (
            b"name,column_3,\n",
            (0, ("name", "column_3", ""), ("id", "note"), ("column_3", "column_3_")),
        ),
    ],
)
def test_a_csv_tells_records_and_columns(tmp_path, content, told):
    assert summary(inspected(tmp_path, "things.csv", content, CSV)) == told


@pytest.mark.parametrize("multiline", [False, True])
def test_a_first_line_that_repeats_a_value_is_no_header_and_is_not_told(tmp_path, multiline):
    with pytest.raises(SourceError) as error:
        inspected(tmp_path, "things.csv", b"1,Ribe,Ribe\n", contract(multiline=multiline))
    assert str(error.value) == (
        "things: things.csv: none of the contract's columns is among its 3 column(s); "
        "it must name id, name and note, or set header: false"
    )


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"id;name;note\n", "it is separated by semicolons: set delimiter in things.odcs.yaml"),
        (b'"id"\t"name"\n', "it is separated by tabs: set delimiter in things.odcs.yaml"),
        (b"id|x\n", "it is separated by bars: set delimiter in things.odcs.yaml"),
        (
            b"ID,Name\n",
            "letter case differs: it must name id, name and note, or set physicalName",
        ),
        (
            b"i\x00d,b\n",
            "it holds NUL characters, as UTF-16 does: see encoding in things.odcs.yaml",
        ),
        (b"\nid,name,note\n", "it must name id, name and note, or set header: false"),
    ],
)
def test_a_header_that_does_not_match_tells_what_to_do(tmp_path, content, hint):
    with pytest.raises(SourceError) as error:
        inspected(tmp_path, "things.csv", content, contract())
    assert str(error.value).endswith(f"; {hint}")


def test_a_csv_without_header_has_none(tmp_path):
    told = inspected(tmp_path, "things.csv", b"1,a,b\n2,c,d", contract(header=False))
    assert summary(told) == (2, None, (), ())


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("UTF-16", "id,name,note\r\n1,Bjørn,x\r\n".encode("utf-16")),
        ("UTF-16BE", "id,name,note\n1,\u0a0d\u0a0a,x".encode("utf-16-be")),
        ("UTF-16LE", "\u0a0aid,name,id\u010a\n1,a,x\n".encode("utf-16-le")),
    ],
)
def test_utf16_is_counted_by_characters(tmp_path, encoding, content):
    told = inspected(tmp_path, "things.csv", content, contract(encoding=encoding))
    assert told.records == 1
    assert len(told.header) == 3


def test_ascii_in_a_contract_of_windows_1252_is_no_utf8(tmp_path):
    told = contract(encoding="windows-1252")
    assert inspected(tmp_path, "things.csv", b"id,name,note\n1,a,b\n", told).records == 1
    mixed = "id,name,note\n1,ø,".encode() + b"\xe6\n"
    assert inspected(tmp_path, "things.csv", mixed, told).records == 1
    with pytest.raises(SourceError, match="is UTF-8 from end to end, the contract says"):
        inspected(tmp_path, "things.csv", "id,name,note\n1,ø,b\n".encode(), told)


def test_utf8_is_seen_across_the_pieces_a_file_is_read_in(tmp_path):
    told = contract(encoding="windows-1252", header=False)
    content = b"x" * ((1 << 20) - 1) + "ø\n".encode()
    with pytest.raises(SourceError, match="is UTF-8 from end to end"):
        inspected(tmp_path, "things.csv", content, told)


def test_fixed_width_may_have_a_header_line(tmp_path):
    content = b"id  name\n1   Ada\n"
    plain = fixed_width(("id", 1, 4), ("name", 5, 8))
    assert summary(inspected(tmp_path, "things.txt", content, plain)) == (2, None, (), ())
    headed = fixed_width(("id", 1, 4), ("name", 5, 8), header=True)
    assert summary(inspected(tmp_path, "things.txt", content, headed)) == (1, None, (), ())


MULTI = contract(multiline=True)


@pytest.mark.parametrize(
    ("content", "records", "header"),
    [
        (b"", 0, None),
        (b"id,name,note", 0, ("id", "name", "note")),
        (b'id,"name\n",note\n1,"a\n\nb",c\n\n2,"""",d', 3, ("id", "name", "note")),
        (b"\xef\xbb\xbfid,name,note\r\n\r\n", 1, ("id", "name", "note")),
    ],
)
def test_multi_line_records_are_counted(tmp_path, content, records, header):
    told = inspected(tmp_path, "things.csv", content, MULTI)
    assert (told.records, told.header) == (records, header)


JSONL = contract(kind="jsonl")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", (0, None, (), ())),
        (b"\n\nnot json\n", (3, None, (), ())),
        (b'{"id": 1, "new": 2, "also": 3}\n{"name"', (2, None, ("note",), ("also", "new"))),
        (b'{"id":1}\n' + b'{"id":1}\n' * 2000 + b'{"note":1}', (2002, None, ("name",), ())),
    ],
)
def test_json_lines_tell_records_and_names(tmp_path, content, told):
    assert summary(inspected(tmp_path, "things.jsonl", content, JSONL)) == told


def test_json_names_are_found_across_the_pieces_a_file_is_read_in(tmp_path):
    line = b'{"id":1,"pad":"' + b"x" * (1 << 20)
    before = b'{"id":1,"pad":"'
    content = before.ljust((1 << 20) - 7, b"x") + b'"}\n{"note":1}\n'
    assert content[: 1 << 20].endswith(b'{"no')
    assert inspected(tmp_path, "things.jsonl", content, JSONL).missing_columns == ("name",)
    assert inspected(tmp_path, "things.jsonl", line + b'"}', JSONL).records == 1


def test_json_lines_of_another_table_are_told(tmp_path):
    with pytest.raises(SourceError) as error:
        inspected(tmp_path, "things.jsonl", b'{"ID": 1, "secret": 2}\n', JSONL)
    assert str(error.value) == (
        "things: things.jsonl: none of the contract's columns is among its 2 column(s); "
        "letter case differs: it must name id, name and note, or set physicalName"
    )


PARQUET = contract(kind="parquet")


def parquet(**columns):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_parquet_tells_rows_and_columns(tmp_path):
    content = parquet(id=[1, 2, 3], x=["a", None, "b"], note=[None, None, None])
    told = inspected(tmp_path, "things.parquet", content, PARQUET)
    assert summary(told) == (3, ("id", "x", "note"), ("name",), ("x",))
    empty = parquet(id=pa.array([], pa.string()))
    assert summary(inspected(tmp_path, "things.parquet", empty, PARQUET))[:2] == (0, ("id",))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is no whole Parquet file; send the whole file again"),
        (b"id,name,note\n", "is no whole Parquet file; send the whole file again"),
        (parquet(id=[1])[:-5], "is no whole Parquet file; send the whole file again"),
        (
            parquet(id=pa.array([{"at": 5}], pa.struct({"at": pa.time32("ms")}))),
            "Spark reads no column of type id (struct<at: time32[ms]>); "
            "write it as text or as a timestamp",
        ),
        (
            parquet(id=pa.array([1]), Id=pa.array([1])),
            "columns have no name or differ in letter case only; rename them",
        ),
        (
            parquet(**{"id": pa.array([1]), "": pa.array([1])}),
            "columns have no name or differ in letter case only; rename them",
        ),
        (
            parquet(**{"id": pa.array([1]), " id": pa.array([1])}),
            "column id stands more than once in the header; send each column once",
        ),
    ],
)
def test_parquet_that_cannot_be_read_is_told(tmp_path, content, text):
    with pytest.raises(SourceError) as error:
        inspected(tmp_path, "things.parquet", content, PARQUET)
    assert str(error.value) == f"things: things.parquet: {text}"
