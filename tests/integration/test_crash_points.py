"""A crash at every write, one after the other and each on its own: the end is as undisturbed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.crashes import Crash, Crashes
from tests.lakes import content, counts, rows, run_pipeline, same_key
from tests.unit.contract_texts import SALES, write

COMPARED = (
    "bronze.sales",
    "silver.sales",
    "gold.customer_360",
    "gold.customer_features",
    "ops.quarantine",
)
HEADER = "no,buyer,day,price,changed"
FIRST = ["1,ann,2024-01-01,10.00,1", "2,bo,2024-01-02,20.00,5", "3,cy,2024-01-03,30.00,1"]
# An update, an unchanged row, a stale one, a new one twice, and one for quarantine.
SECOND = ["1,ann,2024-01-01,11.00,2", "2,bo,2024-01-02,21.00,4", "3,cy,2024-01-03,30.00,1",
          "4,di,2024-01-04,40.00,1", "4,di,2024-01-04,40.00,1", "5,ed,never,50.00,1"]  # fmt: skip
THIRD = ["1,ann,2024-01-01,12.00,3", "6,flo,2024-02-06,60.00,1"]


class Pair:
    """Two lakes with the same sources and key: one that suffers, one that does not."""

    def __init__(self, spark, folder: Path, crashes: Crashes) -> None:
        self._spark, self._crashes = spark, crashes
        self.sources, self.lake, self.calm = (folder / n for n in ("sources", "lake", "calm"))
        self.sources.mkdir()
        self._contracts = folder / "contracts"
        self._contracts.mkdir()
        write(self._contracts, SALES)
        self.moments: list[str] = []

    def deliver(self, name: str, lines: list[str]) -> None:
        (self.sources / f"sales-{name}.csv").write_text("\n".join([HEADER, *lines]) + "\n")

    def calm_run(self):
        """Undisturbed, on the other lake; remembers the moments at which it could have died."""
        self._crashes.arm(None)
        run = run_pipeline(self._spark, self.sources, self.calm, contracts=self._contracts)
        assert (run.exit_code, run.message) == (0, "")
        self.moments = list(self._crashes.seen)
        return run

    def crash(self, moment: str) -> None:
        self._crashes.arm(moment)
        with pytest.raises(Crash):
            run_pipeline(self._spark, self.sources, self.lake, contracts=self._contracts)
        assert self._crashes.seen[-1] == moment

    def finish(self) -> None:
        """The run after the crashes, and the comparison."""
        self._crashes.arm(None)
        run = run_pipeline(self._spark, self.sources, self.lake, contracts=self._contracts)
        assert (run.exit_code, run.message) == (0, "")
        for name in COMPARED:
            assert content(self.lake, name).equals(content(self.calm, name)), name
        assert [p.name for p in (self.lake / "ops" / "_live").iterdir()] == []
        assert not (self.lake / "ops" / "_staging" / "sales").exists()


@pytest.fixture
def pair(spark, tmp_path, monkeypatch):
    with same_key(tmp_path):
        yield Pair(spark, tmp_path, Crashes(monkeypatch))


def written(pair: Pair) -> list[str]:
    """The moments of the undisturbed run; staging is removed several times, which has no name."""
    return [m for m in pair.moments if " remove " not in m]


@pytest.mark.full
def test_a_crash_at_every_write_one_after_the_other(pair):
    """Each run goes on where the one before died, and dies a little later."""
    pair.deliver("1", FIRST)
    pair.calm_run()
    for moment in ("before append silver.sales 1", "after append silver.sales 1"):
        pair.crash(moment)
    pair.finish()

    pair.deliver("2", SECOND)
    pair.deliver("3", THIRD)
    calm = pair.calm_run()
    assert counts(calm, "sales") == {
        "read": 8, "inserted": 2, "updated": 1, "unchanged": 1, "stale": 1, "duplicates": 2,
        "quarantined": 1,
    }  # fmt: skip
    moments = [m for m in written(pair) if m.startswith("before")]
    moments.insert(moments.index("before batches published 2"), "after merge silver.sales 2")
    assert len(moments) == 23, moments
    for moment in moments:
        pair.crash(moment)
        (pair.lake / "ops" / "_staging" / "sales").mkdir(parents=True, exist_ok=True)
        (pair.lake / "ops" / "_staging" / "sales" / "half.parquet").write_text("half")
    pair.crash("before pipeline_runs pipeline killed")
    pair.finish()
    told = [r["status"] for r in rows(pair.lake, "ops.pipeline_runs") if r["job"] == "pipeline"]
    # The one that died while it closed others had not begun: it has no record.
    assert (told.count("killed"), told.count("succeeded")) == (2 + len(moments), 2)


@pytest.mark.full
def test_a_crash_at_a_write_on_its_own(pair):
    """New deliveries for each of some moments, drawn from all; a whole run after each crash."""
    seed = 20260102
    print(f"seed {seed}")
    rng = random.Random(seed)

    def deliver(step: int) -> None:
        """An update, an unchanged row, a new one twice and one for quarantine, and random rows."""
        lines = [
            f"u,ann,2024-01-01,{step}.00,{step}", "s,bo,2024-01-02,1.00,1",
            f"n{step},cy,2024-01-03,1.00,1", f"n{step},cy,2024-01-03,1.00,1", "q,di,never,1.00,1",
        ]  # fmt: skip
        some = [
            f"{rng.randrange(12)},b{rng.randrange(5)},2024-03-01,{rng.randrange(99)}.00,"
            f"{rng.randrange(step, step + 3)}"
            for _ in range(4)
        ]
        pair.deliver(f"{step:03d}a", lines)
        pair.deliver(f"{step:03d}b", some)

    deliver(1)
    pair.calm_run()
    pair.crash("after append silver.sales 1")
    pair.finish()
    for step, number in enumerate(sorted(rng.sample(range(44), 5)), 2):
        deliver(step)
        pair.calm_run()
        moments = written(pair)
        assert len(moments) == 44, moments
        pair.crash(moments[number])
        pair.finish()
