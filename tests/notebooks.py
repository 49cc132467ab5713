"""The notebook, executed as a person would: top to bottom, in a kernel of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "docker" / "jupyter" / "explore.ipynb"


def notebook() -> NotebookNode:
    """As it is committed."""
    return nbformat.read(NOTEBOOK, as_version=4)


def executed(told: NotebookNode, cwd: Path, env: Mapping[str, str]) -> NotebookNode:
    """Execute all cells, the first error ends it; the kernel gets nothing but `env`."""
    cwd.mkdir(exist_ok=True)
    client = NotebookClient(told, timeout=300, resources={"metadata": {"path": str(cwd)}})
    client.execute(env={"PYTHONPATH": str(ROOT), **env})
    return told


def cell(told: NotebookNode, name: str) -> NotebookNode:
    return next(c for c in told.cells if c.id == name)


def html(told: NotebookNode, name: str) -> str:
    """What a cell shows as HTML."""
    outputs = cell(told, name).outputs
    return "\n".join(o.data["text/html"] for o in outputs if "text/html" in o.get("data", {}))


def printed(told: NotebookNode, name: str) -> str:
    return "".join(o.text for o in cell(told, name).outputs if o.output_type == "stream")


def table(told: NotebookNode, name: str) -> list[list[str]]:
    """The rows of the table that a cell shows, its header left out."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html(told, name), re.DOTALL)
    cells = (re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows)
    return [[unescape(text).strip() for text in row] for row in cells if row]
