"""The recognizers the detector uses. A new one is a class in this package and a line here."""

from __future__ import annotations

from udfs.pii.recognizers.context import ContextRecognizer
from udfs.pii.recognizers.organization import OrganizationRecognizer

RECOGNIZERS: tuple[type[ContextRecognizer], ...] = (OrganizationRecognizer,)
