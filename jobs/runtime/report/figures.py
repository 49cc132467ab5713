"""The report's charts, as the plain dictionaries that plotly.js draws.

A colour is the name of a CSS variable, such as `--held`: the page puts in what the theme gives it.
Names are escaped, since plotly takes the text of a label for HTML.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import cycle
from typing import Any

from conf.contract import Dimension
from jobs.runtime.counts import TableCounts
from jobs.runtime.quality_log import DELIVERED, PUBLISHED
from jobs.runtime.quality_scores import OVERALL
from jobs.runtime.records import Record
from jobs.runtime.report import words
from jobs.runtime.soda_scan import Outcome

Figure = dict[str, Any]

DIMENSIONS = (*map(str, Dimension), OVERALL)
OUTCOMES = ("inserted", "updated", "unchanged", "stale", "duplicates", "quarantined", "held")
_WHERE = {"inserted": "Silver, inserted", "updated": "Silver, updated"}
_TICKS = 6  # of a trend
_TABLE_COLOURS = tuple(f"--table-{n}" for n in range(1, 9))


def flow(table: str, counts: TableCounts, reasons: Mapping[str, int]) -> Figure:
    """Where the rows of a table went, from what was read to each outcome."""
    nodes: list[tuple[str, str]] = [(f"{table}: {words.count(counts.read)} read", "--source")]
    links: list[tuple[int, int, int, str]] = []

    def add(origin: int, label: str, rows: int, colour: str) -> int:
        nodes.append((f"{label}: {words.count(rows)}", colour))
        links.append((origin, len(nodes) - 1, rows, colour))
        return len(nodes) - 1

    for name, rows in counts.as_dict().items():
        if rows and name != "read":
            node = add(0, _WHERE.get(name, name), rows, f"--{name}")
            for reason, of_it in reasons.items() if name == "quarantined" else ():
                add(node, reason, of_it, "--quarantined")
    sankey = {
        "type": "sankey",
        "arrangement": "snap",
        "valueformat": ",d",
        "valuesuffix": " rows",
        "node": {
            "label": [_text(label) for label, _ in nodes],
            "color": [colour for _, colour in nodes],
            "align": "left",
            "pad": 26,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label}<extra></extra>",
        },
        "link": {
            "source": [link[0] for link in links],
            "target": [link[1] for link in links],
            "value": [link[2] for link in links],
            "color": [f"{link[3]}-soft" for link in links],
            "hovertemplate": "%{target.label}<extra></extra>",
        },
    }
    leaves = len(nodes) - len({link[0] for link in links})
    return _figure([sankey], 60 + 40 * max(3, leaves), margin={"l": 8, "r": 8, "t": 14, "b": 24})


def scores(measured: Sequence[Record]) -> Figure:
    """A table's scores: what was delivered, what was published, and what is allowed."""
    found = [d for d in DIMENSIONS if any(m["dimension"] == d for m in measured)]
    outside = [m for m in measured if m["outcome"] in (Outcome.WARN, Outcome.FAIL)]
    limits = {m["dimension"]: limit for m in measured if (limit := _limit(m)) is not None}
    data = [
        _dots("delivered", _of(measured, DELIVERED), "circle-open", 13, "--updated"),
        _dots("published", _of(measured, PUBLISHED), "circle", 7, "--updated"),
        _dots(
            "outside", outside, "circle-open", 22, [f"--{m['outcome']}" for m in outside], skip=True
        ),
        {
            "type": "scatter",
            "mode": "markers",
            "name": "allowed from",
            "x": list(limits.values()),
            "y": list(limits),
            "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": "--muted"}},
            "hovertemplate": "%{y}: at least %{x}<extra></extra>",
        },
    ]
    data = [trace for trace in data if trace["x"]]
    lowest = min([0.9, *(x for trace in data for x in trace["x"] if x is not None)])
    margin = (1 - lowest) * 0.06
    return _figure(
        data,
        _height(found),
        xaxis=_axis(range=[lowest - margin, 1 + margin]),
        yaxis=_axis(type="category", categoryorder="array", categoryarray=found[::-1]),
    )


def _of(measured: Sequence[Record], population: str) -> list[Record]:
    return [m for m in measured if m["population"] == population]


def _dots(
    name: str,
    measured: Sequence[Record],
    symbol: str,
    size: int,
    colour: str | list[str],
    *,
    skip: bool = False,
) -> Figure:
    told = "%{y}: %{x:.4f}<br>%{customdata}<extra>%{fullData.name}</extra>"
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [m["value"] for m in measured],
        "y": [m["dimension"] for m in measured],
        "customdata": [_share(m) for m in measured],
        "marker": {
            "symbol": symbol,
            "size": size,
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
        **({"hoverinfo": "skip"} if skip else {"hovertemplate": told}),
    }


def _share(measured: Record) -> str:
    failing, checked = (words.count(int(measured[f"rows_{k}"])) for k in ("failing", "checked"))
    return f"{failing} of {checked} failing"


def _limit(measured: Record) -> float | None:
    sign, _, number = str(measured["threshold"] or "").partition(" ")
    return float(number) if sign == ">=" else None


def score_trend(measured: Sequence[Record]) -> Figure:
    """A table's scores over its runs: overall is shown, a dimension where one clicks its name."""
    lines: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for one in measured:
        lines[one["population"], one["dimension"]].append(one)
    data = []
    for population, dash in ((PUBLISHED, "solid"), (DELIVERED, "dot")):
        for number, dimension in enumerate((OVERALL, *DIMENSIONS[:-1])):
            points = lines[population, dimension]
            if not points:
                continue
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    "name": f"{dimension}, {population}",
                    "x": [_moment(p["measured_at"]) for p in points],
                    "y": [p["value"] for p in points],
                    "visible": True if dimension == OVERALL else "legendonly",
                    "line": {"color": _TABLE_COLOURS[number], "dash": dash, "width": 2},
                    "marker": {"size": 7},
                    "hovertemplate": "%{x}: %{y:.4f}<extra>%{fullData.name}</extra>",
                }
            )
    xaxis = _moments(m["measured_at"] for m in measured)
    return _figure(data, 300, xaxis=xaxis, yaxis=_axis(tickformat=".4~f"))


def row_trend(batches: Sequence[Record]) -> Figure:
    """Where the rows of a table went, run by run."""
    by_run: dict[str, TableCounts] = {}
    ended: dict[str, Any] = {}
    for batch in batches:
        by_run.setdefault(batch["run_id"], TableCounts()).add(TableCounts.of(batch))
        ended[batch["run_id"]] = batch["recorded_at"]
    data = [
        {
            "type": "bar",
            "name": outcome,
            "x": [_moment(time) for time in ended.values()],
            "y": [getattr(counts, outcome) for counts in by_run.values()],
            "marker": {"color": f"--{outcome}"},
            "hovertemplate": "%{x}: %{y:,d}<extra>%{fullData.name}</extra>",
        }
        for outcome in OUTCOMES
        if any(getattr(counts, outcome) for counts in by_run.values())
    ]
    return _figure(
        data,
        300,
        barmode="stack",
        bargap=0.35,
        xaxis=_moments(ended.values()),
        yaxis=_axis(tickformat=",d", rangemode="tozero"),
    )


def pii(found: Mapping[str, Mapping[str, int]], tables: Sequence[str]) -> Figure:
    """Values found and treated: a bar for each entity, a part of it for each table."""
    parts = {
        table: [by_table.get(table, 0) for by_table in found.values()]
        for table in tables
        if any(table in by_table for by_table in found.values())
    }
    return _stacked(list(found), parts, tables, "%{x:,d} values", tickformat=",d")


def stages(seconds: Mapping[str, float], tables: Sequence[str]) -> Figure:
    """Seconds by stage, in order; a part of a bar for each table that the stage worked on."""
    by_stage: dict[str, dict[str, float]] = {}
    for name, spent in seconds.items():
        of = next((t for t in tables if name.endswith(f" {t}")), "")
        by_stage.setdefault(name.removesuffix(f" {of}") if of else name, {})[of] = spent
    parts = {
        table: [by_table.get(table, 0.0) for by_table in by_stage.values()]
        for table in ("", *tables)
        if any(table in by_table for by_table in by_stage.values())
    }
    return _stacked(list(by_stage), parts, tables, "%{x:.1f} s", ticksuffix=" s")


def _stacked(
    names: Sequence[str],
    parts: Mapping[str, Sequence[float]],
    tables: Sequence[str],
    told: str,
    **axis: Any,
) -> Figure:
    """Bars from top to bottom; `parts` are numbers by table, where no table's name is the run."""
    bars = [_text(name) for name in names]
    colours = dict(zip(tables, cycle(_TABLE_COLOURS), strict=False)) | {"": "--source"}
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": _text(table) or "the run",
            "y": bars,
            "x": list(numbers),
            "marker": {"color": colours[table]},
            "hovertemplate": f"%{{y}}: {told}<extra>%{{fullData.name}}</extra>",
        }
        for table, numbers in parts.items()
    ]
    return _figure(
        data,
        _height(bars),
        barmode="stack",
        bargap=0.35,
        xaxis=_axis(rangemode="tozero", **axis),
        yaxis=_axis(type="category", categoryorder="array", categoryarray=bars[::-1]),
    )


def _text(name: str) -> str:
    return escape(name, quote=False)  # plotly takes `&quot;` as it stands


def _moment(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _moments(measured: Iterable[Any]) -> Figure:
    """An axis of runs: side by side, however long the time between them."""
    times = sorted(set(measured))
    told = times[:: -(-len(times) // _TICKS)]
    return _axis(
        type="category",
        categoryorder="array",
        categoryarray=[_moment(t) for t in times],
        tickmode="array",
        tickvals=[_moment(t) for t in told],
        ticktext=[f"{t:%-d %b}<br>{t:%H:%M}" for t in told],
    )


def _height(lines: Sequence[str]) -> int:
    """In pixels, with room for the legend and the axis."""
    return 76 + 28 * max(4, len(lines))


def _axis(**more: Any) -> Figure:
    quiet = {"automargin": True, "fixedrange": True, "ticks": "outside", "tickcolor": "--card"}
    return quiet | {"gridcolor": "--line", "zerolinecolor": "--line"} | more


def _figure(data: list[Figure], height: int, **layout: Any) -> Figure:
    base = {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 30},
        "legend": {
            "orientation": "h",
            "y": 1,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
            "font": {"size": 12},
        },
    }
    return {"data": data, "layout": base | layout}
