"""What a person sees at the end, to the letter."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from conf.contract import Contracts
from conf.errors import DataQualityError, TerminalError
from conf.secrets import KeySource
from conf.settings import load_settings
from jobs.runtime.console import Console
from jobs.runtime.counts import TableCounts
from jobs.runtime.runs import Run, Status
from tests.gold import contract

GOLDEN = """\
Rows: in, and where each went
┏━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━┓
┃ table     ┃  read ┃ inserted ┃ updated ┃ unchanged ┃ stale ┃ duplicates ┃ quarantined ┃
┡━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━┩
│ customers │ 1,000 │      990 │       0 │         0 │     0 │         10 │           0 │
│ orders    │ 5,000 │    4,750 │       1 │         2 │     3 │          0 │         244 │
└───────────┴───────┴──────────┴─────────┴───────────┴───────┴────────────┴─────────────┘
Personal data found and treated
┏━━━━━━━━━━━━━━━┳━━━━━━━━┓
┃ entity        ┃ values ┃
┡━━━━━━━━━━━━━━━╇━━━━━━━━┩
│ PERSON        │  1,234 │
│ EMAIL_ADDRESS │     57 │
└───────────────┴────────┘
Seconds
┏━━━━━━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━┳━━━━━┓
┃ stage       ┃ customers ┃ orders ┃ all ┃
┡━━━━━━━━━━━━━╇━━━━━━━━━━━╇━━━━━━━━╇━━━━━┩
│ start Spark │           │        │ 3.2 │
│ leak scan   │       1.5 │    2.0 │ 3.5 │
│ recount     │           │        │ 0.1 │
│ all         │           │        │ 6.8 │
└─────────────┴───────────┴────────┴─────┘
Tables (Delta):
  bronze /a lake/bronze
  silver /a lake/silver
  gold   /a lake/gold
  ops    /a lake/ops
Next: look at Gold without Spark:
  .venv/bin/python -c "from deltalake import DeltaTable, QueryBuilder as Q; print(Q().register('t', DeltaTable(r'/a lake/gold/customer_360')).execute('select segment, count(*) n from t group by segment').read_all())"
"""

CONTRACTS = Contracts({t: contract(t, t, (), ()) for t in ("customers", "orders")})


@pytest.fixture
def run(monkeypatch) -> Run:
    monkeypatch.setenv("COLUMNS", "120")
    made = Run("pipeline", load_settings(lake="/a lake"), CONTRACTS, KeySource())
    made.status = Status.SUCCEEDED
    return made


def shown(run: Run, capsys, quiet: bool = False) -> str:
    Console(quiet).summary(run)
    text: str = capsys.readouterr().out
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def test_the_summary(run, capsys):
    run.count("orders", TableCounts(5000, 4750, 1, 2, 3, 0, 244))
    run.count("customers", TableCounts(read=1000, inserted=990, duplicates=10))
    run.count_pii(Counter({"EMAIL_ADDRESS": 57, "PERSON": 1234}))
    run.seconds |= {"start Spark": 3.21, "leak scan customers": 1.5}
    run.seconds |= {"leak scan orders": 2.0, "recount": 0.1}
    assert shown(run, capsys) == GOLDEN


def test_nothing_new(run, capsys):
    lines = shown(run, capsys).splitlines()
    assert lines[0] == "Nothing new: every source file was here before, nothing was changed."
    assert lines[1] == "Tables (Delta):"


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (Status.FAILED, TerminalError("orders: orders.csv: [bold]is empty[/bold]; send it again")),
        (Status.STOPPED, DataQualityError("customers: unclassified columns hold personal data")),
    ],
)
def test_what_failed_is_one_line_and_nothing_is_promised(run, capsys, status, problem):
    run.status, run.message = status, str(problem)
    text = shown(run, capsys)
    assert text.splitlines()[-1] == f"{status}: {problem}"
    assert "Next:" not in text and "Nothing new" not in text


def test_quiet_says_nothing_but_errors(run, capsys):
    assert shown(run, capsys, quiet=True) == ""
    console = Console(quiet=True)
    with console:
        console.on_event("stage", run, "recount")
        console.on_event("problem", run, "orders: [a] is bad")
        console.on_event("note", run, "no orders yet")
    assert capsys.readouterr().err == "error: orders: [a] is bad\nnote: no orders yet\n"


def test_plain_lines_where_there_is_no_terminal(run, capsys):
    console = Console()
    with console:
        console.on_event("stage", run, "ingest [orders]")
    out, err = capsys.readouterr()
    assert (out, err.split(" s  ")[1]) == ("", "ingest [orders]\n")
    assert float(err.split(" s  ")[0]) >= 0


def test_the_layers_are_where_the_settings_say(capsys, run, tmp_path: Path):
    run.settings = load_settings(lake="/l", gold=str(tmp_path), namespace="acme")
    text = shown(run, capsys)
    assert "  silver /l/acme/silver\n" in text and f"  gold   {tmp_path}/acme\n" in text
