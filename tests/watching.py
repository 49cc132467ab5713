"""Keep every file a run makes on the way, also the ones it removes again."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import psutil

POLL_SECONDS = 0.03  # scratch lives for seconds; each look walks all folders


class Watcher:
    """Hard-links every file that appears below a folder while it is entered.

    A link is the file itself: what is written to it later is kept, and so is what its maker
    removes. A file that is moved is the same file; one replaced under its name is another.
    """

    def __init__(self, root: Path, kept: Path, *, outside: Iterable[Path] = ()) -> None:
        self.root, self.kept = root, kept
        self._outside = {str(folder) for folder in outside}
        self._seen: set[int] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def __enter__(self) -> Watcher:
        self.kept.mkdir(parents=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()
        self._keep_new()

    def files(self, below: Path) -> list[Path]:
        """What was kept of one folder."""
        folder = self.kept / below.relative_to(self.root)
        return [p for p in folder.rglob("*") if p.is_file()]

    def _watch(self) -> None:
        while not self._stopped.is_set():
            self._keep_new()
            time.sleep(POLL_SECONDS)

    def _keep_new(self) -> None:
        for entry in self._entries(str(self.root)):
            try:
                inode = entry.inode()
                if inode not in self._seen:
                    self._keep(entry.path, inode)
                    self._seen.add(inode)
            except FileNotFoundError:
                continue

    def _keep(self, path: str, inode: int) -> None:
        # The number keeps apart what bore one name after the other.
        target = self.kept / f"{os.path.relpath(path, self.root)}~{inode}"
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target, follow_symlinks=False)

    def _entries(self, folder: str) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                found = list(entries)
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                if entry.path not in self._outside:
                    yield from self._entries(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry


@contextmanager
def command_lines() -> Iterator[set[str]]:
    """Those of every process that lives meanwhile."""
    seen: set[str] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.2):
            for process in psutil.process_iter(["cmdline"]):
                seen.add("\0".join(process.info["cmdline"] or ()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()
