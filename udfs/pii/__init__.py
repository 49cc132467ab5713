"""Detection and anonymization of personal data in free text."""

from udfs.pii.config import detector_version
from udfs.pii.findings import FAILURE
from udfs.pii.spark import detect_pii

__all__ = ["FAILURE", "detect_pii", "detector_version"]
