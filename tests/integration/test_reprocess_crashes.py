"""A crash at any write of reprocessing, and the same command again: the end is as undisturbed."""

from __future__ import annotations

import random
import shutil

import pytest

from conf.settings import load_settings
from jobs.runtime.accounting import verify_table
from jobs.runtime.lake import Lake
from tests.crashes import Crash, Crashes
from tests.integration.test_reprocess import again, deliver, parts, place, run  # noqa: F401
from tests.lakes import content, rows

COMPARED = ("bronze.parts", "silver.parts", "ops.quarantine", "ops.duplicates", "ops.retaken")
CORRECTIONS = """table,delivery,row,column,value
parts,1,3,price,8
parts,1,4,price,9
parts,1,5,price,z
"""
SEED, DRAWN = 20261127, 5


@pytest.mark.full
def test_a_crash_at_a_write_of_reprocessing(spark, place, monkeypatch):  # noqa: F811
    """One row is stale by then, one is new, one stays in quarantine; a held delivery is released
    and of that one a row comes again as it was."""
    parts(place)
    deliver(place, "parts_1", "a,1", "b,x", "c,y", "d,z")
    run(spark, place)
    deliver(place, "parts_2", "a,200", "e,1")
    run(spark, place)
    deliver(place, "parts_3", "b,7", "a,1")
    assert run(spark, place).exit_code == 3
    (place / "k.csv").write_text(CORRECTIONS)
    wanted = {"corrections": place / "k.csv", "release": (2,)}
    shutil.copytree(place / "lake", place / "before")

    crashes = Crashes(monkeypatch)
    calm = again(spark, place, **wanted)
    assert calm.exit_code == 0, calm.message
    moments = [m for m in crashes.seen if " remove " not in m]
    print(f"seed {SEED}, {len(moments)} moments")
    drawn = random.Random(SEED).sample(moments, DRAWN)
    for moment in [*drawn, *(m for m in moments if m.startswith("after merge silver"))]:
        shutil.rmtree(place / "suffering", ignore_errors=True)
        shutil.copytree(place / "before", place / "suffering")
        crashes.arm(moment)
        with pytest.raises(Crash):
            again(spark, place, "suffering", **wanted)
        crashes.arm(None)
        done = again(spark, place, "suffering", **wanted)
        assert done.exit_code == 0, (moment, done.message)
        for name in COMPARED:
            told = content(place / "suffering", name)
            assert told.equals(content(place / "lake", name)), (moment, name)
        verify_table(Lake(load_settings(lake=str(place / "suffering"))), "parts", "test")
        values = [
            {k: c[k] for k in ("_bronze_row", "column", "value")}
            for c in rows(place / "suffering", "bronze.corrections")
        ]
        assert len(values) == 3, moment
