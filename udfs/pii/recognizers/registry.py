"""The recognizers of the detector, in the order in which they are asked."""

from __future__ import annotations

from udfs.pii.recognizers.dk_address import DkAddressRecognizer
from udfs.pii.recognizers.dk_postal_code import DkPostalCodeRecognizer
from udfs.pii.recognizers.dk_town import DkTownRecognizer
from udfs.pii.recognizers.en_address import EnAddressRecognizer
from udfs.pii.recognizers.spans import SpanRecognizer

RECOGNIZERS: tuple[type[SpanRecognizer], ...] = (
    DkAddressRecognizer,
    DkPostalCodeRecognizer,
    DkTownRecognizer,
    EnAddressRecognizer,
)
"""Classes with a `GATE`: a text without a match of it never meets the recognizer."""
