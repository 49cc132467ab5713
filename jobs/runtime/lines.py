"""Physical lines, counted as Hadoop's line reader splits them."""

from __future__ import annotations

from collections.abc import Iterable


class LineCounter:
    """Lines end with LF, CR LF or a lone CR; a final line end starts no new line.

    UTF-16 and UTF-32 lines end with the encoded LF alone, as Spark is told to read them.
    """

    def __init__(self, encoding: str) -> None:
        self._wide = wide_line_end(encoding)

    def count(self, chunks: Iterable[bytes]) -> int:
        return self._count_wide(chunks) if self._wide else self._count_bytes(chunks)

    def _count_bytes(self, chunks: Iterable[bytes]) -> int:
        ends, after_cr, last = 0, False, b""
        for chunk in chunks:
            ends += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n")
            if after_cr and chunk.startswith(b"\n"):
                ends -= 1
            after_cr, last = chunk.endswith(b"\r"), chunk[-1:]
        return ends + (last not in (b"", b"\n", b"\r"))

    def _count_wide(self, chunks: Iterable[bytes]) -> int:
        data = b"".join(chunks)
        ends = data.count(self._wide)
        return ends + (bool(data) and not data.endswith(self._wide))


def wide_line_end(encoding: str) -> bytes:
    """The line end of a two- or four-byte encoding; empty for all others."""
    name = encoding.upper().replace("_", "-")
    if not name.startswith(("UTF-16", "UTF-32")):
        return b""
    return "\n".encode(name if name.endswith(("LE", "BE")) else f"{name}LE")
