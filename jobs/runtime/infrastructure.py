"""What Atlas stands on: each part tried for real, and what to do where one fails."""

from __future__ import annotations

import os
import shutil
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import obstore
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from obstore.exceptions import AlreadyExistsError, PreconditionError
from pyspark import SparkContext
from pyspark.sql import SparkSession

from conf.contract_reader import contracts_of
from conf.errors import AtlasError, TerminalError, UsageError
from conf.s3 import S3, is_s3
from conf.secrets import key_source
from conf.settings import LAYERS, Settings
from jobs.runtime.jars import OPENLINEAGE, resolved_jars, s3_jars
from jobs.runtime.java import java_home
from jobs.runtime.lineage.listener import has_listener
from jobs.runtime.objects import check_reachable, error_of_code, our_words, store_of
from jobs.runtime.postgres import snapshot
from jobs.runtime.small_files import small_files
from jobs.runtime.told_errors import describe
from udfs.pii.config import pii_config

MOST_SKEW = 5.0  # seconds: far below the 15 minutes of S3, and what ordinary NTP keeps
LEAST_SPACE = 5 << 30
_PROBE = "_atlas_probe"


class State(StrEnum):
    """Whether a run could go on with it."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One part, what was found, and what to do if it is not well."""

    part: str
    state: State
    found: str


def infrastructure(settings: Settings, *, with_spark: bool = True) -> Iterator[Check]:
    """Each part in turn; a part that fails keeps none after it from being tried."""
    yield _tried("Java", lambda: str(java_home()))
    yield _tried("JARs", lambda: f"{len(resolved_jars()) or 'resolved by spark-submit: none'} here")
    if settings.buckets:
        yield _tried("S3 JARs", lambda: f"{len(s3_jars())} here")
    yield _tried("pseudonymization key", lambda: _key(settings))
    yield from _models()
    for layer in LAYERS:
        yield from _layer(layer, settings.layer(layer), settings.s3)
    if is_s3(settings.sources):
        yield _tried("sources", lambda: _listed(settings.sources, settings.s3))
    if settings.buckets:
        yield _tried("clock", lambda: _clock(settings))
    yield from _services(settings)
    connections: list[str] = []
    yield _tried("contracts", lambda: _contracts(settings, connections))
    if with_spark:
        yield from _with_spark(settings, connections)
    else:
        yield from (
            _tried(f"database {n}", partial(_only_told, settings, n)) for n in sorted(connections)
        )


def make_buckets(settings: Settings) -> list[str]:
    """Make the buckets of the layers and the sources that are not there; returns their names.

    Raises: UsageError, TransientError.
    """
    made = []
    for bucket in settings.buckets:
        client = _client(settings.s3, bucket)
        with suppress(ClientError):
            client.head_bucket(Bucket=bucket)
            continue
        place: dict[str, Any] = {}
        if settings.s3.region != "us-east-1":
            place["CreateBucketConfiguration"] = {"LocationConstraint": settings.s3.region}
        try:
            client.create_bucket(Bucket=bucket, **place)
        except ClientError as error:
            raise error_of_code(error.response["Error"]["Code"], bucket, settings.s3) from None
        except BotoCoreError:
            raise error_of_code("", bucket, settings.s3) from None
        made.append(bucket)
    return made


def _tried(part: str, ask: Callable[[], str]) -> Check:
    try:
        return Check(part, State.OK, ask())
    except _RemarkError as remark:
        return Check(part, State.WARNING, str(remark))
    except AtlasError as error:
        return Check(part, State.FAILED, str(error))
    except Exception as error:  # its text may hold a key
        return Check(part, State.FAILED, describe(error))


class _RemarkError(Exception):
    """What a run could live with."""


def _key(settings: Settings) -> str:
    try:
        key_source(settings, make=False).load()
    except UsageError:
        if settings.is_local and not (settings.pii_secret or settings.pii_secret_file):
            return "none yet: a local lake makes its own with the first run"
        raise
    return "there, long enough and readable by its owner alone"


def _models() -> Iterator[Check]:
    for language, model in pii_config().models.items():
        found = model.installed()
        told = found or "no NER model: rules and word lists alone; docs/PII.md says how to add one"
        yield Check(f"NER model ({language})", State.OK if found else State.WARNING, str(told))


def _layer(layer: str, place: str, s3: S3) -> Iterator[Check]:
    yield _tried(f"{layer}: write, read, list, delete", lambda: _files(place, s3))
    if is_s3(place):
        yield _tried(f"{layer}: conditional PUT", lambda: _conditional(place, s3))
    else:
        yield _tried(f"{layer}: free space", lambda: _space(place))


def _files(place: str, s3: S3) -> str:
    """A file beside the tables is written, read, listed and removed."""
    if is_s3(place):
        check_reachable(place, s3)
    files, name = small_files(f"{place}/{_PROBE}", s3), uuid.uuid4().hex
    try:
        files.write(name, b"probe")
        if files.read(name) != b"probe" or name not in files.names():
            raise TerminalError(f"{place}: what was written is not found again")
    except OSError as error:
        raise TerminalError(
            f"{place}: cannot be written to ({error.strerror}): make it, or give this user the right"
        ) from None
    finally:
        with suppress(Exception):
            files.remove_all()
    return place


def _conditional(place: str, s3: S3) -> str:
    """Leases stand on it: of two who make an object one must fail."""
    check_reachable(place, s3)
    store, name = store_of(f"{place}/{_PROBE}", s3, is_probe=True), uuid.uuid4().hex
    with our_words(place, s3):
        try:
            first = obstore.put(store, name, b"1", mode="create")
            ignored = 0
            with suppress(AlreadyExistsError):
                obstore.put(store, name, b"2", mode="create")
                ignored += 1
            obstore.put(store, name, b"3", mode={"e_tag": first["e_tag"]})
            with suppress(PreconditionError):
                obstore.put(store, name, b"4", mode={"e_tag": first["e_tag"]})
                ignored += 1
        finally:
            with suppress(Exception):
                obstore.delete(store, name)
    if ignored:
        raise TerminalError(
            f"{place}: the server ignores If-None-Match or If-Match, so that two runs could hold one "
            "lease: use a server that knows conditional PUTs, and one run at a time until then"
        )
    return "If-None-Match and If-Match are kept"


def _space(place: str) -> str:
    there = next(p for p in (Path(place), *Path(place).parents) if p.exists())
    free = shutil.disk_usage(there).free
    told = f"{free / (1 << 30):,.0f} GiB"
    if free < LEAST_SPACE:
        raise _RemarkError(f"{told}: make room, or a run may end with a full disk")
    return told


def _listed(place: str, s3: S3) -> str:
    check_reachable(place, s3)
    return place


def _clock(settings: Settings) -> str:
    """S3 refuses requests of a clock that is 15 minutes off, and times in the records mislead."""
    bucket = settings.buckets[0]
    started = time.time()
    try:
        told = _client(settings.s3, bucket).head_bucket(Bucket=bucket)
        headers = told["ResponseMetadata"]["HTTPHeaders"]
    except ClientError as error:
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
    except BotoCoreError:
        raise error_of_code("", bucket, settings.s3) from None
    middle = datetime.fromtimestamp((started + time.time()) / 2, UTC)
    skew = abs((parsedate_to_datetime(headers["date"]) - middle).total_seconds())
    if skew > MOST_SKEW:
        raise _RemarkError(f"{skew:.0f} s from the server's: correct one of them (NTP)")
    return f"{skew:.1f} s from the server's (it tells whole seconds)"


def _services(settings: Settings) -> Iterator[Check]:
    yield _tried("lineage listener", _listener)
    if url := settings.lineage_url:
        otherwise = "events wait in the lake until it is there (ATLAS_LINEAGE_URL)"
        yield _tried("lineage server", lambda: _listens(url, settings.lineage_seconds, otherwise))
    if (webhook := settings.alert_webhook) is not None:
        alone = "alerts are in the log alone (ATLAS_ALERT_WEBHOOK)"
        yield _tried(
            "alert webhook",
            lambda: _listens(webhook.get_secret_value(), settings.alert_timeout, alone),
        )


def _listener() -> str:
    """Spark's, of lineage: in this process's JVM, or in the one that a job would start."""
    launched_here = "PYSPARK_GATEWAY_PORT" not in os.environ
    if not launched_here:
        SparkContext._ensure_initialized()  # type: ignore[attr-defined]
    if not has_listener(launched_here):
        raise _RemarkError(
            f"{OPENLINEAGE} is not here: runs go on, ops/data_lineage has Atlas's own events alone; "
            "`make setup`, or spark-submit --properties-file spark-defaults.conf"
        )
    return OPENLINEAGE


def _listens(told: str, seconds: float, otherwise: str) -> str:
    """Only whether somebody listens there: what is sent would be taken for real."""
    url = urlsplit(told)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        socket.create_connection((str(url.hostname), port), seconds).close()
    except OSError:
        raise _RemarkError(
            f"nobody listens at {url.hostname}:{port}: runs go on, {otherwise}"
        ) from None
    return f"{url.hostname}:{port} listens"


def _contracts(settings: Settings, connections: list[str]) -> str:
    """Also finds the database connections that they name."""
    known = contracts_of(settings)
    connections += {pulled.connection for pulled in known.databases.values()}
    return f"{len(known.sources)} source tables"


def _only_told(settings: Settings, name: str) -> str:
    place = settings.databases.connection(name).place
    raise _RemarkError(f"{place}: not tried, since PostgreSQL's driver needs Spark's JVM")


def _with_spark(settings: Settings, connections: list[str]) -> Iterator[Check]:
    """A session as a run opens it, its workers, and the databases that its JVM reaches."""
    opened: list[SparkSession] = []

    def workers() -> str:
        from jobs.runtime.session import open_session

        name = "atlas verify_infrastructure"
        opened.append(open_session(settings, name, small=True, jdbc=bool(connections)))
        return _workers(opened[0])

    yield _tried("Spark and its Python workers", workers)
    for spark in opened:
        for name in sorted(connections):
            yield _tried(f"database {name}", partial(_database, settings, name, spark))
        spark.stop()


def _database(settings: Settings, name: str, spark: SparkSession) -> str:
    """A login and an exported snapshot, as a pull needs them."""
    connection = settings.databases.connection(name)
    with snapshot(spark, connection, f"connection {name}") as held:
        ((version,),) = held.ask("show server_version")
    return f"{connection.place}: PostgreSQL {version}"


def _workers(spark: SparkSession) -> str:
    """On each core a worker that has the detector."""
    tasks = spark.sparkContext.defaultParallelism

    def version(_: Any) -> Iterator[str]:
        import platform

        import udfs.pii  # noqa: F401  what every task needs

        yield platform.python_version()

    told = set(spark.sparkContext.parallelize(range(tasks), tasks).mapPartitions(version).collect())
    return f"Spark {spark.version} at {spark.sparkContext.master}, Python {', '.join(sorted(told))}"


def _client(s3: S3, bucket: str) -> Any:
    keys = s3.keys(bucket)
    told = (
        {"aws_access_key_id": keys.access, "aws_secret_access_key": keys.secret,
         "aws_session_token": keys.token}
        if keys else {}
    )  # fmt: skip
    return boto3.client(
        "s3",
        endpoint_url=s3.endpoint,
        region_name=s3.region,
        verify=s3.ca_file or os.environ.get("AWS_CA_BUNDLE"),
        config=Config(
            s3={"addressing_style": "path" if s3.is_path_style else "virtual"},
            retries={"max_attempts": 2},
            connect_timeout=5,
            read_timeout=10,
        ),
        **told,
    )
