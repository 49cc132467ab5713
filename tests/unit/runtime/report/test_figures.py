"""The numbers in the charts."""

from __future__ import annotations

import json

from jobs.runtime.counts import TableCounts
from jobs.runtime.report import figures
from jobs.runtime.report.page import charts_of
from tests.run_records import at, score


def edges(figure: figures.Figure) -> dict[tuple[str, str], int]:
    (sankey,) = figure["data"]
    labels, link = sankey["node"]["label"], sankey["link"]
    return {
        (labels[s], labels[t]): n
        for s, t, n in zip(link["source"], link["target"], link["value"], strict=True)
    }


def test_rows_flow_to_every_outcome_and_quarantine_to_its_reasons():
    counts = TableCounts(20_000, 12_000, 3000, 2000, 1000, 500, 1500)
    told = figures.flow("orders", counts, {"required: id": 1100, "rule: amount": 400})
    read = "orders: 20,000 read"
    assert edges(told) == {
        (read, "Silver, inserted: 12,000"): 12_000,
        (read, "Silver, updated: 3,000"): 3000,
        (read, "unchanged: 2,000"): 2000,
        (read, "stale: 1,000"): 1000,
        (read, "duplicates: 500"): 500,
        (read, "quarantined: 1,500"): 1500,
        ("quarantined: 1,500", "required: id: 1,100"): 1100,
        ("quarantined: 1,500", "rule: amount: 400"): 400,
    }


def test_a_held_table_flows_nowhere_else():
    told = figures.flow("orders", TableCounts(read=7, held=7), {})
    assert edges(told) == {("orders: 7 read", "held: 7"): 7}


def test_scores_by_population_and_what_is_outside():
    told = figures.scores(
        [
            score("delivered", "validity", 0.9, outcome="warn", rows_failing=100),
            score("published", "validity", 0.99),
            score("published", "accuracy", 1.0, threshold=""),
            score("published", "overall", 0.995),
        ]
    )
    dots = {t["name"]: dict(zip(t["y"], t["x"], strict=True)) for t in told["data"]}
    assert dots == {
        "delivered": {"validity": 0.9},
        "published": {"validity": 0.99, "accuracy": 1.0, "overall": 0.995},
        "outside": {"validity": 0.9},
        "allowed from": {"validity": 0.95, "overall": 0.95},
    }
    assert told["data"][0]["customdata"] == ["100 of 1,000 failing"]
    assert told["layout"]["yaxis"]["categoryarray"] == ["overall", "accuracy", "validity"]
    low, high = told["layout"]["xaxis"]["range"]
    assert low < 0.9 and high > 1


def test_the_trend_of_scores_shows_overall_and_the_rest_on_demand():
    measured = [
        score(population, dimension, value + number / 100, measured_at=at(number * 60))
        for number in range(2)
        for population, dimension, value in (
            ("published", "overall", 0.9), ("published", "validity", 0.8),
            ("delivered", "overall", 0.7),
        )
    ]  # fmt: skip
    told = figures.score_trend(measured)
    assert {t["name"]: (t["visible"], t["y"]) for t in told["data"]} == {
        "overall, published": (True, [0.9, 0.91]),
        "validity, published": ("legendonly", [0.8, 0.81]),
        "overall, delivered": (True, [0.7, 0.71]),
    }
    assert told["data"][0]["x"] == ["2026-01-31 02:00:00", "2026-01-31 02:01:00"]
    assert told["layout"]["xaxis"]["ticktext"] == ["31 Jan<br>02:00", "31 Jan<br>02:01"]


def test_a_long_trend_has_few_labels_and_all_points():
    measured = [score("published", "overall", 0.9, measured_at=at(60 * n)) for n in range(30)]
    told = figures.score_trend(measured)
    assert len(told["data"][0]["x"]) == len(told["layout"]["xaxis"]["categoryarray"]) == 30
    assert len(told["layout"]["xaxis"]["tickvals"]) == 6


def test_the_trend_of_rows_adds_up_the_batches_of_a_run():
    def batch(run_id: str, when: float, **counts: int):
        return {"run_id": run_id, "recorded_at": at(when), **TableCounts(**counts).as_dict()}

    told = figures.row_trend(
        [
            batch("one", 1, read=10, inserted=10),
            batch("two", 60, read=5, held=5),
            batch("two", 61, read=4, inserted=3, duplicates=1),
        ]
    )
    bars = {t["name"]: t["y"] for t in told["data"]}
    assert bars == {"inserted": [10, 3], "duplicates": [0, 1], "held": [0, 5]}
    assert told["data"][0]["x"] == ["2026-01-31 02:00:01", "2026-01-31 02:01:01"]


def test_personal_data_by_entity_and_table():
    found = {"PERSON": {"customers": 12, "orders": 3}, "DK_CPR": {"orders": 2}}
    told = figures.pii(found, ["customers", "orders", "parts"])
    bars = {t["name"]: dict(zip(t["y"], t["x"], strict=True)) for t in told["data"]}
    assert bars == {
        "customers": {"PERSON": 12, "DK_CPR": 0},
        "orders": {"PERSON": 3, "DK_CPR": 2},
    }


def test_stages_in_their_order_by_table():
    seconds = {"start Spark": 3.0, "merge orders": 2.0, "merge customers": 1.0, "recount": 0.5}
    told = figures.stages(seconds, ["customers", "orders"])
    bars = {t["name"]: dict(zip(t["y"], t["x"], strict=True)) for t in told["data"]}
    assert bars == {
        "the run": {"start Spark": 3.0, "merge": 0.0, "recount": 0.5},
        "customers": {"start Spark": 0.0, "merge": 1.0, "recount": 0.0},
        "orders": {"start Spark": 0.0, "merge": 2.0, "recount": 0.0},
    }
    assert told["layout"]["yaxis"]["categoryarray"] == ["recount", "merge", "start Spark"]


def test_a_run_has_the_charts_that_there_is_something_for(last_run):
    charts = charts_of(last_run)
    assert {kind: list(of) for kind, of in charts.items()} == {
        "scores": ["silver.customers", "silver.orders"],
        "flow": ["customers", "orders"],
        "score_trend": ["silver.customers"],
        "row_trend": ["silver.customers", "silver.orders"],
        "pii": [""],
        "stages": [""],
    }
    json.dumps(charts, allow_nan=False)


def test_names_are_no_markup_to_plotly():
    told = figures.flow("<b>", TableCounts(read=1, quarantined=1), {"<a href='x'>": 1})
    assert told["data"][0]["node"]["label"] == [
        "&lt;b&gt;: 1 read", "quarantined: 1", "&lt;a href='x'&gt;: 1"
    ]  # fmt: skip
    assert figures.stages({"<i>": 1.0}, [])["data"][0]["y"] == ["&lt;i&gt;"]
    assert figures.pii({"<u>": {"<s>": 1}}, ["<s>"])["data"][0]["name"] == "&lt;s&gt;"
