"""OpenLineage's names of datasets, and the lake's names of the tables that lie there.

A folder is namespace `file` and its path, a bucket `s3://bucket` and the key: as OpenLineage's
naming has it, and its Spark listener tells it (s3a as s3).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from conf.contract_checks import is_table_name
from conf.s3 import bucket_and_key, is_s3
from conf.settings import LAYERS, Settings

FILE = "file"
_JDBC = "jdbc:postgresql://"
MAX_NAME = 4096  # characters; Linux knows no longer path, S3 no longer key
_BUCKET = re.compile(r"s3[an]?://([^/]+)/*")


class Dataset(NamedTuple):
    """A dataset as events name it."""

    namespace: str
    name: str


def dataset_of(settings: Settings, table: str) -> Dataset:
    """`silver.orders` -> (`file`, `/data/lake/silver/orders`) or (`s3://bucket`, `lake/silver/orders`)."""
    return dataset_at(settings.table(table))


def dataset_at(place: str) -> Dataset:
    """What lies at a path, or at s3a://bucket/key."""
    if is_s3(place):
        bucket, key = bucket_and_key(place)
        return Dataset(f"s3://{bucket}", key)
    return Dataset(FILE, str(Path(place).absolute()))


def source_dataset(place: str, name: str) -> Dataset:
    """What a delivery came from: a file, or what was pulled by this name from a database."""
    if place.startswith(_JDBC):
        server, _, database = place.removeprefix(_JDBC).partition("/")
        return Dataset(f"postgres://{server}", f"{database}.{name}")
    return dataset_at(place)


def table_at(settings: Settings, place: str) -> str | None:
    """The table of the lake at a path or address as Spark tells it (`file:/...`, `s3a://...`)."""
    if is_s3(place):
        return Tables(settings).named(*dataset_at(place))
    return Tables(settings).named(FILE, place)


class Tables:
    """The tables of a lake, found by their datasets' names."""

    def __init__(self, settings: Settings) -> None:
        places = {layer: settings.layer(layer) for layer in LAYERS}
        real = {layer: os.path.realpath(p) for layer, p in places.items() if not is_s3(p)}
        roots = [(dataset_at(p), layer) for told in (places, real) for layer, p in told.items()]
        # A layer may lie inside another's place: the longest that fits is the one.
        self._roots = sorted(set(roots), key=lambda root: -len(root[0].name))
        self.named = lru_cache(maxsize=10_000)(self._named)

    def _named(self, namespace: str, name: str) -> str | None:
        """`silver.orders`, `ops._staging.orders`; None if no table of the lake lies there."""
        if len(name) > MAX_NAME or "\0" in name:
            return None
        try:
            found = (self._below(dataset) for dataset in _spellings(namespace, name))
            return next((table for table in found if table), None)
        except ValueError:  # half a surrogate: no path at all
            return None

    def _below(self, dataset: Dataset) -> str | None:
        for root, layer in self._roots:
            prefix = f"{root.name.rstrip('/')}/" if root.name else ""
            if dataset.namespace == root.namespace and dataset.name.startswith(prefix):
                return _table(layer, dataset.name[len(prefix) :])
        return None


def _table(layer: str, below: str) -> str | None:
    """What lies below a layer's place; only the records have staging beside them."""
    name = below.removeprefix("_staging/") if layer == "ops" else below
    return f"{layer}.{below.replace('/', '.')}" if is_table_name(name) else None


def _spellings(namespace: str, name: str) -> Iterator[Dataset]:
    """What may be meant, the likeliest first: as it stands, decoded, and where links lead."""
    names = dict.fromkeys([name, unquote(name, errors="surrogateescape")])
    if bucket := _BUCKET.fullmatch(namespace):
        yield from (Dataset(f"s3://{bucket[1]}", one.strip("/")) for one in names)
    elif namespace.partition(":")[0] == FILE:
        paths = [_path(one) for one in names]
        yield from (Dataset(FILE, os.path.normpath(path)) for path in paths)
        yield from (Dataset(FILE, os.path.realpath(path)) for path in paths)


def _path(name: str) -> str:
    """`file:///data/x` -> `/data/x`."""
    return "/" + name.removeprefix(f"{FILE}:").lstrip("/")
