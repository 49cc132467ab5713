"""Bad input through the pipeline: accounted for to the row, or told in clear words."""

from __future__ import annotations

import os

import pytest
from structlog.testing import capture_logs

from tests.integration.bad_files import (
    ACCOUNTED,
    CONTRACTS,
    HEAD,
    IGNORED,
    LINES,
    REFUSED,
    TOKEN,
    UNKNOWN,
    write,
)
from tests.lakes import content, counts, rows, run_pipeline
from tests.leaks import Needles, scan
from tests.unit import contract_texts

SPECIAL = {  # what is no plain file
    "plain_dangling.csv": "cannot be read (FileNotFoundError); check the file and its rights",
    "plain_delta": "is a Delta table, whose files also hold rows deleted since; "
    "export it to Parquet, CSV or JSON lines",
    "plain_folder.csv": "is a folder without data; put a file there",
    "plain_pipe.csv": "is not a regular file; put a file there",
}


GOOD = sorted({name.split("_")[0] for name in ACCOUNTED})


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    sources = tmp_path_factory.mktemp("bad sources")
    contracts = tmp_path_factory.mktemp("contracts")
    contract_texts.write(contracts, *CONTRACTS)
    for at, (name, (data, _)) in enumerate(ACCOUNTED.items()):
        path = write(sources, name, data)
        os.utime(path, (1_700_000_000 + at, 1_700_000_000 + at))
    for name, (data, _) in REFUSED.items():
        write(sources, name, data)
    for name in (*IGNORED, UNKNOWN):
        write(sources, name, HEAD + f"1,{TOKEN},x\n".encode())
    (sources / "plain_dangling.csv").symlink_to(sources / "gone")
    os.mkfifo(sources / "plain_pipe.csv")
    (sources / "plain_folder.csv").mkdir()
    write(sources, "plain_delta/_delta_log/0.json", b"{}")
    write(sources, "plain_delta/a.parquet", b"")
    return sources, contracts, tmp_path_factory.mktemp("bad lake")


@pytest.fixture(scope="module")
def first(spark, folders):
    sources, contracts, lake = folders
    with capture_logs() as logs:
        run = run_pipeline(spark, sources, lake, contracts=contracts)
    return run, logs


def bronze_of(lake, name):
    found = rows(
        lake,
        f"bronze.{name.split('_')[0]}",
        f"select * from t where _bronze_source_file = '{name}' order by _bronze_row",
    )
    return [
        (
            r["_bronze_row"],
            r["_bronze_error"],
            r["_bronze_raw"],
            (r["id"], r["name"], r["note"]),
            None if r["_bronze_rescued"] is None else dict(r["_bronze_rescued"]),
        )
        for r in found
    ]


@pytest.mark.parametrize("name", ACCOUNTED)
def test_bronze_holds_every_record_as_received(folders, first, name):
    lake = folders[2]
    expected = ACCOUNTED[name][1]
    assert bronze_of(lake, name) == expected
    (delivery,) = [
        d
        for d in rows(lake, "ops.deliveries")
        if d["source_name"] == name and d["status"] == "received"
    ]
    assert (delivery["records"], delivery["rows"]) == (len(expected), len(expected))


def test_every_row_that_was_not_read_is_in_quarantine_with_its_reason(folders, first):
    lake = folders[2]
    names = {(d["table"], d["delivery"]): d["source_name"] for d in rows(lake, "ops.deliveries")}
    told = {
        (names[r["table"], r["_bronze_delivery"]], r["_bronze_row"]): r["reasons"]
        for r in rows(lake, "ops.quarantine")
    }
    expected = {
        (name, row): [error]
        for name, (_, records) in ACCOUNTED.items()
        for row, error, *_ in records
        if error
    }
    assert told == expected | {("plain_d_lines.csv", len(LINES) + 1): ["null_key"]}


@pytest.mark.parametrize("table", GOOD)
def test_the_good_rows_went_on_to_silver(folders, first, table):
    run, lake = first[0], folders[2]
    records = [
        r for name, (_, told) in ACCOUNTED.items() if name.startswith(f"{table}_") for r in told
    ]
    ids = {values[0] for *_, values, _ in records if values[0]}
    assert {r["id"] for r in rows(lake, f"silver.{table}", "select id from t")} == ids
    good = len([r for r in records if r[3][0]])
    told = {
        "read": len(records),
        "inserted": len(ids),
        "duplicates": good - len(ids),
        "quarantined": len(records) - good,
    }
    assert counts(run, table) == {k: n for k, n in told.items() if n}


def expected_errors():
    yield from (
        (name, f"{name.split('_')[0].split('/')[0]}: {name}: {text}")
        for name, (_, text) in REFUSED.items()
    )
    yield from ((name, f"plain: {name}: {text}") for name, text in SPECIAL.items())
    known = "columns, danish, lines, plain, quoted and wide"
    text = f"belongs to no contract; name it after one of {known}, or add a contract"
    yield UNKNOWN, f"unknown table: {UNKNOWN}: {text}"


@pytest.mark.parametrize(("name", "text"), expected_errors(), ids=[n for n, _ in expected_errors()])
def test_what_cannot_be_taken_in_is_told(folders, first, name, text):
    text = text.replace("t.odcs.yaml", str(folders[1] / "t.odcs.yaml"))
    told = [str(p) for p in first[0].problems if f": {name}: " in str(p)]
    if text.endswith("("):
        assert len(told) == 1 and told[0].startswith(text)
        assert told[0].endswith("); send the file again if it is damaged, else see the log")
    else:
        assert told == [text]


def test_the_run_failed_with_exactly_these_problems(first):
    run, _ = first
    assert len(run.problems) == len(list(expected_errors())) >= 30
    assert (run.exit_code, str(run.status)) == (1, "failed")


def test_no_message_log_or_ops_table_holds_a_value(folders, first):
    run, logs = first
    lake = folders[2]
    needles = Needles([("token", TOKEN)])
    assert scan(needles, lake / "ops") == []
    assert needles.kinds_in(run.message.encode()) == set()
    assert needles.kinds_in(repr(logs).encode()) == set()
    assert {str(p) for p in run.problems} <= {entry.get("text") for entry in logs}
    # The control: the same scan finds the token where it must be.
    assert {leak.kind for leak in scan(needles, lake / "bronze")} == {"token"}


def test_changed_schemas_are_told(first):
    notes = {entry["text"] for entry in first[1] if entry["event"] == "note"}
    assert {
        "plain_l_other_schema.csv: no column name: null in every row",
        "plain_l_other_schema.csv: extra not in the contract: kept in Bronze",
        "lines_a.jsonl: new not in the contract: kept in Bronze",
        "columns_a.parquet: more and flag not in the contract: kept in Bronze",
    } <= notes


def test_a_second_run_changes_nothing_and_tells_the_same(spark, folders, first):
    sources, contracts, lake = folders
    names = [f"{layer}.{t}" for layer in ("bronze", "silver") for t in GOOD]
    before = {name: content(lake, name) for name in (*names, "ops.quarantine")}
    run = run_pipeline(spark, sources, lake, contracts=contracts)
    assert [str(p) for p in run.problems] == [str(p) for p in first[0].problems]
    assert (run.exit_code, run.tables) == (1, {})
    for name, frame in before.items():
        assert frame.equals(content(lake, name)), name
