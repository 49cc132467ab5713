"""Every decision about a row and about a key is told, and no value."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest

from conf.contract_reader import load_contracts
from conf.errors import UsageError
from conf.settings import load_settings
from jobs import why
from jobs.runtime.lake import Lake
from jobs.runtime.row_story import Stories
from tests.integration.test_reprocess import deliver, parts, place, run  # noqa: F401  a fixture


@pytest.fixture
def stories(spark, place):  # noqa: F811
    parts(place)
    deliver(place, "parts_a", "p1,1", "p2,x", "p1,1", "p3,3")
    run(spark, place)
    deliver(place, "parts_b", "p1,2", "p3,3", "p4,500")
    run(spark, place)
    contracts = load_contracts(place / "contracts")
    return Stories(Lake(load_settings(lake=str(place / "lake"))), contracts.sources["parts"])


def told(story) -> list[tuple[str, str]]:
    return [(event.what, event.told) for event in story.events]


def test_a_row_from_its_delivery_to_where_it_is(stories):
    delivered = ("delivered", "row 2 of parts_a.csv, delivery 1 (received)")
    first = stories.of_row((1, 2))
    assert told(first) == [delivered, ("inserted", "batch 1")]
    assert first.now == "stands in silver.parts as p1", "delivery 2 is held: 500 is too much"
    quarantined = stories.of_row((1, 3))
    assert told(quarantined)[1][0] == "quarantined" and "price" in told(quarantined)[1][1]
    assert quarantined.now == "is not in silver.parts: quarantined"
    assert told(stories.of_row((1, 4)))[1] == ("duplicates", "row 1:2 counts, batch 1")
    held = stories.of_row((2, 2))
    assert told(held)[1][0] == "held" and "price_plausible" in told(held)[1][1]


def test_what_replaced_a_row_and_what_changed_nothing(spark, place, stories):  # noqa: F811
    deliver(place, "parts_c", "p1,3", "p3,3")
    run(spark, place)
    assert stories.of_row((1, 2)).now == "was replaced by row 3:2 of p1"
    fresh = Stories(stories._lake, stories._contract)
    assert told(fresh.of_row((3, 2)))[1] == ("updated", "row 1:2 of its key, batch 3")
    assert told(fresh.of_row((3, 3)))[1] == ("unchanged", "row 1:5 counts, batch 3")
    of_key = fresh.of_key(("p1",))
    assert [(what, text.split(" by ")[0]) for what, text in told(of_key)] == [
        ("inserted", "from row 1:2"),
        ("updated", "from row 3:2"),
    ]
    assert of_key.now == "stands in silver.parts, from row 3:2"


def test_what_is_not_there_is_told_with_what_is(stories):
    with pytest.raises(UsageError, match="no row 9 in delivery 1, which has rows 2 to 5"):
        stories.of_row((1, 9))
    with pytest.raises(UsageError, match="no row 2 in delivery 7, which is not there"):
        stories.of_row((7, 2))
    with pytest.raises(UsageError, match="has no such key"):
        stories.of_key(("p9",))
    with pytest.raises(UsageError, match="a key has 1 parts: part_id"):
        stories.of_key(("p1", "p2"))


def test_a_clear_key_comes_from_standard_input(sample, monkeypatch, capsys):
    with (sample.sources / "customers.csv").open(encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    monkeypatch.setattr(sys, "stdin", io.StringIO(first["customer_id"] + "\n"))
    why.main("customers", clear=True, lake=str(sample.lake), as_json=True)
    out = capsys.readouterr().out
    events = json.loads(out)["events"]
    assert events[0]["what"] == "inserted" and events[0]["told"] == "from row 1:2 by batch 1"
    assert json.loads(out)["treatments"]["email_address"] == "hash"
    for name in ("customer_name", "email_address", "phone_number"):
        assert first[name] not in out


def test_wrong_questions(sample, capsys):
    for arguments, text in (
        ({"table": "custmers"}, "no contract for table custmers"),
        ({"table": "customers"}, "name a reference (DELIVERY:ROW) or a key"),
    ):
        with pytest.raises(SystemExit) as ended:
            why.main(**arguments, lake=str(sample.lake))
        assert ended.value.code == 2
        assert text in capsys.readouterr().err
