"""Detection and anonymization of personal data in free text."""

from udfs.pii.config import detector_version
from udfs.pii.spark import detect_pii

__all__ = ["detect_pii", "detector_version"]
