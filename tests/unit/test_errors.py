"""Errors: kind, exit code and text."""

from __future__ import annotations

import pytest

from conf import errors
from conf.errors import AtlasError, SourceError, listed


@pytest.mark.parametrize(
    ("kind", "parent", "exit_code"),
    [
        ("TransientError", errors.AtlasError, 1),
        ("TerminalError", errors.AtlasError, 1),
        ("UsageError", errors.TerminalError, 2),
        ("SourceError", errors.TerminalError, 1),
        ("AccountingError", errors.TerminalError, 1),
        ("DataQualityError", errors.AtlasError, 3),
    ],
)
def test_kinds_and_exit_codes(kind, parent, exit_code):
    error = getattr(errors, kind)
    assert error.__base__ is parent and issubclass(error, AtlasError)
    assert error.exit_code == exit_code


def test_a_source_error_names_table_file_finding_and_remedy():
    error = SourceError("orders", "orders.csv", "is empty", "send it again")
    assert str(error) == "orders: orders.csv: is empty; send it again"
    assert (error.table, error.file, error.found, error.todo) == (
        "orders",
        "orders.csv",
        "is empty",
        "send it again",
    )


@pytest.mark.parametrize(
    ("names", "text"),
    [([], "nothing"), (["a"], "a"), (["a", "b"], "a and b"), (iter("abc"), "a, b and c")],
)
def test_listed(names, text):
    assert listed(names) == text
