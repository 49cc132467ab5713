"""Reading a delivery with Spark: verbatim records with their position in the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contract import SourceContract
from jobs.runtime.deliveries import Arrival
from jobs.runtime.lines import wide_line_end
from transformations.bronze import (
    bronze_from_csv_lines,
    bronze_from_fixed_width,
    bronze_from_fields,
    bronze_from_json_lines,
    decoded,
    with_provenance,
)
from transformations.names import RAW, ROW


def read_bronze(
    spark: SparkSession,
    contract: SourceContract,
    arrival: Arrival,
    *,
    delivery: int,
    run_id: str,
    ingested_at: datetime,
) -> DataFrame:
    """One delivery in Bronze's shape: docs/ARCHITECTURE.md lists its columns."""
    source = contract.source
    header = arrival.header or tuple(c.source_name for c in contract.columns)
    match source.kind:
        case "parquet":
            rows = _parquet(spark, arrival.path).transform(bronze_from_fields(contract))
        case "csv" if source.multiline:
            rows = _multiline(spark, contract, arrival.path, header)
            rows = rows.transform(bronze_from_fields(contract))
        case "csv":
            lines = _lines(spark, contract, arrival)
            rows = lines.transform(bronze_from_csv_lines(contract, header))
        case "jsonl":
            rows = _lines(spark, contract, arrival).transform(bronze_from_json_lines(contract))
        case _:
            rows = _lines(spark, contract, arrival).transform(bronze_from_fixed_width(contract))
    return rows.transform(
        with_provenance(
            contract,
            delivery=delivery,
            run_id=run_id,
            source_file=arrival.source_name,
            ingested_at=ingested_at,
        )
    )


def _literal(path: str) -> str:
    """A path that is no pattern: Spark takes {}[]*? and \\ in a path for one."""
    return re.sub(r"([{}\[\]*?\\])", r"\\\1", path)


def _lines(spark: SparkSession, contract: SourceContract, arrival: Arrival) -> DataFrame:
    """`_bronze_row`, `_bronze_raw` (the line's bytes) and `text`, without the header line."""
    encoding = contract.source.encoding
    reader = spark.read
    if wide_line_end(encoding):
        wide = encoding.upper() if encoding.upper().endswith(("LE", "BE")) else f"{encoding}LE"
        reader = reader.option("lineSep", "\n").option("encoding", wide)
        encoding = wide
    numbered = _numbered(reader.text(_literal(arrival.path)))
    lines = numbered.select(
        ROW, F.col("value").cast("binary").alias(RAW), decoded(F.col("value"), encoding).alias("text")
    )
    return lines.where(F.col(ROW) > 1) if arrival.header is not None else lines


def _numbered(df: DataFrame) -> DataFrame:
    """Add `_bronze_row`: the record's number in the file, from 1.

    Ids grow inside a split but splits are packed by size, not by position, so that each split's
    place is counted first where there are several.
    """
    placed = df.select(
        "*",
        F.monotonically_increasing_id().alias("_id"),
        F.col("_metadata.file_block_start").alias("_block"),
    )
    return placed.withColumn(ROW, _position(placed)).drop("_id", "_block")


def _position(placed: DataFrame) -> Column:
    if placed.rdd.getNumPartitions() <= 1:
        return F.col("_id") + 1
    blocks = placed.groupBy("_block").agg(F.count("*").alias("n"), F.min("_id").alias("first"))
    shifts: list[Column] = []
    before = 0
    for block in sorted(blocks.collect(), key=lambda b: int(b["_block"])):
        shifts += [F.lit(block["_block"]), F.lit(before - block["first"] + 1)]
        before += block["n"]
    if not shifts:
        return F.col("_id") + 1
    return F.col("_id") + F.create_map(*shifts)[F.col("_block")]


def _multiline(
    spark: SparkSession, contract: SourceContract, path: str, header: Sequence[str]
) -> DataFrame:
    """Records of a CSV whose quoted values may hold line ends: one task reads the file."""
    source = contract.source
    names = [f"_{i}" for i in range(len(header))]
    frame = (
        spark.read.schema(", ".join(f"`{n}` string" for n in [*names, "_corrupt"]))
        .option("header", source.header)
        .option("enforceSchema", True)
        .option("multiLine", True)
        .option("sep", source.delimiter)
        .option("quote", source.quote)
        .option("escape", source.quote)
        .option("encoding", source.encoding)
        .option("columnNameOfCorruptRecord", "_corrupt")
        .option("maxCharsPerColumn", -1)
        .csv(_literal(path))
    )
    numbered = _numbered(frame)
    is_bad = F.col("_corrupt").isNotNull()
    return numbered.select(
        ROW,
        F.when(is_bad, F.encode("_corrupt", "UTF-8")).alias(RAW),
        F.when(is_bad, "unparsed_line").alias("error"),
        *(F.when(~is_bad, F.col(n)).alias(h) for n, h in zip(names, header, strict=True)),
    )


def _parquet(spark: SparkSession, path: str) -> DataFrame:
    frame = spark.read.parquet(_literal(path))
    return frame.select(
        (F.col("_metadata.row_index") + 1).alias(ROW),
        F.lit(None).cast("binary").alias(RAW),
        F.lit(None).cast("string").alias("error"),
        *(_as_text(name, kind).alias(name) for name, kind in frame.dtypes),
    )


def _as_text(name: str, kind: str) -> Column:
    """A Parquet value as text, so that nothing of it is lost."""
    value = F.col(f"`{name}`")
    if kind == "timestamp":  # an instant: told with its offset, whatever the contract's zone
        return F.date_format(value, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
    if kind == "binary":
        return F.base64(value)
    if kind.startswith(("struct", "array", "map")):
        return F.to_json(value)
    return value.cast("string")
