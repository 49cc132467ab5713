"""The detector on Spark, or Presidio's own sample: texts on stdin, seconds of the job on stdout."""

from __future__ import annotations

import json
import sys
import tempfile
import time

import pandas as pd
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from conf.settings import Settings
from jobs.runtime.session import open_session
from tests.benchmarks.vanilla_pii import engine
from udfs.pii import detect_pii
from udfs.pii.config import pii_config


def sample_udf(spark: SparkSession) -> Column:
    """As in Presidio's documentation for Spark: engines broadcast, one text after another."""
    from presidio_anonymizer import AnonymizerEngine

    analyzer = spark.sparkContext.broadcast(engine(pii_config().models["en"].installed() or ""))
    anonymizer = spark.sparkContext.broadcast(AnonymizerEngine())

    def anonymized(text: str) -> str:
        found = analyzer.value.analyze(text=text, language="en")
        return anonymizer.value.anonymize(text=text, analyzer_results=found).text

    def series(texts: pd.Series) -> pd.Series:
        return texts.apply(anonymized)

    return F.pandas_udf(series, "string")(F.col("text"))  # type: ignore[call-overload,no-any-return]


def main() -> None:
    texts = [json.loads(line) for line in sys.stdin]
    with tempfile.TemporaryDirectory() as folder:
        spark = open_session(Settings(lake=folder), "PII on Spark")
        rows = spark.createDataFrame(pd.DataFrame({"text": texts})).repartition(2).cache()
        rows.count()
        made = sample_udf(spark) if sys.argv[1] == "presidio" else detect_pii(F.col("text"))
        warm = spark.createDataFrame([("Hello",)], "text string").select(made)
        warm.write.format("noop").mode("overwrite").save()
        started = time.monotonic()
        rows.select(made).write.format("noop").mode("overwrite").save()
        print(time.monotonic() - started)
        spark.stop()


if __name__ == "__main__":
    main()
