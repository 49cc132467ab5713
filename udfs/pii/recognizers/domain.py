"""Web addresses and domain names in running text."""

from __future__ import annotations

import re

from presidio_analyzer import Pattern

from udfs.pii.recognizers.labelled import LabelledRecognizer

_SURE = (
    "com|net|org|info|biz|edu|gov|mil|int|io|app|dev|shop|online|xyz|tech|cloud|blog|club|site"
    "|store|eu|dk|uk|fi|nl|fr|pl|cz|hu|pt|gr|ie|lt|lv|ee|sk|si|hr|ro|bg|ua|ru|cn|jp|kr|au|nz|ca"
    "|br|mx|ar|za|il|tr|ch|gl|fo|lu|li"
)
_WORDS = "de|se|no|it|is|es|at|be|to|me|my|us|in|so|tv|nu|ai|co|ly|gg"
"""Top-level domains that are words, too: "bestilt.de vil gerne" has no domain."""

# The last label holds a letter ("0.5.dk" does not) and two characters or more.
_NAME = r"(?:[\w-]{1,63}\.){0,4}(?=[\d-]{0,61}[^\W\d_])[^\W_][\w-]{1,62}\."
_START = r"(?<![\w@.+%'/-])"
_END = r"(?![\w@-]|\.\w)"
_PATH = r"(?:[/?#:][^\s<>\"]{0,500}(?<![.,;:!?)\]}']))?"


class DomainRecognizer(LabelledRecognizer):
    """Addresses with http:// or www., and bare names under a known top-level domain."""

    ENTITY = "DOMAIN_NAME"
    GATE = re.compile(rf"://|www\.|\w\.(?:{_SURE}|{_WORDS})(?![\w@-])", re.IGNORECASE)
    PATTERNS = [
        Pattern(
            "with scheme",
            r"(?i)(?<!\w)(?:https?|ftps?|sftp)://[^\s<>\"]{1,500}(?<![.,;:!?)\]}'])",
            0.9,
        ),
        Pattern(
            "bare",
            rf"(?i){_START}(?:www\.(?:[\w-]{{1,63}}\.){{1,5}}[^\W\d_]{{2,24}}"
            rf"|{_NAME}(?:{_SURE}|(?:{_WORDS})(?=/\w))){_END}{_PATH}",
            0.5,
        ),
        Pattern("bare under a word", rf"(?i){_START}{_NAME}(?:{_WORDS}){_END}", 0.1),
    ]
    CONTEXT = (
        *("hjemmeside", "hjemmesiden", "website", "websitet", "webside", "websiden", "websted"),
        *("domæne", "domænet", "domænenavn", "link", "linket", "url", "webshop", "webshoppen"),
        *("domain", "domain name", "web site", "homepage", "site", "web", "visit", "host"),
        *("netbutik", "netbutikken", "blog", "bloggen"),
    )
    GAP = re.compile(r"[^\d]{0,20}")
