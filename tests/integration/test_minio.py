"""The MinIO that tests stand on: what leases and delta-rs take for granted holds on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.minio import Minio

pytestmark = pytest.mark.full


def put(client, bucket: str, **condition: str) -> int:
    try:
        told = client.put_object(Bucket=bucket, Key="lease", Body=b"x", **condition)
    except ClientError as error:
        told = error.response
    return int(told["ResponseMetadata"]["HTTPStatusCode"])


def test_of_eight_that_make_an_object_one_has_made_it(minio):
    bucket = minio.bucket()
    clients = [minio.client() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda c: put(c, bucket, IfNoneMatch="*"), clients))
    assert sorted(told) == [200, *[412] * 7]


def test_an_object_that_changed_is_not_replaced(minio):
    bucket, client = minio.bucket(), minio.client()
    first = client.put_object(Bucket=bucket, Key="lease", Body=b"1")["ETag"]
    client.put_object(Bucket=bucket, Key="lease", Body=b"2")
    assert put(client, bucket, IfMatch=first) == 412


def test_what_was_written_is_there_after_a_kill(tmp_path):
    server = Minio(tmp_path).start()
    try:
        bucket = server.bucket()
        assert put(server.client(), bucket) == 200
        server.kill()
        server.start()
        assert server.client().get_object(Bucket=bucket, Key="lease")["Body"].read() == b"x"
    finally:
        server.stop()
