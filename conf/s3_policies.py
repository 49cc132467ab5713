"""Who may do what in the lake's buckets: a policy for each role, in the words of S3.

What a job needs and nothing else. An analyst sees no Bronze and no quarantine, and of the records
only how good the data is, what ran and where columns come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conf.s3 import bucket_and_key, is_s3
from conf.settings import LAYERS, Settings

ANALYSTS_RECORDS = ("quality_metrics", "pipeline_runs", "data_lineage")
_READ = ("s3:GetObject",)
_WRITE = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)


class Role(StrEnum):
    """Whoever has keys of its own."""

    INGEST = "ingest"
    REFINE = "refine"
    GOLD = "gold"
    PIPELINE = "pipeline"  # all jobs in one, and the way back
    ANALYST = "analyst"


@dataclass(frozen=True)
class _Grant:
    """What may be done below one place."""

    place: str
    may_write: bool


def policy(settings: Settings, role: Role) -> dict[str, Any]:
    """The policy document of a role; places that are folders are left out."""
    grants = [grant for grant in _grants(settings, role) if is_s3(grant.place)]
    statements = [s for grant in grants for s in _statements(grant)]
    return {"Version": "2012-10-17", "Statement": statements}


def _grants(settings: Settings, role: Role) -> Iterator[_Grant]:
    bronze, silver, gold, ops = (settings.layer(layer) for layer in LAYERS)
    match role:
        case Role.INGEST:
            yield _Grant(settings.sources, may_write=False)
            yield _Grant(bronze, may_write=True)
            yield _Grant(ops, may_write=True)
        case Role.REFINE:
            yield _Grant(bronze, may_write=False)
            yield _Grant(silver, may_write=True)
            yield _Grant(ops, may_write=True)
        case Role.GOLD:
            yield _Grant(silver, may_write=False)
            yield _Grant(gold, may_write=True)
            yield _Grant(ops, may_write=True)
        case Role.PIPELINE:
            yield _Grant(settings.sources, may_write=False)
            for layer in LAYERS:
                yield _Grant(settings.layer(layer), may_write=True)
        case Role.ANALYST:
            yield _Grant(silver, may_write=False)
            yield _Grant(gold, may_write=False)
            for table in ANALYSTS_RECORDS:
                yield _Grant(f"{ops}/{table}", may_write=False)


def _statements(grant: _Grant) -> Iterator[dict[str, Any]]:
    bucket, prefix = bucket_and_key(grant.place)
    below = f"{prefix}/*" if prefix else "*"
    listed: dict[str, Any] = {
        "Effect": "Allow",
        "Action": ["s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{bucket}"],
    }
    if prefix:
        listed["Condition"] = {"StringLike": {"s3:prefix": [prefix, below]}}
    yield {
        "Effect": "Allow",
        "Action": ["s3:GetBucketLocation"],
        "Resource": [f"arn:aws:s3:::{bucket}"],
    }
    yield listed
    yield {
        "Effect": "Allow",
        "Action": list(_WRITE if grant.may_write else _READ),
        "Resource": [f"arn:aws:s3:::{bucket}/{below}"],
    }
