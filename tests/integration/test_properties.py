"""Refining delivery by delivery equals all at once; late deliveries never beat a newer version.

Many random cases share one DataFrame: a case is a key of its own.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from conf.contract import SourceContract
from tests.lakes import content, run_pipeline, same_key
from tests.unit.contract_texts import SALES, write
from tests.unit.test_versions import CONTRACT, SCHEMA, SEQUENCED, SILVER
from transformations.names import DELIVERY
from transformations.versions import PUBLISHED, matched_with, with_winners

SEED = 20260501
CASES = 400
DELIVERIES = 4

Version = tuple[str | None, int, int, str]  # sequence, delivery, row, content
Silver = dict[str, Version]


@dataclass(frozen=True)
class Row:
    """A standardized row; `content` names the sequence too, as a row hash covers its column."""

    key: str
    delivery: int
    row: int
    sequence: str | None
    content: str
    valid: bool = True

    @property
    def version(self) -> Version:
        return self.sequence, self.delivery, self.row, self.content


def random_rows(rng: random.Random, *, sequenced: bool) -> list[Row]:
    """Few contents and few sequences, so that ties, repetitions and returns are common."""
    made = []
    for case in range(CASES):
        for delivery in range(1, DELIVERIES + 1):
            for row in rng.sample(range(1, 9), rng.choice([0, 1, 1, 2, 3])):
                sequence = rng.choice("1123") if sequenced else None
                text = f"{sequence or ''}{rng.choice('xxy')}"
                valid = rng.random() > 0.1
                made.append(Row(f"k{case}", delivery, row, sequence, text, valid))
    return made


def refined(
    spark: SparkSession, contract: SourceContract, rows: Sequence[Row], batches: Iterable[range]
) -> tuple[Silver, list[tuple[int, int, str, str]]]:
    """Silver after some batches, MERGE done by hand; and what became of each row."""
    silver: Silver = {}
    outcomes = []
    for batch in batches:
        known = spark.createDataFrame(
            [(k, c, s, d, r) for k, (s, d, r, c) in silver.items()], SILVER
        )
        here = [
            (r.delivery, r.row, [r.key], r.content, r.sequence, [] if r.valid else ["rule: x"])
            for r in rows
            if r.delivery in batch
        ]
        marked = (
            spark.createDataFrame(here, SCHEMA)
            .transform(with_winners(contract))
            .transform(matched_with(known if silver else None, contract))
        )
        for r in marked.collect():
            outcomes.append((r[DELIVERY], r["_bronze_row"], r["_key"][0], r["_outcome"]))
            if r["_outcome"] in PUBLISHED:
                found = (r["_sequence"], r[DELIVERY], r["_bronze_row"], r["_row_hash"])
                assert (r["_key"][0] in silver) == (r["_outcome"] == "updated")
                silver[r["_key"][0]] = found
    return silver, outcomes


def folded(rows: Sequence[Row], *, sequenced: bool) -> Silver:
    """The same, as DESIGN.md's sentence on versions reads, without Spark."""
    silver: Silver = {}
    for delivery in range(1, DELIVERIES + 1):
        best: dict[str, Row] = {}
        for r in sorted(rows, key=lambda r: r.row):
            if r.delivery != delivery or not r.valid:
                continue
            old = best.get(r.key)
            if old is None or (sequenced and (r.sequence, r.row) > (old.sequence, old.row)):
                best[r.key] = r
        for name, r in best.items():
            old_version = silver.get(name)
            if old_version is None or (
                r.content != old_version[3] and (not sequenced or r.version[:3] > old_version[:3])
            ):
                silver[name] = r.version
    return silver


ONE_BY_ONE = [range(n, n + 1) for n in range(1, DELIVERIES + 1)]
IN_PAIRS = [range(1, 3), range(3, 5)]
AT_ONCE = [range(1, DELIVERIES + 1)]


@pytest.mark.parametrize("sequenced", [True, False])
def test_refining_in_any_batches_gives_the_same_silver(spark, sequenced):
    print(f"seed {SEED}")
    rows = random_rows(random.Random(SEED), sequenced=sequenced)
    contract = SEQUENCED if sequenced else CONTRACT
    expected = folded(rows, sequenced=sequenced)
    assert len(expected) > CASES * 0.8
    for batches in (ONE_BY_ONE, IN_PAIRS, AT_ONCE):
        silver, outcomes = refined(spark, contract, rows, batches)
        odd = [k for k in expected if silver.get(k) != expected[k]]
        assert (odd, len(silver)) == ([], len(expected)), [r for r in rows if r.key in odd[:1]]
        # Every row has one outcome, and just the invalid ones are quarantined.
        assert len({o[:3] for o in outcomes}) == len(outcomes) == len(rows)
        assert sum(o[3] == "quarantined" for o in outcomes) == sum(not r.valid for r in rows)


def test_any_order_of_late_deliveries_gives_the_newest_version(spark):
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    rows = random_rows(rng, sequenced=True)
    newest = {}
    for r in rows:
        if r.valid and r.version > newest.get(r.key, ("",))[:3]:
            newest[r.key] = r.version
    order = list(range(1, DELIVERIES + 1))
    rng.shuffle(order)
    late = [Row(r.key, order[r.delivery - 1], r.row, r.sequence, r.content, r.valid) for r in rows]
    for given in (rows, late):
        silver, _ = refined(spark, SEQUENCED, given, ONE_BY_ONE)
        assert set(silver) == set(newest)
        for name, (sequence, *_, text) in silver.items():
            assert sequence == newest[name][0]
            ties = {r.version for r in given if r.valid and (r.key, r.sequence) == (name, sequence)}
            assert text == max(ties)[3]  # of equal sequences the later delivery, then row


def test_without_a_sequence_the_first_row_of_the_last_delivery_is_the_content(spark):
    print(f"seed {SEED}")
    rows = [r for r in random_rows(random.Random(SEED + 1), sequenced=False) if r.valid]
    silver, _ = refined(spark, CONTRACT, rows, ONE_BY_ONE)
    for name, (*_, text) in silver.items():
        last = min((r for r in rows if r.key == name), key=lambda r: (-r.delivery, r.row))
        assert text == last.content


@pytest.fixture
def one_key(tmp_path):
    with same_key(tmp_path):
        yield


@pytest.mark.full
def test_from_files_to_gold_in_any_order_and_any_number_of_runs(spark, tmp_path, one_key):
    """Every version of a key is one of a kind here, so that the order may be any."""
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    versions = rng.sample([(no, changed) for no in range(12) for changed in range(9)], 60)
    lines = [
        f"{no},b{rng.randrange(5)},2024-0{changed + 1}-0{rng.randrange(1, 10)},"
        f"{'x' if rng.random() < 0.1 else rng.randrange(100)},{changed}"
        for no, changed in versions
    ]
    files = {f"sales-{n}.csv": lines[n * 30 : n * 30 + 30] for n in range(2)}
    (tmp_path / "contracts").mkdir()
    write(tmp_path / "contracts", SALES)

    def lake(name: str, *groups: Sequence[int]) -> Path:
        """A lake that got groups of files, a run for each group."""
        sources = tmp_path / f"sources {name}"
        sources.mkdir()
        for number in (n for group in groups for n in group):
            path = sources / f"sales-{number}.csv"
            told = ["no,buyer,day,price,changed", *files[path.name]]
            path.with_name(f".{path.name}").write_text("\n".join(told) + "\n")
        second = 1_700_000_000
        for group in groups:
            for number in group:
                path = sources / f"sales-{number}.csv"
                path.with_name(f".{path.name}").rename(path)
                os.utime(path, (second, second))
                second += 1
            run = run_pipeline(spark, sources, tmp_path / name, contracts=tmp_path / "contracts")
            assert (run.exit_code, run.message) == (0, "")
        return tmp_path / name

    late, at_once = lake("late", [1], [0]), lake("at once", [0, 1])
    for name in ("silver.sales", "gold.customer_360", "gold.customer_features", "ops.quarantine"):
        assert content(late, name).equals(content(at_once, name)), name
    newest: dict[int, int] = {}
    for (no, changed), line in zip(versions, lines, strict=True):
        if ",x," not in line:
            newest[no] = max(changed, newest.get(no, -1))
    silver = content(late, "silver.sales")
    assert dict(zip(silver["no"].map(int), silver["changed"].map(int), strict=True)) == newest
