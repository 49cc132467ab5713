"""Look for planted values in every byte that a run leaves or makes on the way.

A value is looked for in every canonical form it could take: E.164, digits, spelled in pairs, any
letter case, NFC and NFD; in UTF-8 and both orders of UTF-16. What hides a string from a byte scan
is undone first: Parquet (pages are compressed and dictionary-encoded), gzip, zstd, Spark's framing
of lz4 and snappy, and the escapes of JSON.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SHORTEST = 8  # bytes: what is shorter stands somewhere by chance
UNDECODABLE = "undecodable"

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_HEX = re.compile(r"[0-9a-f]+")
_FOLD = bytes(range(256)).translate(
    bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")
)
_HEX_BYTES = frozenset(b"0123456789abcdef")
_STEP = 1 << 24  # bytes looked at in one go
_TABLE_BITS = 22
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplicative hashing
_SHIFT = np.uint64(64 - _TABLE_BITS)


@dataclass(frozen=True)
class Leak:
    """A planted value that was found where it must not be: never the value itself."""

    kind: str
    path: str
    place: str = ""  # a column of Parquet, or what was undone to find it


def planted_values(sources: Path) -> list[tuple[str, str]]:
    """(kind, value) of all that a leak scan of the sample must not find.

    The first detector need not find every name of a note, so that these are left out.
    """
    lines = (sources / "_truth" / "planted.jsonl").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    return [(p["kind"], p["value"]) for p in told if (p["column"], p["kind"]) != ("notes", "name")]


def forms(kind: str, value: str) -> set[str]:
    """The canonical forms of a value, as text."""
    if kind == "phone":
        return _phone_forms(value)
    if kind == "cpr":
        digits = re.sub(r"\D", "", value)
        return {value, digits, *(f"{digits[:6]}{s}{digits[6:]}" for s in "- –‐")}
    return {
        unicodedata.normalize(form, text)
        for form in ("NFC", "NFD")
        for text in (value, value.lower(), value.upper())
    }


def _phone_forms(value: str) -> set[str]:
    digits = re.sub(r"\D", "", value)[-8:]
    pairs = [digits[i : i + 2] for i in range(0, 8, 2)]
    whole = {digits, *(s.join(pairs) for s in " -."), f"{digits[:4]} {digits[4:]}"}
    return {value, *whole, *(f"{c}{n}" for c in ("+45", "45", "0045") for n in whole)}


class Needles:
    """Planted values as one lookup, so that a file is read once however many they are.

    Every position's next eight bytes are hashed into a table of the needles' first eight; only
    where the table says yes is there something to compare.
    """

    def __init__(self, planted: Iterable[tuple[str, str]]) -> None:
        self._by_head: dict[int, dict[int, dict[bytes, tuple[str, int]]]] = {}
        for kind, value in planted:
            for form in forms(kind, value):
                for encoding in _ENCODINGS:
                    self._add(kind, form, encoding)
        self._heads = np.array(sorted(self._by_head), dtype="<u8")
        self._table = np.zeros(1 << _TABLE_BITS, dtype=bool)
        self._table[_slots(self._heads)] = True

    def _add(self, kind: str, form: str, encoding: str) -> None:
        needle = form.encode(encoding).translate(_FOLD)
        if len(needle) < SHORTEST:
            raise ValueError(f"a {kind} of less than {SHORTEST} bytes would be found by chance")
        # Inside a longer run of hex digits it is a digest or an id. 0: no such question.
        digits = re.sub(r"[-+ .–‐]", "", form.lower())
        width = (1 if encoding == "utf-8" else 2) if _HEX.fullmatch(digits) else 0
        head = int.from_bytes(needle[:SHORTEST], "little")
        self._by_head.setdefault(head, {}).setdefault(len(needle), {})[needle] = (kind, width)

    def kinds_in(self, data: bytes) -> set[str]:
        """The kinds of planted values that stand in some bytes."""
        folded = data.translate(_FOLD)
        found: set[str] = set()
        for start in range(0, len(folded), _STEP):
            for at, head in self._candidates(folded, start):
                for length, needles in self._by_head[head].items():
                    kind, width = needles.get(folded[at : at + length], ("", 0))
                    if kind and not (width and _in_hex_run(folded, at, at + length, width)):
                        found.add(kind)
        return found

    def _candidates(self, data: bytes, start: int) -> Iterator[tuple[int, int]]:
        """Positions where a needle may begin, with the eight bytes there as a number."""
        for shift in range(SHORTEST):
            first = start + shift
            count = (min(len(data), start + _STEP + SHORTEST - 1) - first) // SHORTEST
            if count <= 0:
                continue
            words = np.frombuffer(data, "<u8", count, first)
            maybe = np.flatnonzero(self._table[_slots(words)])
            at = np.searchsorted(self._heads, words[maybe]).clip(max=len(self._heads) - 1)
            sure = maybe[self._heads[at] == words[maybe]]
            yield from zip((first + sure * SHORTEST).tolist(), words[sure].tolist(), strict=True)


def _slots(words: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return ((words * _SPREAD) >> _SHIFT).astype(np.int64)


def _in_hex_run(data: bytes, start: int, end: int, width: int) -> bool:
    """Whether a hex digit stands directly before or after."""
    around = (data[max(start - width, 0) : start], data[end : end + width])
    signs = (sign.replace(b"\0", b"") for sign in around)
    return any(len(sign) == 1 and sign[0] in _HEX_BYTES for sign in signs)


def decoded(path: Path) -> Iterator[tuple[str, bytes]]:
    """A file's bytes, and all that can be made of them: (place, bytes)."""
    yield from _unfolded(path.read_bytes(), "", depth=2)


def _unfolded(data: bytes, place: str, depth: int) -> Iterator[tuple[str, bytes]]:
    yield place, _without_metrics(data)
    if b"\\u" in data:
        yield f"{place} unescaped".strip(), _unescaped(data)
    if data.startswith(b"PAR1"):
        yield from _parquet(data)
    if depth:
        for name, inner in _decompressed(data):
            yield from _unfolded(inner, f"{place} {name}".strip(), depth - 1)


_METRIC = re.compile(rb'"(?:Update|Value|[A-Z][A-Za-z ]*)":"?-?\d+"?(?=[,}\]])')


def _without_metrics(data: bytes) -> bytes:
    """Spark's event log is full of counters, and one of eight digits may be a phone's by chance."""
    return _METRIC.sub(b"", data) if data.startswith(b'{"Event":"Spark') else data


def _unescaped(data: bytes) -> bytes:
    def letter(match: re.Match[bytes]) -> bytes:
        return chr(int(match[1], 16)).encode("utf-8", "surrogatepass")

    return re.sub(rb"\\u([0-9a-fA-F]{4})", letter, data)


def _parquet(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each leaf column's values as text. A file that cannot be read proves nothing: an error."""
    with pq.ParquetFile(pa.BufferReader(data)) as file:
        for batch in file.iter_batches(batch_size=1 << 16):
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                for leaf in _leaves(column):
                    yield name, "\n".join(_strings(leaf)).encode("utf-8", "surrogatepass")


def _leaves(array: pa.Array) -> Iterator[pa.Array]:
    kind = array.type
    if pa.types.is_map(kind):
        yield from (*_leaves(array.keys), *_leaves(array.items))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _leaves(array.values)
    elif pa.types.is_struct(kind):
        for part in array.flatten():
            yield from _leaves(part)
    elif pa.types.is_dictionary(kind):
        yield from _leaves(array.dictionary_decode())
    else:
        yield array


def _strings(leaf: pa.Array) -> Iterator[str]:
    if pa.types.is_binary(leaf.type) or pa.types.is_large_binary(leaf.type):
        yield from (v.decode("utf-8", "replace") for v in leaf.to_pylist() if v is not None)
    else:
        yield from (v for v in pc.cast(leaf, pa.string()).to_pylist() if v is not None)


def _decompressed(data: bytes) -> Iterator[tuple[str, bytes]]:
    for name, magic in (("gzip", b"\x1f\x8b\x08"), ("zstd", b"\x28\xb5\x2f\xfd")):
        if data.startswith(magic):
            yield name, b"".join(_stream(data, name))
    if b"LZ4Block" in data:
        yield "lz4", b"".join(_lz4_blocks(data))
    if b"\x82SNAPPY\0" in data:
        yield "snappy", b"".join(_snappy_chunks(data))


def _stream(data: bytes, codec: str) -> Iterator[bytes]:
    """What can be read of a stream: one whose writer was killed ends in the middle."""
    stream = pa.CompressedInputStream(pa.BufferReader(data), codec)
    try:
        while part := stream.read(4096):
            yield part
    except OSError:
        return


def _lz4_blocks(data: bytes) -> Iterator[bytes]:
    """Spark's LZ4BlockOutputStream: magic, token, two lengths, checksum, then the block."""
    for match in re.finditer(b"LZ4Block", data):
        header = data[match.end() : match.end() + 13]
        if len(header) < 13:
            return
        packed, plain = (int.from_bytes(header[i : i + 4], "little") for i in (1, 5))
        block = data[match.end() + 13 : match.end() + 13 + packed]
        if header[0] & 0xF0 == 0x10:  # stored as it is
            yield block
        elif plain and len(block) == packed:
            yield pa.Codec("lz4_raw").decompress(block, plain, asbytes=True)


def _snappy_chunks(data: bytes) -> Iterator[bytes]:
    """SnappyOutputStream: magic and two versions, then length and block until the next magic."""
    starts = [m.start() for m in re.finditer(b"\x82SNAPPY\0", data)]
    for start, end in pairwise([*starts, len(data)]):
        at = start + 16
        while at + 4 <= end:
            length = int.from_bytes(data[at : at + 4], "big")
            block = data[at + 4 : at + 4 + length]
            if not length or len(block) < length:
                break
            yield pa.Codec("snappy").decompress(block, _varint(block), asbytes=True)
            at += 4 + length


def _varint(block: bytes) -> int:
    value = 0
    for i, byte in enumerate(block[:5]):
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            break
    return value


def leaks_in(needles: Needles, path: Path, name: str) -> Iterator[Leak]:
    """The leaks of one file. A Parquet file that cannot be decoded is one: it proves nothing."""
    try:
        for place, data in decoded(path):
            yield from (Leak(kind, name, place) for kind in sorted(needles.kinds_in(data)))
    except pa.ArrowException:
        yield Leak(UNDECODABLE, name)


def scan(needles: Needles, *roots: Path, outside: Iterable[Path] = ()) -> list[Leak]:
    """The leaks in every file below `roots`, except below `outside`; each once."""
    without = tuple(outside)
    return list(
        dict.fromkeys(
            leak
            for root in roots
            for path in sorted(p for p in root.rglob("*") if p.is_file())
            if not any(path.is_relative_to(folder) for folder in without)
            for leak in leaks_in(needles, path, str(path.relative_to(root)))
        )
    )
