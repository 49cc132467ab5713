"""What real runs tell of their lineage: three deliveries, each a process of its own.

Of the listener and of our own events: complete, in agreement with each other, valid by
OpenLineage's models and schemas, and without a value.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openlineage.client.serde import Serde

from conf.contract_reader import load_contracts
from conf.settings import Settings, load_settings
from jobs.generate_sources import generate_sources
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.collecting import Found, Loaded, Told
from jobs.runtime.lineage.committed import Commit
from jobs.runtime.lineage.datasets import Tables
from jobs.runtime.lineage.loading import load_lineage
from jobs.runtime.lineage.model import DIRECT, Edge
from jobs.runtime.source_paths import source_path
from tests.lakes import rows
from tests.leaks import Needles, planted_values
from tests.lineage_runs import LISTENERS, OURS, Event, Place, Ran
from tests.numbers_at_random import cpr_of
from tests.openlineage_events import facets, faults, known, modelled

pytestmark = pytest.mark.full

SEED = 23
UNKNOWN_FACETS = {"spark_properties", "spark_applicationDetails", "environment-properties"}


@dataclass(frozen=True)
class Deliveries:
    """A lake after a first delivery, updates, and a run with nothing new."""

    place: Place
    first: Ran
    second: Ran
    third: Ran

    @property
    def lake(self) -> Lake:
        return Lake(self.settings)

    @property
    def settings(self) -> Settings:
        return load_settings(lake=str(self.place.lake))

    def events(self, *tellers: str) -> list[Event]:
        return [
            event
            for ran in (self.first, self.second, self.third)
            for teller in tellers or (OURS, LISTENERS)
            for event in self.place.events(ran.run_id, teller)
        ]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Deliveries:
    place = Place(tmp_path_factory.mktemp("lineage") / "place")
    print(f"seed {SEED}")
    generate_sources(place.sources, 100, 120, seed=SEED)
    first = place.run()
    updates(place)
    told = Deliveries(place, first, place.run(), place.run())
    for ran in (told.first, told.second, told.third):
        assert (ran.code, ran.told.get("status")) == (0, "succeeded"), ran.stderr[-2000:]
    assert told.second.told["tables"]["customers"]["updated"] == 5
    return told


def updates(place: Place) -> None:
    """Five customers moved up, one is there twice and one has no id; a new order and a bad one."""
    _delivered(place, "customers", 5, {"customer_tier": "platinum"}, {"customer_id": ""})
    _delivered(place, "orders", 1, {"order_id": "O900000001"}, {"order_amount": "-1"})


def _delivered(
    place: Place, table: str, count: int, change: dict[str, str], bad: dict[str, str]
) -> None:
    with (place.sources / f"{table}.csv").open(newline="") as file:
        records = list(csv.DictReader(file))
    some = [r for r in records if r["customer_id"] and change.items().isdisjoint(r.items())]
    changed = [record | change for record in some[:count]]
    with (place.sources / f"{table}_2.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows([*changed, changed[0], records[0] | bad])


# Complete.


def committed(lake: Path) -> set[tuple[str, str, int]]:
    """(run, table, version) of each commit of a run, as the tables' logs have them."""
    found = set()
    for path in lake.glob("*/*/_delta_log/*.json"):
        actions = [json.loads(line) for line in path.read_text().splitlines()]
        info = next(a["commitInfo"] for a in actions if "commitInfo" in a)
        run = json.loads(info.get("userMetadata") or "{}").get("run")
        if run is not None:
            table = path.parents[1]
            found.add((run, f"{table.parent.name}.{table.name}", int(path.stem)))
    return found


def loaded(lake: Path) -> set[tuple[str, str, int]]:
    return {
        (r["run_id"], r["output_table"], r["output_version"])
        for r in rows(lake, "ops.data_lineage")
    }


def test_every_commit_of_a_run_has_its_lineage(told: Deliveries):
    first, second = told.first.run_id, told.second.run_id
    by_run = defaultdict(list)
    for run, table, version in sorted(committed(told.place.lake)):
        by_run[run].append((table, version))
    layers = ("bronze.customers", "bronze.orders", "gold.customer_360", "gold.customer_features",
              "silver.customers", "silver.orders")  # fmt: skip
    assert {table for table, _ in by_run[first]} == {*layers, "ops.duplicates", "ops.quarantine"}
    assert {table for table, _ in by_run[second]} >= {*layers, "ops.duplicates", "ops.quarantine"}
    assert set(by_run) == {first, second}, "the third run has written nothing"
    assert loaded(told.place.lake) == committed(told.place.lake)
    merged = told.lake.history("silver.customers", 1)[0]
    assert (merged["operation"], merged["version"]) == ("MERGE", 1)


def test_each_write_has_its_real_inputs_and_its_job(told: Deliveries):
    inputs, jobs = defaultdict(set), defaultdict(set)
    for row in rows(told.place.lake, "ops.data_lineage"):
        inputs[row["output_table"], row["output_version"]].add(row["input_table"])
        jobs[row["output_table"]].add(row["job"])
    for version in (0, 1):
        assert inputs["bronze.customers", version] == {"source.customers"}
        assert inputs["bronze.orders", version] == {"source.orders"}
        assert inputs["silver.customers", version] >= {"bronze.customers"}
        assert inputs["silver.orders", version] >= {"bronze.orders"}
        assert inputs["gold.customer_360", version] == {"silver.customers", "silver.orders"}
        assert inputs["gold.customer_features", version] == {"gold.customer_360"}
    assert not [i for found in inputs.values() for i in found if i.startswith("ops._")]
    assert inputs["ops.duplicates", 0] == {"bronze.customers"}
    assert inputs["ops.quarantine", 0] >= {"bronze.orders"}
    assert jobs == {
        "bronze.customers": {"ingest"}, "bronze.orders": {"ingest"},
        "silver.customers": {"refine"}, "silver.orders": {"refine"},
        "ops.duplicates": {"refine"}, "ops.quarantine": {"refine"},
        "gold.customer_360": {"build_gold"}, "gold.customer_features": {"build_gold"},
    }  # fmt: skip


# Two captures that know nothing of each other.


@pytest.fixture(scope="module")
def both(told: Deliveries, tmp_path_factory: pytest.TempPathFactory) -> dict[Commit, Told]:
    found, folder = Found(told.lake, Loaded()), tmp_path_factory.mktemp("unpacked")
    for ran in (told.first, told.second):
        for teller in (OURS, LISTENERS):
            for number, (_, text) in enumerate(told.place.files(ran.run_id, teller)):
                path = folder / f"{ran.run_id}.{number}.{teller}.jsonl"
                path.write_bytes(text)
                found.read(source_path(str(path), told.settings.s3), is_ours=teller == OURS)
    return found.writes()


def values(edges: set[Edge]) -> set[tuple[str, str]]:
    """What values come from what values; a redacted one comes from none."""
    redacted = {(e.source, e.target) for e in edges if e.treatment == "redact"}
    return {(str(e.source), str(e.target)) for e in edges if e.type == DIRECT} - redacted


def test_the_listener_and_our_own_events_agree_on_silver_and_gold(both: dict[Commit, Told]):
    compared = Counter()
    for commit, of in both.items():
        if commit.table.partition(".")[0] in ("silver", "gold"):
            redacted = {(str(e.source), str(e.target)) for e in of.ours if e.treatment == "redact"}
            ours, listeners = values(of.ours), values(of.listeners) - redacted
            assert ours == listeners, (commit, ours ^ listeners)
            compared[commit.table] += len(ours)
    assert set(compared) == {
        "silver.customers", "silver.orders", "gold.customer_360", "gold.customer_features"
    }  # fmt: skip
    assert min(compared.values()) >= 30, compared


# Valid.


def test_every_event_is_one_by_the_official_models_and_schemas(told: Deliveries):
    events, seen = told.events(), Counter()
    for event in events:
        assert faults(event) == []
        assert known(Serde.to_dict(modelled(event))) == known(event)
        seen.update(name for name, _ in facets(event))
    assert len(events) > 70
    base = {n for e in events for n, f in facets(e) if "/OpenLineage.json" in f["_schemaURL"]}
    assert base <= UNKNOWN_FACETS
    assert {"columnLineage", "schema", "tags", "parent", "dataQualityAssertions"} <= set(seen)


def test_a_schema_refuses_what_is_wrong(told: Deliveries):
    """The control: a validator that finds nothing proves nothing."""
    event = next(e for e in told.events(OURS) if e["outputs"])
    event["outputs"][0]["facets"]["columnLineage"]["fields"] = {"city": {"inputFields": [{}]}}
    del event["run"]["facets"]["parent"]["job"]["name"]
    event["job"]["facets"]["kind"] = event["job"]["facets"].pop("jobType")
    assert len(faults(event)) >= 3
    with pytest.raises(TypeError):
        modelled(event)


# Parents and names.


def test_parents_lead_to_the_run(told: Deliveries):
    for ran in (told.first, told.second):
        parents = {}
        for teller in (OURS, LISTENERS):
            for event in told.place.events(ran.run_id, teller):
                run = event["run"]
                tag = {t["key"]: t["value"] for t in run["facets"]["tags"]["tags"]}
                assert tag["atlas_run"] == ran.run_id
                parent = run["facets"].get("parent")
                if parent is not None:
                    assert parent["job"]["namespace"] == event["job"]["namespace"]
                    parents[run["runId"]] = parent["run"]["runId"]
        assert len(parents) > 20
        for run_id in parents:
            chain = [run_id]
            while chain[-1] in parents:
                chain.append(parents[chain[-1]])
                assert len(chain) <= 4
            assert chain[-1] == ran.run_id


def test_names_are_the_same_in_every_run(told: Deliveries):
    uri = f"file://{told.place.lake}#default"
    assert {event["job"]["namespace"] for event in told.events()} == {uri}
    names: list[Counter[str]] = []
    for ran in (told.first, told.second):
        events = [e for t in (OURS, LISTENERS) for e in told.place.events(ran.run_id, t)]
        names.append(Counter(event["job"]["name"] for event in events))
    # The second run merges where the first appended: the same table, another command of Spark.
    ours = [{n for n in of if n.startswith("atlas.")} for of in names]
    assert ours[0] == ours[1] >= {
        "atlas.pipeline", "atlas.ingest.customers", "atlas.ingest.orders",
        "atlas.refine.customers", "atlas.refine.orders", "atlas.build_gold.customer_360",
        "atlas.build_gold.customer_features", "atlas.refine.quality.customers",
    }  # fmt: skip
    differing = set(names[0]) ^ set(names[1])
    assert all("merge" in name or "silver" in name or "ops_" in name for name in differing)


def test_a_run_with_nothing_new_tells_that_it_was_there(told: Deliveries):
    events = told.place.events(told.third.run_id, OURS)
    assert [e["eventType"] for e in events] == ["START", "COMPLETE"]
    assert {e["run"]["runId"] for e in events} == {told.third.run_id}
    assert told.place.events(told.third.run_id, LISTENERS) == []
    assert list((told.place.lineage / "open").iterdir()) == []


# What our events tell besides edges.


def outputs(told: Deliveries) -> Iterator[tuple[str, int, Event, Event]]:
    """(table, version, output, event) of each write that our events tell."""
    tables = Tables(told.settings)
    for event in told.events(OURS):
        for output in event["outputs"]:
            table = tables.named(output["namespace"], output["name"])
            version = int(output["facets"]["version"]["datasetVersion"])
            yield table or "", version, output, event


def test_what_the_contract_says_stands_in_the_facets(told: Deliveries):
    contracts = load_contracts()
    for table, _, output, event in outputs(told):
        layer, _, name = table.partition(".")
        of, source = output["facets"], contracts.sources.get(name)
        job = {"bronze": "ingest", "silver": "refine", "gold": "build_gold"}[layer]
        place = event["job"]["facets"]["sourceCodeLocation"]
        assert place["path"] == f"jobs/{job}.py"
        owners = [owner["name"] for owner in of["ownership"]["owners"]]
        assert owners == ([source.source_system] if source else [])
        meant = source if layer == "bronze" else contracts.outputs[table]
        assert meant is not None
        assert of["documentation"]["description"] == meant.description != ""
        fields = {f["name"]: (f["type"], f.get("description")) for f in of["schema"]["fields"]}
        if layer == "bronze":
            assert list(fields) == [c.name for c in meant.columns]
            assert {kind for kind, _ in fields.values()} == {"string"}
        else:
            assert fields == {c.name: (c.spark_type, c.description) for c in meant.columns}
    tags = {
        (table, tag["field"], tag["key"]): tag["value"]
        for table, _, output, _ in outputs(told)
        for tag in output["facets"]["tags"]["tags"]
    }
    assert tags["bronze.customers", "email_address", "pii"] == "pii-direct"
    assert tags["silver.customers", "customer_id", "treatment"] == "hash"
    assert tags["silver.customers", "birth_year", "treatment"] == "generalize"
    assert ("bronze.customers", "email_address", "treatment") not in tags, "clear text"


def test_rows_written_are_those_of_the_log(told: Deliveries):
    counted = {}
    for table, version, output, _ in outputs(told):
        counted[table, version] = output["outputFacets"]["outputStatistics"]["rowCount"]
    written = {}
    for table in {table for table, _ in counted}:
        for entry in told.lake.history(table):
            metrics = entry["operationMetrics"]
            names = ("numTargetRowsInserted", "numTargetRowsUpdated")
            merged = sum(int(metrics.get(name, 0)) for name in names)
            rows_ = merged if entry["operation"] == "MERGE" else int(metrics["numOutputRows"])
            written[table, int(entry["version"])] = rows_
    assert counted == written
    assert counted["silver.customers", 1] == 5


def test_quality_is_told_as_it_was_measured(told: Deliveries):
    measured: Counter[Any] = Counter()
    jobs = {r["run_id"]: r["parent_run_id"] for r in rows(told.place.lake, "ops.pipeline_runs")}
    for m in rows(told.place.lake, "ops.quality_metrics"):
        layer = "bronze" if m["population"] == "delivered" else m["layer"]
        value = None if m["value"] is None else str(m["value"])
        root = jobs.get(m["run_id"]) or m["run_id"]
        measured[root, f"{layer}.{m['table']}", m["check"], m["outcome"] == "pass",
                 m["severity"] if m["severity"] == "error" else "warn", m["threshold"], value] += 1  # fmt: skip
    tables, shown = Tables(told.settings), Counter[Any]()
    for ran in (told.first, told.second):
        for event in told.place.events(ran.run_id, OURS):
            for one in event["inputs"]:
                facet = one.get("inputFacets", {}).get("dataQualityAssertions")
                table = tables.named(one["namespace"], one["name"])
                for a in facet["assertions"] if facet else ():
                    shown[ran.run_id, table, a["assertion"], a["success"], a["severity"],
                          a.get("expected"), a.get("actual")] += 1  # fmt: skip
    assert shown == measured
    assert len(shown) > 50 and any(not key[3] for key in shown)


# No value.


def event_bytes(place: Place) -> bytes:
    """All that is told, unpacked, and all that was loaded."""
    text = b""
    for run_id in {path.name.partition(".")[0] for path in place.lineage.glob("*/*.jsonl*")}:
        for teller in (OURS, LISTENERS):
            text += b"".join(content for _, content in place.files(run_id, teller))
    edges = rows(place.lake, "ops.data_lineage")
    return text + json.dumps(edges, default=str, ensure_ascii=False).encode()


def key_of(place: Place) -> list[tuple[str, str]]:
    """The key that was made for the lake, as it stands in its file."""
    return [("secret", (place.lake / "_secrets" / "pii.key").read_text().strip())]


def test_no_value_and_no_key_is_in_any_event(told: Deliveries):
    needles = Needles([*planted_values(told.place.sources), *key_of(told.place)])
    text = event_bytes(told.place)
    assert len(text) > 500_000
    assert needles.kinds_in(text) == set()
    for literal in (b"platinum", b"O900000001", b"REDACTED_ERROR", b"example.dk"):
        assert literal not in text, literal
    sources = b"".join(path.read_bytes() for path in told.place.sources.glob("*.csv"))
    assert needles.kinds_in(sources) >= {"name", "email", "phone", "cpr"}, "the control"


def test_a_failed_run_says_so_in_our_words_and_tells_no_value(told: Deliveries, tmp_path: Path):
    place, value = told.place.copied(tmp_path / "place"), cpr_of(SEED, "lineage")
    (place.sources / "orders_3.csv").write_bytes((place.sources / "orders_2.csv").read_bytes())
    more = (place.sources / "orders_3.csv").read_text().replace("O900000001", "O900000003")
    (place.sources / "orders_3.csv").write_text(more)
    failed = place.run(script=("-m", "tests.failing_run", "features", value))
    assert (failed.code, failed.told["status"]) == (1, "failed"), failed.stderr[-2000:]
    [start, *_, end] = place.events(failed.run_id, OURS)
    assert (start["eventType"], end["eventType"]) == ("START", "FAIL")
    told_error = end["run"]["facets"]["errorMessage"]
    assert told_error["message"].startswith("unexpected NumberFormatException")
    assert told_error["programmingLanguage"] == "PYTHON" and "stackTrace" not in told_error
    listeners = place.events(failed.run_id, LISTENERS)
    assert len(listeners) > 10
    for event in (*place.events(failed.run_id, OURS), *listeners):
        assert faults(event) == []
    needles = Needles([("cpr", value), *planted_values(place.sources)])
    assert needles.kinds_in(event_bytes(place)) == set()
    assert needles.kinds_in(value.encode()) == {"cpr"}, "the control"
    load_lineage(Lake(load_settings(lake=str(place.lake))))
    assert loaded(place.lake) == committed(place.lake), "what it had written until then"
