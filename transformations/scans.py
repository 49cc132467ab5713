"""Any table's columns as texts, and what of them is personal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    DataType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
)

from udfs.pii.spark_signs import signs_of

Transform = Callable[[DataFrame], DataFrame]

_LONG_NUMBER = r"^\d{8,19}$"  # what is shorter tells no person apart


def is_searchable(kind: DataType) -> bool:
    """Whether values of a type may hold text: strings, also inside others, and long numbers."""
    return isinstance(kind, IntegerType | LongType) or _holds_text(kind)


def _holds_text(kind: DataType) -> bool:
    match kind:
        case StructType():
            return any(_holds_text(field.dataType) for field in kind.fields)
        case ArrayType():
            return _holds_text(kind.elementType)
        case MapType():
            return _holds_text(kind.keyType) or _holds_text(kind.valueType)
        case _:
            return isinstance(kind, StringType)


def as_text(field: StructField) -> C:
    """A column's values as the detector reads them: nested ones as JSON, of numbers the long ones."""
    value = F.col(f"`{field.name}`")
    if isinstance(field.dataType, StringType):
        return value
    if isinstance(field.dataType, IntegerType | LongType):
        text = value.cast("string")
        return F.when(text.rlike(_LONG_NUMBER), text)
    return F.to_json(value)


def signs_by_column(names: Sequence[str]) -> Transform:
    """In: any table. Out: `column`, `sign`, `count`: how many values of a column have a sign."""

    def transform(df: DataFrame) -> DataFrame:
        told = (
            F.struct(F.lit(field.name).alias("column"), as_text(field).alias("value"))
            for field in df.schema
            if field.name in names
        )
        # One UDF over all columns: of several Spark would run each in workers of its own.
        return (
            df.select(F.explode(F.array(*told)).alias("told"))
            .where("told.value is not null")
            .select("told.column", F.explode(signs_of(F.col("told.value"))).alias("sign"))
            .groupBy("column", "sign")
            .count()
        )

    return transform
