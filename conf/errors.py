"""The errors of Atlas: whether to retry, and which exit code, are questions of type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class AtlasError(Exception):
    """Root of all errors Atlas raises on purpose.

    The message is written by us and never holds a source value: it names the table, column,
    file or setting, what was found, what is allowed and what to do.
    """

    exit_code: ClassVar[int] = 1


class TransientError(AtlasError):
    """Trying again later may help: a lease is held, a server does not answer."""


class UnansweredError(TransientError):
    """A server could not be reached, or the connection broke before its answer came."""


class LostLeaseError(TransientError):
    """This run may not write any more; another run goes on where it was left."""


class TerminalError(AtlasError):
    """Trying again with the same input gives the same error."""


class UsageError(TerminalError):
    """Wrong arguments, settings or contract: nothing was started."""

    exit_code = 2


class SourceError(TerminalError):
    """One source cannot be taken in; the other sources go on."""

    def __init__(self, table: str, file: str, found: str, todo: str) -> None:
        self.table, self.file, self.found, self.todo = table, file, found, todo
        super().__init__(f"{table}: {file}: {found}; {todo}")


class DataQualityError(AtlasError):
    """A gate stopped a table before anything of it was published."""

    exit_code = 3


class AccountingError(TerminalError):
    """Rows recounted from the tables do not add up: a defect, never a matter of input."""


def listed(names: Iterable[str]) -> str:
    """Names for an error text, in order: `a, b and c`."""
    *head, last = list(names) or ["nothing"]
    return f"{', '.join(head)} and {last}" if head else last
