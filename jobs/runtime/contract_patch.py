"""A contract to paste, in its own words, from what was proposed for a table's columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from jobs.runtime.samples import Sample
from udfs.pii.column_hints import normalized
from udfs.pii.profiles import Proposal

Words = dict[str, Any]


def contract_patch(sample: Sample, proposals: Sequence[Proposal]) -> str:
    """A whole contract where the table has none, else the properties of its silent columns."""
    if sample.contract:
        return _yaml({"properties": [_existing(sample, p) for p in proposals if p.treatment]})
    names = _names([p.column for p in proposals])
    table = sample.table if re.match("[a-z]", sample.table) else f"t_{sample.table}"
    return _yaml(
        {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": table,
            "version": "1.0.0",
            "status": "draft",
            "schema": [
                {
                    "name": table,
                    "customProperties": _properties(_format(sample)),
                    "properties": [
                        _column(name, p) for name, p in zip(names, proposals, strict=True)
                    ],
                }
            ],
        }
    )


def _existing(sample: Sample, proposal: Proposal) -> Words:
    """Name, classification and treatment: the types that the contract gives stay."""
    assert sample.contract is not None
    told = _column(proposal.column, proposal)
    told["logicalType"] = sample.contract.column(proposal.column).logical_type
    told.pop("logicalTypeOptions", None)
    return told


def _format(sample: Sample) -> Words:
    source = sample.source
    told: Words = {"format": source.kind}
    if source.kind == "csv":
        told |= {"delimiter": source.delimiter} if source.delimiter != "," else {}
        told |= {"encoding": source.encoding} if source.encoding != "UTF-8" else {}
        told |= {"multiline": True} if source.multiline else {}
    file = sample.origin.rpartition("/")[2]
    if not file.lower().startswith(sample.table):  # else nobody would know whose it is
        told["files"] = [file]
    return told


def _column(name: str, proposal: Proposal) -> Words:
    told: Words = {"name": name}
    if name != proposal.column:
        told["physicalName"] = proposal.column
    told["logicalType"] = proposal.logical_type
    if proposal.format:
        told["logicalTypeOptions"] = {"format": proposal.format}
    if proposal.classification:
        told["classification"] = proposal.classification
    if proposal.treatment:
        words = {"treatment": proposal.treatment, **proposal.words}
        told["customProperties"] = _properties(words)
    return told


def _properties(words: Words) -> list[Words]:
    return [{"property": name, "value": value} for name, value in words.items()]


def _names(columns: Sequence[str]) -> list[str]:
    """Names as a contract allows them: letters, digits and _, a letter first, none twice."""
    names: list[str] = []
    for place, column in enumerate(columns, 1):
        name = column if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", column) else normalized(column)
        name = name if re.match("[A-Za-z]", name) else f"column_{place}"
        taken = {known.lower() for known in names}
        names.append(f"{name}_{place}" if name.lower() in taken else name)
    return names


def _yaml(told: Words) -> str:
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100)
