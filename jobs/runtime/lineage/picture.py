"""The picture of the column lineage: one HTML page that needs no network and holds only names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from conf.settings import Settings
from jobs.runtime.html_page import content_policy, templates, write_page
from jobs.runtime.lineage.drawing import STATES, UNKNOWN, drawing
from jobs.runtime.lineage.model import ColumnName, Edge, PiiColumn, PiiState, layer_of

SCRIPTS = ("picture_ways", "picture_places", "picture_view", "picture_finding", "picture")
"""In their order: each stands on those before it."""
_HERE = files("jobs.runtime.lineage")


def write_picture(
    settings: Settings,
    columns: Sequence[PiiColumn],
    edges: Sequence[Edge],
    unknown: Collection[ColumnName] = (),
    path: Path | None = None,
) -> Path:
    """Write the page to `path`, by default `lineage.html` beside the reports of runs.

    `unknown`: columns, or whole tables (`*`), of which no lineage is recorded that would tell.
    Raises: OSError if it cannot be written.
    """
    html = lineage_page(columns, edges, unknown, settings.namespace)
    return write_page(path or settings.lineage_picture(), html)


def lineage_page(
    columns: Sequence[PiiColumn],
    edges: Sequence[Edge],
    unknown: Collection[ColumnName] = (),
    namespace: str = "default",
) -> str:
    """The page: tables as boxes, edges by column. Names are in it as JSON, which its scripts make text."""
    data = drawing(columns, edges, unknown)
    scripts = [(_HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    told = [column for column in data["columns"] if "state" in column]
    listed = [column for column in told if "technical" not in column]
    counted = _counted(listed, data["tables"])
    total = sum(counted.values(), Counter())
    return (
        templates("lineage")
        .get_template("picture.html.j2")
        .render(
            data=data,
            counted=counted,
            total=total,
            technical=len(told) - len(listed),
            leaks=[column["key"] for column in listed if column["state"] == PiiState.LEAK],
            states={s: told for s, told in STATES.items() if total[s] or s != UNKNOWN},
            namespace=namespace,
            style=Markup((_HERE / "picture.css").read_text(encoding="utf-8")),
            scripts=[Markup(script) for script in scripts],
            policy=content_policy(*scripts),
        )
    )


def _counted(
    columns: Sequence[Mapping[str, Any]], tables: Sequence[Mapping[str, Any]]
) -> dict[str, Counter[str]]:
    """How many columns of each state a layer has; layers from left to right."""
    counted: dict[str, Counter[str]] = {layer_of(table["name"]): Counter() for table in tables}
    for column in columns:
        counted[layer_of(tables[column["table"]]["name"])][column["state"]] += 1
    return counted
