"""Invariant 4: nothing that a run leaves or makes on the way, outside Bronze, is in clear text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import conf
from conf.contract_reader import load_contracts
from conf.settings import load_settings
from jobs.generate_sources import generate_sources
from jobs.runtime.accounting import verify_table
from jobs.runtime.lake import Lake
from tests.faults import FAULTS
from tests.faulty_daemon import MARKERS
from tests.lakes import rows
from tests.leaks import Leak, Needles, planted_values, scan
from tests.numbers_at_random import cpr_of
from tests.submitted import ROOT, Place, submit

SEED = 11
EVERY_KIND = {"id", "name", "email", "phone", "cpr", "date"}


def place_with_sample(folder: Path, customers: int, orders: int) -> Place:
    place = Place(folder / "a run")
    generate_sources(place.sources, customers, orders, seed=SEED)
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
    assert len(list((place.root / "reports").glob("*.html"))) == 1
    assert list(place.tmp.glob("atlas-*")) == [], "scratch is removed at the end"
    needles = Needles(planted_values(place.sources))
    leaks = scan(needles, place.kept, place.root, outside=[place.sources, place.lake / "bronze"])
    assert leaks == []
    assert kinds(scan(needles, place.lake / "bronze")) == EVERY_KIND


def kinds(leaks: list[Leak], path: str = "", place: str | None = None) -> set[str]:
    """The kinds found below a path, and if told in one column."""
    return {
        leak.kind
        for leak in leaks
        if leak.path.startswith(path) and place in (None, leak.place.split(" ")[0])
    }


def leaks_outside_bronze(place: Place, needles: Needles) -> list[Leak]:
    return scan(needles, place.kept, place.root, outside=[place.sources, place.lake / "bronze"])


@pytest.mark.full
def test_a_larger_sample_as_json_lines_leaves_none_either(tmp_path: Path):
    place = Place(tmp_path / "a run")
    generate_sources(place.sources, 3000, 6000, seed=SEED + 1, file_format="jsonl")
    script = ROOT / "jobs" / "pipeline.py"
    assert run_watched(place, script, *pipeline_arguments(place)) == 0
    assert_scanned_something(place)
    assert leaks_outside_bronze(place, Needles(planted_values(place.sources))) == []


@pytest.mark.full
def test_a_failure_at_any_stage_tells_no_value_and_the_next_run_goes_on(tmp_path: Path):
    place = place_with_sample(tmp_path, 100, 100)
    log, told = place.logs / "atlas.log", tmp_path / "outcomes.json"
    script = ROOT / "tests" / "faults.py"
    arguments = (str(place.sources), str(place.lake), str(log), str(SEED), str(told))
    assert run_watched(place, script, *arguments) == 0, place.text("stderr")[-2000:]
    outcomes = json.loads(told.read_text())

    last = outcomes.pop("none")
    assert (last["exit"], last["message"]) == (0, "")
    for table, count in (("customers", 100), ("orders", 100)):
        lake = Lake(load_settings(lake=str(place.lake)))
        assert verify_table(lake, table, "the test").read == count

    assert list(outcomes) == list(FAULTS)
    for stage, outcome in outcomes.items():
        assert outcome["exit"] == 1, stage
        own_words = "unexpected ", "customers: customers.csv: Spark could not read it"
        assert outcome["message"].startswith(own_words), stage
        assert "\n" not in outcome["message"], stage
    records = rows(
        place.lake,
        "ops.pipeline_runs",
        "select status from t where job = 'pipeline' order by started_at",
    )
    assert [r["status"] for r in records] == ["failed"] * len(FAULTS) + ["succeeded"]

    numbers = [("cpr", cpr_of(SEED, stage)) for stage in FAULTS]
    assert leaks_outside_bronze(place, Needles([*numbers, *planted_values(place.sources)])) == []
    assert_scanned_something(place)


MARKED = ("standard", "phone", "pseudonym", "detect", "json")


def _marked_sources(place: Place, markers: dict[str, str]) -> None:
    """A good customer and one for each function that fails on its value; two orders likewise."""
    good = {
        "customer_id": "1", "customer_name": "Bo", "email_address": "bo@example.dk",
        "phone_number": "20304050", "address": "Vej 1", "city": "Aarhus", "postal_code": "8000",
        "country": "DK", "date_of_birth": "1970-02-03", "created_at": "2024-01-02 03:04:05",
        "is_active": "true", "customer_tier": "gold", "notes": "Alt er godt.",
    }  # fmt: skip
    customers = [
        good,
        good | {"customer_id": "2", "customer_name": f"Bo {markers['standard']}"},
        good | {"customer_id": "3", "phone_number": markers["phone"]},
        good | {"customer_id": "4", "email_address": f"{markers['pseudonym']}@example.dk"},
        good | {"customer_id": markers["pseudonym"]},
        good | {"customer_id": "6", "notes": f"CPR {markers['detect']} er oplyst."},
    ]
    order = {
        "order_id": "1", "customer_id": "1", "order_date": "2024-05-06 07:08:09",
        "order_amount": "10.00", "currency": "DKK", "status": "completed",
        "payment_method": "card", "shipping_address": "Vej 1",
    }  # fmt: skip
    orders = [order, order | {"order_id": "2", "shipping_address": markers["json"]}]
    place.sources.mkdir(parents=True)
    with (place.sources / "customers.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(good))
        writer.writeheader()
        writer.writerows(customers)
    (place.sources / "orders.jsonl").write_text("".join(json.dumps(o) + "\n" for o in orders))


@pytest.mark.full
def test_a_value_on_which_a_udf_fails_is_redacted_counted_and_nowhere_else(tmp_path: Path):
    place = Place(tmp_path / "a run")
    markers = {name: cpr_of(SEED, name) for name in MARKED}
    _marked_sources(place, markers)
    (tmp_path / "markers.json").write_text(json.dumps(markers))
    assert (
        run_watched(
            place,
            ROOT / "jobs" / "pipeline.py",
            *pipeline_arguments(place),
            conf={"spark.python.daemon.module": "tests.faulty_daemon"},
            env={MARKERS: str(tmp_path / "markers.json")},
        )
        == 0
    ), place.text("stderr")[-2000:]

    error = "<REDACTED_ERROR>"
    silver = rows(place.lake, "silver.customers", "select * from t order by _silver_row")
    columns = ("customer_name", "phone_number", "email_address", "notes")
    redacted = [[c for c in columns if row[c] == error] for row in silver]
    assert redacted == [[], ["customer_name"], ["phone_number"], ["email_address"], ["notes"]]
    counted = {
        r["column"]: r["count"]
        for r in rows(place.lake, "ops.pii_detections")
        if r["entity"] == "REDACTED_ERROR"
    }
    assert counted == dict.fromkeys(columns, 1)
    assert sorted((r["table"], r["reason"]) for r in rows(place.lake, "ops.quarantine")) == [
        ("customers", "null_key"),
        ("orders", "unparsed_line"),
    ]
    needles = Needles([("cpr", number) for number in markers.values()])
    assert leaks_outside_bronze(place, needles) == []
    assert kinds(scan(needles, place.lake / "bronze")) == {"cpr"}


def _keeping_contracts(folder: Path) -> Path:
    """The sample's contracts with every column kept: what a test alone may do."""
    folder.mkdir()
    packaged = Path(conf.__file__).parent / "contracts"
    for name in ("customers", "orders"):
        told: dict[str, Any] = yaml.safe_load((packaged / f"{name}.odcs.yaml").read_text())
        for column in told["schema"][0]["properties"]:
            column["classification"] = "internal"
            words = column.get("customProperties", [])
            kept = [
                w
                for w in words
                if w["property"] in ("goldRole", "form", "validFlag")
                and w["value"] not in ("postal_code", "birth_date")  # Gold has them generalized
            ]
            column["customProperties"] = [*kept, {"property": "treatment", "value": "keep"}]
        (folder / f"{name}.odcs.yaml").write_text(yaml.safe_dump(told, allow_unicode=True))
    load_contracts(folder)
    return folder


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, list[Leak]]]:
    """What the scan finds where nothing is treated, encrypted or kept silent."""
    folder = tmp_path_factory.mktemp("control")
    place = place_with_sample(folder, 300, 600)
    more = folder / "more"
    generate_sources(more, 100, 100, seed=SEED)
    with place.watcher():
        code = submit(
            place,
            ROOT / "tests" / "control.py",
            *map(str, (place.sources, more, place.root / "foreign", place.lake)),
            *map(str, (_keeping_contracts(folder / "contracts"), place.logs, folder / "told")),
            conf={"spark.io.encryption.enabled": "false"},
        )
    assert code == 0, place.text("stderr")[-2000:]
    first, second = json.loads((folder / "told").read_text())
    assert first[0] == 1 and first[1].startswith("unexpected Py4JJavaError")
    assert second == [0, ""]
    needles = Needles([*planted_values(place.sources), *planted_values(more)])
    bronzes = [place.sources, place.lake / "bronze", place.root / "foreign" / "bronze"]
    kept = [place.kept / bronze.relative_to(place.root) for bronze in bronzes]
    yield place, scan(needles, place.kept, place.root, outside=[*bronzes, *kept])


@pytest.mark.full
def test_control_untreated_values_are_found_in_every_column_of_silver(control):
    _, leaks = control
    customers, orders = "lake/silver/customers/", "lake/silver/orders/"
    for column, kind in (
        ("customer_id", "id"), ("customer_name", "name"), ("email_address", "email"),
        ("phone_number", "phone"), ("address", "name"), ("date_of_birth", "date"),
    ):  # fmt: skip
        assert kind in kinds(leaks, customers, column), column
    assert kinds(leaks, customers, "notes") >= {"cpr", "email", "phone"}
    assert kinds(leaks, orders, "customer_id") == {"id"}
    assert kinds(leaks, orders, "shipping_address") == {"name"}
    assert kinds(leaks, "lake/gold/customer_360/", "customer_id") == {"id"}
    assert kinds(leaks, "lake/ops/_staging/customers") >= EVERY_KIND, "removed after the MERGE"


@pytest.mark.full
def test_control_scratch_without_encryption_is_found(control):
    place, leaks = control
    scratch = {leak.path for leak in leaks if leak.path.startswith("tmp/")}
    assert kinds(leaks, "tmp/") >= {"id", "name", "email", "phone", "cpr"}
    assert any("/rdd_" in path for path in scratch), "the cache"
    assert any("/shuffle_" in path for path in scratch)
    print(f"clear text in {len(scratch)} of {len(place.watcher().files(place.tmp))} scratch files")


@pytest.mark.full
def test_control_error_texts_are_found_wherever_they_would_be_told(control):
    _, leaks = control
    for path in ("logs/atlas.log", "logs/stdout", "lake/ops/pipeline_runs/", "events/"):
        assert "phone" in kinds(leaks, path), path


@pytest.mark.full
def test_a_foreign_error_of_an_executor_is_in_no_log_or_record_of_atlas(control):
    """Spark's event log tells it, which is why no expression of Atlas may raise."""
    _, leaks = control
    assert kinds(leaks, "foreign/") == set()
    assert kinds(leaks, "logs/foreign.log") == set()
