"""What the first bytes of a file say of its encoding."""

from __future__ import annotations

import pytest

from jobs.runtime.encodings import WrongEncodingError, resolved_encoding

TEXT = "id,name\n1,Bjørn\n"


@pytest.mark.parametrize(
    ("head", "told", "found"),
    [
        (b"", "UTF-16", "utf-16"),
        (b"", "UTF-8", "utf-8"),
        (TEXT.encode(), "UTF-8", "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig", "utf-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8", "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "UTF-16", "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16", "utf-16-be"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "UTF-16LE", "utf-16-le"),
        (TEXT.encode("utf-16-be"), "UTF-16BE", "utf-16-be"),
        (TEXT.encode("cp1252"), "windows-1252", "cp1252"),
        (b"a\x00b,c\x00d\n", "UTF-8", "utf-8"),
        (b"\x00" * 100, "UTF-8", "utf-8"),
    ],
)
def test_the_contract_and_the_first_bytes_agree(head, told, found):
    assert resolved_encoding(head, told) == found


@pytest.mark.parametrize(
    ("head", "told", "text"),
    [
        (
            TEXT.encode("utf-8-sig"),
            "windows-1252",
            "begins with the byte order mark of UTF-8, the contract says windows-1252; "
            "set encoding: UTF-8 in the contract or convert the file",
        ),
        (
            b"\xfe\xff" + TEXT.encode("utf-16-be"),
            "UTF-16LE",
            "begins with the byte order mark of UTF-16BE, the contract says UTF-16LE; "
            "set encoding: UTF-16BE in the contract or convert the file",
        ),
        (
            TEXT.encode("utf-16-be"),
            "UTF-16",
            "has no byte order mark, so that UTF-16 leaves the byte order open; "
            "set encoding: UTF-16LE or UTF-16BE in the contract",
        ),
        (
            TEXT.encode("utf-16-le"),
            "US-ASCII",
            "looks like UTF-16 (every other byte is NUL), the contract says US-ASCII; "
            "set encoding: UTF-16LE (or UTF-16BE) in the contract or convert the file",
        ),
        (
            b"x",
            "cp500",
            "cp500 does not end lines with the byte LF; "
            "convert the file to UTF-8 and set encoding: UTF-8 in the contract",
        ),
    ],
)
def test_a_disagreement_is_told(head, told, text):
    with pytest.raises(WrongEncodingError) as error:
        resolved_encoding(head, told)
    assert str(error.value) == text
