"""Invariant 4: nothing that a run leaves or makes on the way, outside Bronze, is in clear text."""

from __future__ import annotations

import json
from pathlib import Path

from jobs.generate_sources import generate_sources
from tests.leaks import Needles, planted_values, scan
from tests.submitted import ROOT, Place, submit


def place_with_sample(folder: Path, customers: int, orders: int) -> Place:
    place = Place(folder / "a run")
    generate_sources(place.sources, customers, orders, seed=11)
    return place


def run_watched(place: Place, script: Path, *arguments: str, **options) -> int:
    with place.watcher():
        return submit(place, script, *arguments, **options)


def assert_scanned_something(place: Place) -> None:
    """A scan of nothing proves nothing."""
    watcher = place.watcher()
    shuffles = [p for p in watcher.files(place.tmp) if "shuffle_" in p.name and p.stat().st_size]
    assert len(shuffles) > 0
    staged = watcher.files(place.lake / "ops" / "_staging")
    assert any(p.name.split("~")[0].endswith(".parquet") for p in staged)
    assert watcher.files(place.lake / "ops" / "_live")
    (event_log,) = {p.name.removesuffix(".inprogress") for p in place.events.iterdir()}
    assert (place.events / event_log).stat().st_size > 100_000
    assert (place.logs / "atlas.log").stat().st_size > 1000
    print(f"scratch: {len(watcher.files(place.tmp))} files, {len(shuffles)} of them shuffles")


def pipeline_arguments(place: Place) -> list[str]:
    return [
        str(place.sources), "--lake", str(place.lake), "--log-file", str(place.logs / "atlas.log")
    ]  # fmt: skip


def test_no_planted_value_is_left_or_made_on_the_way(tmp_path: Path):
    place = place_with_sample(tmp_path, 300, 600)
    script = ROOT / "jobs" / "pipeline.py"
    assert run_watched(place, script, *pipeline_arguments(place), "--json") == 0
    told = json.loads(place.text("stdout").splitlines()[-1])
    assert told["status"] == "succeeded" and told["tables"]["customers"]["inserted"] == 297
    assert_scanned_something(place)
    assert list(place.tmp.glob("atlas-*")) == [], "scratch is removed at the end"
    needles = Needles(planted_values(place.sources))
    leaks = scan(needles, place.kept, place.root, outside=[place.sources, place.lake / "bronze"])
    assert leaks == []
    assert {leak.kind for leak in scan(needles, place.lake / "bronze")} == {
        "id", "name", "email", "phone", "cpr", "date",
    }  # fmt: skip
