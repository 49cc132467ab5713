"""Physical lines, counted as Hadoop's line reader splits them, without Spark."""

from __future__ import annotations

import codecs

from jobs.runtime.encodings import is_wide


class LineCounter:
    """Counts the lines of chunks of bytes.

    Lines end with LF, CR LF or a lone CR, in UTF-16 and UTF-32 with LF alone (as Spark is told to
    read them). A final line end starts no new line, and a byte order mark is no line.
    """

    def __init__(self, encoding: str) -> None:
        wide = is_wide(encoding)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace") if wide else None
        self._ends = 0
        self._after_cr = False
        self._is_open = False
        self._at_start = True

    def feed(self, chunk: bytes) -> None:
        if self._at_start:
            self._at_start = False
            chunk = chunk.removeprefix(b"" if self._decoder else codecs.BOM_UTF8)
        if self._decoder:
            self._feed_text(self._decoder.decode(chunk))
        elif chunk:
            self._feed_bytes(chunk)

    @property
    def lines(self) -> int:
        rest = self._decoder.decode(b"", final=True) if self._decoder else ""
        return self._ends + (self._is_open or bool(rest))

    def _feed_bytes(self, chunk: bytes) -> None:
        self._ends += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n")
        if self._after_cr and chunk.startswith(b"\n"):
            self._ends -= 1
        self._after_cr = chunk.endswith(b"\r")
        self._is_open = not chunk.endswith((b"\n", b"\r"))

    def _feed_text(self, text: str) -> None:
        self._ends += text.count("\n")
        if text:
            self._is_open = not text.endswith("\n")
