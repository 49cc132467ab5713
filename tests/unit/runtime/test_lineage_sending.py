"""What becomes of each event by what the server answers: taken, left out, or sent again."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest

from conf.settings import Settings
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.sending import UNSENT, send_lineage
from tests.receivers import DRIPPING, TOKEN, receiver

TOLD = [f'{{"event": {number}}}' for number in range(3)]


def sent(folder: Path, *answers: int, seconds: float = 5) -> tuple[list[int], list[str], list[str]]:
    """The events that a server got, those that wait, and what is noted."""
    notes: list[str] = []
    with receiver(*answers) as server:
        lake = Lake(
            Settings(
                lake=str(folder / "lake"),
                lineage_url=server.root,
                lineage_api_key=TOKEN,
                lineage_seconds=seconds,
            )
        )
        files = lake.files(UNSENT)
        files.write("01.gz", gzip.compress("\n".join(TOLD[:2]).encode()))
        files.write("02.gz", gzip.compress(TOLD[2].encode()))
        send_lineage(lake, notes.append)
    left = [line for n in files.names() for line in gzip.decompress(files.read(n) or b"").decode().splitlines()]  # fmt: skip
    return [body["event"] for body in server.bodies], left, notes


def test_what_is_taken_is_sent_once_and_in_order(tmp_path):
    assert sent(tmp_path, 201) == ([0, 1, 2], [], [])


@pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 429, 500, 503])
def test_what_says_nothing_of_the_event_is_sent_again(tmp_path, status):
    """A wrong key, path or address loses no event."""
    told = f"ATLAS_LINEAGE_URL: it answers {status}; the next run sends what it did not take"
    assert sent(tmp_path, 200, status) == ([0, 1], TOLD[1:], [told])


@pytest.mark.parametrize("status", [400, 413, 422])
def test_an_event_that_is_refused_is_left_out_and_counted(tmp_path, status):
    told = "ATLAS_LINEAGE_URL: it refused 1 of 3 lineage events: they are left out"
    assert sent(tmp_path, 200, status, 200) == ([0, 1, 2], [], [told])


def test_what_was_refused_before_a_server_went_is_counted_too(tmp_path):
    assert sent(tmp_path, 400, 503) == (
        [0, 1],
        TOLD[1:],
        [
            "ATLAS_LINEAGE_URL: it answers 503; the next run sends what it did not take",
            "ATLAS_LINEAGE_URL: it refused 1 of 1 lineage events: they are left out",
        ],
    )


def test_an_answer_that_drips_costs_the_time_once_and_tells_neither_key_nor_address(tmp_path):
    told = "ATLAS_LINEAGE_URL: no answer in time; the next run sends what it did not take"
    begun = time.monotonic()
    assert sent(tmp_path, DRIPPING, seconds=0.4) == ([0], TOLD, [told])
    assert 0.4 <= time.monotonic() - begun < 2
