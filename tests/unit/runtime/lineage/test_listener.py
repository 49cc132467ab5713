"""When Spark's lineage listener is used, when it is silent, and what is said where it is missing."""

from __future__ import annotations

import pytest
from pyspark import SparkConf
from structlog.testing import capture_logs

from conf.errors import UsageError
from jobs.runtime.jars import resolved_jars
from jobs.runtime.lineage import listener
from jobs.runtime.lineage.listener import LISTENER_CLASS, LISTENERS, STATIC, use_listener

WANTED = {"spark.openlineage.appName": "atlas.ingest", **STATIC}


def used(told: dict[str, str], wanted: dict[str, str] | None) -> tuple[dict[str, str], list[str]]:
    """The settings after it, and what was said."""
    conf = SparkConf(loadDefaults=False)
    conf.setAll(list(told.items()))
    with capture_logs() as logs:
        use_listener(conf, wanted, launched_here=True)
    return dict(conf.getAll()), [line["text"] for line in logs]


def test_it_is_set_and_an_operators_settings_stay():
    ours = {"spark.openlineage.appName": "mine", "spark.openlineage.circuitBreaker.type": "jvm"}
    assert used({}, WANTED) == (WANTED, [])
    assert used(ours, WANTED) == (WANTED | ours, [])


def test_who_only_reads_tells_nothing_even_by_the_production_file():
    off = {"spark.openlineage.disabled": "true"}
    assert used({LISTENERS: LISTENER_CLASS}, None) == ({LISTENERS: LISTENER_CLASS, **off}, [])


def test_another_listener_in_its_place_is_told_of():
    conf, said = used({LISTENERS: "com.example.Mine"}, WANTED)
    assert conf[LISTENERS] == "com.example.Mine"
    assert said == [
        "without Spark's listener ops/data_lineage has our own events only; spark.extraListeners "
        f"leaves it out: add {LISTENER_CLASS} to it"
    ]
    both = f"com.example.Mine,{LISTENER_CLASS}"
    assert used({LISTENERS: both}, WANTED)[1] == []


@pytest.fixture
def without_jar(monkeypatch):
    others = [jar for jar in resolved_jars() if "openlineage" not in jar.name]
    monkeypatch.setattr(listener, "resolved_jars", lambda: others)


@pytest.mark.usefixtures("without_jar")
def test_without_its_jar_nothing_is_set_and_once_it_is_said_why():
    conf, said = used({}, WANTED)
    assert conf == {}
    assert [text.rpartition(": ")[2] for text in said] == ["`make setup`"]
    assert used({}, None) == ({}, [])


@pytest.mark.usefixtures("without_jar")
@pytest.mark.parametrize("wanted", [WANTED, None])
def test_named_without_its_jar_it_is_refused(wanted):
    with pytest.raises(
        UsageError, match=r"^spark.extraListeners names OpenLineage's listener, which"
    ):
        used({LISTENERS: LISTENER_CLASS}, wanted)
