"""The lake knows its key again."""

from __future__ import annotations

import pytest

from conf.errors import UsageError
from conf.secrets import KeySource, fingerprint
from conf.settings import Settings
from jobs.runtime.keys import check_key
from jobs.runtime.lake import Lake


def key(folder, name: str) -> KeySource:
    path = folder / name
    path.write_text(name * 40)
    path.chmod(0o600)
    return KeySource(str(path))


def test_a_lake_takes_its_first_key_and_no_other(tmp_path):
    lake = Lake(Settings(lake=str(tmp_path / "lake")))
    mine, other = key(tmp_path, "a"), key(tmp_path, "b")
    check_key(lake, mine)
    check_key(lake, mine)
    (known,) = lake.query("ops._keys", "select fingerprint, key_version from t")
    assert known == {"fingerprint": fingerprint(mine.load()), "key_version": 1}
    with pytest.raises(UsageError, match="is not the one this lake was made with") as error:
        check_key(lake, other)
    assert "ATLAS_PII_SECRET" in str(error.value)
    check_key(Lake(Settings(lake=str(tmp_path / "another"))), other)
