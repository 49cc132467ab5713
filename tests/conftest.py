"""One Spark session for the whole test run."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import SparkSession

from conf.errors import UsageError
from conf.settings import Settings
from tests.samples import Sample, made_sample

if TYPE_CHECKING:
    from tests.minio import Minio
    from tests.postgres import Postgres


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_this_machine() -> None:
    for name in [n for n in os.environ if n.startswith("ATLAS_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The session Atlas itself opens, with few shuffle partitions."""
    from jobs.runtime.jars import JDBC_JARS, jdbc_jars
    from jobs.runtime.session import open_session

    with suppress(UsageError):  # resolved by `make setup`
        jdbc_jars()
    folder: Path = tmp_path_factory.mktemp("spark")
    settings = Settings(lake=str(folder / "lake"), log_file=folder / "log")
    session = open_session(settings, "tests", small=True, jdbc=any(JDBC_JARS.glob("*.jar")))
    session.conf.set("spark.sql.shuffle.partitions", "2")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def sample(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample from raw files to Gold, once for all tests that only read it."""
    return made_sample(spark, tmp_path_factory.mktemp("sample"))


@pytest.fixture
def sample_copy(sample: Sample, tmp_path: Path) -> Sample:
    """A copy of it that a test may change."""
    return sample.copied(tmp_path / "sample")


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Minio]:
    """A real MinIO on this machine; each test makes a bucket of its own."""
    from tests.minio import Minio

    server = Minio(tmp_path_factory.mktemp("minio")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL on this machine; each test makes tables of its own."""
    from tests.postgres import Postgres

    # Not below pytest's own folder, which the server's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="atlas-postgres-"))
    server = Postgres(folder)
    try:
        yield server.make().start()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def unavailable(reason: str) -> None:
    """Skip a test whose server can't be had; in CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
