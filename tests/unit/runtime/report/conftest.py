"""The records of a lake that every test here only reads."""

from __future__ import annotations

import pytest

from jobs.runtime.lake import Lake
from jobs.runtime.report.facts import Facts, facts_of, record_of
from tests.run_records import three_runs


@pytest.fixture(scope="session")
def recorded(tmp_path_factory) -> Lake:
    return three_runs(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="session")
def last_run(recorded) -> Facts:
    record = record_of(recorded, "three")
    assert record is not None
    return facts_of(recorded, record)
