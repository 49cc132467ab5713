"""Bloom filters over the hashes of keys: which keys a table surely lacks, without reading it.

A filter never misses a key it was given; it takes a key it was not given for a known one with a
chance of 1 in 50,000 (22.5 bits a key).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType
from rbloom import Bloom

FALSE_POSITIVES = 2e-5
_SPREAD = 0x9E3779B97F4A7C15F39CC0605CEDC835  # the golden ratio's bits (Knuth, 6.4)


def _spread(key_hash: int) -> int:
    """64 bits of a key's hash over the signed 128 bits that a filter takes."""
    return (key_hash * _SPREAD) % (1 << 128) - (1 << 127)


def key_hash(parts: Sequence[Column]) -> Column:
    """bigint: xxHash64 of a key's parts as text."""
    return F.xxhash64(*(part.cast("string") for part in parts))


def filter_of(hashes: DataFrame, count: int) -> bytes:
    """A filter of the hashes in the one column of a frame of `count` rows, made on the executors."""

    def partial(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        keys = Bloom(max(count, 1), FALSE_POSITIVES, _spread)
        for batch in batches:
            keys.update(batch.iloc[:, 0].tolist())
        yield pd.DataFrame({"filter": [keys.save_bytes()]})

    empty = Bloom(max(count, 1), FALSE_POSITIVES, _spread)
    parts = (
        row["filter"] for row in hashes.mapInPandas(partial, "filter binary").toLocalIterator()
    )
    whole = reduce(lambda a, b: a | Bloom.load_bytes(bytes(b), _spread), parts, empty)
    return bytes(whole.save_bytes())


def may_be_in(filters: Sequence[bytes], hashes: Column) -> Column:
    """Whether a key may be in one of the filters; false is certain."""

    @F.pandas_udf(BooleanType())  # type: ignore[call-overload,misc]
    def known(values: pd.Series) -> pd.Series:
        loaded = [Bloom.load_bytes(data, _spread) for data in filters]
        return pd.Series([any(v in keys for keys in loaded) for v in values], dtype=bool)

    return known(hashes)  # type: ignore[no-any-return]
