"""`make bench-pii`: accuracy and speed of the PII detector, from one configuration in one run.

Speed is a ratio to Presidio as it comes (`AnalyzerEngine.analyze`, the same English model, one text
at a time) on the same texts, both in seconds of CPU of one process; on Spark a ratio to Presidio's
own sample, a broadcast engine in a Series UDF, both in seconds of the job without start-up.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from jobs.evaluate_pii import measured, read_texts
from udfs.pii.config import pii_config
from udfs.pii.detector import Detector, detector
from udfs.pii.scoring import Report

ROOT = Path(__file__).parents[2]
# Imported, not run: what a UDF calls must have a module's name in the workers.
_ON_SPARK = "from tests.benchmarks.spark_pii import main; main()"
ARROW_BATCH = 2000  # spark.sql.execution.arrow.maxRecordsPerBatch
FIRST = ("Mette", "Anders", "Fatima", "Jens", "Kirsten", "Peter", "Linda", "Søren", "Amina", "Ole")
LAST = ("Hansen", "Kjærgaard", "Nygaard", "Ali", "Smith", "Mortensen", "Lund", "Yilmaz", "Brown")
TOWN = ("Odense", "Aarhus C", "Viborg", "London", "Herning", "Køge", "Randers", "Esbjerg")
TING = ("jakken", "kaffemaskinen", "sofaen", "lampen", "cyklen", "gryden", "bordet")
THING = ("the jacket", "the kettle", "the sofa", "the lamp", "the bicycle", "the table")
DAY = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag")
CLEAN = (
    "Ordre {order} er forsinket, {ting} forventes i uge {week}.",
    "Kunden spurgte til garantien på {ting}, sag {order}.",
    "Levering af {ting} aftalt til {day} kl. {hour}, ordre {order}.",
    "Beløb {amount} kr. refunderet for ordre {order}, se bilag.",
    "Asked about the warranty of {thing}, order {order}.",
    "Order {order} was shipped in week {week}, nothing more to do.",
    "Return of {thing} received, refund of {amount} DKK is pending.",
    "Ønsker faktura {order} kvartalsvis, betaler inden den {week}.",
)
PERSONAL = (
    "{first} {last} ringede om ordre {order}, tlf. {phone}.",
    "Ny adresse: {street} {week}, {zip} {town}. Ordre {order}.",
    "Skriv til {mail} vedrørende {ting} og ordre {order}.",
    "Kunden hedder {first} {last} og bor i {town}, sag {order}.",
    "Spoke to {first} {last} about {thing}, call back on {phone}.",
    "Please mail {first} at {mail} when order {order} is ready.",
)
"""Written for this measurement: a third of all notes holds something personal."""


def notes(count: int, seed: int) -> list[str]:
    """Distinct notes, Danish and English, some 61 characters long."""
    draw, made = random.Random(seed), dict[str, None]()
    while len(made) < count:
        template = draw.choice(PERSONAL if draw.random() < 1 / 3 else CLEAN)
        name = draw.choice(FIRST)
        values = {
            "first": name,
            "last": draw.choice(LAST),
            "town": draw.choice(TOWN),
            "ting": draw.choice(TING),
            "thing": draw.choice(THING),
            "day": draw.choice(DAY),
            "order": f"{draw.choice(('', '#', 'DK'))}{draw.randrange(10_000, 999_999)}",
            "week": draw.randrange(1, 53),
            "hour": draw.randrange(8, 18),
            "amount": f"{draw.randrange(50, 3000)},{draw.randrange(10, 99)}",
            "phone": f"2{draw.randrange(1_000_000, 9_999_999)}",
            "street": draw.choice(("Nørregade", "Bakkevej", "Skolestræde", "Lærkevænget")),
            "zip": draw.choice((5000, 8000, 8800, 7400)),
            "mail": f"{name.lower().replace('ø', 'o')}{draw.randrange(10, 99)}@example.dk",
        }
        made[template.format(**values)] = None
    return list(made)


def presidio(texts: Sequence[str]) -> float:
    """CPU seconds of Presidio as it comes, in a process of its own."""
    place = pii_config().models["en"].installed() or ""
    done = subprocess.run(
        [sys.executable, "tests/benchmarks/vanilla_pii.py", place],
        cwd=ROOT,
        input="\n".join(map(json.dumps, texts)),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def ours(texts: Sequence[str], engine: Detector) -> float:
    """CPU seconds of what the UDF does: the distinct texts of each Arrow batch."""
    started = time.process_time()
    for at in range(0, len(texts), ARROW_BATCH):
        engine.anonymize(list(dict.fromkeys(texts[at : at + ARROW_BATCH])))
    return time.process_time() - started


def compared(name: str, texts: Sequence[str], sample: int) -> None:
    """One line: texts a second and core, and the ratio. Presidio reads the first `sample` texts,
    since it takes as long for each."""
    engine = Detector(pii_config())  # it remembers no text yet
    engine.detect(notes(100, seed=0))
    seconds = ours(texts, engine)
    plain = presidio(texts[:sample]) / min(sample, len(texts))
    print(
        f"{name}: {len(texts) / seconds:,.0f} texts a second and core, Presidio {1 / plain:,.0f}, "
        f"ratio {plain * len(texts) / seconds:.1f}",
        flush=True,
    )


def on_spark(texts: Sequence[str]) -> None:
    """The UDF against Presidio's Spark sample, one session each, the same rows."""
    for name in ("presidio", "atlas"):
        done = subprocess.run(
            [sys.executable, "-c", _ON_SPARK, name],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable},
            input="\n".join(map(json.dumps, texts)),
            capture_output=True,
            text=True,
            check=True,
        )
        print(f"on Spark, {len(texts):,} rows: {name} {float(done.stdout.split()[-1]):.1f} s")


def accuracy(files: Sequence[Path], engine: Detector) -> None:
    for file in files:
        rows = read_texts(file)
        report: Report = measured(rows, engine.detect([row["text"] for row in rows]))
        told = report.as_dict()
        worst = min(
            ((s["recall"], name) for name, s in told["entities"].items() if s["n"] >= 10),
            default=(0.0, "none"),
        )
        every = told["overall"]
        print(
            f"{file.stem}: F2 {every['f2']:.3f}, recall {every['recall']:.3f}, precision "
            f"{every['precision']:.3f}, leaked {every['leaked']:.1%}, clean flagged "
            f"{every['clean_flagged']:.1%}, worst {worst[1]} {worst[0]:.3f}"
        )


def main(
    files: Annotated[list[Path] | None, typer.Argument(help="Annotated JSON lines")] = None,
    count: Annotated[int, typer.Option(help="Notes to measure speed on")] = 6000,
    sample: Annotated[int, typer.Option(help="Of these Presidio reads so many")] = 600,
    seed: Annotated[int, typer.Option()] = 1,
    spark: Annotated[bool, typer.Option(help="Also on Spark")] = False,
) -> None:
    """Accuracy on annotated files, and speed against Presidio as it comes."""
    accuracy(files or [], detector())
    distinct = notes(count, seed)
    length = sum(map(len, distinct)) / count
    print(f"{count:,} notes of {length:.0f} characters, seed {seed}")
    compared("all distinct", distinct, sample)
    repeated = distinct[: count // 3] * 3
    random.Random(seed).shuffle(repeated)
    compared("one third distinct", repeated, sample)
    if spark:
        on_spark(distinct)


if __name__ == "__main__":
    typer.run(main)
