"""What a person sees: progress while it works, and at the end where the rows went."""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType

from rich.console import Console as RichConsole
from rich.status import Status as Spinner
from rich.table import Table

from jobs.runtime.runs import Run, Status

WIDTH = 110  # where no terminal says how wide it is
COLUMNS = ("read", "inserted", "updated", "unchanged", "stale", "duplicates", "quarantined", "held")


class Console:
    """A spinner at a terminal, plain lines elsewhere; all on standard error but the summary."""

    def __init__(self, quiet: bool = False) -> None:
        self._out = RichConsole(highlight=False, soft_wrap=True)
        if not self._out.is_terminal:
            self._out.width = WIDTH
        self._err = RichConsole(stderr=True, highlight=False, soft_wrap=True)
        self._quiet = quiet
        self._spinner: Spinner | None = None
        self._started = time.monotonic()

    def __enter__(self) -> Console:
        if self._err.is_terminal and not self._quiet:
            self._spinner = self._err.status("starting")
            self._spinner.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._spinner:
            self._spinner.stop()

    def on_event(self, kind: str, run: Run, text: str) -> None:
        """A stage began, or something should be known at once."""
        if kind == "problem":
            self.error(text)
        elif kind == "note":
            self._err.print(f"note: {text}", markup=False)
        elif self._spinner:
            self._spinner.update(f"{text} …")
        elif not self._quiet:
            self._err.print(f"{time.monotonic() - self._started:6.1f} s  {text}", markup=False)

    def error(self, text: str) -> None:
        self._err.print(f"error: {text}", markup=False, style="red")

    def summary(self, run: Run, report: Path | None = None) -> None:
        """Rows in and where each went, PII by type, seconds by stage, what to look at next."""
        if self._quiet:
            return
        if run.status is Status.SUCCEEDED and not any(c.read for c in run.tables.values()):
            self._out.print("Nothing new: every source file was here before, nothing was changed.")
        else:
            self._out.print(_rows(run))
            if run.pii:
                self._out.print(_pii(run))
            self._out.print(_seconds(run))
        if report:
            self._out.print(f"Report: {report}", markup=False)
        self._where(run)

    def _where(self, run: Run) -> None:
        if run.status is not Status.SUCCEEDED:
            self._out.print(f"[bold]{run.status}[/bold]: ", end="")
            self._out.print(run.message, markup=False)
            return
        settings = run.settings
        self._out.print("Tables (Delta):")
        for layer in ("bronze", "silver", "gold", "ops"):
            self._out.print(f"  {layer:7}{settings.layer(layer)}", markup=False)
        if not settings.is_local:
            return
        self._out.print("Next: look at Gold without Spark:")
        gold = f"{settings.layer('gold')}/customer_360"
        self._out.print(
            '  .venv/bin/python -c "from deltalake import DeltaTable, QueryBuilder as Q; '
            f"print(Q().register('t', DeltaTable(r'{gold}')).execute("
            "'select segment, count(*) n from t group by segment').read_all())\"",
            markup=False,
        )


def _rows(run: Run) -> Table:
    """Where rows went; an outcome that no row had is left out."""
    told = {c: [getattr(counts, c) for counts in run.tables.values()] for c in COLUMNS}
    shown = [c for c in COLUMNS if c == "read" or any(told[c])]
    table = _numbers("Rows: in, and where each went", "table", *shown)
    for name, counts in sorted(run.tables.items()):
        table.add_row(name, *(f"{getattr(counts, c):,}" for c in shown))
    return table


def _pii(run: Run) -> Table:
    table = _numbers("Personal data found and treated", "entity", "values")
    for entity, count in run.pii.most_common():
        table.add_row(entity, f"{count:,}")
    return table


def _seconds(run: Run) -> Table:
    """Seconds by stage and, where a stage works on one table, by table."""
    tables = [t for t in sorted(run.contracts.sources) if any(_of(t, s) for s in run.seconds)]
    rows: dict[str, dict[str, float]] = {}
    for stage, seconds in run.seconds.items():
        of = next((t for t in tables if _of(t, stage)), "")
        rows.setdefault(stage.removesuffix(f" {of}") if of else stage, {})[of] = seconds
    table = _numbers("Seconds", "stage", *tables, "all")
    for stage, by in rows.items():
        told = (f"{by[t]:.1f}" if t in by else "" for t in tables)
        table.add_row(stage, *told, f"{sum(by.values()):.1f}")
    table.add_row("all", *("" for _ in tables), f"{sum(run.seconds.values()):.1f}")
    return table


def _of(table: str, stage: str) -> bool:
    return stage.endswith(f" {table}")


def _numbers(title: str, first: str, *columns: str) -> Table:
    table = Table(first, *columns, title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    return table
