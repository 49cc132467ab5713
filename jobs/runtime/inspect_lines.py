"""Inspection of files whose records are physical lines: CSV and fixed width."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from conf.contract import SourceContract
from jobs.runtime.encodings import UTF8, WrongEncodingError, is_wide
from jobs.runtime.headers import checked_header, header_of
from jobs.runtime.lines import LineCounter
from jobs.runtime.source_bytes import CHUNK, SourceFile

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class Found:
    """Records, and the header or what else is known of the columns."""

    records: int
    header: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


def inspect_lines(
    file: SourceFile, content: BinaryIO, contract: SourceContract, encoding: str
) -> Found:
    """Count lines; the header is the first line of a CSV that has one.

    Raises: SourceError for a header that cannot be read, WrongEncodingError if the file is UTF-8
    against its contract or UTF-16 that Hadoop would cut inside a character.
    """
    head, counter, disguised = b"", LineCounter(encoding), _Utf8InDisguise(encoding)
    for chunk in chunks(content):
        head = head or chunk
        counter.feed(chunk)
        disguised.feed(chunk)
    disguised.check(contract.source.encoding)
    counter.check(contract.source.encoding)
    source = contract.source
    if not source.header or not counter.lines:
        return Found(counter.lines)
    if source.kind != "csv":
        return Found(counter.lines - 1)
    names = header_of(file, contract, _first_line(file, head, encoding), encoding)
    return Found(counter.lines - 1, checked_header(file, contract, names))


def chunks(content: BinaryIO) -> Iterator[bytes]:
    """The content piece by piece."""
    while chunk := content.read(CHUNK):
        yield chunk


def _first_line(file: SourceFile, head: bytes, encoding: str) -> bytes:
    if is_wide(encoding):
        end = "\n".encode(encoding)
        # A line end that is none: half of one character and half of the next.
        at = next((m for m in _found(head, end) if m % len(end) == 0), -1)
        line = head if at < 0 else head[:at].removesuffix("\r".encode(encoding))
    else:
        line = _LINE_END.split(head.removeprefix(codecs.BOM_UTF8), maxsplit=1)[0]
    if len(line) >= CHUNK:
        raise file.error("its first line is longer than a megabyte", "is it a text file at all?")
    return line


def _found(head: bytes, end: bytes) -> Iterator[int]:
    at = head.find(end)
    while at >= 0:
        yield at
        at = head.find(end, at + 1)


class _Utf8InDisguise:
    """Whether bytes that are to be of another encoding are UTF-8: text with umlauts that decodes
    as UTF-8 from end to end is nothing else, and would come out garbled without an error."""

    def __init__(self, encoding: str) -> None:
        is_open = encoding not in (UTF8, "ascii") and not is_wide(encoding)
        self._decoder = codecs.getincrementaldecoder(UTF8)() if is_open else None
        self._is_beyond_ascii = False

    def feed(self, chunk: bytes) -> None:
        self._is_beyond_ascii = self._is_beyond_ascii or not chunk.isascii()
        self._decode(chunk)

    def check(self, encoding: str) -> None:
        """Raises: WrongEncodingError if all that was fed is UTF-8."""
        self._decode(b"", final=True)
        if self._decoder and self._is_beyond_ascii:
            raise WrongEncodingError(
                f"is UTF-8 from end to end, the contract says {encoding}",
                "set encoding: UTF-8 in the contract or convert the file",
            )

    def _decode(self, chunk: bytes, final: bool = False) -> None:
        try:
            if self._decoder:
                self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self._decoder = None
