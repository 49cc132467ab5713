"""The lake remembers which key made its pseudonyms: with another one nothing would join."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from conf.errors import UsageError
from conf.secrets import KeySource, fingerprint
from jobs.runtime.lake import Lake

KEYS = pa.schema(
    {
        "fingerprint": pa.string(),
        "key_version": pa.int64(),
        "recorded_at": pa.timestamp("us", tz="UTC"),
    }
)


def check_key(lake: Lake, keys: KeySource, *, remember: bool = True) -> None:
    """Compare the key's fingerprint with the lake's; remember it in a lake that has none, unless
    nothing may be written.

    Raises: UsageError if the lake was made with another key.
    """
    log = lake.log("ops._keys", KEYS)
    known = log.read()
    own = fingerprint(keys.load())
    if not known:
        if not remember:
            return
        log.append([{"fingerprint": own, "key_version": 1, "recorded_at": datetime.now(UTC)}])
    elif known[-1]["fingerprint"] != own:
        raise UsageError(
            f"the pseudonymization key is not the one this lake was made with ({lake.path('ops')}); "
            "set ATLAS_PII_SECRET or ATLAS_PII_SECRET_FILE to that key, or use another lake: "
            "a new key means rebuilding Silver and Gold from Bronze"
        )
