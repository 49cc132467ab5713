"""Gives MinIO a user and a policy for each role: minio_users.py POLICIES SECRETS. May be run again.

POLICIES holds ROLE.json (jobs/verify_infrastructure.py --policies), SECRETS a file s3_ROLE with the
role's keys; a key that changed there is changed in MinIO. Root's keys are read as any job reads its.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from minio.credentials import StaticProvider
from minio.error import MinioAdminException
from minio.minioadmin import MinioAdmin

from conf.errors import AtlasError, UsageError
from conf.s3 import S3, Keys
from conf.s3_policies import Role
from conf.settings import load_settings


def admin_of(s3: S3) -> MinioAdmin:
    """A client of the server's admin API. Raises: UsageError without an endpoint or keys."""
    keys = s3.keys("default")
    if s3.endpoint is None or keys is None:
        raise UsageError("users are made on MinIO: set ATLAS_S3_ENDPOINT and ATLAS_S3_KEYS_FILE")
    url = urlsplit(s3.endpoint)
    return MinioAdmin(
        endpoint=url.netloc,
        credentials=StaticProvider(keys.access, keys.secret),
        region=s3.region,
        secure=url.scheme == "https",
    )


def keys_of(file: Path) -> Keys:
    """A role's keys. Raises: UsageError as a job would."""
    keys = S3(keys_file=str(file)).keys("default")
    assert keys is not None  # a file of keys has them or raises
    return keys


def give(admin: MinioAdmin, role: Role, policy: Path, keys: Keys) -> None:
    """Make or replace a role's policy and user, and give the one to the other."""
    name = f"atlas-{role}"
    admin.policy_add(name, str(policy))
    admin.user_add(keys.access, keys.secret)
    admin.policy_set(name, user=keys.access)  # this one and no other


def main(policies: Path, secrets: Path) -> None:
    try:
        admin = admin_of(load_settings().s3)
        for role in Role:
            give(admin, role, policies / f"{role}.json", keys_of(secrets / f"s3_{role}"))
            sys.stdout.write(f"{role}: user and policy are there\n")
    except AtlasError as error:
        sys.exit(f"error: {error}")
    except MinioAdminException as error:  # its text has the server's answer, not what was sent
        sys.exit(f"error: MinIO refuses to make users and policies: {error}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
