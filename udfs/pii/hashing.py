"""Pseudonyms in free text that join with those of columns."""

from __future__ import annotations

from dataclasses import dataclass

from conf.contract import Form
from conf.secrets import KeySource
from udfs.pii.config import pii_config
from udfs.pseudonyms import pseudonym

FORMS = {"EMAIL_ADDRESS": Form.EMAIL, "PHONE_NUMBER": Form.PHONE, "DK_CPR": Form.CPR}
"""The canonical form of what an entity's spans are; others are text."""


@dataclass(frozen=True)
class Hashing:
    """Where the key lies, and whose pseudonyms they are: the key itself is loaded in the worker."""

    keys: KeySource
    namespace: str = "default"

    def pseudonym(self, domain: str, value: str) -> str:
        """The pseudonym of a span, as `hash` gives a column of this domain.

        Raises: UsageError if the key cannot be read.
        """
        form = next(
            (
                FORMS.get(name, Form.TEXT)
                for name, entity in pii_config().entities.items()
                if entity.domain == domain
            ),
            Form.TEXT,
        )
        return pseudonym(self.keys.load(), f"{self.namespace}/{domain}", value, form)
