"""Reading a delivery with Spark: verbatim records with their position in the file."""

from __future__ import annotations

import re
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contract import SourceContract
from conf.errors import SourceError
from conf.s3 import AWS, S3
from jobs.runtime.deliveries import Arrival
from jobs.runtime.encodings import is_wide, resolved_encoding
from jobs.runtime.file_names import as_received
from jobs.runtime.read_multiline import read_multiline
from jobs.runtime.source_bytes import first_bytes
from jobs.runtime.source_paths import source_path
from transformations.bronze import (
    bronze_from_columns,
    bronze_from_csv_lines,
    bronze_from_fixed_width,
    bronze_from_json_lines,
    with_provenance,
)
from transformations.names import ERROR, RAW, ROW
from transformations.parquet_text import as_text, nanoseconds_as_text


def read_bronze(
    spark: SparkSession,
    contract: SourceContract,
    arrival: Arrival,
    s3: S3 = AWS,
    *,
    delivery: int,
    run_id: str,
    ingested_at: datetime,
) -> DataFrame:
    """One delivery in Bronze's shape: docs/ARCHITECTURE.md lists its columns.

    Raises: SourceError if Spark does not know the file's encoding or types.
    """
    rows = _rows(spark, as_received(contract, arrival.source_name), arrival, s3)
    return rows.transform(
        with_provenance(
            contract,
            delivery=delivery,
            run_id=run_id,
            source_file=arrival.source_name,
            ingested_at=ingested_at,
        )
    )


def _rows(spark: SparkSession, contract: SourceContract, arrival: Arrival, s3: S3) -> DataFrame:
    source = contract.source
    if source.kind == "parquet":
        return _parquet(spark, arrival, s3).transform(
            bronze_from_columns(contract, arrival.header or ())
        )
    header = arrival.header or tuple(c.source_name for c in contract.columns)
    if source.kind == "csv" and source.multiline:
        encoding = resolved_encoding(_head(arrival, s3), source.encoding)
        records = read_multiline(
            spark, source_path(arrival.path, s3), encoding, source, len(header)
        )
        return records.transform(bronze_from_columns(contract, header))
    charset = _charset(spark, contract, arrival, s3)
    lines = _lines(spark, arrival, charset)
    if source.kind == "jsonl":
        return lines.transform(bronze_from_json_lines(contract, charset))
    if source.header:
        lines = lines.where(F.col(ROW) > 1)
    if source.kind == "csv":
        return lines.transform(bronze_from_csv_lines(contract, header, charset))
    return lines.transform(bronze_from_fixed_width(contract, charset))


def _charset(spark: SparkSession, contract: SourceContract, arrival: Arrival, s3: S3) -> str:
    """Java's name for the file's encoding."""
    encoding = resolved_encoding(_head(arrival, s3), contract.source.encoding)
    charset = spark._jvm.java.nio.charset.Charset  # type: ignore[union-attr]
    # Java writes UTF-16LE; its UTF-16 would look for a byte order mark before each line end.
    wide = re.sub(r"^(utf-(?:16|32))-?([lb]e)$", r"\1\2", encoding)
    for name in (wide, encoding.replace("_", "-"), contract.source.encoding):
        if re.fullmatch(r"[\w.:+-]+", name) and charset.isSupported(name):
            return str(charset.forName(name).name())
    raise SourceError(
        arrival.table,
        arrival.source_name,
        f"Java does not know the encoding {contract.source.encoding}",
        f"convert the file to UTF-8 and set encoding: UTF-8 in {contract.path}",
    )


def _head(arrival: Arrival, s3: S3) -> bytes:
    return first_bytes(source_path(arrival.path, s3), arrival.path.endswith(".gz"))


def _literal(path: str) -> str:
    """A path that is no pattern: Spark takes {}[]*? and \\ in a path for one."""
    return re.sub(r"([{}\[\]*?\\])", r"\\\1", path)


def _lines(spark: SparkSession, arrival: Arrival, charset: str) -> DataFrame:
    """`_bronze_row` and `_bronze_raw`: physical lines, whose bytes Spark hands on as they are."""
    reader = spark.read
    if is_wide(charset.lower()):
        reader = reader.option("lineSep", "\n").option("encoding", charset)
    return _numbered(reader.text(_literal(arrival.path)), _is_one_split(spark, arrival)).select(
        ROW, F.col("value").cast("binary").alias(RAW)
    )


def _is_one_split(spark: SparkSession, arrival: Arrival) -> bool:
    """Whether Spark cannot split the file: it is compressed, or smaller than what opening costs."""
    names = ("spark.sql.files.openCostInBytes", "spark.sql.files.maxPartitionBytes")
    in_bytes = spark._jvm.org.apache.spark.network.util.JavaUtils.byteStringAsBytes  # type: ignore[union-attr]
    return arrival.path.endswith(".gz") or all(
        arrival.size <= in_bytes(spark.conf.get(name)) for name in names
    )


def _numbered(df: DataFrame, is_one_split: bool) -> DataFrame:
    """Add `_bronze_row`: the record's number in the file, from 1.

    Ids grow inside a split but splits are packed by size, not by position, so that each split's
    place is counted first where there are several.
    """
    placed = df.select(
        "*",
        F.monotonically_increasing_id().alias("_id"),
        F.col("_metadata.file_block_start").alias("_block"),
    )
    return placed.withColumn(ROW, _position(placed, is_one_split)).drop("_id", "_block")


def _position(placed: DataFrame, is_one_split: bool) -> Column:
    if is_one_split:
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


def _parquet(spark: SparkSession, arrival: Arrival, s3: S3) -> DataFrame:
    """Rows of a Parquet file as text. Dates before 1900 are taken as written (ISO calendar)."""
    # Nanoseconds, which pandas writes, are refused by Spark without it. Asked again when the
    # file is read, so that it has to stay set.
    spark.conf.set("spark.sql.legacy.parquet.nanosAsLong", "true")
    reader = spark.read.option("datetimeRebaseMode", "CORRECTED")
    try:
        frame = reader.option("int96RebaseMode", "CORRECTED").parquet(_literal(arrival.path))
    except AnalysisException:
        raise SourceError(
            arrival.table,
            arrival.source_name,
            "Spark does not read its column types",
            "write the columns as text, numbers, dates or timestamps",
        ) from None
    with source_path(arrival.path, s3).open("rb") as content:
        nanos = {f.name: f.type for f in pq.read_schema(content) if _is_nanoseconds(f.type)}
    values = (
        nanoseconds_as_text(f.name, is_instant=nanos[f.name].tz is not None)
        if f.name in nanos
        else as_text(f.name, f.dataType)
        for f in frame.schema
    )
    return frame.select(
        (F.col("_metadata.row_index") + 1).alias(ROW),
        F.lit(None).cast("string").alias(ERROR),
        F.lit(None).cast("binary").alias(RAW),
        *(value.alias(f"c{i}") for i, value in enumerate(values)),
    )


def _is_nanoseconds(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind)) and kind.unit == "ns"
