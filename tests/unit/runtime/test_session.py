"""The session: what may not be switched off, and who decides about the rest."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from pathlib import Path

import pyspark
import pytest
from pyspark import SparkConf

from conf.contract_reader import load_contracts
from conf.errors import UsageError
from conf.s3 import AWS, S3
from conf.secrets import ENVIRONMENT, key_source
from conf.settings import Settings
from jobs.generate_sources import generate_sources
from jobs.runtime import runs, session
from jobs.runtime.java import java_home
from jobs.runtime.session import DEFAULTS, SAFE, verify_safe
from jobs.runtime.session_s3 import s3_settings
from tests.submitted import Place, submit

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.io.encryption.enabled", "false"),
        ("spark.io.encryption.enabled", ""),
        ("spark.sql.legacy.timeParserPolicy", "LEGACY"),
        ("spark.sql.legacy.timeParserPolicy", "EXCEPTION"),
        ("spark.hadoop.fs.s3a.fast.upload.buffer", "disk"),
    ],
)
def test_a_setting_that_would_store_clear_text_is_refused(name, value):
    with pytest.raises(UsageError, match=f"{name}={value}: must be {SAFE[name]}"):
        verify_safe({name: value})


def test_what_is_safe_passes():
    verify_safe({})
    verify_safe({"spark.io.encryption.enabled": "TRUE", "spark.sql.legacy.timeParserPolicy": "corrected"})  # fmt: skip


def test_only_what_nobody_set_is_set():
    conf = SparkConf(loadDefaults=False).set("spark.a", "operator")
    session._set_missing(conf, {"spark.a": "atlas", "spark.b": "atlas"})
    assert dict(conf.getAll()) == {"spark.a": "operator", "spark.b": "atlas"}


def test_the_session_has_what_atlas_needs(spark):
    for name, value in (DEFAULTS | SAFE).items():
        assert spark.sparkContext.getConf().get(name) == value, name
    assert spark.conf.get("spark.sql.ansi.enabled", "false") == "false"
    scratch = Path(spark.sparkContext.getConf().get("spark.local.dir"))
    assert stat.S_IMODE(scratch.stat().st_mode) == 0o700
    assert spark.sql("select current_timezone() as z").first().z == "UTC"


def test_a_local_lake_asks_for_no_s3_library(monkeypatch):
    monkeypatch.setenv("SPARK_DIST_CLASSPATH", "/as/it/was")
    local = session._launch_defaults(Settings(lake="/lake"), small=True)
    assert "hadoop-aws" not in json.dumps(local)
    assert os.environ["SPARK_DIST_CLASSPATH"] == "/as/it/was"
    assert "-XX:TieredStopAtLevel=1" in local["spark.driver.extraJavaOptions"]


def test_what_s3a_is_told_of_a_server(monkeypatch):
    monkeypatch.setenv("ATLAS_S3_SECRET_KEY", "never told here")
    own = S3(endpoint="http://minio:9000", region="eu-north-1", is_path_style=True)
    assert s3_settings(own) == {
        "spark.hadoop.fs.s3a.endpoint": "http://minio:9000",
        "spark.hadoop.fs.s3a.endpoint.region": "eu-north-1",
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
    }
    on_aws = {
        "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
        "spark.hadoop.fs.s3a.path.style.access": "false",
    }
    store = "io.delta.storage.S3DynamoDBLogStore"
    assert s3_settings(AWS) == on_aws
    assert s3_settings(S3(dynamodb_table="commits")) == on_aws | {
        "spark.delta.logStore.s3a.impl": store,
        f"spark.{store}.ddb.tableName": "commits",
        f"spark.{store}.ddb.region": "us-east-1",
    }


SHOW = """
import json, sys
from conf.settings import Settings
from jobs.runtime.session import open_session
from conf.errors import UsageError
try:
    spark = open_session(Settings(lake=sys.argv[1]), "shown")
except UsageError as error:
    print("refused", error)
    sys.exit(error.exit_code)
print(json.dumps(dict(spark.sparkContext.getConf().getAll())))
"""


def submitted(folder: Path, *conf: str, properties: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "show.py").write_text(SHOW)
    (folder / "defaults.conf").write_text(properties)
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    told = [part for setting in conf for part in ("--conf", setting)]
    return subprocess.run(
        [
            submit, "--properties-file", folder / "defaults.conf", "--master", "local[1]", *told,
            folder / "show.py", folder / "lake",
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | {"JAVA_HOME": str(java_home()), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.full
def test_conf_beats_the_properties_file_beats_the_default(tmp_path):
    names = [f"spark.sql.{n}" for n in ("shuffle.partitions", "session.timeZone")]
    done = submitted(
        tmp_path,
        f"{names[0]}=7",
        "spark.sql.extensions=",
        "spark.sql.catalog.spark_catalog=org.apache.spark.sql.execution.datasources.v2.V2SessionCatalog",
        properties=f"{names[0]} 5\nspark.databricks.delta.snapshotPartitions 9\n",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found[names[0]] == "7"
    assert found["spark.databricks.delta.snapshotPartitions"] == "9"
    assert found[names[1]] == "UTC"
    assert found["spark.io.encryption.enabled"] == "true"


@pytest.mark.full
def test_an_operator_who_switches_encryption_off_is_refused(tmp_path):
    done = submitted(tmp_path, properties="spark.io.encryption.enabled false\n")
    assert done.returncode == 2
    assert "refused spark.io.encryption.enabled=false: must be true" in done.stdout


@pytest.mark.full
def test_a_key_that_the_workers_of_spark_submit_cannot_find_is_refused(tmp_path):
    """The JVM was there before `.env` was read: without this every row goes to quarantine."""
    place = Place(tmp_path / "run")
    generate_sources(place.sources, 20, 30, seed=3)
    (place.root / ".env").write_text(f"{ENVIRONMENT}={'k' * 32}\n")
    arguments = [str(place.sources), "--lake", str(place.lake)]
    assert submit(place, ROOT / "jobs" / "ingest.py", *arguments) == 2
    assert f"{ENVIRONMENT} stands in .env alone" in place.text("stdout")  # spark-submit joins both


def test_a_job_of_the_pipeline_opens_the_session_the_pipeline_asked_for(tmp_path, monkeypatch):
    asked = {}

    def open_session(settings, app_name, *, small, jdbc, lineage):
        asked.update(app_name=app_name, small=small, listener=lineage["spark.openlineage.appName"])
        raise UsageError("no session in this test")

    monkeypatch.setattr(runs, "open_session", open_session)
    settings = Settings(lake=str(tmp_path / "lake"))
    parent = runs.Run("pipeline", settings, load_contracts(), key_source(settings), small=True)
    with pytest.raises(UsageError, match="no session"):
        parent.child("ingest").spark  # noqa: B018
    assert asked == {
        "app_name": "atlas pipeline", "small": True, "listener": "atlas.pipeline"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("010190 1234, 010190-1234 and 0101901234", "*, * and *"),
        ("mail someone@example.dk now", "mail * now"),
        ("[name#1,someone@example.dk] [b]", "*] [b]"),
        ("a@b@example.dk", "a@*"),
        ("@Override #1234567890123 a.b", "@Override #1234567890123 a.b"),
    ],
)
def test_what_looks_personal_is_redacted_in_plans(text, redacted):
    assert re.sub(SAFE["spark.redaction.string.regex"], "*", text) == redacted
