"""Social security numbers of the United States; the example is one that was never issued."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check
from udfs.pii.recognizers.us_ssn import UsSsnRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return UsSsnRecognizer()


@pytest.mark.parametrize(
    "text",
    [
        "SSN «219-09-9999»",
        "«219-09-9999».",
        "social security number is «219 09 9999»",
        "ssn: «219099999»",
        "His SSN («219-09-9999») was leaked",
    ],
)
def test_numbers(recognizer, text):
    check(recognizer, text)


@pytest.mark.parametrize(
    "text",
    [
        "000-12-3456",
        "666-12-3456",
        "900-12-3456",
        "219-00-9999",
        "219-09-0000",
        "219 09 9999",
        "219099999",
        "item 219-09-9999",
        "219-09-99999",
        "1219-09-9999",
        "20-10-2024",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)
