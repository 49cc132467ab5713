"""One way to start a job's command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer


def start(*commands: Callable[..., Any]) -> None:
    """Run a function as a command, or one of several by its name.

    Typer's pretty tracebacks are off: they print local variables, which may be source values.
    """
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    for command in commands:
        app.command()(command)
    app()
