"""Whether a value has the form that its column's contract names."""

from __future__ import annotations

from pyspark.sql import Column as C

from conf.contract import Form
from udfs.phones import is_e164

# A practical subset of RFC 5321: one @, a dotted domain, no blanks, at most 254 characters
# (Java's matcher recurses for each label: a longer one would end in a stack overflow).
EMAIL = (
    r"^(?=.{1,254}$)[^@\s,;<>\"]{1,64}@"
    r"(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,}$"
)
# DDMMYY-SSSS; the control digit is not asked for: valid numbers fail it since 2007.
CPR = r"^(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[-\u2010-\u2013 ]?\d{4}$"


def has_form(value: C, form: Form) -> C:
    """Whether a standardized string has its form; null for null."""
    match form:
        case Form.EMAIL:
            return value.rlike(EMAIL)
        case Form.PHONE:
            return is_e164(value)
        case Form.CPR:
            return value.rlike(CPR)
        case _:
            return value.isNotNull()
