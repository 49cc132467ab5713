"""Objects in buckets: how they are reached, and what their errors mean in our own words.

Through obstore, which stands on the same library as delta-rs: one set of options serves both, and
it has what leases need (`If-None-Match`, `If-Match`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import obstore
from deltalake.exceptions import DeltaError
from obstore.exceptions import BaseError
from obstore.store import S3Store
from tenacity import (
    retry,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential_jitter,
)

from conf.errors import AtlasError, TransientError, UnansweredError, UsageError
from conf.s3 import S3, bucket_and_key, is_s3

_CODE = re.compile(r"<Code>(\w+)</Code>")
_OF_STORE = re.compile(r"Object Store error|Generic S3 error")
_REFUSED = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidTokenId")  # fmt: skip
_FULL = ("XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded")
# A server that is started again within half a minute is waited for.
_WAITED = 45.0  # seconds
_RETRIES = {"max_retries": 12, "retry_timeout": timedelta(seconds=_WAITED)}
_PROBE = {"max_retries": 4, "retry_timeout": timedelta(seconds=5)}

# obstore sends a conditional PUT or a POST (how objects are deleted) only once, since it can't know
# whether the request was carried out before the connection broke. For what may be done twice:
again_if_unanswered = retry(
    retry=retry_if_exception_type(UnansweredError),
    stop=stop_after_attempt(8) | stop_after_delay(_WAITED),
    wait=wait_exponential_jitter(initial=0.1, max=5.0, jitter=0.1),
    reraise=True,
)


def store_of(place: str, s3: S3, *, is_probe: bool = False) -> S3Store:
    """The objects below s3a://bucket/prefix. Raises: UsageError for keys that are not whole."""
    bucket, prefix = bucket_and_key(place)
    retries = _PROBE if is_probe else _RETRIES
    return S3Store(bucket, prefix=prefix or None, retry_config=retries, **s3.options(bucket))  # type: ignore[arg-type]


def check_reachable(place: str, s3: S3) -> None:
    """Raises: UsageError for a missing bucket or keys that are refused, TransientError for a
    server that does not answer."""
    with our_words(place, s3):
        next(iter(obstore.list(store_of(place, s3, is_probe=True))), None)


@contextmanager
def our_words(place: str, s3: S3) -> Iterator[None]:
    """Tell an error of obstore or delta-rs as one of ours; those of a folder stay as they are."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        if not is_s3(place):
            raise
        raise storage_error(place, s3, str(error)) from None
    except Exception as error:
        # Of delta-rs: a query has no class of its own for what happens as it reads.
        is_rust = type(error) is Exception or isinstance(error, DeltaError)
        if is_rust and is_s3(place) and _OF_STORE.search(str(error)):
            raise storage_error(place, s3, str(error)) from None
        raise


def storage_error(place: str, s3: S3, text: str) -> AtlasError:
    """What the text of a foreign error means; of the text nothing but S3's own code is told."""
    bucket = bucket_and_key(place)[0]
    code = next(iter(_CODE.findall(text)), "")
    if not code and "privileges" in text:  # an answer to HEAD has no body
        code = "AccessDenied"
    return error_of_code(code, bucket, s3)


def error_of_code(code: str, bucket: str, s3: S3) -> AtlasError:
    """An error of S3 by its code; an empty one means that nobody answered."""
    where = s3.endpoint or f"AWS in {s3.region}"
    if code == "NoSuchBucket":
        return UsageError(
            f"there is no bucket {bucket} at {where}: correct ATLAS_LAKE (or the layer's or the "
            "sources' setting), or make it: jobs/verify_infrastructure.py --make-buckets"
        )
    if code in _REFUSED:
        return UsageError(
            f"{where} refuses the keys for the bucket {bucket} ({code}): check ATLAS_S3_ACCESS_KEY "
            "and ATLAS_S3_SECRET_KEY, or ATLAS_S3_KEYS_FILE, and what these keys may do"
        )
    if code == "RequestTimeTooSkewed":
        return UsageError(
            f"the clock of this machine differs by more than 15 minutes from that of {where}: "
            "correct it (NTP) and run again"
        )
    if code in _FULL:
        return TransientError(f"the disk of {where} is full ({code}): make room and run again")
    if code:
        return TransientError(f"{where} answers {code} for the bucket {bucket}: run again")
    return UnansweredError(
        f"{where} does not answer for the bucket {bucket}: is it up, and is ATLAS_S3_ENDPOINT right?"
    )
