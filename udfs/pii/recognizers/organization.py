"""Companies by their legal form."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.pii.recognizers.context import ContextRecognizer

_FORMS = r"A/S|ApS|I/S|K/S|P/S|IVS|A\.?m\.?b\.?a\.?|AB|AS|Oy|GmbH|AG|B\.?V\.?|Ltd\.?|LLC|LLP|PLC|Inc\.?|Corp\.?"


class OrganizationRecognizer(ContextRecognizer):
    """Capitalized words, `&` and `og`/`and` between them, with a legal form behind (`A/S`, `ApS`,
    `Ltd`). A company is no person, but its name is often its owner's."""

    GATE = re.compile(rf"(?<![^\W\d_])(?:{_FORMS})(?!\w)")
    PATTERNS = [
        Pattern(
            "company",
            r"(?<![\w&])[^\W\d_a-zæøåäöü][\w.'’-]{0,30}(?: (?:(?:&|og|and|of|af) )?"
            rf"[^\W\d_a-zæøåäöü][\w.'’-]{{0,30}}){{0,4}},? (?:{_FORMS})(?!\w)",
            0.9,
        )
    ]

    def __init__(self, supported_language: str = "da") -> None:
        super().__init__(
            supported_entity="ORGANIZATION",
            patterns=self.PATTERNS,
            supported_language=supported_language,
            global_regex_flags=re.MULTILINE,
        )
