"""k-anonymity of Gold as it is published: recorded, told, and asked again without Spark."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

import jobs.build_gold
from conf.contract import KAnonymity, Severity
from conf.contract_reader import load_contracts
from conf.errors import UsageError
from conf.secrets import key_source
from conf.settings import load_settings
from jobs.build_gold import build_gold
from jobs.k_anonymity import measured
from jobs.runtime.lake import Lake
from jobs.runtime.quality_log import metrics_of, outside
from jobs.runtime.report.facts import facts_of, record_of
from jobs.runtime.report.page import page
from jobs.runtime.runs import Run
from tests.lakes import rows
from tests.submitted import ROOT

GOLD = "gold.customer_360"
BY = ("birth_year", "postal_prefix", "city", "customer_tier")


def groups(lake, *columns: str) -> Counter[int]:
    """Size: number of groups, counted in plain Python."""
    people = Counter(tuple(row[c] for c in columns) for row in rows(lake, GOLD))
    return Counter(people.values())


def below(sizes: Counter[int], k: int) -> tuple[int, int]:
    """(groups, rows) in groups of less than k."""
    small = {size: number for size, number in sizes.items() if size < k}
    return sum(small.values()), sum(size * number for size, number in small.items())


def job(lake, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "jobs" / "k_anonymity.py"), *arguments, "--lake", str(lake)],
        check=False, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_the_sample_s_groups_are_recorded(sample):
    told = rows(sample.lake, "ops.k_anonymity")
    whole = next(r for r in told if r["left_out"] is None)
    sizes = groups(sample.lake, *BY)
    assert (whole["table"], tuple(whole["columns"]), whole["k"]) == (GOLD, BY, 5)
    assert whole["rows"] == 396 and whole["groups"] == sum(sizes.values())
    assert (whole["groups_below_k"], whole["rows_below_k"]) == below(sizes, 5)
    assert whole["smallest_group"] == min(sizes)
    assert (whole["groups_1"], whole["groups_2_4"]) == (sizes[1], sizes[2] + sizes[3] + sizes[4])
    by_left_out = {r["left_out"]: r["rows_below_k"] for r in told}
    assert set(by_left_out) == {None, *BY}
    for column in BY:
        others = [c for c in BY if c != column]
        assert by_left_out[column] == below(groups(sample.lake, *others), 5)[1], column


def test_no_value_of_a_group_is_recorded(sample):
    text = json.dumps(rows(sample.lake, "ops.k_anonymity"), default=str)
    towns = {row["city"] for row in rows(sample.lake, GOLD) if row["city"]}
    assert len(towns) > 5
    assert [town for town in towns if town in text] == []


def test_it_is_a_warning_told_with_the_other_checks(sample):
    lake = Lake(load_settings(lake=str(sample.lake)))
    ids = [r["run_id"] for r in rows(sample.lake, "ops.pipeline_runs")]
    (told,) = [m for m in outside(metrics_of(lake, ids)) if m["check"] == "k_anonymity"]
    count = below(groups(sample.lake, *BY), 5)[1]
    assert (told["outcome"], told["severity"], told["dimension"]) == ("warn", "warning", "privacy")
    assert (told["rows_failing"], told["rows_checked"]) == (count, 396)
    assert told["value"] == pytest.approx(count / 396) and told["threshold"] == "<= 0.05"


def test_the_report_shows_it(sample):
    lake = Lake(load_settings(lake=str(sample.lake)))
    html = page(facts_of(lake, record_of(lake, sample.run.run_id)), "default")
    section = html[html.index("Who can be singled out") : html.index("Where the time went")]
    sizes = groups(sample.lake, *BY)
    count = below(sizes, 5)[1]
    assert f'<td class="number">{count}</td><td class="number">396</td>' in section
    assert f'<td class="number">{count / 396:.2%}</td><td class="number">5.00%</td>' in section
    assert section.count("<td>without ") == len(BY)
    assert (
        f'<td>1</td><td class="number">{sizes[1]}</td><td class="number">{sizes[1]}</td>' in section
    )


def rebuilt(spark, sample, wanted: KAnonymity) -> Run:
    """Gold built again, with other words in its contract."""
    contracts = load_contracts()
    output = replace(contracts.outputs[GOLD], k_anonymity=wanted, version=str(wanted))
    contracts = replace(contracts, outputs={**contracts.outputs, GOLD: output})
    settings = load_settings(lake=str(sample.lake), wait_seconds=5)
    run = Run("build_gold", settings, contracts, key_source(settings), writes=jobs.build_gold.GOLD)
    run.lake.use(spark)
    with run.recorded():
        build_gold(run)
    return run


def test_an_error_leaves_the_version_before_standing(spark, sample_copy):
    before = rows(sample_copy.lake, GOLD)
    stopped = rebuilt(spark, sample_copy, KAnonymity(5, 0.05, Severity.ERROR))
    count = below(groups(sample_copy.lake, *BY), 5)[1]
    assert stopped.exit_code == 3
    assert (
        f"gold.customer_360: not replaced: k_anonymity (privacy) is {round(count / 396, 6):g}, allowed "
        f"<= 0.05 ({count} of 396 rows); the version before it stands"
    ) == stopped.message
    assert rows(sample_copy.lake, GOLD) == before


def test_what_is_allowed_passes_and_replaces(spark, sample_copy):
    before = {row["_gold_run_id"] for row in rows(sample_copy.lake, GOLD)}
    done = rebuilt(spark, sample_copy, KAnonymity(2, 1.0, Severity.ERROR))
    assert (done.exit_code, done.message) == (0, "")
    assert before.isdisjoint(row["_gold_run_id"] for row in rows(sample_copy.lake, GOLD))
    metrics = rows(sample_copy.lake, "ops.quality_metrics")
    (told,) = [m for m in metrics if (m["run_id"], m["check"]) == (done.run_id, "k_anonymity")]
    assert (told["outcome"], told["rows_failing"]) == ("pass", groups(sample_copy.lake, *BY)[1])


def test_the_job_tells_what_the_run_recorded(sample):
    done = job(sample.lake, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    recorded = {r["left_out"]: r for r in rows(sample.lake, "ops.k_anonymity")}
    whole = recorded.pop(None)
    assert (told["table"], tuple(told["columns"]), told["k"]) == (GOLD, BY, 5)
    for name in ("rows", "groups", "smallest_group", "rows_below_k", "groups_50_up", "rows_2_4"):
        assert told[name] == whole[name], name
    assert {c: of["rows_below_k"] for c, of in told["without"].items()} == {
        c: r["rows_below_k"] for c, r in recorded.items()
    }


def test_the_job_by_other_columns_and_another_k(sample):
    done = job(sample.lake, GOLD, "--k", "30", "--by", "customer_tier", "--by", "segment")
    assert (done.returncode, done.stderr) == (0, "")
    sizes = groups(sample.lake, "customer_tier", "segment")
    small, count = below(sizes, 30)
    lines = done.stdout.splitlines()
    assert lines[0].endswith(": 396 rows by customer_tier and segment")
    assert lines[1] == (
        f"in groups of less than 30: {count} rows ({count / 396:.2%}), {small} of "
        f"{sum(sizes.values())} groups; the smallest group has {min(sizes)}"
    )
    without = below(groups(sample.lake, "segment"), 30)[1]
    (line,) = [line for line in lines if "customer_tier" in line and "│" in line]
    assert [cell.strip() for cell in line.strip("│").split("│")] == [
        "customer_tier", f"{without}", f"{without / 396:.2%}"
    ]  # fmt: skip


def test_the_job_tells_no_value(sample):
    done = job(sample.lake)
    with (sample.sources / "customers.csv").open(encoding="utf-8") as file:
        towns = {row["city"] for row in csv.DictReader(file) if row["city"]}
    assert done.returncode == 0 and "If a column were left out" in done.stdout
    assert [town for town in towns if town in done.stdout] == []


@pytest.mark.parametrize(
    ("name", "by", "told"),
    [
        ("gold.customer_350", [], "no Delta table gold.customer_350"),
        (GOLD, ["birthyear"], f"{GOLD} has no column birthyear; did you mean birth_year?"),
        ("silver.orders", [], "no contract says which columns of silver.orders are quasi-id"),
        ("ops.quality_metrics", ["value"], "ops.quality_metrics: value is double: hardly two"),
        ("ops.k_anonymity", ["columns"], "ops.k_anonymity: columns is nested: hardly two"),
    ],
)
def test_wrong_questions_are_told_with_what_there_is(sample, name, by, told):
    with pytest.raises(UsageError, match=re.escape(told)):
        measured(load_settings(lake=str(sample.lake)), name, by=by)


def test_a_wrong_question_is_exit_2(sample):
    done = job(sample.lake, "--by", "birthyear", "--k", "3")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: gold.customer_360 has no column birthyear")
