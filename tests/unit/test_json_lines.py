"""JSON objects as strings: nothing is rounded, dropped or guessed."""

from __future__ import annotations

import pytest

from udfs.json_lines import json_fields


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("{}", {}),
        ('{"a": "x"}', {"a": "x"}),
        ('  {"a":1}\t', {"a": "1"}),
        ('\ufeff{"a":1}', {"a": "1"}),
        ('{"a": 1.10, "b": -0.0, "c": 1E400}', {"a": "1.10", "b": "-0.0", "c": "1E400"}),
        ('{"a": 123456789012345678901234567890}', {"a": "123456789012345678901234567890"}),
        ('{"a": null, "b": true, "c": false}', {"a": None, "b": "true", "c": "false"}),
        ('{"a": "null", "b": "", "c": "1.10"}', {"a": "null", "b": "", "c": "1.10"}),
        ('{"a": {"b": [1.0, null, "x\\"y", {}]}}', {"a": '{"b":[1.0,null,"x\\"y",{}]}'}),
        ('{"a": ["Ærø\\n"], "b": []}', {"a": '["Ærø\\n"]', "b": "[]"}),
        ('{"a": "\\u00e6\\ud83d\\ude42\\u0000"}', {"a": "æ🙂\x00"}),
        ('{"a": "Ærø", "æ": "b"}', {"a": "Ærø", "æ": "b"}),
        ('{"": "x", " a ": "y"}', {"": "x", " a ": "y"}),
    ],
)
def test_fields_are_their_text(line, fields):
    assert json_fields(line) == fields


@pytest.mark.parametrize(
    "line",
    [
        None,
        "",
        "   ",
        "null",
        "1",
        '"a"',
        '[{"a": 1}]',
        '{"a": 1',
        '{"a": 1}}',
        '{"a": 1} {"a": 2}',
        '{"a": 1,}',
        "{'a': 1}",
        "{a: 1}",
        '{"a": 1, "a": 2}',
        '{"b": {"a": 1, "a": 1}}',
        '{"a": NaN}',
        '{"a": [Infinity]}',
        '{"a": -Infinity}',
        '{"a": 01}',
        '{"a": 1.}',
        '{"a": +1}',
        '{"a": "x\ty"}',
        '{"a": "\\ud83d"}',
        '{"\\ud83d": 1}',
        '{"a": {"b": ["\\ude42"]}}',
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_what_is_no_whole_object_has_no_fields(line):
    assert json_fields(line) is None
