"""A private folder for what a session keeps on disk while it lives: shuffle, spill, cache."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import psutil


def scratch() -> Path:
    """This process's folder, made if it is missing; removed at its end, or by the next session."""
    root = Path(tempfile.gettempdir())
    for left in root.glob("atlas-*-scratch"):
        pid = left.name.split("-")[1]
        if not (pid.isdigit() and psutil.pid_exists(int(pid))):
            shutil.rmtree(left, ignore_errors=True)
    folder = root / f"atlas-{os.getpid()}-scratch"
    folder.mkdir(mode=0o700, exist_ok=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
