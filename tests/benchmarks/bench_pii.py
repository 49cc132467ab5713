"""`make bench-pii`: accuracy and speed of the PII detector, from one configuration in one run.

Speed is a ratio to Presidio as it comes (`AnalyzerEngine.analyze`, the same English model, one text
at a time) on the same texts, in CPU seconds of this process; on Spark to Presidio's own sample, a
broadcast engine in a Series UDF, in wall seconds of the job.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

from jobs.evaluate_pii import measured, read_texts
from jobs.generate_sources import generate_sources
from tests.benchmarks.bench import CACHE
from udfs.pii.config import pii_config
from udfs.pii.detector import detector
from udfs.pii.ner import load

BATCH = 2000  # spark.sql.execution.arrow.maxRecordsPerBatch


def notes(count: int, seed: int) -> list[str]:
    """Distinct notes of the generated sample, Danish and English, about 61 characters long."""
    folder = CACHE / f"notes-{count}-{seed}"
    generate_sources(folder, 40 * count, 1)
    import csv

    with (folder / "customers.csv").open(encoding="utf-8", newline="") as file:
        found = {row["notes"] for row in csv.DictReader(file)} - {""}
    return random.Random(seed).sample(sorted(found), count)


def vanilla() -> AnalyzerEngine:
    """Presidio as it comes, with the English model that Atlas uses; every component runs."""
    import importlib

    place = pii_config().models["en"].installed() or ""
    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": place}])
    package = importlib.import_module(place)
    import spacy

    engine.nlp = {"en": spacy.load(package.model_path() if hasattr(package, "model_path") else place)}
    engine.ner_model_configuration = NerModelConfiguration()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])


def texts_a_second(work: Callable[[], Any], count: int) -> float:
    started = time.process_time()
    work()
    return count / (time.process_time() - started)


def ours(texts: Sequence[str]) -> None:
    """What the UDF does: the distinct texts of each Arrow batch."""
    for at in range(0, len(texts), BATCH):
        detector().anonymize(list(dict.fromkeys(texts[at : at + BATCH])))


