"""The notebook as it is committed: valid, and without anything that it has shown."""

from __future__ import annotations

import nbformat

from tests.notebooks import NOTEBOOK, cell, notebook


def test_it_is_valid_and_was_not_executed():
    told = notebook()
    nbformat.validate(told)
    code = [c for c in told.cells if c.cell_type == "code"]
    assert len(code) > 10
    shown = [c.id for c in code if c.outputs or c.execution_count is not None]
    assert shown == [], (
        f"clear the outputs of {NOTEBOOK}: jupyter nbconvert --clear-output --inplace"
    )
    assert [c.id for c in code if c.metadata] == []
    for one in code:
        compile(one.source, one.id, "exec")


def test_three_lines_from_import_to_a_dataframe():
    lines = [line for line in cell(notebook(), "open").source.splitlines() if line]
    assert lines[:2] == [
        "from jobs.runtime.exploring import open_lake",
        "lake = open_lake()",
    ]
    assert len(lines) == 3 and lines[2].startswith("lake.sql(")
