"""Text encodings of source files: what the first bytes say against what the contract says."""

from __future__ import annotations

import codecs
import re

UTF8 = "utf-8"
_BOMS = (  # the longer first: UTF-32LE begins like UTF-16LE
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, UTF8),
)


class WrongEncodingError(ValueError):
    """The bytes are not in the contract's encoding; the text is our own words."""

    def __init__(self, found: str, todo: str) -> None:
        self.found, self.todo = found, todo
        super().__init__(f"{found}; {todo}")


def canonical(encoding: str) -> str:
    """Python's one name for an encoding; the variants of UTF-8 are one."""
    name = codecs.lookup(encoding).name
    return UTF8 if name == "utf-8-sig" else name


def resolved_encoding(head: bytes, encoding: str) -> str:
    """The contract's encoding with its byte order, from a file's first bytes.

    Raises: WrongEncodingError if a byte order mark or the pattern of NUL bytes says otherwise,
    if the byte order of UTF-16 or UTF-32 is open, or if lines do not end with the byte LF.
    """
    told = canonical(encoding)
    for mark, found in _BOMS:
        if head.startswith(mark):
            if found.startswith(told):
                return found
            name = re.sub(r"-([LB]E)$", r"\1", found.upper())  # as a contract writes it
            raise WrongEncodingError(
                f"begins with the byte order mark of {name}, the contract says {encoding}",
                f"set encoding: {name} in the contract or convert the file",
            )
    if told in ("utf-16", "utf-32") and head:
        raise WrongEncodingError(
            f"has no byte order mark, so that {encoding} leaves the byte order open",
            f"set encoding: {encoding}LE or {encoding}BE in the contract",
        )
    if not is_wide(told) and _looks_wide(head):
        raise WrongEncodingError(
            f"looks like UTF-16 (every other byte is NUL), the contract says {encoding}",
            "set encoding: UTF-16LE (or UTF-16BE) in the contract or convert the file",
        )
    if not is_wide(told) and "\n".encode(told) != b"\n":
        raise WrongEncodingError(
            f"{encoding} does not end lines with the byte LF",
            "convert the file to UTF-8 and set encoding: UTF-8 in the contract",
        )
    return told


def is_wide(encoding: str) -> bool:
    """Whether a character takes two or four bytes."""
    return encoding.startswith(("utf-16", "utf-32"))


def without_bom(text: str) -> str:
    return text.removeprefix("\ufeff")


def _looks_wide(head: bytes) -> bool:
    sample = head[:4096]
    halves = sample[::2], sample[1::2]
    return any(half and half.count(0) > 0.5 * len(half) for half in halves) and (
        sample.count(0) < 0.8 * len(sample)
    )
