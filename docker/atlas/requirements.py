"""Prints the project's dependencies, and those of an extra: what an image needs besides the code."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

if __name__ == "__main__":
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [r for name in sys.argv[1:] for r in project["optional-dependencies"][name]]
    sys.stdout.write("\n".join([*project["dependencies"], *extras, ""]))
