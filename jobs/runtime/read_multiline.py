"""Bronze's rows of CSV whose quoted values may hold line ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from conf.contract import SourceFormat
from jobs.runtime.csv_records import CsvRecord, CsvRecords, Verbatim
from jobs.runtime.source_bytes import content_of
from jobs.runtime.source_paths import SourcePath
from transformations.bronze import BLANK, UNPARSED
from transformations.names import ERROR, RAW, ROW

_BATCH_RECORDS, _BATCH_CHARACTERS = 10_000, 1 << 23


def read_multiline(
    spark: SparkSession, path: SourcePath, encoding: str, source: SourceFormat, width: int
) -> DataFrame:
    """Records of a file: `_bronze_row` (the record's first line), `_bronze_error`, `_bronze_raw`
    and the fields as `c0`, `c1`, ... One task reads the file, since only its start tells where a
    record ends. `encoding` is a name Python knows."""
    names = [f"c{i}" for i in range(width)]
    schema = pa.schema(
        {ROW: pa.int64(), ERROR: pa.string(), RAW: pa.binary()}
        | {name: pa.string() for name in names}
    )

    def rows(_: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with content_of(path, path.name.endswith(".gz")) as content:
            records, verbatim = CsvRecords(content, encoding, source), Verbatim(source)
            for batch in _batches(records, skip=int(source.header)):
                told = [_row(record, encoding, verbatim, width) for record in batch]
                columns = zip(schema, zip(*told, strict=True), strict=True)
                yield pa.RecordBatch.from_arrays(
                    [pa.array(values, field.type) for field, values in columns], schema=schema
                )

    fields = ", ".join(f"{name} string" for name in names)
    return spark.range(0, 1, 1, 1).mapInArrow(
        rows, f"{ROW} bigint, {ERROR} string, {RAW} binary, {fields}"
    )


def _batches(records: Iterable[CsvRecord], skip: int) -> Iterator[list[CsvRecord]]:
    batch: list[CsvRecord] = []
    characters = 0
    for number, record in enumerate(records):
        if number >= skip:
            batch.append(record)
            characters += len(record.text)
        if len(batch) >= _BATCH_RECORDS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _row(
    record: CsvRecord, encoding: str, verbatim: Verbatim, width: int
) -> tuple[int | str | bytes | None, ...]:
    """Number, error, verbatim text and fields. A record is kept verbatim where its fields alone
    do not give it back."""
    error = BLANK if not record.fields else UNPARSED if len(record.fields) != width else None
    raw = record.text.encode(encoding) if error or not verbatim.holds(record) else None
    return record.line, error, raw, *([None] * width if error else record.fields)
