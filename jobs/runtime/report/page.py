"""The report of a run as one HTML page: the template filled in, with plotly.js inside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from jobs.runtime.anonymity import Groups
from jobs.runtime.html_page import content_policy, templates
from jobs.runtime.quality_log import DELIVERED, PUBLISHED, outside
from jobs.runtime.records import Record
from jobs.runtime.redaction import redacted
from jobs.runtime.report import figures, words
from jobs.runtime.report.facts import Facts
from jobs.runtime.report.figures import DIMENSIONS, OUTCOMES, Figure
from transformations.k_anonymity import LEFT_OUT

_HERE = files("jobs.runtime.report")


def page(facts: Facts, namespace: str, lineage: str | None = None) -> str:
    """The page. It asks for nothing from elsewhere, and its policy lets no other script run.

    `lineage`: the name of a page beside it, the picture of the lineage, that it links to.
    """
    plotly = (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    environment = templates("report")
    environment.filters |= {
        "count": words.count,
        "score": words.score,
        "share": words.share,
        "value": words.value,
        "seconds": words.seconds,
        "time": words.time,
        "redacted": redacted,
        "share_below_k": lambda record: words.share(Groups(record).share_below_k),
        "by_size": lambda record: Groups(record).by_size,
    }
    return environment.get_template("page.html.j2").render(
        facts=facts,
        namespace=namespace,
        lineage=lineage,
        charts=_finite(charts_of(facts)),
        dimensions=DIMENSIONS,
        outcomes=OUTCOMES,
        scores=score_rows(facts),
        outside=outside(facts.metrics),
        anonymity=anonymity_rows(facts),
        style=Markup((_HERE / "page.css").read_text(encoding="utf-8")),
        plotly=Markup(plotly),
        script=Markup(script),
        policy=content_policy(plotly, script),
    )


def charts_of(facts: Facts) -> dict[str, dict[str, Figure]]:
    """The charts that there is something for: by kind and by what each is about."""
    scored, earlier = _by_table(facts.scores), _by_table(facts.earlier_scores)
    refined: dict[str, list[Record]] = {}
    for batch in facts.earlier_batches:
        refined.setdefault(batch["table"], []).append(batch)
    return {
        "scores": {table: figures.scores(records) for table, records in scored.items()},
        "flow": {
            table: figures.flow(table, counts, facts.reasons.get(table, {}))
            for table, counts in facts.counts.items()
            if counts.read
        },
        "score_trend": {
            table: figures.score_trend(records)
            for table, records in earlier.items()
            if len({r["measured_at"] for r in records}) > 1
        },
        "row_trend": {
            f"silver.{table}": figures.row_trend(batches)
            for table, batches in sorted(refined.items())
            if len({b["run_id"] for b in batches}) > 1
        },
        "pii": {"": figures.pii(facts.pii_by_entity, facts.tables)} if facts.pii else {},
        "stages": {"": figures.stages(facts.seconds, facts.tables)} if facts.seconds else {},
    }


def score_rows(facts: Facts) -> list[tuple[str, str, Mapping[str, Record]]]:
    """A row for each table and population: its scores by dimension."""
    return [
        (table, population, of)
        for table, records in _by_table(facts.scores).items()
        for population in (DELIVERED, PUBLISHED)
        if (of := {r["dimension"]: r for r in records if r["population"] == population})
    ]


def anonymity_rows(facts: Facts) -> list[tuple[str, Record, list[Record]]]:
    """A row for each table: by all its quasi-identifiers, and without each of them."""
    return [
        (
            one["table"],
            one,
            [r for r in facts.anonymity if r["table"] == one["table"] and r[LEFT_OUT]],
        )
        for one in facts.anonymity
        if one[LEFT_OUT] is None
    ]


def _by_table(records: Sequence[Record]) -> dict[str, list[Record]]:
    """What was measured of each table, such as `silver.orders`; Silver's before Gold's."""
    found: dict[str, list[Record]] = {}
    for one in sorted(records, key=lambda r: (r["layer"] != "silver", r["layer"], r["table"])):
        found.setdefault(f"{one['layer']}.{one['table']}", []).append(one)
    return found


def _finite(part: Any) -> Any:
    """JSON knows no NaN and no infinity: null, which plotly leaves out."""
    if isinstance(part, dict):
        return {name: _finite(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_finite(value) for value in part]
    return None if isinstance(part, float) and not math.isfinite(part) else part
