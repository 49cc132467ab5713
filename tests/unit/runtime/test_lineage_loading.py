"""From event files to `ops/data_lineage`: which writes count, how edges are made, each once."""

import gzip
import json
import threading
from pathlib import Path

import pytest

from conf.errors import TransientError
from conf.settings import Settings
from jobs.runtime.lake import Lake
from jobs.runtime.lineage import loading
from jobs.runtime.lineage.events import Refusal
from jobs.runtime.lineage.loading import load_lineage
from tests.unit.runtime.lineage_events import RUN, commit, edges, pend, told, written

OURS = f"{RUN}.atlas.jsonl"
OTHER = "22222222-0000-4000-8000-000000000002"
EMAIL = {"email": [("silver.customers", "email", "IDENTITY")]}
CITY = {"city": [("silver.customers", "city", "IDENTITY")]}
FROM_EMAIL = "silver.customers.email -> gold.x.email DIRECT IDENTITY"
FROM_CITY = "silver.customers.city -> gold.x.city DIRECT IDENTITY"


@pytest.fixture
def lake(tmp_path):
    return Lake(Settings(lake=str(tmp_path / "my lake"), wait_seconds=0.2))


def pending(lake: Lake) -> list[str]:
    return list(lake.files("ops._lineage.pending").names())


# Which writes count.


def test_a_committed_write_is_loaded_with_its_version_and_time(lake):
    commit(lake, "gold.x", OTHER)
    at = commit(lake, "gold.x")
    pend(lake, *written(lake, "gold.x", EMAIL, at - 50, at + 50))
    loaded = load_lineage(lake)
    assert (loaded.files, loaded.writes, loaded.edges) == (1, 1, 1)
    assert (loaded.left_out, loaded.refused) == ({}, {})
    [row] = lake.query("ops.data_lineage", "select * from t")
    assert (row["run_id"], row["job"], row["output_version"]) == (RUN, "build_gold", 1)
    assert round(row["committed_at"].timestamp() * 1000) == at
    assert (edges(lake), pending(lake)) == ({FROM_EMAIL}, [])


def test_a_failed_write_that_is_told_as_complete_is_not(lake):
    """As OpenLineage's listener tells them: only the log knows that nothing was committed."""
    at = commit(lake, "gold.x")
    pend(
        lake,
        *written(lake, "gold.x", EMAIL, at - 9000, at - 5000),
        *written(lake, "gold.y", EMAIL, at - 50, at + 50),
        *written(lake, "gold.x", CITY, at - 50, at + 50),
    )
    assert load_lineage(lake).left_out == {"uncommitted": 2}
    assert edges(lake) == {FROM_CITY}


def test_a_failed_write_just_before_does_not_take_the_commit_of_the_next(lake):
    at = commit(lake, "gold.x")
    pend(
        lake,
        *written(lake, "gold.x", EMAIL, at - 900, at - 300),
        *written(lake, "gold.x", CITY, at - 200, at + 200),
    )
    assert load_lineage(lake).left_out == {"uncommitted": 1}
    assert edges(lake) == {FROM_CITY}


@pytest.mark.parametrize(("late", "count"), [(999, 1), (1001, 0), (-999, 1), (-1001, 0)])
def test_the_clocks_of_event_and_commit_may_differ_by_a_second(lake, late, count):
    at = commit(lake, "gold.x")
    times = (at + late, at + late + 5) if late > 0 else (at + late - 5, at + late)
    pend(lake, *written(lake, "gold.x", EMAIL, *times))
    assert load_lineage(lake).writes == count


def test_writes_take_the_commits_of_their_run_in_order_and_each_one(lake):
    times = [commit(lake, "gold.x", run) for run in (RUN, OTHER, RUN)]
    first = written(lake, "gold.x", EMAIL, times[0] - 50, times[2] + 50)
    second = written(lake, "gold.x", CITY, times[0] - 50, times[2] + 50)
    third = written(lake, "gold.x", EMAIL, times[0] - 50, times[2] + 50)
    pend(lake, *first, *second, *third)
    assert load_lineage(lake).left_out == {"uncommitted": 1}
    rows = lake.query("ops.data_lineage", "select input_column, output_version from t")
    assert {(r["input_column"], r["output_version"]) for r in rows} == {("email", 0), ("city", 2)}


@pytest.mark.parametrize("state", ["FAIL", "ABORT"])
def test_what_failed_or_was_aborted_is_not_loaded(lake, state):
    at = commit(lake, "gold.x")
    pend(lake, *written(lake, "gold.x", EMAIL, at - 50, at + 50, state=state))
    loaded = load_lineage(lake)
    assert (loaded.edges, loaded.left_out) == (0, {"uncommitted": 1})


def test_a_complete_without_its_start_takes_the_latest_commit_before_it(lake):
    """A listener that lags behind a short write tells its end alone."""
    at = [commit(lake, "gold.x") for _ in range(2)][-1]
    pend(lake, written(lake, "gold.x", EMAIL, at - 50, at + 50)[1])
    assert load_lineage(lake).left_out == {}
    rows = lake.query("ops.data_lineage", "select input_column, output_version from t")
    assert [(r["input_column"], r["output_version"]) for r in rows] == [("email", 1)]


def test_a_complete_without_its_start_takes_no_commit_from_the_write_that_made_it(lake):
    at = commit(lake, "gold.x")
    late = written(lake, "gold.x", EMAIL, at - 50, at + 20)[1]
    pend(lake, late, *written(lake, "gold.x", CITY, at - 50, at + 50))
    assert load_lineage(lake).left_out == {"uncommitted": 1}
    assert edges(lake) == {FROM_CITY}


@pytest.mark.parametrize(("late", "count"), [(60_000, 1), (61_001, 0)])
def test_a_complete_without_its_start_looks_back_a_minute(lake, late, count):
    at = commit(lake, "gold.x")
    pend(lake, written(lake, "gold.x", EMAIL, at - 50, at + late)[1])
    assert load_lineage(lake).writes == count


def test_a_complete_without_its_start_began_after_what_had_ended_before(lake):
    """A busy driver's listener drops a START when the write is over before its turn."""
    times = [commit(lake, "gold.x") for _ in range(3)]
    first = written(lake, "gold.x", EMAIL, times[0] - 1, times[1] - 1)
    [_, third] = written(lake, "gold.x", CITY, times[1], times[2] + 1)
    other = written(lake, "gold.other", EMAIL, times[1], times[2] - 1)
    pend(lake, *first, *other, third)
    assert load_lineage(lake).left_out == {"uncommitted": 1}
    rows = lake.query("ops.data_lineage", "select input_column, output_version from t")
    assert {(r["input_column"], r["output_version"]) for r in rows} == {("email", 0), ("city", 2)}


def test_events_without_our_tag_are_somebody_elses(lake):
    at = commit(lake, "gold.x", None)
    pend(lake, *written(lake, "gold.x", EMAIL, at - 50, at + 50, run_id=None))
    loaded = load_lineage(lake)
    assert (loaded.edges, loaded.left_out) == (0, {"foreign": 2})


def test_a_commit_is_found_far_back_in_a_long_log(lake):
    at = commit(lake, "gold.x")
    log = Path(lake.path("gold.x"), "_delta_log")
    for version in range(1, 200):
        told_of = {"timestamp": at + version * 10, "userMetadata": "not JSON"}
        (log / f"{version:020d}.json").write_text(json.dumps({"commitInfo": told_of}))
    pend(lake, *written(lake, "gold.x", EMAIL, at - 5, at + 5))
    pend(lake, told(lake, "gold.x", 0, CITY, at + 5), name=OURS)
    assert load_lineage(lake).writes == 1
    assert edges(lake) == {FROM_CITY}


# Our own events.


@pytest.mark.parametrize(
    ("version", "run_id", "count"), [(0, RUN, 1), (1, RUN, 0), (9, RUN, 0), (None, RUN, 0)]
)
def test_our_event_counts_if_that_version_is_of_that_run(lake, version, run_id, count):
    at = commit(lake, "gold.x")
    commit(lake, "gold.x", OTHER)
    pend(lake, told(lake, "gold.x", version, EMAIL, at), name=OURS)
    loaded = load_lineage(lake)
    assert (loaded.writes, loaded.left_out["uncommitted"]) == (count, 1 - count)


def test_our_event_tells_sources_treatments_and_the_job(lake):
    at = commit(lake, "bronze.customers")
    fields = {
        "email": [("/in/customers.csv", "email_address", "IDENTITY")],
        "_bronze_raw": [("/in/customers.csv", "*", "IDENTITY")],
    }
    pend(lake, told(lake, "bronze.customers", 0, fields, at), name=OURS)
    load_lineage(lake)
    assert edges(lake) == {
        "source.customers.email_address -> bronze.customers.email DIRECT IDENTITY",
        "source.customers.* -> bronze.customers._bronze_raw DIRECT IDENTITY",
    }
    assert lake.query("ops.data_lineage", "select distinct job from t") == [{"job": "ingest"}]


@pytest.mark.parametrize(
    ("told_as", "treatment"),
    [("hash", "hash"), ("generalize year", "generalize year"), ("generalize prefix:3", "generalize prefix:3"), ("nothing", ""), ("hash it all", "")],
)  # fmt: skip
def test_only_a_known_treatment_is_one(lake, told_as, treatment):
    at = commit(lake, "silver.t")
    fields = {"a": [("bronze.t", "a", f"TRANSFORMATION {told_as}")]}
    pend(lake, told(lake, "silver.t", 0, fields, at), name=OURS)
    load_lineage(lake)
    assert edges(lake) == {f"bronze.t.a -> silver.t.a DIRECT TRANSFORMATION {treatment}".rstrip()}


def test_the_listener_knows_no_treatment_and_no_source(lake):
    """`masking` is true for any sha2, and text files have a column `value` alone."""
    at = [commit(lake, "bronze.t"), commit(lake, "silver.t")]
    pend(
        lake,
        *written(lake, "bronze.t", {"a": [("/in/t.csv", "value", "TRANSFORMATION")]},
                 at[0] - 1, at[0] + 1),
        *written(lake, "silver.t", {"a": [("bronze.t", "a", "TRANSFORMATION hash"),
                                          ("/in/other.csv", "value", "IDENTITY")]},
                 at[1] - 1, at[1] + 1),
    )  # fmt: skip
    assert load_lineage(lake).left_out == {"unknown_inputs": 1}
    assert edges(lake) == {"bronze.t.a -> silver.t.a DIRECT TRANSFORMATION"}


def test_of_columns_ours_alone_counts(lake):
    """Also where ours says that a value only decides: the listener sees it go in. Of rows the
    listener is believed."""
    at = commit(lake, "silver.t")
    seen = {
        "a": [("bronze.t", "a", "TRANSFORMATION"), ("bronze.t", "b", "IDENTITY")],
        "c": [("bronze.t", "c", "TRANSFORMATION")],
    }
    proved = {
        "a": [("bronze.t", "a", "AGGREGATION hash", "IDENTITY")],
        "c": [("bronze.t", "c", "INDIRECT CONDITIONAL redact")],
    }
    rows_by = [("bronze.t", "d", "INDIRECT FILTER")]
    pend(lake, *written(lake, "silver.t", seen, at - 1, at + 1, rows_by=rows_by))
    pend(lake, told(lake, "silver.t", 0, proved, at), name=OURS)
    assert load_lineage(lake).writes == 1
    assert edges(lake) == {
        "bronze.t.a -> silver.t.a DIRECT AGGREGATION hash",
        "bronze.t.a -> silver.t.a DIRECT IDENTITY",  # another way, without a treatment
        "bronze.t.c -> silver.t.c INDIRECT CONDITIONAL redact",
        "bronze.t.d -> silver.t.* INDIRECT FILTER",
    }


# How edges are made.


def test_what_concerns_rows_leads_to_every_column_and_direct_beats_indirect(lake):
    at = commit(lake, "silver.t")
    fields = {
        "a": [("bronze.t", "a", "TRANSFORMATION", "INDIRECT CONDITIONAL")],
        "b": [("silver.t", "b", "IDENTITY"), ("silver.t", "a", "IDENTITY")],  # MERGE's target
    }
    rows_by = [
        ("bronze.t", "k", "INDIRECT JOIN", "TRANSFORMATION", "INDIRECT FILTER"),
        ("bronze.t", "m", "TRANSFORMATION"),
    ]
    pend(lake, *written(lake, "silver.t", fields, at - 1, at + 1, rows_by=rows_by))
    load_lineage(lake)
    assert edges(lake) == {
        "bronze.t.a -> silver.t.a DIRECT TRANSFORMATION",
        "silver.t.a -> silver.t.b DIRECT IDENTITY",
        "bronze.t.k -> silver.t.* INDIRECT JOIN",
        "bronze.t.k -> silver.t.* INDIRECT FILTER",
        "bronze.t.m -> silver.t.* INDIRECT FILTER",
    }


def test_a_transformation_that_is_not_told_changes_the_value_somehow(lake):
    at = commit(lake, "gold.x")
    pend(lake, *written(lake, "gold.x", {"a": [("silver.t", "a")]}, at - 1, at + 1))
    load_lineage(lake)
    assert edges(lake) == {"silver.t.a -> gold.x.a DIRECT TRANSFORMATION"}


STAGED = {
    "a": [("bronze.t", "a", "IDENTITY"), ("bronze.t", "s", "AGGREGATION")],
    "b": [("bronze.t", "b", "INDIRECT WINDOW")],
    "_outcome": [("bronze.t", "k", "TRANSFORMATION")],
}
PUBLISHED = {
    "a": [("ops._staging.t", "a", "TRANSFORMATION")],
    "b": [("ops._staging.t", "b", "IDENTITY")],
    "c": [("ops._staging.t", "of_a_constant", "IDENTITY"), ("silver.p", "c", "IDENTITY")],
}
FOLDED = {
    "bronze.t.a -> silver.t.a DIRECT TRANSFORMATION",
    "bronze.t.s -> silver.t.a DIRECT AGGREGATION",
    "bronze.t.b -> silver.t.b INDIRECT WINDOW",
    "silver.p.c -> silver.t.c DIRECT IDENTITY",
    "bronze.t.r -> silver.t.* INDIRECT JOIN",
    "bronze.t.k -> silver.t.* INDIRECT FILTER",
}


@pytest.mark.parametrize("is_told_by_us", [False, True])
def test_staging_is_folded_so_that_bronze_leads_to_silver(lake, is_told_by_us):
    at = commit(lake, "silver.t")
    rows_by = [("bronze.t", "r", "INDIRECT JOIN")]
    staging = (
        [told(lake, "ops._staging.t", None, STAGED, at - 20, rows_by=rows_by)]
        if is_told_by_us
        else written(lake, "ops._staging.t", STAGED, at - 30, at - 20, rows_by=rows_by)
    )
    outcome = [("ops._staging.t", "_outcome", "INDIRECT FILTER")]
    merge = written(lake, "silver.t", PUBLISHED, at - 10, at + 10, rows_by=outcome)
    if is_told_by_us:
        pend(lake, *staging, name=OURS)
        pend(lake, *merge)
    else:
        pend(lake, *staging, *merge)
    loaded = load_lineage(lake)
    assert (loaded.writes, loaded.left_out) == (1, {})
    assert edges(lake) == FOLDED


def test_each_batch_is_folded_with_its_own_staging(lake):
    """The latest of the table in that run before the write, whoever tells it."""
    lines = []
    for column in ("a", "b"):
        at = commit(lake, "silver.t")
        staged = {"v": [("bronze.t", column, "IDENTITY")]}
        lines += written(lake, "ops._staging.t", staged, at - 2, at - 1)
        merge = {"v": [("ops._staging.t", "v", "IDENTITY")]}
        lines += written(lake, "silver.t", merge, at - 1, at + 1)
    stray = {"v": [("bronze.t", "of_another_run", "IDENTITY")]}
    pend(lake, told(lake, "ops._staging.t", None, stray, at - 1, run_id=OTHER), name=OURS)
    pend(lake, *lines)
    load_lineage(lake)
    rows = lake.query("ops.data_lineage", "select input_column, output_version from t")
    assert {(r["input_column"], r["output_version"]) for r in rows} == {("a", 0), ("b", 1)}


def test_treatments_of_staging_reach_silver(lake):
    at = commit(lake, "silver.t")
    staged = {"a": [("bronze.t", "a", "TRANSFORMATION hash")]}
    pend(lake, told(lake, "ops._staging.t", None, staged, at - 2), name=OURS)
    merge = {"a": [("ops._staging.t", "a", "IDENTITY")]}
    pend(lake, *written(lake, "silver.t", merge, at - 1, at + 1))
    load_lineage(lake)
    assert edges(lake) == {"bronze.t.a -> silver.t.a DIRECT TRANSFORMATION hash"}


def test_edges_of_a_staging_that_nobody_told_of_are_counted_and_dropped(lake):
    at = commit(lake, "silver.t")
    pend(lake, *written(lake, "silver.t", PUBLISHED, at - 1, at + 1))
    loaded = load_lineage(lake)
    assert (loaded.writes, loaded.left_out) == (1, {"unstaged": 3})
    assert edges(lake) == {"silver.p.c -> silver.t.c DIRECT IDENTITY"}


def test_a_run_from_sources_to_gold_in_a_lake_of_places_of_their_own(tmp_path):
    """The shapes that the listener has for the packaged tables, with ours beside them."""
    apart = {layer: str(tmp_path / f"{layer} of mine") for layer in ("bronze", "silver", "gold")}
    lake = Lake(Settings(lake=str(tmp_path), namespace="tenant", **apart))
    lines, ours = [], []
    steps = {
        "bronze.customers": {"email_address": [("/in/c.csv", "value", "TRANSFORMATION")]},
        "ops.duplicates": {"_bronze_row": [("bronze.customers", "_bronze_row", "IDENTITY")]},
        "silver.customers": {
            "email_address": [("ops._staging.customers", "email_address", "IDENTITY")]
        },
        "gold.customer_360": {
            "total_revenue": [("silver.orders", "order_amount", "TRANSFORMATION")]
        },
    }
    for table, fields in steps.items():
        at = commit(lake, table)
        lines += written(lake, table, fields, at - 1, at + 1)
        if table == "bronze.customers":
            source = {"email_address": [("/in/c.csv", "email", "IDENTITY")]}
            ours.append(told(lake, table, 0, source, at, job="atlas.ingest"))
        if table == "silver.customers":
            proved = {"email_address": [("bronze.customers", "email_address", "IDENTITY hash")]}
            ours.append(told(lake, table, 0, proved, at))
    pend(lake, *ours, name=OURS)
    pend(lake, *lines)
    assert load_lineage(lake).left_out == {"unstaged": 1}
    assert edges(lake) == {
        "source.customers.email -> bronze.customers.email_address DIRECT IDENTITY",
        "bronze.customers._bronze_row -> ops.duplicates._bronze_row DIRECT IDENTITY",
        "bronze.customers.email_address -> silver.customers.email_address DIRECT IDENTITY hash",
        "silver.orders.order_amount -> gold.customer_360.total_revenue DIRECT TRANSFORMATION",
    }
    rows = lake.query("ops.data_lineage", "select output_table, job from t")
    assert {r["output_table"]: r["job"] for r in rows} == {
        "bronze.customers": "ingest", "ops.duplicates": "refine", "silver.customers": "refine",
        "gold.customer_360": "build_gold",
    }  # fmt: skip


# Each once.


def one_write(lake: Lake) -> bytes:
    at = commit(lake, "gold.x")
    return pend(lake, *written(lake, "gold.x", EMAIL, at - 1, at + 1))


def test_loading_again_does_nothing(lake):
    content = one_write(lake)
    load_lineage(lake)
    assert load_lineage(lake).as_dict() == {
        "files": 0, "waiting": 0, "writes": 0, "edges": 0, "known": 0, "left_out": {},
        "refused": {},
    }  # fmt: skip
    pend(lake, content)  # as a run would that takes its spool for not yet handed over
    again = load_lineage(lake)
    assert (again.files, again.writes, again.known, again.edges) == (1, 0, 1, 0)
    assert len(lake.history("ops.data_lineage")) == 1
    done = Path(lake.path("ops._lineage.done"))
    assert [p.name for p in done.iterdir()] == [f"{RUN}.spark.jsonl.gz"]
    assert gzip.decompress(next(done.iterdir()).read_bytes()) == content


def test_a_later_file_of_the_same_name_adds_what_is_new_and_is_kept_behind_the_first(lake):
    first = one_write(lake)
    load_lineage(lake)
    second = one_write(lake)
    assert load_lineage(lake).writes == 1
    versions = lake.query("ops.data_lineage", "select output_version as v from t order by v")
    assert [r["v"] for r in versions] == [0, 1]
    done = Path(lake.path("ops._lineage.done"), f"{RUN}.spark.jsonl.gz")
    assert gzip.decompress(done.read_bytes()) == first + second


@pytest.mark.parametrize("point", ["append", "archive", "write", "remove"])
def test_a_crash_at_any_point_loses_nothing_and_doubles_nothing(lake, monkeypatch, point):
    content = one_write(lake)
    files = type(lake.files("ops._lineage.done"))
    where = {"append": (loading, "_append"), "archive": (loading, "_archive"),
             "write": (files, "write"), "remove": (files, "remove")}[point]  # fmt: skip

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*where, dies)
        with pytest.raises(KeyboardInterrupt):
            load_lineage(lake)
    assert pending(lake) == [f"{RUN}.spark.jsonl"]
    again = load_lineage(lake)
    assert (again.writes, again.known) == ((1, 0) if point == "append" else (0, 1))
    assert (edges(lake), pending(lake)) == ({FROM_EMAIL}, [])
    done = Path(lake.path("ops._lineage.done"), f"{RUN}.spark.jsonl.gz")
    assert gzip.decompress(done.read_bytes()) == content


def test_two_loaders_at_once_load_each_write_once(lake):
    one_write(lake)
    patient = lake.settings.model_copy(update={"wait_seconds": 60.0})
    found, barrier = [], threading.Barrier(3)

    def loads() -> None:
        mine = Lake(patient)
        barrier.wait()
        found.append(load_lineage(mine).writes)

    threads = [threading.Thread(target=loads) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(found), edges(lake)) == ([0, 0, 1], {FROM_EMAIL})


def test_a_loader_that_waits_too_long_is_told_who_is_at_work(lake):
    one_write(lake)
    with (
        Lake(lake.settings).leases.holding("ops.data_lineage"),
        pytest.raises(TransientError, match=r"ops\.data_lineage is in use"),
    ):
        load_lineage(lake)
    assert load_lineage(lake).writes == 1


def test_files_of_a_run_that_is_alive_wait_except_for_that_run_itself(lake):
    one_write(lake)
    live = {"run_id": RUN, "host": "elsewhere", "started_at": "2026-01-01T00:00:00+00:00",
            "heartbeat_at": "2999-01-01T00:00:00+00:00"}  # fmt: skip
    lake.files("ops._live").write(f"{RUN}.json", json.dumps(live).encode())
    waiting = load_lineage(lake)
    assert (waiting.waiting, waiting.files, waiting.edges) == (1, 0, 0)
    assert pending(lake) == [f"{RUN}.spark.jsonl"]
    assert load_lineage(lake, RUN).writes == 1


# Files that hold anything at all.


def test_of_a_hostile_file_every_line_is_counted_and_the_good_ones_load(lake):
    at = commit(lake, "gold.x")
    began, ended = written(lake, "gold.x", EMAIL, at - 50, at + 50)
    pend(
        lake,
        b"x" * (100 << 20) + b"\n",
        began,
        b'{"a": ' + b"[" * 100_000 + b"\n",
        b"\xff\n",
        b"{}\n",
        b"[]\n",
        ended,
        *written(lake, "gold.x", EMAIL, at - 50, at + 50, run_id=None),
        ended[: len(ended) // 2].encode(),
    )
    pend(lake, b"no file of events\n", name="README.txt")
    loaded = load_lineage(lake)
    assert loaded.refused == {
        Refusal.TOO_LONG: 1, Refusal.TOO_DEEP: 1, Refusal.NOT_TEXT: 1, Refusal.NOT_AN_EVENT: 2,
        Refusal.TRUNCATED: 1,
    }  # fmt: skip
    assert (loaded.files, loaded.left_out, edges(lake)) == (1, {"foreign": 2}, {FROM_EMAIL})
    assert pending(lake) == ["README.txt"]


def test_times_at_the_ends_of_the_calendar_are_no_commit(lake):
    commit(lake, "gold.x")
    lines = written(lake, "gold.x", EMAIL, 0, 1)
    first = [line.replace("1970-01-01", "0001-01-01").replace("Z", "+23:59") for line in lines]
    last = [line.replace("1970-01-01", "9999-12-31").replace("Z", "-23:59") for line in lines]
    pend(lake, *first, *last)
    assert load_lineage(lake).left_out == {"uncommitted": 2}


def test_names_that_are_code_are_only_names(lake):
    at = commit(lake, "gold.x")
    column = "a'; drop table t; -- \n\x00 ø"
    fields = {column: [("silver.t", column, "IDENTITY")]}
    pend(lake, *written(lake, "gold.x", fields, at - 1, at + 1))
    load_lineage(lake)
    [row] = lake.query("ops.data_lineage", "select * from t")
    assert (row["input_column"], row["output_column"]) == (column, column)


def test_a_tag_that_is_code_is_only_text(lake):
    tag = "x' or 1=1 --"
    at = commit(lake, "gold.x", tag)
    pend(lake, *written(lake, "gold.x", EMAIL, at - 1, at + 1, run_id=tag))
    pend(lake, told(lake, "gold.x", 0, EMAIL, at, run_id=tag), name=OURS)
    assert load_lineage(lake).writes == 1
