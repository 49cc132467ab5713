"""How S3 is reached, and where its keys are: never the keys themselves."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from conf.errors import UsageError
from conf.private_files import private_sections

SCHEME = "s3a"
ACCESS_KEY, SECRET_KEY, TOKEN = "ATLAS_S3_ACCESS_KEY", "ATLAS_S3_SECRET_KEY", "ATLAS_S3_TOKEN"
_FIELDS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_SECTIONS = (
    f"sections [bucket] or [default] with {_FIELDS[0]} and {_FIELDS[1]} (ATLAS_S3_KEYS_FILE)"
)


@dataclass(frozen=True)
class Keys:
    """The keys of a bucket; not shown when printed."""

    access: str = field(repr=False)
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class S3:
    """How buckets are reached: safe to close over, to pickle and to print."""

    endpoint: str | None = None  # None: AWS
    region: str = "us-east-1"
    is_path_style: bool = False
    ca_file: str | None = None
    keys_file: str | None = None
    dynamodb_table: str | None = None  # of Delta's log store; None: the one without a table

    def keys(self, bucket: str) -> Keys | None:
        """A bucket's keys: of its section of the file or the file's [default], then of the
        environment. None: whoever asks finds them by AWS's own rules (a role of the machine).

        Raises: UsageError if the file cannot be read, is not private or lacks half a pair.
        """
        if self.keys_file is not None:
            return _of_file(self.keys_file, bucket)
        return _of_environment()

    def options(self, bucket: str) -> dict[str, str]:
        """What delta-rs and obstore, which are built on one library, are told of a bucket.

        It holds the keys. Raises: UsageError as `keys` does.
        """
        told = {
            "aws_region": self.region,
            "aws_virtual_hosted_style_request": str(not self.is_path_style).lower(),
            "aws_conditional_put": "etag",
        }
        if self.endpoint is not None:
            told["aws_endpoint"] = self.endpoint
            told["allow_http"] = str(self.endpoint.startswith("http://")).lower()
        if keys := self.keys(bucket):
            told |= {"aws_access_key_id": keys.access, "aws_secret_access_key": keys.secret}
            if keys.token is not None:
                told["aws_session_token"] = keys.token
        return told


AWS = S3()
"""With all as AWS has it: what a lake and sources in folders are told, too."""


def is_s3(place: str) -> bool:
    """Whether a place is s3a://bucket/prefix."""
    return place.startswith(f"{SCHEME}://")


def bucket_and_key(place: str) -> tuple[str, str]:
    """`s3a://bucket/a/b` -> (`bucket`, `a/b`)."""
    bucket, _, key = place.removeprefix(f"{SCHEME}://").partition("/")
    return bucket, key


def checked_endpoint(told: str) -> str:
    """An endpoint without a slash at its end. Raises: ValueError, which does not tell it: whoever
    writes keys into it would see them in a log."""
    try:
        url = urlsplit(told)
        is_one = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        is_one = False
    if not is_one or url.path.strip("/") or url.query:
        raise ValueError("must be http://host:port or https://host:port, without a path")
    if url.username or url.password:
        raise ValueError("must not hold keys; set them in the environment or a file")
    return told.rstrip("/")


def _of_environment() -> Keys | None:
    access, secret = os.environ.get(ACCESS_KEY), os.environ.get(SECRET_KEY)
    if not access and not secret:
        return None
    if not access or not secret:
        missing = SECRET_KEY if access else ACCESS_KEY
        raise UsageError(f"{missing} is not set, although its other half is: set both or none")
    return Keys(access, secret, os.environ.get(TOKEN) or None)


def _of_file(path: str, bucket: str) -> Keys:
    sections = private_sections(path, "a file of keys", _SECTIONS)
    told = sections.get(bucket) or sections.get("default")
    if told is None:
        raise UsageError(
            f"{path}: no keys for the bucket {bucket}: neither a section [{bucket}] nor [default]"
        )
    access, secret, token = (told.get(name) for name in _FIELDS)
    if not access or not secret:
        raise UsageError(f"{path}: the keys for {bucket} lack {_FIELDS[1 if access else 0]}")
    return Keys(access, secret, token or None)
