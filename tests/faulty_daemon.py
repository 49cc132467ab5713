"""A Python daemon for Spark's workers (`spark.python.daemon.module`) whose plain functions fail.

Each fails on the values that hold one marker, and its error text holds the value, as that of a
library would. What the markers are stands in the file that LEAK_TEST_MARKERS names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

MARKERS = "LEAK_TEST_MARKERS"


def failing(function: Callable[..., Any], marker: str) -> Callable[..., Any]:
    """The function, but it raises with the value in its text where the value holds the marker."""

    def fails(*arguments: Any, **named: Any) -> Any:
        if any(marker in str(argument) for argument in arguments):
            raise ValueError(f"cannot work on {arguments}")
        return function(*arguments, **named)

    return fails


def break_functions(markers: dict[str, str]) -> None:
    """Patch what the UDFs call, in this process and in those forked from it."""
    from udfs import json_lines, phones, pseudonyms, text
    from udfs.pii.detector import Detector

    text.standard = failing(text.standard, markers["standard"])
    phones.to_e164 = failing(phones.to_e164, markers["phone"])
    pseudonyms.canonical = failing(pseudonyms.canonical, markers["pseudonym"])
    json_lines.json.loads = failing(json_lines.json.loads, markers["json"])
    Detector._decisions = failing(Detector._decisions, markers["detect"])  # type: ignore[method-assign]


if __name__ == "__main__":
    from pyspark.daemon import manager

    break_functions(json.loads(Path(os.environ[MARKERS]).read_text()))
    manager()
