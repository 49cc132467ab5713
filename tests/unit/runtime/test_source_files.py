"""Which files lie below a folder, and what one pass over their bytes tells."""

from __future__ import annotations

import gzip
import hashlib
import os

import pytest

from conf.contract import Contracts
from conf.errors import SourceError
from jobs.runtime.source_bytes import first_bytes, opened
from jobs.runtime.source_files import find_source_files, inspect
from tests.received import contract, found, inspected

THINGS = contract()
CONTRACTS = Contracts({"things": THINGS})


def test_files_come_in_order_of_time_then_name(tmp_path):
    for name, time in (("things_b.csv", 5), ("things_c.csv", 3), ("things/a.csv", 5)):
        found(tmp_path, name, b"x", THINGS)
        os.utime(tmp_path / name, (time, time))
    files, errors = find_source_files(str(tmp_path), CONTRACTS)
    assert errors == []
    assert [f.name for f in files] == ["things_c.csv", "things/a.csv", "things_b.csv"]
    assert [(f.table, f.size, f.modified_at.timestamp()) for f in files] == [
        ("things", 1, 3.0),
        ("things", 1, 5.0),
        ("things", 1, 5.0),
    ]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    files, (error,) = find_source_files(str(tmp_path / "no"), CONTRACTS)
    assert files == []
    assert str(error) == (
        f"sources: {tmp_path / 'no'}: no such folder; set SOURCES or ATLAS_SOURCES"
    )


def test_an_empty_folder_counts_only_if_named_like_a_file(tmp_path):
    (tmp_path / "things_1").mkdir()
    (tmp_path / "things_2.csv").mkdir()
    (tmp_path / "things_2.csv" / "_SUCCESS").touch()
    root = tmp_path / "things_3.csv"
    root.mkdir()
    assert find_source_files(str(root), CONTRACTS) == ([], [])
    root.rmdir()
    _, errors = find_source_files(str(tmp_path), CONTRACTS)
    assert [str(e) for e in errors] == [
        "things: things_2.csv: is a folder without data; put a file there"
    ]


@pytest.mark.parametrize("name", ["things.csv", "things.csv.gz"])
def test_the_hash_is_of_the_bytes_as_they_lie_there(tmp_path, name):
    text = b"id,name,note\n" + b"1,a,b\n" * 400_000
    content = gzip.compress(text) if name.endswith(".gz") else text
    told = inspected(tmp_path, name, content, THINGS)
    assert told.content_sha256 == hashlib.sha256(content).hexdigest()
    assert (told.records, told.header) == (400_000, ("id", "name", "note"))
    assert first_bytes(tmp_path / name, name.endswith(".gz"), 5) == b"id,na"


def test_the_hash_is_of_the_whole_file_also_if_nobody_read_it(tmp_path):
    file = found(tmp_path, "things.csv", b"x" * 3_000_000, THINGS)
    with opened(file) as (hashed, content):
        assert content.read(10) == b"x" * 10
        assert hashed.hexdigest() == hashlib.sha256(b"x" * 3_000_000).hexdigest()


def test_a_file_that_changed_since_it_was_found_is_told(tmp_path):
    file = found(tmp_path, "things.csv", b"id,name,note\n1,a,b\n", THINGS)
    file.path.write_bytes(b"id,name,note\n1,a,b\n2,c,d\n")
    with pytest.raises(SourceError) as error:
        inspect(file, THINGS)
    assert str(error.value) == (
        "things: things.csv: changed while it was being read; "
        "let the writer finish (write elsewhere, then rename) and run again"
    )


def test_a_file_that_went_since_it_was_found_is_told(tmp_path):
    file = found(tmp_path, "things.csv", b"id,name,note\n1,a,b\n", THINGS)
    file.path.unlink()
    with pytest.raises(SourceError) as error:
        inspect(file, THINGS)
    assert str(error.value) == (
        "things: things.csv: cannot be read (FileNotFoundError); check the file and its rights"
    )
