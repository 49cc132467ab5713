"""From clear text to what Silver may hold: one treatment a column, as the contract says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import Column, Form, SourceContract, Treatment
from conf.secrets import KeySource
from transformations.forms import EMAIL
from transformations.names import HASHED, PII
from udfs.pii import detect_pii
from udfs.pseudonyms import REDACTED_ERROR, pseudonymize

Transform = Callable[[DataFrame], DataFrame]

_DETECTED = "_detected_"
_ENTITIES = {Form.EMAIL: "EMAIL_ADDRESS", Form.PHONE: "PHONE_NUMBER", Form.CPR: "DK_CPR"}
_FINDING = "struct<column:string,entity:string,treatment:string,count:int,score:double>"


def treated(contract: SourceContract, keys: KeySource) -> Transform:
    """Treat every column of the standardized frame; no clear text of a marked column is left.

    In: the standardized frame. Out: Silver's names, key columns first, valid flags, every
    technical column but `_hashed_*`, and `_pii`: an entry for each treated value (score 1) and
    for each entity found in free text (score: the sum). A value whose pseudonym failed counts as
    `REDACTED_ERROR`. Every non-null value of a marked column is treated.
    """

    def transform(df: DataFrame) -> DataFrame:
        hashed = df.select("*", *_hashes(contract, keys, df.columns))
        detected = hashed.select("*", *_detections(contract))
        technical = [c for c in df.columns if c.startswith("_") and not c.startswith(HASHED)]
        return detected.select(
            *(
                treat(c).alias(c.silver_name or c.name)
                for c in _key_first(contract)
                if c.treatment is not Treatment.DROP
            ),
            *(F.col(c.valid_flag) for c in contract.columns if c.valid_flag),
            *technical,
            _findings(contract).alias(PII),
        )

    return transform


def treat(column: Column) -> C:
    """The treated value of one column; pseudonyms and anonymized texts are there already."""
    value = F.col(column.name)
    match column.treatment:
        case Treatment.HASH:
            return F.col(HASHED + column.name)
        case Treatment.MASK:
            return masked(value.cast("string"), column.form)
        case Treatment.REDACT:
            return F.when(value.isNotNull(), F.lit(f"<{entity(column)}>"))
        case Treatment.GENERALIZE:
            return generalized(value, column.generalize or "")
        case Treatment.DETECT if column.logical_type == "string":
            return F.col(f"{_DETECTED}{column.name}.text")
        case _:
            return value


def masked(value: C, form: Form) -> C:
    """A hint for humans, too little to tell who: a phone's last two digits, an e-mail's top-level
    domain, else the first character of six or more."""
    match form:
        case Form.PHONE:
            hint = F.when(
                value.rlike(r"^\+[1-9]\d{6,14}$"), F.concat(F.lit("***"), F.right(value, F.lit(2)))
            )
        case Form.EMAIL:
            # Of an address alone: the last word of any other text may be a name.
            top = F.regexp_extract(value, r"\.(\p{L}{2,})$", 1)
            hint = F.when(value.rlike(EMAIL), F.concat(F.lit("***@***."), F.lower(top)))
        case _:
            hint = F.when(F.length(value) >= 6, F.concat(F.left(value, F.lit(1)), F.lit("***")))
    return F.when(value.isNotNull(), F.coalesce(hint, F.lit("***")))


def generalized(value: C, how: str) -> C:
    """`year`: the year of a date or time; `prefix:N`: the first N characters."""
    if how == "year":
        return F.year(value)
    return F.left(value.cast("string"), F.lit(int(how.removeprefix("prefix:"))))


def entity(column: Column) -> str:
    """What a marked column holds, in Presidio's words where it has one."""
    told = column.entity or _ENTITIES.get(column.form) or column.classification or "PII"
    return told.upper().replace("-", "_")


def _key_first(contract: SourceContract) -> list[Column]:
    return sorted(contract.columns, key=lambda c: c.name not in contract.key)


def _hashes(contract: SourceContract, keys: KeySource, known: Sequence[str]) -> list[C]:
    """Pseudonyms of the columns whose are not `known` yet: neither keys nor foreign keys."""
    return [
        pseudonymize(F.col(c.name).cast("string"), keys, c.domain, c.form).alias(HASHED + c.name)
        for c in contract.columns
        if c.treatment is Treatment.HASH and HASHED + c.name not in known
    ]


def _detections(contract: SourceContract) -> list[C]:
    return [
        detect_pii(F.col(c.name).cast("string")).alias(_DETECTED + c.name)
        for c in contract.columns
        if c.treatment is Treatment.DETECT
    ]


def _findings(contract: SourceContract) -> C:
    """`_pii` of a row: one array over all columns."""
    found = [F.array().cast(f"array<{_FINDING}>")]
    for column in contract.columns:
        if column.treatment is Treatment.DETECT:
            found.append(_of_text(column))
        elif column.treatment is not Treatment.KEEP:
            found.append(_of_value(column))
    return F.concat(*found)


def _of_text(column: Column) -> C:
    def named(finding: C) -> C:
        return F.struct(
            F.lit(column.name).alias("column"),
            finding["entity"].alias("entity"),
            F.lit(column.treatment.value).alias("treatment"),
            finding["count"].alias("count"),
            finding["score"].alias("score"),
        ).cast(_FINDING)

    return F.transform(F.col(f"{_DETECTED}{column.name}.findings"), named)


def _found_in(column: Column) -> C:
    found = F.lit(entity(column))
    if column.treatment is not Treatment.HASH:
        return found
    failed = F.col(HASHED + column.name) == REDACTED_ERROR
    return F.when(failed, F.lit("REDACTED_ERROR")).otherwise(found)


def _of_value(column: Column) -> C:
    finding = F.struct(
        F.lit(column.name).alias("column"),
        _found_in(column).alias("entity"),
        F.lit(column.treatment.value).alias("treatment"),
        F.lit(1).alias("count"),
        F.lit(1.0).alias("score"),
    ).cast(_FINDING)
    return F.when(F.col(column.name).isNotNull(), F.array(finding)).otherwise(
        F.array().cast(f"array<{_FINDING}>")
    )
