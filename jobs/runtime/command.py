"""One way to start a job's command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from conf.errors import AtlasError


def start(*commands: Callable[..., Any]) -> None:
    """Run a function as a command, or one of several by its name.

    Typer's pretty tracebacks are off: they print local variables, which may be source values.
    """
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    for command in commands:
        app.command()(command)
    app()


@contextmanager
def told_errors() -> Iterator[None]:
    """End the process with the exit code of an error of ours, told in one line."""
    try:
        yield
    except AtlasError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
