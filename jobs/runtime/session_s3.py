"""What a Spark session is told of buckets: the server, its certificates, and the keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession

from conf.s3 import S3
from conf.settings import Settings

_TRUST_STORE = "javax.net.ssl.trustStore"
_OURS = "atlas"  # who set a key in Hadoop's configuration


def s3_settings(s3: S3) -> dict[str, str]:
    """What Spark is told of the server and of Delta's log store in buckets; no keys, since its
    settings become arguments of its JVM."""
    return {f"spark.hadoop.{n}": v for n, v in _s3a(s3).items()} | _log_store(s3)


def _s3a(s3: S3) -> dict[str, str]:
    told = {
        "fs.s3a.endpoint.region": s3.region,
        "fs.s3a.path.style.access": str(s3.is_path_style).lower(),
    }
    if s3.endpoint:
        told["fs.s3a.endpoint"] = s3.endpoint
        told["fs.s3a.connection.ssl.enabled"] = str(s3.endpoint.startswith("https")).lower()
    return told


def _log_store(s3: S3) -> dict[str, str]:
    """Nothing where it is Delta's own, which knows one driver."""
    if s3.dynamodb_table is None:
        return {}
    store = "io.delta.storage.S3DynamoDBLogStore"
    return {
        "spark.delta.logStore.s3a.impl": store,
        f"spark.{store}.ddb.tableName": s3.dynamodb_table,
        f"spark.{store}.ddb.region": s3.region,
    }


def trust(s3: S3, scratch: Path) -> None:
    """Let this JVM trust the certificates of ATLAS_S3_CA_FILE, unless it was started with a trust
    store of its own. The executors of a cluster get theirs by `spark.executor.extraJavaOptions`."""
    jvm: Any = SparkContext._jvm
    if s3.ca_file is None or jvm.System.getProperty(_TRUST_STORE):
        return
    store = jvm.java.security.KeyStore.getInstance("PKCS12")
    store.load(None, None)
    stream = jvm.java.io.FileInputStream(s3.ca_file)
    certificates = jvm.java.security.cert.CertificateFactory.getInstance("X.509")
    for number, one in enumerate(certificates.generateCertificates(stream)):
        store.setCertificateEntry(f"atlas-{number}", one)
    stream.close()
    path, password = str(scratch / "trusted.p12"), "trusted"  # it holds no secret
    out = jvm.java.io.FileOutputStream(path)
    store.store(out, jvm.java.lang.String(password).toCharArray())
    out.close()
    jvm.System.setProperty(_TRUST_STORE, path)
    jvm.System.setProperty(f"{_TRUST_STORE}Password", password)


def hand_over_keys(session: SparkSession, settings: Settings) -> None:
    """Give S3A each bucket's keys inside the JVM: no argument, no setting that a UI or the event log
    shows. Those of an operator (`spark.hadoop.fs.s3a.access.key`) stay."""
    hadoop = session._jsc.hadoopConfiguration()  # type: ignore[attr-defined]
    for bucket in settings.buckets:
        own, keys = f"fs.s3a.bucket.{bucket}", settings.s3.keys(bucket)
        given = [n for p in ("fs.s3a", own) for n in (f"{p}.access.key", f"{p}.secret.key")]
        # What has no source but a program was set here, for a session before this one.
        if keys is None or any(_is_operators(hadoop, name) for name in given):
            continue
        hadoop.set(f"{own}.access.key", keys.access, _OURS)
        hadoop.set(f"{own}.secret.key", keys.secret, _OURS)
        if keys.token:
            hadoop.set(f"{own}.session.token", keys.token, _OURS)


def _is_operators(hadoop: Any, name: str) -> bool:
    return hadoop.get(name) is not None and _OURS not in (hadoop.getPropertySources(name) or [])
