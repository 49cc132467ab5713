"""Contract files made for a test: a table as a dictionary, changed, written as YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from conf.contract import Contracts
from conf.contract_reader import load_contracts

Words = dict[str, Any]


def properties(words: Words) -> list[Words]:
    return [{"property": name, "value": value} for name, value in words.items()]


def column(name: str, logical: str = "string", words: Words | None = None, **odcs: Any) -> Words:
    told: Words = {"name": name, "logicalType": logical, **odcs}
    return told | ({"customProperties": properties(words)} if words else {})


def key(name: str = "id") -> Words:
    return column(name, primaryKey=True, classification="internal")


def table(name: str, columns: list[Words], words: Words | None = None, **odcs: Any) -> Words:
    told = properties({"format": "csv", **(words or {})})
    return {"name": name, "customProperties": told, "properties": columns, **odcs}


def document(*tables: Words, **more: Any) -> Words:
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "test",
        "version": "1.0.0",
        "status": "active",
        "schema": list(tables),
        **more,
    }


def write(folder: Path, *tables: Words, file: str = "t") -> Path:
    return write_text(folder, yaml.safe_dump(document(*tables), sort_keys=False), file=file)


def write_text(folder: Path, text: str, file: str = "t") -> Path:
    path = folder / f"{file}.odcs.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def loaded(folder: Path, *tables: Words, namespace: str = "default") -> Contracts:
    write(folder, *tables)
    return load_contracts(folder, namespace=namespace)


SALES = table(
    "sales",
    [
        key("no"),
        column("buyer", words={"treatment": "hash", "goldRole": "customer"},
               classification="pii-indirect"),
        column("day", "date", {"goldRole": "order_date"}, classification="internal"),
        column("price", "number", {"goldRole": "amount"}, physicalType="decimal(18,2)",
               classification="internal"),
        column("changed", "integer", {"treatment": "keep"}, classification="internal"),
    ],
    {"role": "orders", "currency": "DKK", "sequenceBy": "changed"},
)  # fmt: skip
