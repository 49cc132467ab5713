"""What the detector is unsure of goes to review by reference alone, and what is said there counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.contract_reader import load_contracts
from conf.secrets import key_source
from conf.settings import load_settings
from jobs.review_pii import review
from jobs.runtime.lake import Lake
from jobs.runtime.reviewing import Reviewer, precision, waiting
from tests.crashes import Crash, Crashes
from tests.lakes import counts, rows, run_pipeline
from tests.leaks import Needles, scan
from tests.unit.contract_texts import column, key, table, write

NAME, NUMBER = "Josephine", "1234-1234567"
FIRST = {
    "1": f"We met {NAME} yesterday in the shop",
    "2": f"  hylde {NUMBER} i dag ",
    "3": "Skriv til a.b@example.dk",
    "4": "Intet at bemærke",
}
SECOND = {
    "5": f"I saw {NAME.upper()} in the shop. The shop has {NAME} in two sizes",
    "6": f"se {NUMBER} i dag",
    "7": f"Dear {NAME}, thank you",
    "8": "hylde 2345-1234567 i dag",
}
THIRD = {"9": "hylde 3456-1234567 i dag", "10": "We met Genevieve yesterday in the shop"}
PLACES = 'select batch, _bronze_row, start, "end", entity, found from t order by 1, 2, 3'


class Place:
    def __init__(self, spark, folder: Path) -> None:
        self._spark = spark
        self.sources, self.contracts, self.folder = (
            folder / n for n in ("sources", "contracts", "lake")
        )
        self.sources.mkdir()
        self.contracts.mkdir()
        write(self.contracts, table("notes", [key(), column("note")]))

    def deliver(self, name: str, notes: dict[str, str]) -> None:
        lines = ["id,note", *(f'{number},"{text}"' for number, text in notes.items())]
        (self.sources / f"notes-{name}.csv").write_text("\n".join(lines) + "\n")

    def run(self):
        return run_pipeline(self._spark, self.sources, self.folder, contracts=self.contracts)

    def done(self):
        run = self.run()
        assert (run.exit_code, run.message) == (0, "")
        return run

    @property
    def lake(self) -> Lake:
        return Lake(load_settings(lake=str(self.folder)))

    def review(self, answers: dict[str, str]) -> list[str]:
        """Answer by the text that is shown; returns what was shown."""
        keys = key_source(self.lake.settings)
        reviewer = Reviewer(self.lake, load_contracts(self.contracts), keys, "ann")
        seen = []

        def ask(span, shown, left):
            seen.append(shown.span)
            return answers.get(shown.span, "s")

        review(reviewer, waiting(self.lake), ask)
        return seen

    def kept(self) -> list[tuple]:
        return [tuple(r.values()) for r in rows(self.folder, "ops.pii_review", PLACES)]

    def notes(self) -> dict[str, str]:
        found = rows(self.folder, "silver.notes", "select id, note from t")
        return {r["id"]: r["note"] for r in found}


@pytest.fixture
def place(spark, tmp_path):
    return Place(spark, tmp_path)


def test_unsure_spans_are_reviewed_and_the_verdicts_count(place, monkeypatch):
    place.deliver("1", FIRST)
    assert counts(place.done(), "notes") == {"read": 4, "inserted": 4}
    first = [
        (1, 2, 7, 16, "PERSON", True),
        (1, 3, 6, 18, "DK_BANK_ACCOUNT", False),
    ]
    assert place.kept() == first
    assert place.notes() == {
        "1": "We met <PERSON> yesterday in the shop",
        "2": f"hylde {NUMBER} i dag",
        "3": "Skriv til <EMAIL_ADDRESS>",
        "4": "Intet at bemærke",
    }

    place.done()
    assert place.kept() == first

    assert place.review({NAME: "n", NUMBER: "y"}) == [NAME, NUMBER]
    assert waiting(place.lake) == []
    assert {m.entity: m.precision for m in precision(place.lake)} == {
        "DK_BANK_ACCOUNT": None,
        "PERSON": 0.0,
    }

    place.deliver("2", SECOND)
    place.done()
    notes = place.notes()
    assert {n: notes[n] for n in SECOND} == {
        "5": SECOND["5"],
        "6": "se <DK_BANK_ACCOUNT> i dag",
        "7": "Dear <PERSON>, thank you",
        "8": SECOND["8"],
    }
    second = [*first, (2, 5, 6, 18, "DK_BANK_ACCOUNT", False)]
    assert place.kept() == second
    versions = rows(place.folder, "silver.notes", "select distinct _pii_version as v from t")
    assert len(versions) == 2

    crashes = Crashes(monkeypatch)
    crashes.arm("before append silver.notes 3")
    place.deliver("3", THIRD)
    with pytest.raises(Crash):
        place.run()
    third = [
        (3, 2, 6, 18, "DK_BANK_ACCOUNT", False),
        (3, 3, 7, 16, "PERSON", True),
    ]
    assert place.kept() == [*second, *third]
    assert {s["batch"] for s in waiting(place.lake)} == {2}, "batch 3 is not published"
    crashes.arm("before append silver.notes 3")
    with pytest.raises(Crash):
        place.run()
    assert place.kept() == [*second, *third], "the same batch again adds nothing"

    # Verdicts in between make another detector: the batch is done anew under another number.
    crashes.arm(None)
    assert place.review({"2345-1234567": "y"}) == ["2345-1234567"]
    place.done()
    events = rows(place.folder, "ops.batches", "select * from t order by recorded_at")
    statuses = {b["batch"]: b["status"] for b in events}
    assert (statuses[3], statuses[4]) == ("abandoned", "published")
    assert {s["batch"] for s in waiting(place.lake)} == {4}
    assert place.kept() == [*second, *third, *((4, *span[1:]) for span in third)]

    needles = Needles(("name", t) for t in (NAME, NUMBER, "Genevieve"))
    assert scan(needles, place.folder / "ops") == []
    assert {leak.kind for leak in scan(needles, place.folder / "bronze")} == {"name"}
    assert {"_unsure", "_pii"}.isdisjoint(rows(place.folder, "silver.notes")[0])


def test_a_batch_brings_at_most_so_many_and_the_same_ones(place, monkeypatch):
    from jobs.runtime import publishing
    from udfs.pii.config import pii_config

    class Few:
        review_per_batch = 5

    assert pii_config().review_per_batch == 1000
    monkeypatch.setattr(publishing, "pii_config", Few)
    place.deliver("1", {str(n): f"hylde {n:04}-1234567 i dag" for n in range(1000, 1040)})
    crashes = Crashes(monkeypatch)
    crashes.arm("before batches published 1")
    with pytest.raises(Crash):
        place.run()
    kept = place.kept()
    assert len(kept) == 5
    assert max(row for _, row, *_ in kept) - min(row for _, row, *_ in kept) > 5
    crashes.arm(None)
    place.done()
    assert place.kept() == kept
