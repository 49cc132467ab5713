"""A lineage server: a real one on this machine that takes events, refuses them, hangs or is gone."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

from tests import submitted as submit
from tests.integration.test_crash_points import FIRST, HEADER
from tests.lakes import rows
from tests.lineage_runs import LISTENERS, OURS, ROOT, Event, Place, Ran
from tests.receivers import DRIPPING, SLOW, TOKEN, Receiver, receiver
from tests.unit.contract_texts import SALES, write

pytestmark = pytest.mark.full

PATH = "/api/v1/lineage"
GONE = "http://127.0.0.1:9"  # discard: nobody listens there
MORE = 3.0  # seconds: what a process takes to end, on a machine with other work


def sales(folder: Path) -> Place:
    """One small table, and its contract."""
    place = Place(folder)
    place.sources.mkdir(parents=True)
    (place.sources / "sales-1.csv").write_text("\n".join([HEADER, *FIRST]) + "\n")
    (folder / "contracts").mkdir()
    write(folder / "contracts", SALES)
    return place


def run(place: Place, server: str, seconds: float = 5, **settings: str) -> Ran:
    told = {"ATLAS_LINEAGE_URL": server, "ATLAS_LINEAGE_API_KEY": TOKEN}
    told["ATLAS_LINEAGE_SECONDS"] = str(seconds)
    ran = place.run("--contracts", str(place.root / "contracts"), **told, **settings)
    assert (ran.code, ran.told["status"]) == (0, "succeeded"), ran.stderr[-2000:]
    assert TOKEN not in ran.stderr
    return ran


def kept(place: Place) -> list[Event]:
    """What no server has yet, in the order in which it will be sent."""
    files = sorted((place.lineage / "unsent").glob("*"))
    lines = (gzip.decompress(path.read_bytes()).splitlines() for path in files)
    return [json.loads(line) for of in lines for line in of]


def kinds(events: list[Event]) -> list[tuple[str, str]]:
    """(run, type) of each event."""
    return [(event["run"]["runId"], event["eventType"]) for event in events]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Ran, Receiver]:
    """A run that writes, and a server that takes all of it."""
    place = sales(tmp_path_factory.mktemp("server") / "place")
    with receiver(201) as server:
        ran = run(place, server.root + "/", 60)
    return place, ran, server


@pytest.fixture
def place(first: tuple[Place, Ran, Receiver], tmp_path: Path) -> Place:
    """The lake of that run, where nothing is new: a run on it tells that it began and ended."""
    return first[0].copied(tmp_path / "place")


def test_a_server_gets_each_event_once_and_in_order(first: tuple[Place, Ran, Receiver]):
    place, ran, server = first
    for teller in (OURS, LISTENERS):
        told = place.events(ran.run_id, teller)
        assert [body for body in server.bodies if body in told] == told
    assert len(server.bodies) == sum(len(place.events(ran.run_id, t)) for t in (OURS, LISTENERS))
    assert len(server.bodies) > 15
    ours = place.events(ran.run_id, OURS)
    assert (ours[0]["eventType"], ours[-1]["eventType"]) == ("START", "COMPLETE")
    assert {h["Content-Type"] for h in server.headers} == {"application/json"}
    assert {h["Authorization"] for h in server.headers} == {f"Bearer {TOKEN}"}
    assert set(server.paths) == {PATH}
    assert kept(place) == []
    assert "ATLAS_LINEAGE_URL" not in ran.stderr


def test_what_a_server_does_not_take_the_next_run_sends(place: Place):
    with receiver(200, 503) as server:
        begun = run(place, server.root)
    assert len(server.bodies) == 2, "one is enough to see it"
    assert "ATLAS_LINEAGE_URL: it answers 503; the next run sends" in begun.stderr
    assert kinds(kept(place)) == [(begun.run_id, "COMPLETE")]
    with receiver(200) as server:
        then = run(place, server.root)
    assert kinds(server.bodies) == [
        (begun.run_id, "COMPLETE"), (then.run_id, "START"), (then.run_id, "COMPLETE")
    ]  # fmt: skip
    assert kept(place) == []


def test_what_a_server_refuses_is_counted_and_left_out(place: Place):
    with receiver(400, 200) as server:
        ran = run(place, server.root)
    assert kinds(server.bodies) == [(ran.run_id, "START"), (ran.run_id, "COMPLETE")]
    assert "it refused 1 of 2 lineage events: they are left out" in ran.stderr
    assert kept(place) == []


@pytest.mark.parametrize("answer", [SLOW, DRIPPING], ids=["never answers", "a byte at a time"])
def test_a_server_that_hangs_costs_a_run_its_time_once(place: Place, answer: int):
    with receiver(answer) as server:
        ran = run(place, server.root, 2)
        waited = ran.ended - server.times[0]
    print(f"the run ended {waited:.1f} s after it had asked the server, of 2 s")
    assert 1.5 <= waited <= 2 + MORE
    assert len(server.bodies) == 1
    assert "ATLAS_LINEAGE_URL: no answer in time; the next run sends" in ran.stderr
    assert kinds(kept(place)) == [(ran.run_id, "START"), (ran.run_id, "COMPLETE")]


def test_no_server_at_all_costs_nothing_and_the_key_is_nowhere(place: Place):
    ran = run(place, GONE)
    assert "ATLAS_LINEAGE_URL: no connection; the next run sends" in ran.stderr
    assert len(kept(place)) == 2
    with receiver(DRIPPING) as server:
        run(place, server.root, 0.5)
    with receiver(400) as server:
        run(place, server.root)
    files = [path for path in place.root.rglob("*") if path.is_file()]
    assert len(files) > 50
    for path in files:
        content = path.read_bytes()
        unpacked = gzip.decompress(content) if path.suffix == ".gz" else content
        assert TOKEN.encode() not in unpacked, path


# The listener's own way, as an operator sets it.


def submitted(place: Place, **servers: str) -> tuple[list[Event], float]:
    """What the lake has of the listener after a run by spark-submit, and its seconds."""
    told = {"type": "composite"}
    for name, address in servers.items():
        told |= {
            f"transports.{name}.type": "http",
            f"transports.{name}.url": address,
            f"transports.{name}.timeoutInMillis": "300",
        }
    by = submit.Place(place.root)
    started = time.monotonic()
    code = submit.submit(
        by,
        ROOT / "jobs" / "pipeline.py",
        *(str(place.sources), "--lake", str(place.lake), "--json"),
        *("--contracts", str(place.root / "contracts")),
        conf={f"spark.openlineage.transport.{name}": value for name, value in told.items()},
    )
    assert code == 0, by.text("stderr")[-2000:]
    run_id = json.loads(by.text("stdout").splitlines()[-1])["run_id"]
    return place.events(run_id, LISTENERS), time.monotonic() - started


def in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event["eventTime"], event["eventType"]))


def test_the_listener_posts_by_itself_and_the_lake_has_it_too(tmp_path: Path):
    """To a server that takes all and to one that hangs, which costs its time-out at each event on
    the listener's thread, and nobody an event."""
    place = sales(tmp_path / "place")
    with receiver(201) as server, receiver(SLOW) as hanging:
        told, seconds = submitted(place, good=server.root, bad=hanging.root)
    print(
        f"{seconds:.1f} s, {len(told)} events, the one that hangs asked {len(hanging.bodies)} times"
    )
    assert len(told) > 10
    assert in_order(server.bodies) == in_order(told)
    assert set(server.paths) == {PATH}
    assert len(hanging.bodies) >= len(told)
    written = {row["output_table"] for row in rows(place.lake, "ops.data_lineage")}
    assert written >= {"bronze.sales", "silver.sales", "gold.customer_360"}
