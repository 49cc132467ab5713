"""A lease on a folder: a file that the operating system locks for one process.

It is free the moment its process is gone. What stands in the file says who holds it, and whether the
JVM of a process that is gone may still be at work.
"""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import IO, Any

from jobs.runtime.processes import Owner, is_here, is_this_process, running_part


class FolderLease:
    """One lease, as one owner sees it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name
        self._file: IO[str] | None = None

    def take(self, owner: Owner) -> bool:
        """Take it if nobody has it and nothing of who had it last still runs."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        last = self.owner()
        if is_here(last) and not is_this_process(last) and running_part(last):
            file.close()
            return False
        self._file = file
        self.renew(owner)
        return True

    def renew(self, owner: Owner) -> None:
        """Say who holds it; there is nothing to renew, since a lock does not run out."""
        self._write(json.dumps(dict(owner)))

    @property
    def is_held(self) -> bool:
        return self._file is not None

    def owner(self) -> dict[str, Any]:
        """Who holds it, or held it and died; empty if nobody does."""
        try:
            told = json.loads(self._path.read_text() or "{}")
        except (OSError, ValueError):  # just being written
            return {}
        return told if isinstance(told, dict) else {}

    def release(self, *, keep_owner: bool = False) -> None:
        """Unlock it. With `keep_owner` it is not free before the owner's processes are gone."""
        if self._file is not None:
            if not keep_owner:
                self._write("")
            self._file.close()
            self._file = None

    def _write(self, text: str) -> None:
        assert self._file is not None
        self._file.truncate(0)
        self._file.write(text)
        self._file.flush()
