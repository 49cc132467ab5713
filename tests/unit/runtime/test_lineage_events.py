"""Files of events that hold anything at all: what is none is counted, the rest is read."""

import io
import json
from collections import Counter

import pytest

from jobs.runtime.lineage.events import MAX_LINE, Event, Refusal, events

WHOLE = {
    "eventType": "COMPLETE",
    "eventTime": "2026-11-26T07:38:30.14Z",
    "run": {"runId": "r", "facets": {"tags": {"tags": [{"key": "atlas_run", "value": "abc"}]}}},
    "job": {"name": "j", "namespace": "n"},
    "outputs": [
        {
            "namespace": "file",
            "name": "/x",
            "facets": {
                "columnLineage": {
                    "fields": {
                        "a": {
                            "inputFields": [
                                {
                                    "namespace": "file", "name": "/y", "field": "b",
                                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}],
                                }
                            ]
                        }
                    }
                }
            },
        }
    ],
}  # fmt: skip
GOOD = json.dumps(WHOLE).encode() + b"\n"


def read(content: bytes) -> tuple[list[Event], dict[str, int]]:
    refused: Counter[str] = Counter()
    return list(events(io.BytesIO(content), refused)), dict(refused)


def changed(value: object, *path: str | int) -> bytes:
    told = json.loads(GOOD)
    at = told
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return json.dumps(told).encode() + b"\n"


def test_an_event_is_read_with_what_edges_are_made_of():
    [event], refused = read(GOOD)
    assert refused == {}
    assert (event.type, event.atlas_run, event.run.run_id) == ("COMPLETE", "abc", "r")
    assert event.millisecond == 1795678710140
    [output] = event.outputs
    [one] = output.facets.lineage.fields_["a"].inputs
    assert (one.name, one.field, one.transformations[0].subtype) == ("/y", "b", "IDENTITY")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"x" * MAX_LINE + b"xx\n", Refusal.TOO_LONG),
        (b'{"a": "' + b"x" * 3 * MAX_LINE + b'"}\n', Refusal.TOO_LONG),
        (GOOD[: len(GOOD) // 2] + b"\n", Refusal.NOT_JSON),
        (b"\xff\xfe\n", Refusal.NOT_TEXT),
        (GOOD.replace(b'"/y"', b'"/\xc3"'), Refusal.NOT_TEXT),
        (b"\x00\x00\n", Refusal.NOT_JSON),
        (b'{"a": NaN, "b": 1e999, "c": ' + b"9" * 5000 + b"}\n", Refusal.NOT_JSON),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", Refusal.TOO_DEEP),
        (b'{"a":' * 100_000 + b"\n", Refusal.TOO_DEEP),
        (b"null\n", Refusal.NOT_AN_EVENT),
        (b"[1, 2]\n", Refusal.NOT_AN_EVENT),
        (b'"text"\n', Refusal.NOT_AN_EVENT),
        (b"{}\n", Refusal.NOT_AN_EVENT),
        (changed("DONE", "eventType"), Refusal.NOT_AN_EVENT),
        (changed("yesterday", "eventTime"), Refusal.NOT_AN_EVENT),
        (changed("2026-11-26T07:38:30", "eventTime"), Refusal.NOT_AN_EVENT),
        (changed("99999-01-01T00:00:00Z", "eventTime"), Refusal.NOT_AN_EVENT),
        (changed([], "run"), Refusal.NOT_AN_EVENT),
        (changed(7, "run", "runId"), Refusal.NOT_AN_EVENT),
        (changed({"tags": {"tags": "abc"}}, "run", "facets"), Refusal.NOT_AN_EVENT),
        (changed({"name": "x"}, "outputs"), Refusal.NOT_AN_EVENT),
        (changed([[]], "outputs", 0, "facets", "columnLineage", "fields", "a", "inputFields"),
         Refusal.NOT_AN_EVENT),
        (changed({"": {"inputFields": []}}, "outputs", 0, "facets", "columnLineage", "fields"),
         Refusal.NOT_AN_EVENT),
        (changed({"datasetVersion": "-1"}, "outputs", 0, "facets", "version"),
         Refusal.NOT_AN_EVENT),
        (changed({"datasetVersion": 3}, "outputs", 0, "facets", "version"), Refusal.NOT_AN_EVENT),
        (GOOD.replace(b"DIRECT", b"SIDEWAYS"), Refusal.NOT_AN_EVENT),
        (GOOD.replace(b"IDENTITY", b"drop table"), Refusal.NOT_AN_EVENT),
        (GOOD.replace(b'"/y"', b'"\\ud800"'), Refusal.NOT_JSON),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else str(value),
)  # fmt: skip
def test_a_line_that_is_no_event_is_counted_and_those_around_it_are_read(line, kind):
    found, refused = read(GOOD + line + b"\n  \n" + GOOD)
    assert (len(found), refused) == (2, {kind: 1})


@pytest.mark.parametrize("kept", [1, len(GOOD) // 2, len(GOOD) - 2])
def test_a_last_line_that_was_cut_off_is_told_as_such(kept):
    found, refused = read(GOOD + GOOD[:kept])
    assert (len(found), refused) == (1, {Refusal.TRUNCATED: 1})


def test_a_last_line_without_its_end_counts_if_it_is_whole():
    assert [len(read(GOOD + GOOD[:-1])[0]), read(GOOD[:-1])[1]] == [2, {}]


def test_a_line_cut_inside_a_character_is_told_as_cut_off():
    line = GOOD.replace(b'"/y"', '"/ø"'.encode())
    assert read(line[: line.index(b"\xc3") + 1])[1] == {Refusal.TRUNCATED: 1}


def test_a_line_of_the_greatest_length_is_read():
    room = MAX_LINE - len(GOOD) + 1
    padded = GOOD[:-2] + b', "x": "' + b"y" * (room - 9) + b'"}\n'
    assert len(padded) == MAX_LINE + 1
    found, refused = read(padded)
    assert (len(found), refused) == (1, {})


def test_no_event_is_kept_beyond_what_is_asked_for():
    event = next(iter(events(io.BytesIO(changed("secret", "outputs", 0, "password")), Counter())))
    assert "secret" not in repr(event)
