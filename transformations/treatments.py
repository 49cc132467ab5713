"""From clear text to what Silver may hold: one treatment a column, as the contract says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from pyspark.sql import Column as C
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contract import Column, Form, SourceContract, Treatment
from conf.secrets import KeySource
from transformations.forms import EMAIL
from transformations.names import HASHED, PII, UNSURE
from udfs.pii import FAILURE, NO_VERDICTS, Hashing, Verdicts, detect_pii, detector_version
from udfs.pii.hashing import FORMS
from udfs.pseudonyms import pseudonymize
from udfs.text import REDACTED_ERROR

Transform = Callable[[DataFrame], DataFrame]

TOP_LEVEL_DOMAIN = r"\.(\p{L}{2,})$"
"""What a masked e-mail address keeps, by group 1; a plan proves the mask by it."""
_DETECTED, _TREATED = "_detected_", "_treated_"
_ENTITIES = {form: entity for entity, form in FORMS.items()}
_FINDING = "struct<column:string,entity:string,treatment:string,count:int,score:double>"
_SPAN = "struct<column:string,start:int,end:int,entity:string,score:double,found:boolean>"


@cache
def treatments_version() -> str:
    """A short digest of the detector's version and of the code of the treatments: with another one a
    batch that was held is taken again."""
    code = ("transformations/treatments.py", "udfs/pseudonyms.py", "udfs/anonymizers.py")
    texts = (files(p.partition("/")[0]).joinpath(p.partition("/")[2]).read_bytes() for p in code)
    return hashlib.sha256(b"\n".join([detector_version().encode(), *texts])).hexdigest()[:12]


def treated(
    contract: SourceContract,
    keys: KeySource,
    verdicts: Verdicts = NO_VERDICTS,
    namespace: str = "default",
) -> Transform:
    """Treat every column of the standardized frame; no clear text of a marked column is left.

    In: the standardized frame. Out: Silver's names, key columns first, valid flags, every
    technical column but `_hashed_*`, `_pii`: an entry for each treated value (score 1) and
    for each entity found in free text (score: the sum), and `_unsure`: the spans of free text that
    a person should look at (offsets in the standardized text, never the text). Every non-null value of a marked column
    is treated, whether it parses or not; what could not be is `<REDACTED_ERROR>`, and counted as
    such.
    """

    def transform(df: DataFrame) -> DataFrame:
        technical = [c for c in df.columns if c.startswith("_") and not c.startswith(HASHED)]
        # A column of its own for each, or what counts failures would compute the value again.
        values = (
            treat(c, keys, hashed=HASHED + c.name in df.columns).alias(_TREATED + c.name)
            for c in contract.columns
        )
        return (
            df.select("*", *_detections(contract, verdicts, Hashing(keys, namespace)))
            .select("*", *values)
            .select(
                *(
                    F.col(_TREATED + c.name).alias(c.silver_name or c.name)
                    for c in _key_first(contract)
                    if c.treatment is not Treatment.DROP
                ),
                *(F.col(c.valid_flag) for c in contract.columns if c.valid_flag),
                *technical,
                _findings(contract).alias(PII),
                _unsure(contract).alias(UNSURE),
            )
        )

    return transform


def treat(column: Column, keys: KeySource, *, hashed: bool = False) -> C:
    """The treated value of one column; text that failed before stays `<REDACTED_ERROR>`."""
    value = _treat(column, keys, hashed=hashed)
    if column.logical_type != "string" or hashed:
        return value
    return F.when(_failed(F.col(column.name)), F.lit(REDACTED_ERROR)).otherwise(value)


def _treat(column: Column, keys: KeySource, *, hashed: bool) -> C:  # noqa: PLR0911
    value = F.col(column.name)
    match column.treatment:
        case Treatment.HASH if hashed:
            return F.col(HASHED + column.name)
        case Treatment.HASH:
            return pseudonymize(value.cast("string"), keys, column.domain, column.form)
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
            top = F.regexp_extract(value, TOP_LEVEL_DOMAIN, 1)
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


def _detections(contract: SourceContract, verdicts: Verdicts, hashing: Hashing) -> list[C]:
    return [
        detect_pii(F.col(c.name).cast("string"), verdicts, hashing).alias(_DETECTED + c.name)
        for c in contract.columns
        if c.treatment is Treatment.DETECT
    ]


def _findings(contract: SourceContract) -> C:
    """`_pii` of a row: one array over all columns."""
    found = [F.array().cast(f"array<{_FINDING}>")]
    for column in contract.columns:
        match column.treatment:
            case Treatment.DETECT:
                found.append(_of_text(column))
            case Treatment.KEEP if column.logical_type == "string":
                found.append(_of_value(column, _failed(F.col(column.name)), F.lit(FAILURE)))
            case Treatment.KEEP:
                pass
            case _:
                is_failure = _failed(F.col(_TREATED + column.name).cast("string"))
                told = F.when(is_failure, FAILURE).otherwise(entity(column))
                found.append(_of_value(column, F.col(column.name).isNotNull(), told))
    return F.concat(*found)


def _failed(value: C) -> C:
    return F.coalesce(value == REDACTED_ERROR, F.lit(False))


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


def _unsure(contract: SourceContract) -> C:
    """`_unsure` of a row, over its texts: what is found in a number or a date stops the table."""

    def placed(column: Column) -> C:
        def span(unsure: C) -> C:
            parts = (
                unsure[name].alias(name) for name in ("start", "end", "entity", "score", "found")
            )
            return F.struct(F.lit(column.name).alias("column"), *parts).cast(_SPAN)

        return F.transform(F.col(f"{_DETECTED}{column.name}.unsure"), span)

    spans = [placed(c) for c in reviewed_columns(contract)]
    return F.concat(F.array().cast(f"array<{_SPAN}>"), *spans)


def reviewed_columns(contract: SourceContract) -> list[Column]:
    """The columns whose text is searched, and of which people are asked."""
    return [
        c
        for c in contract.columns
        if c.treatment is Treatment.DETECT and c.logical_type == "string"
    ]


def _of_value(column: Column, is_counted: C, told: C) -> C:
    finding = F.struct(
        F.lit(column.name).alias("column"),
        told.alias("entity"),
        F.lit(column.treatment.value).alias("treatment"),
        F.lit(1).alias("count"),
        F.lit(1.0).alias("score"),
    ).cast(_FINDING)
    return F.when(is_counted, F.array(finding)).otherwise(F.array().cast(f"array<{_FINDING}>"))
