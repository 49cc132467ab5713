"""Writes the report of every run that ended, whatever its outcome."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conf.settings import Settings
from jobs.runtime.lake import Lake
from jobs.runtime.records import Record
from jobs.runtime.told_errors import classes


class Reports:
    """Told of a run's record as soon as it is written; a report that cannot be is only noted."""

    def __init__(self, settings: Settings, lake: Lake, note: Callable[[str], None]) -> None:
        self._settings, self._lake, self._note = settings, lake, note
        self.written: dict[str, Path] = {}  # run id: the page

    def on_record(self, record: Record) -> None:
        """A run ended; jobs inside another run are told of in its report."""
        if record["parent_run_id"] is not None:
            return
        try:
            self.written[record["run_id"]] = write_report(self._settings, self._lake, record)
        except OSError as error:
            path = self._settings.report(record["run_id"])
            self._note(f"no report could be written to {path}: {error.strerror or classes(error)}")
        except Exception as error:
            self._note(f"no report could be made: {classes(error)}")


def write_report(settings: Settings, lake: Lake, record: Record) -> Path:
    """Make the page of a run from what `ops` tells of it; whole or not at all.

    Raises: OSError if it cannot be written.
    """
    from jobs.runtime.html_page import write_page
    from jobs.runtime.report.facts import facts_of
    from jobs.runtime.report.page import page

    picture = settings.lineage_picture()
    lineage = picture.name if picture.is_file() else None
    html = page(facts_of(lake, record), settings.namespace, lineage)
    return write_page(settings.report(record["run_id"]), html)
