"""docker-compose.yml as it is read without a container engine, and its images' scripts."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"
DOCKER = ROOT / "docker"
_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


def model() -> dict[str, Any]:
    """The file as it stands, its variables not yet put in."""
    told: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return told


def services() -> dict[str, dict[str, Any]]:
    return dict(model()["services"])


def with_defaults(text: str) -> str:
    """A value as compose makes it of a file whose variables nobody has set."""
    return _VARIABLE.sub(r"\2", text).replace("$$", "$")


def variables() -> dict[str, str]:
    """Every variable of the file, with its default."""
    return dict(_VARIABLE.findall(FILE.read_text(encoding="utf-8")))


def dockerfiles() -> list[Path]:
    return sorted(DOCKER.glob("*/Dockerfile"))


def copied(dockerfile: Path) -> Iterator[str]:
    """The sources of its COPY lines that come from the context, not from another stage."""
    text = dockerfile.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--from"):
            yield from words[1:-1]


def scripts() -> list[Path]:
    """Every shell script below docker/: by its first line, or its name."""
    listed = subprocess.run(
        ["git", "ls-files", "docker"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = [ROOT / name for name in listed.stdout.split()]
    return [
        p for p in paths if p.suffix == ".sh" or p.read_bytes().startswith(b"#!/usr/bin/env bash")
    ]
