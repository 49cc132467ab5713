"""Files that arrive, are replaced and removed: seeded, and every content ever seen is kept."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

import conf
from jobs.generate_sources import generate_sources
from jobs.sample.orders import STATUSES

CUSTOMERS, ORDERS = 150, 400
TABLES = ("customers", "orders")
KEYS = {"customers": "customer_id", "orders": "order_id"}


def write_contracts(folder: Path) -> Path:
    """The packaged sources, orders with a sequence, so that late rows can be stale."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        packaged = Path(conf.__file__).parent / "contracts" / f"{table}.odcs.yaml"
        document = yaml.safe_load(packaged.read_text(encoding="utf-8"))
        if table == "orders":
            document["schema"][0]["customProperties"].append(
                {"property": "sequenceBy", "value": "order_date"}
            )
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        (folder / packaged.name).write_text(text, encoding="utf-8")
    return folder


def write_base(folder: Path, seed: int) -> Path:
    """The first delivery of each table: the sample, small."""
    generate_sources(folder, CUSTOMERS, ORDERS, seed=seed)
    return folder


class Sources:
    """A folder of source files and what happens to it."""

    def __init__(self, folder: Path, base: Path, rng: np.random.Generator) -> None:
        self._folder, self._rng = folder, rng
        self.contents: dict[str, bytes] = {}  # by SHA-256
        self._numbers = dict.fromkeys(TABLES, 1)
        self._names = {table: f"{table}.csv" for table in TABLES}
        self._frames = {
            table: pd.read_csv(base / name, dtype=str, keep_default_na=False)
            for table, name in self._names.items()
        }
        folder.mkdir(parents=True, exist_ok=True)
        for name in self._names.values():
            self._write(name, (base / name).read_bytes())

    def happen(self, count: int) -> list[str]:
        """Some changes at random; what they were."""
        return [self._one() for _ in range(count)]

    def _one(self) -> str:
        table = str(self._rng.choice(TABLES))
        here = sorted(p.name for p in self._folder.glob(f"{table}*"))
        kinds = ("new", "replaced", "removed", "copied", "header")
        kind = str(self._rng.choice(kinds, p=(0.5, 0.24, 0.1, 0.1, 0.06)))
        if kind in ("new", "header") or not here:
            name = self._next_name(table, "csv" if kind == "header" else None)
            self._write(name, self._made(table, name, 0 if kind == "header" else None))
            return f"new {name}" + (" (header only)" if kind == "header" else "")
        name = str(self._rng.choice(here))
        if kind == "removed":
            (self._folder / name).unlink()
            return f"removed {name}"
        if kind == "copied":
            copy = self._next_name(table, name.rpartition(".")[2])
            self._write(copy, (self._folder / name).read_bytes())
            return f"copied {name} to {copy}"
        self._write(name, self._made(table, name))
        return f"replaced {name}"

    def _next_name(self, table: str, suffix: str | None = None) -> str:
        self._numbers[table] += 1
        suffix = suffix or str(self._rng.choice(["csv", "jsonl"], p=[0.75, 0.25]))
        return f"{table}-{self._numbers[table]}.{suffix}"

    def _made(self, table: str, name: str, rows: int | None = None) -> bytes:
        frame = self._delivery(table, rows)
        if name.endswith(".jsonl"):
            records = frame.astype(object).where(frame != "", None).to_dict("records")
            lines = (json.dumps(record, ensure_ascii=False) for record in records)
            return "".join(f"{line}\n" for line in lines).encode()
        text = io.StringIO()
        frame.to_csv(text, index=False, lineterminator="\n")
        return text.getvalue().encode()

    def _delivery(self, table: str, rows: int | None) -> pd.DataFrame:
        """Rows of the base, some twice, some changed, some under new keys."""
        rng, base = self._rng, self._frames[table]
        size = int(rng.integers(10, 60)) if rows is None else rows
        frame = base.iloc[rng.integers(0, len(base), size)].reset_index(drop=True)
        changed = rng.random(size)
        if table == "customers":
            frame.loc[changed < 0.5, "city"] = f"By {rng.integers(1000)}"
            frame.loc[changed < 0.1, "country"] = "XX"  # goes to quarantine
        else:
            frame.loc[changed < 0.6, "status"] = str(rng.choice(STATUSES))
            # Some on the same moment, so that the later delivery wins; some earlier: stale.
            days = pd.to_timedelta(rng.integers(-2, 3, size), unit="D")
            moved = pd.to_datetime(frame["order_date"]) + days
            frame["order_date"] = moved.dt.strftime("%Y-%m-%d %H:%M:%S")
        new = rng.random(size) < 0.15
        fresh = [f"N{rng.integers(10**8):08d}" for _ in range(int(new.sum()))]
        frame.loc[new, KEYS[table]] = fresh
        return frame

    def _write(self, name: str, content: bytes) -> None:
        """Written elsewhere, then renamed: a half file is never seen."""
        self.contents[hashlib.sha256(content).hexdigest()] = content
        hidden = self._folder / f".{name}.part"
        hidden.write_bytes(content)
        hidden.replace(self._folder / name)
