"""Logs: structlog, JSON lines with run_id and job, on standard error or in a file."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog

from conf.settings import Settings


def configure_logs(settings: Settings, job: str) -> None:
    """Send every log line where the settings say, with the job; a run adds its id.

    Exceptions of libraries are logged by type alone: their text may hold a source value.
    """
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level.lower()),
        logger_factory=structlog.WriteLoggerFactory(_stream(settings)),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(job=job)
    # Py4J logs whole Java exceptions, and an exception's text is data.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)


def _stream(settings: Settings) -> TextIO:
    if settings.log_file is None:
        return sys.stderr
    settings.log_file.parent.mkdir(parents=True, exist_ok=True)
    return settings.log_file.open("a", encoding="utf-8", buffering=1)
