"""Every setting of Atlas, read once from `ATLAS_*` variables or `.env`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from conf.errors import UsageError
from conf.jdbc import Databases, checked_url
from conf.parent_run import run_name
from conf.s3 import ACCESS_KEY, S3, SECRET_KEY, TOKEN, bucket_and_key, checked_endpoint, is_s3

LAYERS = ("bronze", "silver", "gold", "ops")


class Settings(BaseSettings):
    """Settings with their defaults; an `ATLAS_` variable of the same name beats them.

    Spark's own configuration ranks higher: `--conf`, then `spark-defaults.conf`, then these.
    """

    model_config = SettingsConfigDict(
        env_prefix="ATLAS_", env_file=".env", extra="ignore", populate_by_name=True
    )

    lake: str = Field("lake", description="Folder or s3a://bucket/prefix that holds the layers")
    bronze: str | None = Field(None, description="Bronze's own place; default: lake/bronze")
    silver: str | None = Field(None, description="Silver's own place; default: lake/silver")
    gold: str | None = Field(None, description="Gold's own place; default: lake/gold")
    ops: str | None = Field(None, description="The records' own place; default: lake/ops")
    namespace: str = Field(
        "default",
        pattern=r"^[a-z][a-z0-9_]{0,31}$",
        description="Tenant or environment; part of paths, leases and pseudonym domains",
    )
    reports: str | None = Field(
        None,
        description="Folder for the runs' reports; default: reports, beside a local lake or else here",
    )
    sources: str = Field("sources", description="Folder or s3a:// prefix where files arrive")
    contracts: str | None = Field(
        None, description="Folder of contracts; default: the packaged ones"
    )
    pii_secret: SecretStr | None = Field(None, description="Pseudonymization key, 32 bytes or more")
    pii_secret_file: Path | None = Field(None, description="File that holds the key")
    s3_endpoint: str | None = Field(None, description="URL of MinIO or another S3; default: AWS")
    s3_region: str = Field("us-east-1", min_length=1, description="Region of the buckets")
    s3_path_style: bool | None = Field(
        None, description="host/bucket instead of bucket.host; default: where an endpoint is set"
    )
    s3_ca_file: Path | None = Field(
        None, description="Certificates (PEM) that the endpoint's is signed by; default: Java's own"
    )
    s3_access_key: SecretStr | None = Field(None, description="Access key for all buckets")
    s3_secret_key: SecretStr | None = Field(None, description="Its secret key")
    s3_token: SecretStr | None = Field(None, description="Its session token, if it has one")
    s3_keys_file: Path | None = Field(
        None, description="File of mode 0600 with keys by bucket; beats those of the environment"
    )
    s3_log_store: Literal["single", "dynamodb"] = Field(
        "single",
        description="Delta's log store in buckets; dynamodb: on AWS, for other writers, too",
    )
    s3_dynamodb_table: str = Field(
        "delta_log", min_length=3, description="Its table, where the log store is dynamodb"
    )
    jdbc_url: str | None = Field(
        None, description="Database that contracts pull from: jdbc:postgresql://host:port/database"
    )
    jdbc_user: str | None = Field(None, description="Who asks there: it needs no more than SELECT")
    jdbc_password: SecretStr | None = Field(None, description="Its password")
    jdbc_password_file: Path | None = Field(
        None, description="File of mode 0600 that holds the password"
    )
    jdbc_connections_file: Path | None = Field(
        None,
        description="File of mode 0600 with a section for each connection: url, user, password",
    )
    leak_sample: int = Field(
        1000, ge=1, description="Free texts of a batch and column looked at before it is published"
    )
    log_format: Literal["json", "text"] = Field("json", description="Form of the log")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO")
    log_file: Path | None = Field(None, description="Log to this file instead of standard error")
    wait_seconds: float = Field(
        60.0, ge=0, description="How long to wait for another run on the same tables"
    )
    metrics_file: Path | None = Field(
        None, description="The last run's numbers for Prometheus are written to this file"
    )
    lease_seconds: float = Field(
        30.0, ge=2, le=600, description="How long a lease in a bucket lives without being renewed"
    )
    retry_attempts: int = Field(
        3, ge=1, le=10, description="How often a table is tried when a server or a commit fails"
    )
    retry_seconds: float = Field(
        2.0, ge=0, le=60, description="About how long the first wait before trying again is"
    )
    reprocess_attempts: int = Field(
        3, ge=1, description="How often a row in quarantine is taken again before it is dead"
    )
    parent_run: str | None = Field(
        None,
        validation_alias=AliasChoices("ATLAS_PARENT_RUN", "OPENLINEAGE_PARENT_ID"),
        description="The run that started this one, such as a task of Airflow: namespace/job/run",
    )
    root_run: str | None = Field(
        None,
        validation_alias=AliasChoices("ATLAS_ROOT_RUN", "OPENLINEAGE_ROOT_PARENT_ID"),
        description="The run that all began with, such as one of a DAG; default: the parent",
    )
    lineage_url: str | None = Field(
        None, description="Server that is sent lineage events, such as Marquez: http://host:port"
    )
    lineage_api_key: SecretStr | None = Field(None, description="Its key, if it asks for one")
    lineage_seconds: float = Field(
        5.0, gt=0, le=300, description="Seconds that a run waits for that server, in all"
    )
    alert_webhook: SecretStr | None = Field(
        None, description="URL that is told of runs that did not end well; it may hold a token"
    )
    alert_timeout: float = Field(
        2.0, gt=0, le=60, description="Seconds the receiver of alerts has to answer"
    )
    alert_attempts: int = Field(
        3, ge=1, le=10, description="How often an alert is sent to a receiver that does not answer"
    )

    @field_validator("lake", "bronze", "silver", "gold", "ops", "reports", mode="after")
    @classmethod
    def _absolute(cls, place: str | None) -> str | None:
        if place is None or "://" in place:
            return _in_bucket(place) if place else place
        return str(Path(place).expanduser().resolve())

    @field_validator("reports", mode="after")
    @classmethod
    def _here(cls, place: str | None) -> str | None:
        if place is not None and "://" in place:
            raise ValueError("must be a folder of this machine")
        return place

    @field_validator("sources", mode="after")
    @classmethod
    def _folder_or_bucket(cls, place: str) -> str:
        return _in_bucket(place) if "://" in place else place

    @field_validator("s3_endpoint", mode="after")
    @classmethod
    def _endpoint(cls, told: str | None) -> str | None:
        return checked_endpoint(told) if told else None

    @field_validator("lineage_url", mode="after")
    @classmethod
    def _server(cls, told: str | None) -> str | None:
        return checked_endpoint(told) if told else None

    @field_validator("parent_run", "root_run", mode="after")
    @classmethod
    def _run(cls, told: str | None) -> str | None:
        return str(run_name(told)) if told else None

    @field_validator("jdbc_url", mode="after")
    @classmethod
    def _database(cls, told: str | None) -> str | None:
        return checked_url(told) if told else None

    @field_validator("alert_webhook", mode="after")
    @classmethod
    def _url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value().strip():
            return None
        try:
            told = urlsplit(url.get_secret_value())
            is_one = told.scheme in ("http", "https") and bool(told.hostname) and told.port != 0
        except ValueError:
            is_one = False
        if not is_one:  # the value is not told: it may hold a token
            raise ValueError("must be a URL that begins with http:// or https://")
        return url

    @property
    def is_local(self) -> bool:
        """Whether every layer is a folder of this machine."""
        return not any(is_s3(self.layer(layer)) for layer in LAYERS)

    @property
    def buckets(self) -> list[str]:
        """The buckets of the lake and of the sources, each once."""
        places = [*(self.layer(layer) for layer in LAYERS), self.sources]
        return list(dict.fromkeys(bucket_and_key(p)[0] for p in places if is_s3(p)))

    @property
    def s3(self) -> S3:
        """How the buckets are reached, and where their keys are."""
        is_path_style = self.s3_path_style
        return S3(
            endpoint=self.s3_endpoint,
            region=self.s3_region,
            is_path_style=bool(self.s3_endpoint) if is_path_style is None else is_path_style,
            ca_file=_path(self.s3_ca_file),
            keys_file=_path(self.s3_keys_file),
            dynamodb_table=self.s3_dynamodb_table if self.s3_log_store == "dynamodb" else None,
        )

    @property
    def databases(self) -> Databases:
        """The connections that contracts may name."""
        return Databases(
            url=self.jdbc_url,
            user=self.jdbc_user,
            password=self.jdbc_password,
            password_file=_path(self.jdbc_password_file),
            connections_file=_path(self.jdbc_connections_file),
        )

    def layer(self, layer: str) -> str:
        """The folder or bucket prefix of `bronze`, `silver`, `gold` or `ops`."""
        place: str = getattr(self, layer) or self.lake
        parts = [place]
        if self.namespace != "default":
            parts.append(self.namespace)
        if place == self.lake:
            parts.append(layer)
        return "/".join(parts)

    def table(self, name: str) -> str:
        """Where a table lies, or files beside tables: `silver.orders` -> <lake>/silver/orders."""
        layer, _, table = name.partition(".")
        return f"{self.layer(layer)}/{table.replace('.', '/')}"

    def report(self, run_id: str) -> Path:
        """Where the report of a run lies; a namespace has a folder of its own."""
        beside = Path() if "://" in self.lake else Path(self.lake).parent
        folder = Path(self.reports) if self.reports else (beside / "reports").resolve()
        if self.namespace != "default":
            folder /= self.namespace
        return folder / f"{run_id}.html"

    def lineage_picture(self) -> Path:
        """Where the picture of the column lineage lies: among the reports of runs."""
        return self.report("lineage")


def _in_bucket(place: str) -> str:
    if not is_s3(place) or not bucket_and_key(place)[0]:
        raise ValueError("must be a folder or s3a://bucket/prefix")
    return place.rstrip("/")


def _path(told: Path | None) -> str | None:
    return str(told.expanduser().resolve()) if told else None


def _variable(loc: Sequence[int | str]) -> str:
    """The variable of a setting, or those that are read for it."""
    name = "_".join(map(str, loc)).upper()
    for field in Settings.model_fields.values():
        names = getattr(field.validation_alias, "choices", ())
        if name in names:
            return " or ".join(names)
    return f"ATLAS_{name}"


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; `overrides` are command-line options, None means not given.

    Raises: UsageError naming each wrong setting and what it allows.
    """
    try:
        settings = Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(
            f"{_variable(e['loc'])}: {e['msg']}"
            for e in error.errors(include_input=False, include_url=False)
        )
        raise UsageError(f"settings: {wrong}; see .env.example") from None
    for name in (ACCESS_KEY, SECRET_KEY, TOKEN):
        secret: SecretStr | None = getattr(settings, name.removeprefix("ATLAS_").lower())
        if secret is not None:  # Python workers inherit the environment, not a .env file
            os.environ[name] = secret.get_secret_value()
    if ca_file := settings.s3.ca_file:
        if not os.access(ca_file, os.R_OK):
            raise UsageError(f"settings: ATLAS_S3_CA_FILE: {ca_file} cannot be read")
        os.environ.setdefault("SSL_CERT_FILE", ca_file)  # how delta-rs and obstore are told
    return settings
