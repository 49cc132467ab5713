"""The data files that come with the code, as files: also where the code is sent as a zip."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


@cache
def packaged(name: str) -> Path:
    """A file or folder of `conf`, such as `contracts`; out of a zip it is unpacked once a process."""
    found = files("conf") / name
    if isinstance(found, Path):
        return found
    folder = Path(tempfile.mkdtemp(prefix="atlas-conf-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _unpacked(found, folder)


def _unpacked(found: Traversable, folder: Path) -> Path:
    path = folder / found.name
    if found.is_dir():
        path.mkdir()
        for entry in found.iterdir():
            _unpacked(entry, path)
    else:
        path.write_bytes(found.read_bytes())
    return path
