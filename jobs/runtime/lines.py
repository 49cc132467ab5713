"""Physical lines, counted as Hadoop's line reader splits them, without Spark."""

from __future__ import annotations

import codecs

from jobs.runtime.encodings import WrongEncodingError, is_wide


class LineCounter:
    """Counts the lines of chunks of bytes.

    Lines end with LF, CR LF or a lone CR, in UTF-16 and UTF-32 with LF alone (as Spark is told to
    read them). A final line end starts no new line, and a byte order mark is no line.
    """

    def __init__(self, encoding: str) -> None:
        wide = is_wide(encoding)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace") if wide else None
        self._end = "\n".encode(encoding) if wide else b"\n"
        self._last = b""
        self._cuts = 0
        self._ends = 0
        self._after_cr = False
        self._is_open = False  # after the last line end
        self._at_start = True

    def feed(self, chunk: bytes) -> None:
        if self._at_start:
            self._at_start = False
            chunk = chunk.removeprefix(b"" if self._decoder else codecs.BOM_UTF8)
        if self._decoder:
            self._feed_text(self._decoder.decode(chunk))
            self._count_cuts(chunk)
        elif chunk:
            self._feed_bytes(chunk)

    @property
    def lines(self) -> int:
        is_half = self._decoder is not None and bool(self._decoder.getstate()[0])
        return self._ends + (self._is_open or is_half)

    def check(self, encoding: str) -> None:
        """Raises: WrongEncodingError if the bytes of LF also stand across two characters (U+0A05
        before U+0100 in UTF-16LE): Hadoop, which compares bytes, would end a line there."""
        if self._cuts > self._ends:
            raise WrongEncodingError(
                f"holds two characters of {encoding} that together look like a line end to Hadoop",
                "convert the file to UTF-8 and set encoding: UTF-8",
            )

    def _count_cuts(self, chunk: bytes) -> None:
        window = self._last + chunk
        self._cuts += window.count(self._end)
        self._last = window[-(len(self._end) - 1) :]

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
