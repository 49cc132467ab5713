"""Detection and anonymization of personal data in free text."""

from udfs.pii.config import detector_version
from udfs.pii.findings import FAILURE
from udfs.pii.hashing import Hashing
from udfs.pii.spark import detect_pii
from udfs.pii.verdicts import NO_VERDICTS, Verdicts

__all__ = ["FAILURE", "NO_VERDICTS", "Hashing", "Verdicts", "detect_pii", "detector_version"]
