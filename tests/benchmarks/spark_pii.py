"""The detector on Spark, or Presidio's own sample: texts on stdin, seconds of the job on stdout."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from functools import cache

import pandas as pd
from presidio_analyzer import AnalyzerEngine
from presidio_anonymizer import AnonymizerEngine
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from conf.settings import Settings
from jobs.runtime.session import DEFAULTS, open_session
from tests.benchmarks.vanilla_pii import engine
from udfs.pii import detect_pii
from udfs.pii.config import pii_config

ARROW_BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"


@cache
def _engines() -> tuple[AnalyzerEngine, AnonymizerEngine]:
    return engine(pii_config().models["en"].installed() or ""), AnonymizerEngine()


def _anonymized(text: str) -> str:
    analyzer, anonymizer = _engines()
    found = analyzer.analyze(text=text, language="en")
    return anonymizer.anonymize(text=text, analyzer_results=found).text


def sample_udf() -> Column:
    """As in Presidio's sample for Spark: a Series UDF, one text after another. The sample
    broadcasts its engines; this model's can't be pickled (PickleBuffer), so that each worker loads
    them once, before the clock starts."""

    def series(texts: pd.Series) -> pd.Series:
        return texts.apply(_anonymized)

    return F.pandas_udf(series, "string")(F.col("text"))  # type: ignore[call-overload,no-any-return]


def plain_session() -> SparkSession:
    """Without Atlas's worker daemon: it has Atlas's recognizers loaded, and Presidio finds its own
    by class name among all that are."""
    return (
        SparkSession.builder.master("local[*]")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", DEFAULTS[ARROW_BATCH])
        .config("spark.driver.memory", "4g")
        .getOrCreate()
    )


def atlas_session(lake: str) -> SparkSession:
    return open_session(Settings(lake=lake), "PII on Spark")


def main() -> None:
    texts = [json.loads(line) for line in sys.stdin]
    with tempfile.TemporaryDirectory() as folder:
        spark = plain_session() if sys.argv[1] == "presidio" else atlas_session(folder)
        rows = spark.createDataFrame(pd.DataFrame({"text": texts})).repartition(2).cache()
        rows.count()
        made = sample_udf() if sys.argv[1] == "presidio" else detect_pii(F.col("text"))
        warm = spark.createDataFrame([(f"Hello {n}",) for n in range(8)], "text string")
        warm.repartition(2).select(made).write.format("noop").mode("overwrite").save()
        started = time.monotonic()
        rows.select(made).write.format("noop").mode("overwrite").save()
        print(time.monotonic() - started)
        spark.stop()
