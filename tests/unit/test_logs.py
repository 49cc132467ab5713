"""Logs: JSON lines or text, at the level and the place that the settings say."""

from __future__ import annotations

import json
import logging
from datetime import datetime

import pytest
import structlog

from conf.logs import configure_logs
from conf.settings import load_settings


@pytest.fixture(autouse=True)
def _as_it_was():
    level = logging.getLogger("py4j").level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.getLogger("py4j").setLevel(level)


def logged(folder, **settings) -> list[str]:
    path = folder / "logs" / "atlas.log"
    configure_logs(load_settings(log_file=path, **settings), "refine")
    log = structlog.get_logger()
    log.debug("quiet")
    log.info("stage", run_id="r1", text="læs ordrer")
    log.warning("note")
    return path.read_text(encoding="utf-8").splitlines()


def test_json_lines_have_time_level_job_and_run(tmp_path):
    stage, note = (json.loads(line) for line in logged(tmp_path))
    assert datetime.fromisoformat(stage.pop("timestamp")).tzinfo is not None
    assert stage == {
        "event": "stage", "level": "info", "job": "refine", "run_id": "r1", "text": "læs ordrer",
    }  # fmt: skip
    assert (note["event"], note["level"], note["job"]) == ("note", "warning", "refine")


def test_text_and_level_by_setting(tmp_path):
    (line,) = logged(tmp_path, log_format="text", log_level="WARNING")
    assert "note" in line and "job=refine" in line and "\x1b" not in line
    with pytest.raises(json.JSONDecodeError):
        json.loads(line)


def test_standard_error_without_a_file(capsys):
    configure_logs(load_settings(), "ingest")
    structlog.get_logger().error("failed")
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err)["job"] == "ingest"


def test_py4j_whose_texts_are_data_is_silent():
    configure_logs(load_settings(), "ingest")
    assert not logging.getLogger("py4j").isEnabledFor(logging.ERROR)
