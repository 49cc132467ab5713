"""HTML pages that are one file: they ask for nothing, and run only the scripts they came with."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates(folder: str) -> Environment:
    """The templates of a folder of `jobs.runtime`; whatever is filled in is escaped."""
    return Environment(
        loader=PackageLoader("jobs.runtime", folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def content_policy(*scripts: str) -> str:
    """A content security policy: these scripts, no connection, nothing from elsewhere."""
    hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{told}'" for told in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def write_page(path: Path, html: str) -> Path:
    """Write a page whole or not at all; its folder is made. Raises: OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(html, encoding="utf-8")
    return part.replace(path)
