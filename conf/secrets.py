"""The pseudonymization key: where it is, how it is made, how a lake recognizes it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets as random
import stat
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import structlog

from conf.errors import UsageError
from conf.settings import Settings

MIN_BYTES = 32
ENVIRONMENT = "ATLAS_PII_SECRET"

log = structlog.get_logger()


@dataclass(frozen=True)
class KeySource:
    """Where the key is, never the key: safe to close over, to pickle and to print.

    `path` None means the environment variable ATLAS_PII_SECRET.
    """

    path: str | None = None

    def load(self) -> bytes:
        """The key, read once per process. Raises: UsageError if it is missing or too short."""
        return _load(self.path)


@cache
def _load(path: str | None) -> bytes:
    if path is None:
        key, where = os.environ.get(ENVIRONMENT, "").encode(), ENVIRONMENT
    else:
        key, where = _read(Path(path)), f"key file {path}"
    if len(key) < MIN_BYTES:
        raise UsageError(
            f"{where}: the pseudonymization key has {len(key)} bytes; at least {MIN_BYTES} are "
            "needed: make one with `openssl rand -hex 32`"
        )
    return key


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        key = path.read_bytes().strip()
    except OSError as error:
        raise UsageError(
            f"key file {path}: cannot be read ({type(error).__name__}); "
            "check ATLAS_PII_SECRET_FILE and its rights"
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(
            f"key file {path}: others may read it (mode {stat.filemode(mode)}); `chmod 600` it"
        )
    return key


def key_source(settings: Settings, *, make: bool = True) -> KeySource:
    """Where this run's key is: the environment, then ATLAS_PII_SECRET_FILE, then the lake's own.

    A local lake without any gets a key made once, readable by its owner alone, if one may be made.
    Every other lake must be given one. Raises: UsageError.
    """
    if settings.pii_secret is not None:
        # Python workers inherit the environment; a .env file alone would not reach them.
        os.environ[ENVIRONMENT] = settings.pii_secret.get_secret_value()
        source = KeySource()
    elif settings.pii_secret_file is not None:
        source = KeySource(str(settings.pii_secret_file.expanduser().resolve()))
    elif settings.is_local and (make or _own_path(Path(settings.lake)).exists()):
        source = KeySource(str(_own_key(Path(settings.lake))))
    else:
        raise UsageError(
            f"no pseudonymization key for the lake {settings.lake}: "
            "set ATLAS_PII_SECRET_FILE (a file of mode 0600) or ATLAS_PII_SECRET"
        )
    source.load()
    return source


def _own_path(lake: Path) -> Path:
    return lake / "_secrets" / "pii.key"


def _own_key(lake: Path) -> Path:
    path = _own_path(lake)
    if path.exists():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = path.with_name(f".{random.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(whole, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as key:
            key.write(random.token_hex(MIN_BYTES))
        # A link is made whole or not at all, and never over another: a run that is killed here
        # leaves no half key, and of two that start at once both use the first one's.
        os.link(whole, path)
    except FileExistsError:
        return path
    finally:
        whole.unlink(missing_ok=True)
    log.warning(
        "key_generated",
        text=f"made a pseudonymization key for this local lake: {path}; keep a copy of it, "
        "since without it nothing new joins with what Silver has",
    )
    return path


def fingerprint(key: bytes) -> str:
    """What a lake remembers of its key: an HMAC of a constant, which tells nothing about it."""
    return hmac.new(key, b"atlas key fingerprint v1", hashlib.sha256).hexdigest()
