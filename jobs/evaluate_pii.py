"""Measure the PII detector on annotated texts, or anonymize a file of texts. No Spark.

Each line of the file is a JSON object: `text`, and for measuring `spans` of {start, end, type}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from conf.errors import UsageError
from jobs.runtime.command import start
from udfs.pii.detector import detector, each_settled
from udfs.pii.findings import FAILED, FAILURE, Finding
from udfs.pii.scoring import Report, Span, scored
from udfs.text import REDACTED_ERROR

USAGE = 2


def read_texts(path: Path) -> list[dict[str, Any]]:
    """The file's objects. Raises: UsageError naming file, line and reason."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 ({type(error).__name__})") from None
    return [_object(path, n, line) for n, line in enumerate(lines, 1) if line.strip()]


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        raise UsageError(f"{path}, line {number}: is not JSON; one object a line") from None
    if not isinstance(told, dict) or not isinstance(told.get("text", 0), str | None):
        raise UsageError(f"{path}, line {number}: needs a string under `text`, or null")
    length, spans = len(told["text"] or ""), told.get("spans", [])
    if not isinstance(spans, list):
        raise UsageError(f"{path}, line {number}: `spans` is no list")
    if not all(_fits(span, length) for span in spans):
        raise UsageError(f"{path}, line {number}: a span needs start < end <= {length} and a type")
    return told


def _fits(span: Any, length: int) -> bool:
    match span:
        case {"start": int(start), "end": int(end), "type": str()}:
            return 0 <= start < end <= length
    return False


def measured(rows: Sequence[dict[str, Any]], found: Sequence[Sequence[Finding]]) -> Report:
    """Scores of what was found against each row's `spans`."""
    truth = ([Span(s["start"], s["end"], s["type"]) for s in row.get("spans", ())] for row in rows)
    return scored(zip(truth, found, strict=True))


def found_in(texts: Sequence[str]) -> list[list[Finding]]:
    """What the detector finds in each text. One on which it fails would be redacted whole, and
    counts as that: a finding over all of it."""
    return each_settled(
        detector().detect, texts, lambda text: [Finding(0, len(text), FAILURE, 1.0)]
    )


def _tell_failures(failed: int, texts: int) -> None:
    if failed:
        told = f"the detector failed on {failed} of {texts} texts; each became {REDACTED_ERROR}"
        print(told, file=sys.stderr)


def _printed(report: Report, texts_per_second: float) -> None:
    table = Table(title="PII detection")
    for name in ("entity", "n", "recall", "typed recall", "precision"):
        table.add_column(name, justify="left" if name == "entity" else "right")
    for name, s in sorted(report.entities.items()):
        table.add_row(name, str(s.n), *_shown(s.recall, s.recall_typed, s.precision))
    every = report.overall
    table.add_row(
        "overall", str(every.n), *_shown(every.recall, every.recall_typed, every.precision)
    )
    Console().print(table)
    print(
        f"F2 {every.f2:.3f}; {report.leaked:.1%} of personal characters leaked; "
        f"{report.clean_flagged} of {report.clean} clean texts flagged; "
        f"{texts_per_second:,.0f} texts a second"
    )


def _shown(*shares: float) -> Iterator[str]:
    return (f"{share:.3f}" for share in shares)


def _written(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Raises: UsageError naming the file."""
    try:
        # Half a surrogate pair is no UTF-8, but as "\\ud800" it is JSON.
        with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({type(error).__name__})") from None


def main(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSON lines: text, lang, spans[{start, end, type}]; to anonymize, text is enough"
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout")] = False,
    spans: Annotated[
        Path | None, typer.Option(help="Write the spans found here; the texts stay in clear")
    ] = None,
    anonymize: Annotated[
        Path | None, typer.Option(help="Write the anonymized texts here instead of measuring")
    ] = None,
) -> None:
    """Recall, precision, F2, leaked characters and speed of the detector on your own data.

    recall: every character of a true span was found; typed: by its own name. precision: found
    spans that overlap a true one. ORGANIZATION, TITLE, AGE, NRP and MISC are not scored: they tell
    no person apart.
    """
    try:
        _run(read_texts(file), as_json, spans, anonymize)
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(USAGE)


def _run(
    rows: Sequence[dict[str, Any]], as_json: bool, spans: Path | None, anonymize: Path | None
) -> None:
    texts = [row["text"] or "" for row in rows]
    if anonymize:
        made = detector().anonymize(texts)
        _written(
            anonymize,
            [
                row | {"text": row["text"] and a.text, "spans": []}
                for row, a in zip(rows, made, strict=True)
            ],
        )
        _tell_failures(made.count(FAILED), len(texts))
        return
    found_in(texts[:1])  # the first text loads what the others find loaded
    started = time.perf_counter()
    found = found_in(texts)
    speed = len(texts) / (time.perf_counter() - started)
    if spans:
        _written(
            spans,
            [
                {"text": row["text"], "spans": [_span(f) for f in fs]}
                for row, fs in zip(rows, found, strict=True)
            ],
        )
    report = measured(rows, found)
    if as_json:
        print(json.dumps(report.as_dict() | {"texts_per_second": speed}))
    else:
        _printed(report, speed)
    _tell_failures(sum(any(f.entity == FAILURE for f in fs) for fs in found), len(texts))


def _span(finding: Finding) -> dict[str, Any]:
    return {
        "start": finding.start,
        "end": finding.end,
        "type": finding.entity,
        "score": finding.score,
    }


if __name__ == "__main__":
    start(main)
