"""E-mail addresses in running text."""

from __future__ import annotations

from presidio_analyzer import Pattern, PatternRecognizer


class EmailRecognizer(PatternRecognizer):  # type: ignore[misc]
    """Local part, @, and a dotted domain; Danish letters are allowed in both.

    Unlike Presidio's own it asks no list of top-level domains, which would be downloaded.
    """

    PATTERNS = [
        Pattern(
            "e-mail",
            r"(?<![\w.+-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?!\w)",
            0.95,
        )
    ]

    def __init__(self, supported_language: str = "da") -> None:
        super().__init__(
            supported_entity="EMAIL_ADDRESS",
            patterns=self.PATTERNS,
            supported_language=supported_language,
        )
