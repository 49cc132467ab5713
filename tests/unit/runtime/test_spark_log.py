"""Spark's own log under spark-submit, and the settings whose errors would hold values."""

from __future__ import annotations

import pytest

from conf.errors import UsageError
from jobs.runtime.session import ENFORCED, SAFE, _loggers_that_print_values, verify_safe


def test_the_loggers_of_failed_tasks_are_among_those_switched_off():
    names = _loggers_that_print_values()
    assert "org.apache.spark.scheduler.TaskSetManager" in names
    assert "org.apache.spark.executor.Executor" in names
    assert "org.apache.spark.sql.delta" not in names, "errors of Delta are told"


@pytest.mark.parametrize("name", ENFORCED)
def test_nobody_may_switch_a_safety_off(name):
    verify_safe({name: SAFE[name].upper()})
    with pytest.raises(UsageError, match=f"{name}=other: must be {SAFE[name]}"):
        verify_safe({name: "other"})
