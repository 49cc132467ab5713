"""The shape of a date pattern lets through whatever Spark itself writes by that pattern."""

from __future__ import annotations

from pyspark.sql import functions as F

from transformations.times import shape

PATTERNS = (
    "yyyy-MM-dd",
    "dd/MM-yy",
    "d. MMMM yyyy",
    "d MMM yyyy",
    "M/d/yyyy h:m:s a",
    "dd.MM.yyyy hh:mm a",
    "yyyyMMddHHmmss",
    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
    "yyyy-MM-dd HH:mm:ss.S",
    "yyyy'-'''MM dd",
    "H 'o''clock' d-M-yyyy",
    "(yyyy) MM+dd|HH",
    "yyyy-MM-dd[ HH:mm[:ss]]",
    *(f"yyyy-MM-dd HH:mm {zone}" for zone in ("X", "XX", "XXX", "x", "xx", "xxx", "Z", "VV", "z")),
)
TIMES = ("2024-02-29 23:59:59.123456", "2024-10-01 00:00:00", "2024-05-12 09:05:00")


def test_what_a_pattern_writes_has_its_shape(spark):
    times = spark.createDataFrame([(t,) for t in TIMES], "t string").select(
        F.col("t").cast("timestamp")
    )
    texts = times.select(*(F.date_format("t", p).alias(str(i)) for i, p in enumerate(PATTERNS)))
    checks = texts.select(*(F.col(str(i)).rlike(shape(p)) for i, p in enumerate(PATTERNS)))
    found = zip(texts.collect(), checks.collect(), strict=True)
    wrong = [
        (p, text)
        for row, is_right in found
        for p, text, right in zip(PATTERNS, row, is_right, strict=True)
        if not right
    ]
    assert wrong == []


def test_no_sign_and_no_long_year_passes(spark):
    odd = [("+292278994-01-01",), ("-2024-01-01",), ("2024-01-01 ",), ("20240-01-01",), ("",)]
    found = spark.createDataFrame(odd, "t string").where(F.col("t").rlike(shape("yyyy-MM-dd")))
    assert found.count() == 0
