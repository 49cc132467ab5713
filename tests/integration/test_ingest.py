"""One table at a time: what an orchestrator asks of `jobs/ingest.py`, and the recount after it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from conf.contract_reader import load_contracts
from conf.errors import UsageError
from conf.secrets import key_source
from conf.settings import load_settings
from jobs.generate_sources import generate_sources
from jobs.ingest import ingest
from jobs.runtime.keys import check_key
from jobs.runtime.runs import Run
from tests.lakes import rows
from tests.submitted import ROOT


@pytest.fixture
def run(spark, tmp_path):
    settings = load_settings(lake=str(tmp_path / "lake"), sources=str(tmp_path / "sources"))
    run = Run("ingest", settings, load_contracts(), key_source(settings))
    check_key(run.lake, run.keys)
    run.lake.use(spark)
    return run


def received(folder) -> list[tuple[str, str, int]]:
    found = rows(folder / "lake", "ops.deliveries", "select * from t where status = 'received'")
    return sorted((r["table"], r["source_name"], r["rows"]) for r in found)


def test_only_the_table_that_is_asked_for_is_taken_in(run, tmp_path):
    generate_sources(tmp_path / "sources", 20, 30, seed=3)
    (tmp_path / "sources" / "orders.xyz").write_text("another table's trouble")
    (tmp_path / "sources" / "invoices.csv").write_text("id\n1\n")
    with capture_logs() as logs, run.recorded():
        ingest(run, ["customers"])
    assert (run.exit_code, run.message) == (0, "")
    assert received(tmp_path) == [("customers", "customers.csv", 20)]
    (note,) = [line["text"] for line in logs if line["event"] == "note"]
    assert note.startswith("unknown table: invoices.csv: belongs to no contract")


def test_its_own_bad_file_and_missing_sources_are_problems(run, tmp_path):
    with run.recorded():
        ingest(run, ["customers"])  # no folder yet
        generate_sources(tmp_path / "sources", 20, 30, seed=3)
        (tmp_path / "sources" / "orders.xyz").write_text("")
        ingest(run, ["orders"])
    assert [str(p).split(";")[0] for p in run.problems] == [
        f"sources: {tmp_path / 'sources'}: no such folder",
        "orders: orders.xyz: no format has this ending",
    ]
    assert (run.exit_code, received(tmp_path)) == (1, [("orders", "orders.csv", 30)])


def test_an_unknown_table_is_wrong_usage(run):
    with run.recorded():
        ingest(run, ["order"])
    assert isinstance(run.failure, UsageError) and run.exit_code == 2
    assert run.message == "no contract for table order; there are customers, orders"


def recount(folder) -> tuple[int, str]:
    """The job as a person runs it: no Spark is started."""
    command = [sys.executable, ROOT / "jobs/verify_accounting.py", "--lake", folder / "lake"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    return done.returncode, done.stderr


def test_the_recount_finds_rows_that_are_missing(run, tmp_path):
    generate_sources(tmp_path / "sources", 20, 30, seed=3)
    with run.recorded():
        ingest(run, ["customers"])
    assert recount(tmp_path)[0] == 0
    bronze = f"delta.`{tmp_path}/lake/bronze/customers`"
    run.spark.sql(f"alter table {bronze} set tblproperties ('delta.appendOnly' = 'false')")
    run.spark.sql(f"delete from {bronze} where true")
    code, told = recount(tmp_path)
    assert code == 1
    assert "customers: the accounting is wrong: records of delivery 1: 20 against 0" in told
