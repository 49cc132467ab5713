"""The command line that measures the detector, or anonymizes a file of texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from jobs.evaluate_pii import main
from udfs.pii.detector import Detector

MAIL = "lone.hansen@eksempel.dk"
TEXT = f"kunden skrev fra {MAIL}, og det er fint"
SPAN = {"start": 17, "end": 17 + len(MAIL), "type": "EMAIL"}
CLEAN = "det er ikke en fejl, og den er fin"


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(main)
    return CliRunner().invoke(app, [str(a) for a in arguments])


def written(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def annotated(tmp_path) -> Path:
    return written(
        tmp_path / "texts.jsonl",
        {"text": TEXT, "lang": "da", "spans": [SPAN]},
        {"text": CLEAN, "lang": "da", "spans": []},
    )


def test_json_has_exactly_these_keys(annotated):
    told = json.loads(run(annotated, "--json").stdout)
    assert told.pop("texts_per_second") > 0
    assert told == {
        "overall": {
            "recall": 1.0,
            "recall_typed": 1.0,
            "precision": 1.0,
            "f2": 1.0,
            "leaked": 0.0,
            "clean_flagged": 0.0,
        },
        "entities": {
            "EMAIL_ADDRESS": {"n": 1, "recall": 1.0, "recall_typed": 1.0, "precision": 1.0}
        },
    }


def test_without_json_a_table_and_a_line(annotated):
    result = run(annotated)
    assert result.exit_code == 0
    assert "EMAIL_ADDRESS" in result.stdout
    assert "F2 1.000; 0.0% of personal characters leaked; 0 of 1 clean texts flagged" in (
        result.stdout
    )
    assert MAIL not in result.output


def test_what_is_missed_is_counted(tmp_path):
    truth = {"start": 0, "end": 6, "type": "PERSON"}
    told = json.loads(
        run(written(tmp_path / "t", {"text": CLEAN, "spans": [truth]}), "--json").stdout
    )
    assert told["overall"]["recall"] == 0.0
    assert told["overall"]["leaked"] == 1.0
    assert told["entities"]["PERSON"]["n"] == 1


def test_spans_are_written_for_each_text(annotated, tmp_path):
    out = tmp_path / "spans.jsonl"
    assert run(annotated, "--spans", out).exit_code == 0
    (first, second) = read(out)
    assert first["text"] == TEXT
    (span,) = first["spans"]
    assert span.pop("score") == pytest.approx(0.95)
    assert span == SPAN | {"type": "EMAIL_ADDRESS"}
    assert second == {"text": CLEAN, "spans": []}


def test_plain_texts_are_anonymized(tmp_path):
    out = tmp_path / "out.jsonl"
    texts = written(tmp_path / "in.jsonl", {"text": TEXT, "id": 7}, {"text": CLEAN}, {"text": ""})
    assert run(texts, "--anonymize", out).exit_code == 0
    assert read(out) == [
        {"text": TEXT.replace(MAIL, "<EMAIL_ADDRESS>"), "id": 7, "spans": []},
        {"text": CLEAN, "spans": []},
        {"text": "", "spans": []},
    ]


def test_null_stays_null(tmp_path):
    out, texts = (
        tmp_path / "out.jsonl",
        written(tmp_path / "in.jsonl", {"text": None}, {"text": TEXT}),
    )
    assert run(texts, "--anonymize", out).exit_code == 0
    assert [row["text"] for row in read(out)] == [None, TEXT.replace(MAIL, "<EMAIL_ADDRESS>")]
    assert run(texts, "--spans", out).exit_code == 0
    assert [len(row["spans"]) for row in read(out)] == [0, 1]


def test_a_byte_order_mark_is_no_text(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"text": CLEAN}) + "\r\n", encoding="utf-8-sig")
    assert run(path, "--json").exit_code == 0


@pytest.fixture
def failing(monkeypatch):
    """A detector that fails on some texts, with the text in its error."""
    real = Detector._patterns

    def broken(self, text):
        if "boom" in text:
            raise ValueError(text)
        return real(self, text)

    monkeypatch.setattr(Detector, "_patterns", broken)


TOLD = "the detector failed on 1 of 2 texts; each became <REDACTED_ERROR>\n"


def test_a_text_on_which_the_detector_fails_is_redacted_and_told(tmp_path, failing):
    out = tmp_path / "out.jsonl"
    texts = written(tmp_path / "in.jsonl", {"text": f"boom {SECRET}"}, {"text": TEXT})
    result = run(texts, "--anonymize", out)
    assert (result.exit_code, result.stderr) == (0, TOLD)
    assert [row["text"] for row in read(out)] == [
        "<REDACTED_ERROR>",
        TEXT.replace(MAIL, "<EMAIL_ADDRESS>"),
    ]


def test_a_text_on_which_the_detector_fails_counts_as_found_whole(tmp_path, failing):
    truth = {"start": 5, "end": 10, "type": "PERSON"}
    texts = written(
        tmp_path / "in.jsonl", {"text": f"boom {SECRET}", "spans": [truth]}, {"text": TEXT}
    )
    result = run(texts, "--json")
    assert (result.exit_code, result.stderr) == (0, TOLD)
    assert json.loads(result.stdout)["overall"]["recall"] == 1.0
    assert "Mette" not in result.output


def test_blank_lines_are_passed_over(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(f"\n{json.dumps({'text': CLEAN})}\n\n", encoding="utf-8")
    assert run(path, "--json").exit_code == 0


def test_line_separators_inside_a_text_end_no_line(tmp_path):
    path = tmp_path / "in.jsonl"
    text = "det er\u2028ikke\x85godt"
    path.write_text(json.dumps({"text": text}, ensure_ascii=False) + "\n", encoding="utf-8")
    out = tmp_path / "out.jsonl"
    assert run(path, "--anonymize", out).exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["text"] == text


SECRET = "Mette Hemmelig"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{SECRET} uden JSON", "is not JSON; one object a line"),
        (json.dumps([SECRET]), "needs a string under `text`, or null"),
        (json.dumps({"note": SECRET}), "needs a string under `text`, or null"),
        (json.dumps({"text": [SECRET]}), "needs a string under `text`, or null"),
        *(
            (json.dumps({"text": SECRET, "spans": spans}), reason)
            for reason, many in (
                (
                    f"a span needs start < end <= {len(SECRET)} and a type",
                    [
                        [{"start": 0, "end": 99, "type": "PERSON"}],
                        [{"start": -1, "end": 2, "type": "PERSON"}],
                        [{"start": 2, "end": 2, "type": "PERSON"}],
                        [{"start": 0, "end": 2}],
                        [{"start": 0, "end": 2, "type": 1}],
                        [{"start": "0", "end": 2, "type": SECRET}],
                        [{"start": 0.5, "end": 2, "type": "PERSON"}],
                        [SECRET],
                        [None],
                    ],
                ),
                ("`spans` is no list", [None, 3, SECRET, {"start": 0}]),
            )
            for spans in many
        ),
    ],
)
def test_a_wrong_line_is_named_without_its_values(tmp_path, line, reason):
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps({"text": CLEAN}) + "\n" + line + "\n", encoding="utf-8")
    result = run(path, "--json")
    assert result.exit_code == 2
    assert result.stderr == f"{path}, line 2: {reason}\n"
    assert "Mette" not in result.output


@pytest.mark.parametrize(
    ("content", "error"),
    [(None, "FileNotFoundError"), (b"\xe6\xf8\xe5 Mette", "UnicodeDecodeError")],
)
def test_a_file_that_cannot_be_read(tmp_path, content, error):
    path = tmp_path / "texts.jsonl"
    if content is not None:
        path.write_bytes(content)
    result = run(path)
    assert result.exit_code == 2
    assert result.stderr == f"{path}: cannot be read as UTF-8 ({error})\n"


def test_a_folder_is_no_file(tmp_path):
    result = run(tmp_path)
    assert result.exit_code == 2
    assert str(tmp_path) in result.stderr


def test_half_a_surrogate_pair_is_written_as_it_was_read(tmp_path):
    out, text = tmp_path / "out.jsonl", "det er \ud800 ikke"
    assert run(written(tmp_path / "in.jsonl", {"text": text}), "--anonymize", out).exit_code == 0
    assert [row["text"] for row in read(out)] in ([text], ["<REDACTED_ERROR>"])


@pytest.mark.parametrize("option", ["--spans", "--anonymize"])
def test_a_place_that_cannot_be_written_is_named(annotated, tmp_path, option):
    place = tmp_path / "no" / "such" / "folder.jsonl"
    result = run(annotated, option, place)
    assert result.exit_code == 2
    assert result.stderr == f"{place}: cannot be written (FileNotFoundError)\n"
