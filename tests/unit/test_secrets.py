"""The key: where it is, how it is made, and that nobody else may read it."""

from __future__ import annotations

import os
import stat

import pytest

from conf import secrets
from conf.errors import UsageError
from conf.secrets import ENVIRONMENT, KeySource, fingerprint, key_source
from conf.settings import load_settings

KEY = "k" * 32


@pytest.fixture(autouse=True)
def _own_environment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT, "to be restored")
    monkeypatch.delenv(ENVIRONMENT)
    secrets._load.cache_clear()
    yield
    secrets._load.cache_clear()


def key_file(folder, content: bytes, mode: int = 0o600):
    path = folder / "a key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_the_environment_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, KEY)
    source = key_source(load_settings(pii_secret_file=key_file(tmp_path, b"f" * 32)))
    assert (source, source.load()) == (KeySource(None), KEY.encode())


def test_a_key_of_the_env_file_reaches_the_workers(tmp_path):
    (tmp_path / ".env").write_text(f"{ENVIRONMENT}={KEY}\n")
    assert key_source(load_settings()).load() == KEY.encode()
    assert os.environ[ENVIRONMENT] == KEY


def test_then_the_file(tmp_path):
    path = key_file(tmp_path, KEY.encode() + b"\n")
    source = key_source(load_settings(pii_secret_file=path, lake="s3a://bucket"))
    assert (source, source.load()) == (KeySource(str(path)), KEY.encode())
    assert KEY not in repr(source)


def test_a_local_lake_gets_its_own_key_once(tmp_path):
    first = key_source(load_settings(lake=str(tmp_path / "lake")))
    path = tmp_path / "lake" / "_secrets" / "pii.key"
    assert first.path == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    key = first.load()
    assert len(key) == 64 and int(key, 16)
    secrets._load.cache_clear()
    assert key_source(load_settings(lake=str(tmp_path / "lake"))).load() == key
    assert key_source(load_settings(lake=str(tmp_path / "other"))).load() != key


def test_no_other_lake_gets_one():
    with pytest.raises(UsageError, match="no pseudonymization key for the lake s3a://bucket: set"):
        key_source(load_settings(lake="s3a://bucket"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path, mode):
    path = key_file(tmp_path, KEY.encode(), mode)
    with pytest.raises(UsageError, match=r"others may read it \(mode -rw-.*chmod 600"):
        key_source(load_settings(pii_secret_file=path))


def test_a_missing_key_file_is_named(tmp_path):
    with pytest.raises(UsageError, match="none: cannot be read \\(FileNotFoundError\\)"):
        key_source(load_settings(pii_secret_file=tmp_path / "none"))


@pytest.mark.parametrize("content", [b"", b"secret-and-short", b"  " + b"x" * 31 + b"\n"])
def test_a_short_key_is_refused_and_not_shown(tmp_path, content):
    path = key_file(tmp_path, content)
    size = len(content.strip())
    with pytest.raises(UsageError, match=f"has {size} bytes; at least 32 are needed") as error:
        key_source(load_settings(pii_secret_file=path))
    assert size == 0 or content.strip().decode() not in str(error.value)


def test_a_fingerprint_knows_its_key_and_tells_nothing():
    one, two = fingerprint(b"a" * 32), fingerprint(b"b" * 32)
    assert one == fingerprint(b"a" * 32) != two
    assert len(one) == 64 and "a" * 32 not in one
