"""`jobs/lineage.py` as people run it, on records that were written by hand: a process, no Spark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conf.settings import load_settings
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.graph import Lineage, column_name
from tests.unit.contract_texts import column, key, table, write
from tests.unit.runtime.lineages import CUSTOMERS, edge, record

ROOT = Path(__file__).parents[2]
RUNS, COLUMNS = 1000, 50


def ask(lake: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "jobs" / "lineage.py"), *arguments, "--lake", str(lake)]
    here = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, cwd=ROOT, env=here, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Path:
    """The packaged customers up to Gold, and Gold once more: its town now without its birth year."""
    folder = tmp_path_factory.mktemp("lineage") / "lake"
    written = Lake(load_settings(lake=str(folder)))
    for minute, name in enumerate(dict.fromkeys(e.target.table for e in CUSTOMERS)):
        record(written, minute, 4, *(e for e in CUSTOMERS if e.target.table == name))
    later = edge("silver.customers.city", "gold.customer_360.city", job="build_gold")
    record(written, 9, 5, later)
    return folder


def test_upstream_as_json(lake):
    done = ask(lake, "upstream", "gold.customer_features.age", "--at", "4", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert set(told) == {"column", "edges"} and told["column"] == "gold.customer_features.age"
    assert told["edges"][0] == {
        "from": "gold.customer_360.birth_year", "to": "gold.customer_features.age",
        "type": "DIRECT", "subtype": "IDENTITY", "treatment": "", "job": "build_gold",
    }  # fmt: skip
    assert [e["from"] for e in told["edges"]] == [
        "gold.customer_360.birth_year",
        "silver.customers.birth_year",
        "silver.customers.customer_id",
        "bronze.customers._bronze_error",
        "bronze.customers.date_of_birth",
        "source.customers.date_of_birth",
    ]
    assert {e["treatment"] for e in told["edges"]} == {"", "generalize year"}
    assert {e["from"] for e in told["edges"] if e["type"] == "INDIRECT"} == {
        "silver.customers.customer_id",
        "bronze.customers._bronze_error",
    }


def test_upstream_as_a_tree_that_needs_no_contracts(lake, tmp_path):
    done = ask(
        lake, "upstream", "gold.customer_360.birth_year", "--at", "4", "--contracts", str(tmp_path)
    )
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "gold.customer_360.birth_year",
            "└── silver.customers.birth_year  identity (build_gold)",
            "    └── bronze.customers.date_of_birth  generalize year (refine)",
            "        └── source.customers.date_of_birth  identity (ingest)",
            "gold.customer_360.*: JOIN by silver.customers.customer_id (build_gold)",
            "silver.customers.*: FILTER by bronze.customers._bronze_error (refine)",
        ],
    )


def test_downstream_as_mermaid(lake):
    done = ask(lake, "downstream", "bronze.customers.email_address", "--format", "mermaid")
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "flowchart LR",
            '    c0["bronze.customers.email_address"]',
            '    c1["silver.customers.email_address"]',
            '    c2["silver.customers.email_valid"]',
            '    c0 -->|"hash"| c1',
            '    c0 -->|"IDENTITY"| c2',
            "    style c0 stroke-width:3px",
        ],
    )


def test_downstream_of_an_earlier_version_is_as_gold_is_now(lake):
    names = ("downstream", "silver.customers.birth_year", "--format", "json")
    now = json.loads(ask(lake, *names).stdout)
    assert now == {"column": "silver.customers.birth_year", "edges": []}
    assert json.loads(ask(lake, *names, "--at", "4").stdout) == now


def test_the_register_as_text_json_and_markdown(lake):
    told = json.loads(ask(lake, "pii", "--format", "json").stdout)
    lines = {f"{r['table']}.{r['column']}": r for r in told["register"]}
    assert lines["silver.customers.email_valid"] == {
        "table": "silver.customers", "column": "email_valid", "state": "derived",
        "classification": "pii-direct", "source": "bronze.customers.email_address",
        "treatment": "flag", "retention": "5 years after the last order",
    }  # fmt: skip
    assert lines["bronze.customers.notes"]["treatment"] == "none"
    treated = {n for n, r in lines.items() if r["state"] == "treated"}
    assert treated == {"silver.customers.email_address", "silver.customers.birth_year"}
    assert told["without_lineage"][0] == "gold.customer_360.birth_year", "features came from it"
    assert "silver.orders.*" in told["without_lineage"]
    text = ask(lake, "pii", "--table", "gold.customer_360", "--at", "4")
    assert [line.split("  ")[0] for line in text.stdout.splitlines()] == [
        "table", "gold.customer_360",
    ]  # fmt: skip
    assert "pii-indirect" in text.stdout and "generalize year" in text.stdout
    markdown = ask(lake, "pii", "--table", "silver.orders", "--format", "markdown")
    assert markdown.stdout.splitlines() == [
        "| table | column | state | classification | source | treatment | retention |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    assert markdown.stderr == "no lineage is recorded of silver.orders.*: it may hold more\n"


def test_a_name_of_the_source_and_a_column_that_nothing_leads_to(tmp_path):
    fee = column("fee", "number", physicalName="Årligt kontingent (kr.)", classification="internal")
    (tmp_path / "contracts").mkdir()
    write(tmp_path / "contracts", table("members", [key(), fee]))
    contracts = ("--contracts", str(tmp_path / "contracts"))
    written = Lake(load_settings(lake=str(tmp_path / "lake")))
    record(written, 0, 0, edge("source.members.Årligt kontingent (kr.)", "bronze.members.fee"))
    name = "source.members.Årligt kontingent (kr.)"
    done = ask(tmp_path / "lake", "downstream", name, *contracts)
    assert done.stdout.splitlines() == [name, "└── bronze.members.fee  identity (refine)"]
    nothing = ask(tmp_path / "lake", "upstream", "silver.members._silver_run_id", *contracts)
    assert (nothing.returncode, nothing.stdout) == (
        0,
        "silver.members._silver_run_id  (no value leads here)\n",
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("upstream", "gold.customer_306.city"), "no lineage of table gold.customer_306; did you"
         " mean gold.customer_360? allowed are "),
        (("downstream", "gold.customer_360.ctiy"), "gold.customer_360 has no column ctiy in its "
         "lineage; did you mean city? allowed are "),
        (("upstream", "customer_360"), "found 'customer_360'; a column is LAYER.TABLE.COLUMN"),
        (("upstream", "gold.customer_360.city", "--at", "3"), "gold.customer_360: found version 3; "
         "its lineage begins at 4"),
        (("pii", "--at", "3"), "--at is a version of one table: name it with --table"),
        (("pii", "--table", "gold.custmer_360"), "no such table gold.custmer_360; did you mean "
         "gold.customer_360? allowed are "),
        (("upstream", "gold.customer_360.city", "--format", "svg"), None),
        (("pii", "--format", "mermaid"), None),
    ],
)  # fmt: skip
def test_wrong_questions_end_with_2(lake, arguments, told):
    done = ask(lake, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    if told:
        assert done.stderr.startswith(f"error: {told}")


@pytest.mark.parametrize("arguments", [("upstream", "gold.customer_360.city"), ("pii",)])
def test_a_lake_without_lineage_says_what_to_run(tmp_path, arguments):
    done = ask(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (
        2,
        "error: no lineage is recorded yet: run jobs/load_lineage.py, as the pipeline does at its "
        "end\n",
    )


@pytest.mark.full
def test_a_thousand_runs_are_asked_in_less_than_a_second(tmp_path):
    lake = Lake(load_settings(lake=str(tmp_path / "lake")))
    steps = [("source.t", "bronze.t"), ("source.u", "bronze.u"), ("bronze.t", "silver.t"),
             ("bronze.u", "silver.u"), ("silver.t", "gold.t"), ("gold.t", "gold.u")]  # fmt: skip
    edges = [edge(f"{a}.c{n}", f"{b}.c{n}") for a, b in steps for n in range(COLUMNS)]
    assert len(edges) == 300
    for number in range(RUNS):
        record(lake, number, number, *edges)
    name, seconds = column_name("gold.u.c7"), {}
    for _ in range(5):
        begun = time.perf_counter()
        found = Lineage.of(lake).upstream(name)
        seconds["now"] = min(time.perf_counter() - begun, seconds.get("now", 9.0))
        begun = time.perf_counter()
        assert Lineage.at(lake, "gold.u", RUNS // 2).upstream(name) == found
        seconds["at"] = min(time.perf_counter() - begun, seconds.get("at", 9.0))
    assert [str(e.source) for e in found] == ["gold.t.c7", "silver.t.c7", "bronze.t.c7",
                                              "source.t.c7"]  # fmt: skip
    print({what: round(took, 3) for what, took in seconds.items()})
    assert max(seconds.values()) < 1, seconds
