"""Alerts: who is told when a run did not end well, or its data is not as good as it should be."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from conf.settings import Settings
from jobs.runtime.lake import Lake
from jobs.runtime.quality_log import family, metrics_of, outside
from jobs.runtime.records import Record
from jobs.runtime.redaction import redacted
from jobs.runtime.runs import Status
from jobs.runtime.soda_scan import Outcome
from jobs.runtime.told_errors import classes, describe

QUALITY_WARNING = "quality_warning"
CHECK_FIELDS = ("table", "population", "check", "dimension", "severity", "outcome", "value",
                "threshold", "rows_checked", "rows_failing")  # fmt: skip

log = structlog.get_logger()


@dataclass(frozen=True)
class Alert:
    """What somebody should know of a run: names, counts and our own words, never a value."""

    alert: str  # how it ended (failed, stopped, cancelled, killed), or quality_warning
    run_id: str
    job: str
    status: str
    namespace: str
    started_at: str
    ended_at: str
    message: str
    tables: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    checks: Sequence[Mapping[str, Any]] = ()

    @property
    def text(self) -> str:
        """One line, as chat receivers show it."""
        where = "" if self.namespace == "default" else f" ({self.namespace})"
        return f"Atlas: {self.job}{where} {self.status}: {self.message}"

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, **vars(self), "checks": list(self.checks)}


class AlertChannel(Protocol):
    """A way to tell somebody. Raises: AtlasError in our own words if it could not."""

    def send(self, alert: Alert) -> None: ...


class LogChannel:
    """Alerts as log lines, for whatever collects the log."""

    def send(self, alert: Alert) -> None:
        write = log.warning if alert.alert in (QUALITY_WARNING, Status.CANCELLED) else log.error
        write("alert", **alert.as_dict())


class Alerts:
    """Tells every channel of the records that somebody should know of.

    A channel that fails never fails the run: it is noted once.
    """

    def __init__(
        self,
        channels: Sequence[AlertChannel],
        lake: Lake,
        namespace: str,
        note: Callable[[str], None],
    ) -> None:
        self._channels, self._lake, self._namespace, self._note = channels, lake, namespace, note
        self._failed: set[int] = set()

    def on_record(self, record: Record) -> None:
        """A run ended and its record is written; jobs inside another run are told of with it."""
        if record["parent_run_id"] is not None:
            return
        try:
            alert = self._alert_of(record)
        except Exception as error:
            self._note(f"no alert could be made: {classes(error)}")
            return
        if alert is not None:
            for number, channel in enumerate(self._channels):
                self._send(number, channel, alert)

    def _alert_of(self, record: Record) -> Alert | None:
        run_ids = family(self._lake, record["run_id"])
        checks = outside(metrics_of(self._lake, run_ids))
        kind, message = str(record["status"]), str(record["message"])
        if kind == Status.SUCCEEDED:
            if not checks:
                return None
            kind, message = QUALITY_WARNING, _told(checks)
        return Alert(
            alert=kind,
            run_id=record["run_id"],
            job=record["job"],
            status=str(record["status"]),
            namespace=self._namespace,
            started_at=record["started_at"].isoformat(),
            ended_at=record["ended_at"].isoformat(),
            message=redacted(message),
            tables=json.loads(record["tables"]),
            checks=[_check(c) for c in checks],
        )

    def _send(self, number: int, channel: AlertChannel, alert: Alert) -> None:
        try:
            channel.send(alert)
        except Exception as error:
            if number not in self._failed:
                self._note(describe(error))
            self._failed.add(number)


def alerts_of(settings: Settings, lake: Lake, note: Callable[[str], None]) -> Alerts:
    """The alerts of a run: always to the log, and to the webhook that the settings name."""
    channels: list[AlertChannel] = [LogChannel()]
    if settings.alert_webhook is not None:
        from jobs.runtime.webhook import WebhookChannel

        channels.append(
            WebhookChannel(
                settings.alert_webhook,
                timeout=settings.alert_timeout,
                attempts=settings.alert_attempts,
            )
        )
    return Alerts(channels, lake, settings.namespace, note)


def _told(checks: Sequence[Record]) -> str:
    tables = sorted({str(c["table"]) for c in checks})
    failed = sum(c["outcome"] == Outcome.FAIL for c in checks)
    also = f", {failed} of them an error" if failed else ""
    are = "quality check is" if len(checks) == 1 else "quality checks and scores are"
    return f"{len(checks)} {are} outside the threshold{also}: {', '.join(tables)}"


def _check(metric: Record) -> dict[str, Any]:
    told = {name: metric[name] for name in CHECK_FIELDS}
    value = told["value"]
    if value is not None and not math.isfinite(value):  # JSON knows no such number
        told["value"] = None
    return told
