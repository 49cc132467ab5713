"""The leak scan finds what is planted, wherever and however it is written; and nothing else."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import struct
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.leaks import UNDECODABLE, Leak, Needles, forms, leaks_in, scan
from tests.watching import Watcher

NAME, EMAIL, ADDRESS = "Xqbcdfghj", "søren.xqb@example.dk", "Ærøvej 1, xqzzwwvvt. tv"
SEED = 20260101
_random = random.Random(SEED)
# Made here: no number of this form stands in the repository.
CPR = f"0101{_random.randint(40, 99)}-{_random.randint(1000, 3999)}"
PHONE = f"2{_random.randint(10**6, 10**7 - 1)}"
PLANTED = [("name", NAME), ("email", EMAIL), ("address", ADDRESS), ("cpr", CPR), ("phone", PHONE)]
DIGITS = CPR.replace("-", "")
PAIRS = " ".join(PHONE[i : i + 2] for i in range(0, 8, 2))


@pytest.fixture(scope="module")
def needles() -> Needles:
    return Needles(PLANTED)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("name", f"kunden {NAME} ringede"),
        ("name", f"xx{NAME.upper()}yy"),
        ("email", EMAIL.upper()),
        ("email", unicodedata.normalize("NFD", EMAIL)),
        ("address", unicodedata.normalize("NFD", ADDRESS.lower())),
        ("cpr", f"cpr:{CPR}."),
        ("cpr", f"({DIGITS})"),
        ("cpr", DIGITS[:6] + " " + DIGITS[6:]),
        ("phone", f'"{PHONE}"'),
        ("phone", f"+45{PHONE}"),
        ("phone", f"0045 {PAIRS},"),
        ("phone", PAIRS.replace(" ", "-")),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("shift", [0, 3])
def test_every_form_is_found_at_any_place(needles, kind, text, encoding, shift):
    data = b"\xff" * shift + text.encode(encoding) + b" and more"
    assert needles.kinds_in(data) == {kind}
    assert needles.kinds_in(text.encode(encoding)) == {kind}, "as the whole content"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_digits_inside_a_longer_hex_run_are_no_number(needles, encoding):
    for number in (DIGITS, PHONE):
        for text in (f"a{number}", f"{number}F", f"3{number} x", f" {number}0 "):
            assert needles.kinds_in(text.encode(encoding)) == set(), text
        digest = hashlib.sha256(number.encode()).hexdigest()
        assert needles.kinds_in(f"{digest[:20]}{number}{digest}".encode(encoding)) == set()
    assert needles.kinds_in(f"{PHONE}x{DIGITS}g".encode(encoding)) == {"phone", "cpr"}


def test_what_is_not_planted_is_not_found(needles):
    other = "".join(_random.choices("0123456789abcdefghij -@.", k=200_000))
    assert needles.kinds_in(other.encode()) == set(), f"seed {SEED}"
    with pytest.raises(ValueError, match="by chance"):
        Needles([("postal_code", "8000")])


def test_what_stands_across_two_steps_is_found(needles, monkeypatch):
    monkeypatch.setattr("tests.leaks._STEP", 64)
    for before in range(130):
        assert needles.kinds_in(b"." * before + EMAIL.encode() + b"." * 40) == {"email"}, before


def test_a_form_is_no_shorter_than_what_chance_allows():
    for kind, value in PLANTED:
        assert min(len(form) for form in forms(kind, value)) >= 8


def _lz4(data: bytes) -> bytes:
    block = pa.Codec("lz4_raw").compress(data, asbytes=True)
    head = b"LZ4Block" + bytes([0x25]) + struct.pack("<iii", len(block), len(data), 0)
    return head + block + b"LZ4Block" + bytes([0x15]) + struct.pack("<iii", 0, 0, 0)


def _snappy(data: bytes) -> bytes:
    block = pa.Codec("snappy").compress(data, asbytes=True)
    return b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1) + struct.pack(">i", len(block)) + block


def _zstd(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data))


PADDING = "".join(_random.choices("abcdefgh", k=300)) * 40
TEXT = f"{PADDING} {CPR} {EMAIL} {PADDING}".encode()


@pytest.mark.parametrize(
    ("name", "pack"), [("gzip", gzip.compress), ("zstd", _zstd), ("lz4", _lz4), ("snappy", _snappy)]
)
def test_compressed_files_are_read(needles, tmp_path: Path, name, pack):
    (tmp_path / "part").write_bytes(pack(TEXT) + (pack(f" {PHONE} ".encode())))
    assert {(leak.kind, leak.place) for leak in scan(needles, tmp_path)} >= {
        ("cpr", name),
        ("email", name),
        ("phone", name),
    }


def test_a_stream_whose_writer_was_killed_is_read_as_far_as_it_goes(needles, tmp_path: Path):
    noise = "".join(_random.choices("abcdefgh", k=200_000)).encode()
    (tmp_path / "log.gz").write_bytes(gzip.compress(TEXT + noise)[:-50])
    assert Leak("cpr", "log.gz", "gzip") in scan(needles, tmp_path)


def test_parquet_is_decoded_column_by_column(needles, tmp_path: Path):
    table = pa.table(
        {
            "plain": [NAME, None, NAME],
            "number": pa.array([None, int(PHONE), 7], pa.int64()),
            "bytes": [None, EMAIL.encode(), b"\xff\0"],
            "nested": [[{"k": CPR}], None, [{"k": None}]],
            "map": pa.array([[(ADDRESS, "x")], None, []], pa.map_(pa.string(), pa.string())),
            "clean": pa.array(["a", "b", "a"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "part.parquet", compression="zstd")
    found = {(leak.place, leak.kind) for leak in scan(needles, tmp_path) if leak.place}
    assert found == {
        ("plain", "name"),
        ("number", "phone"),
        ("bytes", "email"),
        ("nested", "cpr"),
        ("map", "address"),
    }


def test_parquet_that_cannot_be_decoded_proves_nothing(needles, tmp_path: Path):
    (tmp_path / "part.parquet").write_bytes(b"PAR1 and then the disk was full")
    assert scan(needles, tmp_path) == [Leak(UNDECODABLE, "part.parquet")]


def test_escaped_json_is_read(needles, tmp_path: Path):
    (tmp_path / "live.json").write_text(json.dumps({"a": EMAIL}))
    assert scan(needles, tmp_path) == [Leak("email", "live.json", "unescaped")]


def test_counters_of_an_event_log_are_no_numbers_but_its_texts_are(needles, tmp_path: Path):
    start = '{"Event":"SparkListenerLogStart","Spark Version":"3.5.9"}\n'
    counters = f'{{"Update":"{PHONE}","Value":"{PHONE}","Executor CPU Time":{PHONE}}}\n'
    (tmp_path / "counters").write_text(start + counters)
    (tmp_path / "text").write_text(start + f'{{"Description":"For input string: {PHONE}"}}\n')
    assert scan(needles, tmp_path) == [Leak("phone", "text")]


def test_a_folder_left_out_is_not_read(needles, tmp_path: Path):
    (tmp_path / "bronze").mkdir()
    (tmp_path / "bronze" / "part").write_text(CPR)
    assert scan(needles, tmp_path, outside=[tmp_path / "bronze"]) == []
    assert list(leaks_in(needles, tmp_path / "bronze" / "part", "x")) == [Leak("cpr", "x")]


def test_what_a_run_removes_again_is_kept(needles, tmp_path: Path):
    root, kept = tmp_path / "root", tmp_path / "kept"
    (root / "bronze").mkdir(parents=True)
    with Watcher(root, kept, outside=[root / "bronze"]) as watcher:
        (root / "bronze" / "part").write_text(CPR)
        (root / "deep" / "er").mkdir(parents=True)
        scratch = root / "deep" / "er" / "shuffle"
        with scratch.open("w") as file:
            file.write("first ")
            file.flush()
            for _ in range(200):
                if watcher.files(root / "deep"):
                    break
                watcher._stopped.wait(0.02)
            file.write(CPR)
        scratch.unlink()
    assert len(watcher.files(root)) == 1
    assert [leak.kind for leak in scan(needles, kept)] == ["cpr"]
