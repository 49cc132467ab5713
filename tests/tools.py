"""Tools of other people that tests run: built or installed once, and kept outside the repository."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import unavailable

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "atlas"


def go_binary(name: str, module: str, *flags: str) -> Path:
    """A program built from its Go module if it is missing."""
    binary = CACHE / name
    with only_one(name):
        if binary.exists():
            return binary
        go = shutil.which("go") or shutil.which("go", path=Path(sys.executable).parent)
        if go is None:
            unavailable(f"{name} is built with Go 1.24 or later, and there is no `go` on the PATH")
        built = CACHE / f"build-{name}"
        done = subprocess.run(
            [str(go), "install", *flags, module],
            check=False,
            capture_output=True,
            text=True,
            env=os.environ | {"GOBIN": str(built), "CGO_ENABLED": "0"},
        )
        if done.returncode:
            unavailable(f"{name} could not be built: {done.stderr[-500:]}")
        next(built.iterdir()).replace(binary)  # whole or not at all
    return binary


def python_tool(requirement: str) -> Path:
    """A folder for PYTHONPATH with a package whose dependencies are at odds with Atlas's own."""
    folder = CACHE / requirement.replace("==", "-")
    with only_one(folder.name):
        if folder.exists():
            return folder
        part = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, "--target", str(part), requirement],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            unavailable(f"{requirement} could not be installed: {done.stderr[-500:]}")
        part.replace(folder)
    return folder


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Of several test runs one makes it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
