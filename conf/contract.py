"""What a contract says, as plain values: the only thing the jobs know about a table.

`conf.contract_reader` makes these from the YAML files; nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal


class Treatment(StrEnum):
    """What happens to a column between Bronze and Silver."""

    KEEP = "keep"
    HASH = "hash"
    MASK = "mask"
    REDACT = "redact"
    GENERALIZE = "generalize"
    DROP = "drop"
    DETECT = "detect"


class Form(StrEnum):
    """What a string means, hence its canonical form (pseudonyms) and standard form (Silver)."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    CPR = "cpr"


@dataclass(frozen=True)
class Column:
    """One column of a source table."""

    name: str
    source_name: str
    logical_type: str  # string | integer | number | boolean | date | timestamp
    spark_type: str  # string | bigint | decimal(p,s) | double | boolean | date | timestamp
    description: str = ""
    formats: tuple[str, ...] = ()  # Spark datetime patterns, tried in order
    timezone: str = "UTC"  # of values that carry no offset
    decimal_separator: str = "."
    thousands_separator: str = ""
    required: bool = False
    allowed: tuple[str, ...] = ()
    form: Form = Form.TEXT
    valid_flag: str | None = None  # name of the boolean Silver column that says `form` holds
    classification: str | None = None  # ODCS classification, e.g. pii-direct; None: not stated
    entity: str | None = None  # what the column holds, in Presidio's words: PERSON, DK_CPR ...
    treatment: Treatment = Treatment.DETECT
    is_classified: bool = False  # whether the contract states the treatment
    generalize: str | None = None  # "year" or "prefix:N"
    silver_name: str = ""  # name after treatment
    domain: str = ""  # pseudonym domain; a foreign key has that of the column it refers to
    references: tuple[str, str] | None = None  # (table, column)
    late_parent: str = "pass"  # pass | wait: what a row does whose parent is not in Silver yet
    role: str | None = None  # meaning for Gold, see ROLE_COLUMNS
    start: int | None = None  # fixed-width: first character, counted from 1
    width: int | None = None  # fixed-width: number of characters


@dataclass(frozen=True)
class DatabaseSource:
    """What is pulled from a database, and how; columns by their names in the contract."""

    connection: str = "default"
    table: str | None = None  # or
    query: str | None = None
    watermark: str | None = None  # column that grows as rows come and change; None: all, each time
    overlap: str | None = None  # how far below the last watermark rows are taken again
    partition_column: str | None = None
    partitions: int = 1


@dataclass(frozen=True)
class SourceFormat:
    """How the source's files, or its database, are read."""

    kind: str  # csv | jsonl | parquet | fixed-width | jdbc
    encoding: str = "UTF-8"
    delimiter: str = ","
    quote: str = '"'
    multiline: bool = False
    header: bool = True
    files: tuple[str, ...] = ()  # glob patterns beside <table>*; matched on the file name
    database: DatabaseSource | None = None  # where the kind is jdbc


class Dimension(StrEnum):
    """The six dimensions of data quality; ODCS calls validity `conformity`."""

    COMPLETENESS = "completeness"
    UNIQUENESS = "uniqueness"
    VALIDITY = "validity"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    ACCURACY = "accuracy"


PRIVACY: Final = "privacy"
"""What k-anonymity is of. No dimension of quality: it is in no score."""


class Severity(StrEnum):
    """What a failed check does: a warning is reported, an error stops what would be published."""

    WARNING = "warning"
    ERROR = "error"


PARENT = "_parent_"
"""Prefix of the column that holds what Silver knows of a row's parent, by foreign key."""
PARENT_KEY = "key"
"""What a parent has in any case; beside it stand columns that Silver keeps."""
DELIVERED_AT = "_delivered_at"
"""What checks may ask of a row's file: its modification time."""


@dataclass(frozen=True)
class QualityCheck:
    """One check of a table in Soda's language (SodaCL)."""

    name: str
    check: str  # SodaCL's line, such as `missing_percent(email_address) < 10%`
    settings: Mapping[str, object]  # what stands below that line, such as `valid regex`
    dimension: Dimension | Literal["privacy"]
    severity: Severity
    metric: str = ""  # Soda's, such as missing_percent, or one of one's own
    columns: tuple[str, ...] = ()  # what the metric is of
    unit: str | None = None  # of a metric of one's own: rows or percent that fail
    parent_columns: tuple[tuple[str, str], ...] = ()  # (foreign key, column of its parent) it reads

    @property
    def is_change(self) -> bool:
        """Whether it compares with what was measured before."""
        return self.check.startswith("change ")

    @property
    def has_variables(self) -> bool:
        """Whether it compares with what is computed from other tables, such as `${silver_orders}`."""
        return "${" in self.check


@dataclass(frozen=True)
class Threshold:
    """The least a score may be; `dimension` may be `overall`."""

    dimension: str
    at_least: float  # a share of rows, 0 to 1
    severity: Severity = Severity.WARNING


@dataclass(frozen=True)
class KAnonymity:
    """How many rows must share the values of a table's quasi-identifiers."""

    k: int
    at_most: float = 0.0  # share of rows, 0 to 1, that may be in smaller groups
    severity: Severity = Severity.WARNING


@dataclass(frozen=True)
class Rule:
    """A condition each row must meet; a row for which it is false goes to quarantine."""

    name: str
    expression: str  # Spark SQL over the standardized columns; null counts as met


ROLE_COLUMNS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # role: (required role columns, optional role columns)
    "customers": (
        ("customer",),
        ("birth_date", "postal_code", "city", "tier", "created_at"),
    ),
    "orders": (("customer", "order_date", "amount"), ("order", "status", "currency")),
}
"""Role columns of Gold: what `Column.role` may be, by the table's role."""


@dataclass(frozen=True)
class SourceContract:
    """A source table: how it is read, what its columns mean, how each is treated."""

    table: str
    path: str  # of the contract file
    digest: str  # SHA-256 of the contract file
    version: str
    source: SourceFormat
    columns: tuple[Column, ...]
    key: tuple[str, ...]  # names of the key columns; empty: the key is derived
    sequence_by: str | None = None
    delivery: str = "full"  # full | increment; matters only without a key
    source_system: str = ""
    role: str | None = None
    rules: tuple[Rule, ...] = ()
    checks: tuple[QualityCheck, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    held_deliveries: str = "pass"  # pass | wait: what later deliveries do behind a held one
    revenue_statuses: tuple[str, ...] = ()  # empty: every order is revenue
    currency: str | None = None  # constant currency of an orders table without such a column
    description: str = ""
    retention: str = ""  # a text for the register; nothing deletes by it yet

    @property
    def database(self) -> DatabaseSource | None:
        """What is pulled; None where files come."""
        return self.source.database

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def role_column(self, role: str) -> Column | None:
        """The column that plays `role` for Gold, if the table has one."""
        return next((c for c in self.columns if c.role == role), None)

    @property
    def key_columns(self) -> tuple[Column, ...]:
        return tuple(self.column(name) for name in self.key)

    @property
    def silver_key(self) -> tuple[str, ...]:
        """Names of Silver's key columns; `_silver_key` where the contract names no key."""
        return tuple(c.silver_name for c in self.key_columns) or ("_silver_key",)


@dataclass(frozen=True)
class OutputColumn:
    """One column of a Silver or Gold table, for the data dictionary and compatibility."""

    name: str
    spark_type: str
    description: str
    required: bool = False
    classification: str | None = None
    derived: str = ""  # flag | count | bucket: says something of personal data, and is none
    is_quasi_identifier: bool = False  # together with the others it could single somebody out


@dataclass(frozen=True)
class OutputContract:
    """A Silver or Gold table."""

    table: str  # "silver.customers", "gold.customer_360"
    path: str
    version: str
    description: str
    key: tuple[str, ...]
    columns: tuple[OutputColumn, ...]
    checks: tuple[QualityCheck, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    k_anonymity: KAnonymity | None = None

    @property
    def is_judged(self) -> bool:
        """Whether anything is measured of its rows."""
        return bool(self.checks or self.k_anonymity)

    @property
    def quasi_identifiers(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.is_quasi_identifier)


@dataclass(frozen=True)
class Contracts:
    """All contracts of a lake."""

    sources: Mapping[str, SourceContract]
    outputs: Mapping[str, OutputContract] = field(default_factory=dict)

    @property
    def databases(self) -> dict[str, DatabaseSource]:
        """The tables that are pulled from a database."""
        return {name: c.database for name, c in self.sources.items() if c.database}

    def role(self, role: str) -> SourceContract | None:
        """The source table that plays `role` for Gold."""
        return next((c for c in self.sources.values() if c.role == role), None)
