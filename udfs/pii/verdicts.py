"""What reviewers said of spans the detector was unsure about, as keyed fingerprints.

The lists go to the workers with the function, the key does not: it is loaded there, as for
pseudonyms. A verdict is of a text, wherever it stands.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from conf.secrets import KeySource
from udfs.pii.folding import folded
from udfs.pseudonyms import pseudonym

DOMAIN = "pii_review"


class Verdict(StrEnum):
    """What a reviewer says of a span."""

    PERSONAL = "personal"
    NOT_PERSONAL = "not_personal"


@dataclass(frozen=True)
class Verdicts:
    """`not_personal` is the allow list, `personal` the deny list: fingerprints of texts."""

    not_personal: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    keys: KeySource | None = None

    def of(self, text: str) -> Verdict | None:
        """What was said of this text. Raises: UsageError if there is no key to ask with."""
        if self.keys is None or not (self.not_personal or self.personal):
            return None
        told = fingerprint(self.keys.load(), text)
        if told in self.personal:
            return Verdict.PERSONAL
        return Verdict.NOT_PERSONAL if told in self.not_personal else None

    def version(self, detector: str) -> str:
        """The detector's version with these verdicts: without any its own."""
        if not (self.not_personal or self.personal):
            return detector
        lists = (",".join(sorted(told)) for told in (self.not_personal, self.personal))
        return hashlib.sha256("\n".join([detector, *lists]).encode()).hexdigest()[:12]


NO_VERDICTS = Verdicts()


def fingerprint(key: bytes, text: str) -> str:
    """64 hex digits: the pseudonym, in a domain of its own, of the text as the detector reads it
    (NFC, look-alikes folded), lower-cased."""
    seen = folded(unicodedata.normalize("NFC", text)).text
    return pseudonym(key, DOMAIN, seen.lower())
