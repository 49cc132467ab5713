"""E-mail addresses in running text."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.pii.recognizers.context import ContextRecognizer

_AT = r" ?(?:\((?:at|@|a|snabel-?a)\)|\[(?:at|@|a|snabel-?a)\]|\{(?:at|@)\}) ?"
_DOT = r"(?:\.| ?(?:\((?:dot|punktum|prik)\)|\[(?:dot|punktum|prik)\]|\{dot\}) ?)"
_TLD = r"(?:xn--[a-z0-9-]{2,40}|[^\W\d_]{2,24})"


class EmailRecognizer(ContextRecognizer):
    """Local part, @, and a dotted domain; Danish letters are allowed in both.

    Also as written to hide it from machines: "navn (at) firma (dot) dk". Unlike Presidio's own it
    asks no list of top-level domains, which would be downloaded.
    """

    GATE = re.compile(r"@|[(\[{](?:at|a|snabel-?a)[)\]}]", re.IGNORECASE)
    PATTERNS = [
        Pattern(
            "e-mail",
            rf"(?i)(?<![\w.+-])[\w.+%'-]{{1,64}}@(?:[\w-]{{1,63}}\.){{1,8}}{_TLD}(?!\w)",
            0.95,
        ),
        Pattern(
            "hidden e-mail",
            rf"(?i)(?<![\w.+-])[\w.+%'-]{{1,64}}{_AT}(?:[\w-]{{1,63}}{_DOT}){{1,4}}{_TLD}(?!\w)",
            0.85,
        ),
    ]

    def __init__(self, supported_language: str = "da") -> None:
        super().__init__(
            supported_entity="EMAIL_ADDRESS",
            patterns=self.PATTERNS,
            supported_language=supported_language,
        )
