"""Lines counted without Spark, whatever the pieces they come in."""

from __future__ import annotations

import pytest

from jobs.runtime.encodings import WrongEncodingError
from jobs.runtime.lines import LineCounter

LE, BE = "utf-16-le", "utf-16-be"


def counted(content: bytes, encoding: str, size: int) -> int:
    counter = LineCounter(encoding)
    for at in range(0, len(content), size):
        counter.feed(content[at : at + size])
    assert counter.lines == counter.lines
    return counter.lines


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("content", "encoding", "lines"),
    [
        (b"", "utf-8", 0),
        (b"a", "utf-8", 1),
        (b"a\n", "utf-8", 1),
        (b"\n\n", "utf-8", 2),
        (b"a\r\nb\r\n", "utf-8", 2),
        (b"a\rb\r", "utf-8", 2),
        (b"a\r\r\nb\n\rc", "utf-8", 5),
        ("a\u2028b\x85c\x0bd".encode(), "utf-8", 1),
        (b"a\x00\nb", "utf-8", 2),
        ("a\r\nb\rc\n".encode(LE), LE, 2),
        ("\ufeffa\nb".encode(BE), BE, 2),
        ("\u0a0a\u0a00\n".encode(LE), LE, 1),
        (b"a\x00\n\x00b", LE, 2),
        ("a\n".encode(LE) + b"\x00\xd8", LE, 2),
        ("a\nb\n".encode("utf-32-le"), "utf-32-le", 2),
    ],
)
def test_lines_are_counted_in_pieces_of_any_size(content, encoding, lines, size):
    assert counted(content, encoding, size) == lines


def test_a_byte_order_mark_alone_is_no_line_in_utf8():
    assert counted(b"\xef\xbb\xbf", "utf-8", 10) == 0


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize(("encoding", "text"), [(LE, "\u0a05\u0100"), (BE, "\u0100\u0a05")])
def test_a_line_end_across_two_characters_is_refused(encoding, text, size):
    for whole in (f"a{text[::-1]}\n", text.replace("\u0a05", "x")):
        told = LineCounter(encoding)
        told.feed(whole.encode(encoding))
        told.check(encoding)
    content = f"a{text}b\n".encode(encoding)
    counter = LineCounter(encoding)
    for at in range(0, len(content), size):
        counter.feed(content[at : at + size])
    with pytest.raises(WrongEncodingError, match=r"^holds two characters of utf-16-.e that"):
        counter.check(encoding)
