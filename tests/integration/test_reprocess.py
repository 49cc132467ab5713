"""The way back: what is held or in quarantine is decided, corrected and taken again, exactly once."""

from __future__ import annotations

import csv
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from conf.contract_reader import load_contracts
from conf.errors import UsageError
from conf.secrets import key_source
from conf.settings import load_settings
from jobs.build_gold import build_gold
from jobs.refine import refine
from jobs.reprocess import reprocess
from jobs.runtime.accounting import verify_accounting, verify_table
from jobs.runtime.deciding import Dead, Request
from jobs.runtime.lake import Lake
from jobs.runtime.quarantined import quarantined
from jobs.runtime.runs import Run
from jobs.runtime.waiting import waiting, write_template
from tests.lakes import content, counts, rows, run_pipeline, same_key
from tests.unit.contract_texts import column, key, table, write


@pytest.fixture
def place(tmp_path):
    for name in ("contracts", "sources"):
        (tmp_path / name).mkdir()
    with same_key(tmp_path):
        yield tmp_path


def parts(place: Path, words: dict | None = None, *, limit: int = 100, **odcs: object) -> None:
    """A table of parts whose prices are numbers; one of more than `limit` fails a check."""
    told = {"name": "price_plausible", "type": "custom", "engine": "soda", "severity": "error"}
    condition = {"failed rows": {"fail condition": f"price > {limit}"}}
    check = {**told, "dimension": "accuracy", "implementation": condition}
    price = column("price", "number", {"treatment": "keep"}, classification="internal")
    made = table("parts", [key("part_id"), price], words, quality=[check], **odcs)
    write(place / "contracts", made, file="parts")


def deliver(place: Path, name: str, *lines: str, header: str = "part_id,price") -> None:
    (place / "sources" / f"{name}.csv").write_text("\n".join([header, *lines, ""]))


def run(spark, place: Path) -> Run:
    return run_pipeline(spark, place / "sources", place / "lake", contracts=place / "contracts")


def again(spark, place: Path, lake: str = "lake", **request: object) -> Run:
    """What `jobs/reprocess.py` does; a usage error leaves as it would end the command."""
    settings = load_settings(lake=str(place / lake), wait_seconds=5)
    made = Run("reprocess", settings, load_contracts(place / "contracts"), key_source(settings))
    made.lake.use(spark)
    with made.recorded():
        reprocess(made, Request(**{"why": "a test", **request}))  # type: ignore[arg-type]
    if isinstance(made.failure, UsageError):
        raise made.failure
    return made


def correct(spark, place: Path, *lines: Sequence[object]) -> Run:
    with (place / "corrections.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("table", "delivery", "row", "column", "value"), *lines])
    return again(spark, place, corrections=place / "corrections.csv")


def rebuilt(spark, place: Path) -> Path:
    """Silver and Gold from Bronze, its corrections and decisions alone."""
    lake = place / "rebuilt"
    shutil.rmtree(lake, ignore_errors=True)
    shutil.copytree(place / "lake" / "bronze", lake / "bronze")
    for name in ("deliveries", "decisions"):
        if (place / "lake" / "ops" / name).exists():
            shutil.copytree(place / "lake" / "ops" / name, lake / "ops" / name)
    settings = load_settings(lake=str(lake), wait_seconds=5)
    made = Run("refine", settings, load_contracts(place / "contracts"), key_source(settings))
    made.lake.use(spark)
    with made.recorded():
        refine(made)
        build_gold(made)
        verify_accounting(made)
    assert made.exit_code == 0, made.message
    return lake


def same(first: Path, second: Path, *names: str) -> None:
    for name in names:
        pd.testing.assert_frame_equal(content(first, name), content(second, name))


def silver(place: Path, name: str = "parts") -> dict[str, tuple[float, int, int]]:
    """Key: price, delivery and row."""
    return {
        row["part_id"]: (float(row["price"]), row["_silver_delivery"], row["_silver_row"])
        for row in rows(place / "lake", f"silver.{name}")
    }


def reasons(place: Path, name: str = "parts") -> Counter[str]:
    lake = Lake(load_settings(lake=str(place / "lake")))
    return Counter(row.reason for row in quarantined(lake, name))


def test_a_held_delivery_is_released_or_rejected(spark, place):
    parts(place)
    deliver(place, "parts_1", "a,1", "b,2")
    deliver(place, "parts_2", "a,200", "c,3", "d,x")
    assert counts(run(spark, place), "parts") == {"read": 5, "held": 5}
    deliver(place, "parts_3", "e,300")
    assert run(spark, place).exit_code == 3
    with pytest.raises(UsageError, match="delivery 4 is not held in parts; held are: parts 1, par"):
        again(spark, place, release=(4,))

    partly = again(spark, place, release=(1,))  # the other of its batch is not decided
    assert (partly.exit_code, counts(partly, "parts")) == (3, {"read": 5, "held": 5})
    done = again(spark, place, reject=(2,))
    assert counts(done, "parts") == {"read": 5, "inserted": 2, "quarantined": 3}
    assert (done.exit_code, reasons(place)) == (3, {"rejected": 3})  # the third still waits
    released = again(spark, place, release=(3,))
    assert (released.exit_code, counts(released, "parts")) == (0, {"read": 1, "inserted": 1})
    assert silver(place) == {"a": (1, 1, 2), "b": (2, 1, 3), "e": (300, 3, 2)}
    told = sorted(rows(place / "lake", "ops.decisions"), key=lambda d: d["recorded_at"])
    assert [(d["delivery"], d["decision"], d["why"]) for d in told] == [
        (1, "release", "a test"),
        (2, "reject", "a test"),
        (3, "release", "a test"),
    ]
    assert again(spark, place, release=(3,)).tables == {}  # said twice, done once
    same(place / "lake", rebuilt(spark, place), "silver.parts")

    back = again(spark, place, release=(2,))  # a rejected delivery is let in after all
    assert counts(back, "parts") == {"read": 3, "inserted": 1, "updated": 1, "quarantined": 1}
    assert silver(place)["a"] == (200, 2, 2)
    same(place / "lake", rebuilt(spark, place), "silver.parts")


@pytest.mark.full
def test_what_is_released_late_never_beats_what_came_after_it(spark, place):
    parts(place)
    deliver(place, "parts_1", "a,1", "b,1", "c,1")
    assert run(spark, place).exit_code == 0
    deliver(place, "parts_2", "a,200", "b,200", "c,200", "d,200")
    assert run(spark, place).exit_code == 3
    deliver(place, "parts_3", "a,1", "b,3")  # `a` is again as it was
    assert counts(run(spark, place), "parts") == {"read": 2, "updated": 1, "unchanged": 1}
    done = again(spark, place, release=(2,))
    assert silver(place) == {"a": (1, 3, 2), "b": (3, 3, 3), "c": (200, 2, 4), "d": (200, 2, 5)}
    # `a` of the third delivery is taken along: since the second, it is what brought the content.
    assert counts(done, "parts") == {"read": 5, "inserted": 1, "updated": 2, "duplicates": 2}
    assert done.exit_code == 0, done.message
    same(place / "lake", rebuilt(spark, place), "silver.parts")


def test_quarantined_rows_are_corrected_and_come_in_once(spark, place):
    parts(place)
    deliver(place, "parts_1", "a,1", "b,x", "c,y", ",4")
    deliver(place, "parts_2", "a,2", "b,7", 'd,"5', "e,6")
    first = run(spark, place)
    assert counts(first, "parts") == {"read": 8, "inserted": 3, "duplicates": 1, "quarantined": 4}
    before = rows(place / "lake", "bronze.parts")

    lines = [("parts", 1, 3, "price", "8"), ("parts", 1, 4, "price", "z")]
    done = correct(spark, place, *lines)
    # `b` of the first delivery is older than what came in the second
    assert counts(done, "parts") == {"read": 2, "duplicates": 1, "quarantined": 1}
    assert silver(place)["b"] == (7, 2, 3)
    assert done.exit_code == 0, done.message
    told = correct(spark, place, *lines)
    assert (told.exit_code, told.tables) == (0, {})  # the same file says nothing new

    done = correct(
        spark,
        place,
        ("parts", 1, 4, "price", "9"),
        ("parts", 1, 5, "part_id", "f"),
        ("parts", 2, 4, "part_id", "d"),  # a line that did not parse: all its values are said
        ("parts", 2, 4, "price", "5"),
    )
    assert counts(done, "parts") == {"read": 3, "inserted": 3}
    assert (silver(place)["c"], silver(place)["d"]) == ((9, 1, 4), (5, 2, 4))
    assert rows(place / "lake", "bronze.parts") == before  # as received, for ever
    assert not reasons(place)
    total = verify_table(Lake(load_settings(lake=str(place / "lake"))), "parts", "test")
    assert (total.read, total.inserted, total.quarantined) == (8, 6, 5)
    same(place / "lake", rebuilt(spark, place), "silver.parts")


def test_a_file_of_corrections_is_judged_whole(spark, place):
    parts(place)
    deliver(place, "parts_1", "a,1", "b,x")
    run(spark, place)
    before = rows(place / "lake", "ops.batches")
    with pytest.raises(UsageError) as told:
        correct(
            spark,
            place,
            ("parts", 1, 3, "price", "8"),
            ("parts", 1, 2, "price", "8"),
            ("parts", 1, 3, "prize", "8"),
            ("arts", 1, 3, "price", "8"),
            ("parts", 1, 3, "price", "9"),
        )
    for part in (
        "line 3: row 2 of delivery 1 of parts is neither in quarantine nor held",
        "line 4: its column is none of parts's: part_id and price",
        "line 5: its table is none of parts",
        "line 6: price of row 3 of delivery 1 of parts is corrected twice",
        "nothing of the file was taken",
    ):
        assert part in str(told.value)
    assert not (place / "lake" / "bronze" / "corrections").exists()
    assert rows(place / "lake", "ops.batches") == before
    (place / "bad.csv").write_text("table,delivery,row,column,value\nparts,one,3,price,8\n")
    with pytest.raises(UsageError, match="lines 2: five fields are needed"):
        again(spark, place, corrections=place / "bad.csv")


@pytest.mark.full
def test_rows_that_come_back_too_often_are_dead_until_somebody_decides(spark, place):
    parts(place)
    deliver(place, "parts_1", "a,1", "b,x", "c,y")
    run(spark, place)
    for _ in range(3):
        assert counts(again(spark, place, retry=True), "parts") == {"read": 2, "quarantined": 2}
    assert again(spark, place, retry=True).tables == {}
    lake = Lake(load_settings(lake=str(place / "lake")))
    (told,) = waiting(lake, ["parts"], 3)["quarantined"]
    assert {k: told[k] for k in ("reason", "rule", "open", "dead", "discarded")} == {
        "reason": "unparseable",
        "rule": "price",
        "open": 0,
        "dead": 2,
        "discarded": 0,
    }
    with pytest.raises(
        UsageError, match="line 2: row 3 of delivery 1 of parts is dead after 3 att"
    ):
        correct(spark, place, ("parts", 1, 3, "price", "8"))

    assert counts(again(spark, place, dead=Dead.RETRY), "parts") == {"read": 2, "quarantined": 2}
    done = correct(spark, place, ("parts", 1, 3, "price", "8"))
    assert counts(done, "parts") == {"read": 1, "inserted": 1}
    for _ in range(2):
        again(spark, place, retry=True)
    assert again(spark, place, dead=Dead.DISCARD).tables == {}
    (told,) = waiting(lake, ["parts"], 3)["quarantined"]
    assert (told["open"], told["dead"], told["discarded"]) == (0, 0, 1)


@pytest.mark.full
def test_a_corrected_contract_lets_rows_in_on_request(spark, place):
    deliver(place, "parts_1", "a,1", 'b,"2,5"')
    parts(place)
    run(spark, place)
    lake = Lake(load_settings(lake=str(place / "lake")))
    assert (
        write_template(
            lake, load_contracts(place / "contracts"), ["parts"], 3, place / "template.csv"
        )
        == 1
    )
    assert (place / "template.csv").read_text().splitlines() == [
        "table,delivery,row,column,value",
        "parts,1,3,price,",
    ]
    price = {"treatment": "keep", "decimalSeparator": ","}
    told = column("price", "number", price, classification="internal")
    write(place / "contracts", table("parts", [key("part_id"), told]), file="parts")
    assert run(spark, place).tables == {}  # not by itself
    done = again(spark, place, retry=True)
    assert counts(done, "parts") == {"read": 1, "inserted": 1}
    assert silver(place)["b"][0] == 2.5


def orphans(place: Path) -> None:
    """Sales that wait for their parts."""
    words = {"lateParent": "wait", "treatment": "keep"}
    of_part = column("part_id", words=words, relationships=[{"to": "parts.part_id"}])
    write(place / "contracts", table("sales", [key("sale_id"), of_part]), file="sales")


@pytest.mark.full
def test_orphans_are_taken_again_when_their_parents_come(spark, place):
    parts(place)
    orphans(place)
    deliver(place, "sales_1", "s1,a", "s2,b", "s3,c", header="sale_id,part_id")
    deliver(place, "parts_1", "a,1")
    first = run(spark, place)
    assert counts(first, "sales") == {"read": 3, "inserted": 1, "quarantined": 2}
    assert reasons(place, "sales") == {"parent_missing": 2}
    assert "sales" not in run(spark, place).tables
    deliver(place, "parts_2", "b,1", "d,1")
    second = run(spark, place)
    assert counts(second, "sales") == {"read": 1, "inserted": 1}
    assert reasons(place, "sales") == {"parent_missing": 1}
    deliver(place, "parts_3", "e,1")
    third = run(spark, place)
    assert "sales" not in third.tables or counts(third, "sales") == {}
    assert "sales" not in run(spark, place).tables
    assert third.exit_code == 0, third.message
    same(place / "lake", rebuilt(spark, place), "silver.sales", "silver.parts")


@pytest.mark.full
@pytest.mark.parametrize("shape", ["plain", "sequenced", "keyless", "increments"])
@pytest.mark.parametrize("seed", [20261125])
def test_any_order_of_corrections_ends_as_a_rebuild(spark, place, shape, seed):
    """Few keys, contents and sequences, so that ties, repetitions and returns are common."""
    rng = random.Random(f"{shape} {seed}")
    write(place / "contracts", _shaped(shape), file="parts")
    bad = []
    for number in range(1, 5):
        lines = []
        for row in range(2, 12):
            is_bad = rng.random() < 0.4
            price = "x" if is_bad else rng.choice("12")
            lines.append(f"{rng.choice('abcd')},{price},{rng.choice('112')}")
            if is_bad:
                bad.append(("parts", number, row, "price", rng.choice("123")))
        deliver(place, f"parts_{number}", *lines, header="part_id,price,changed")
        if number in (1, 3, 4):
            assert run(spark, place).exit_code == 0
    rng.shuffle(bad)
    while bad:
        some, bad = bad[: len(bad) // 2 + 1], bad[len(bad) // 2 + 1 :]
        done = correct(spark, place, *some)
        assert done.exit_code == 0, done.message
        assert done.tables["parts"].read >= len(some)
    assert not reasons(place)
    same(place / "lake", rebuilt(spark, place), "silver.parts")


def _shaped(shape: str) -> dict:
    kept = {"treatment": "keep"}
    price = column("price", "number", kept, classification="internal")
    changed = column("changed", "integer", kept, classification="internal")
    part = column("part_id", words=kept, classification="internal")
    if shape in ("plain", "sequenced"):
        words = {"sequenceBy": "changed"} if shape == "sequenced" else {}
        return table("parts", [key("part_id"), price, changed], words)
    delivery = "full" if shape == "keyless" else "increment"
    return table("parts", [part, price, changed], {"delivery": delivery})
