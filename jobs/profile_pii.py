"""Propose classification and treatment where a contract is silent, from names and values. No Spark."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from conf.contract import Column, Contracts, Treatment
from conf.contract_reader import contracts_of
from conf.errors import UsageError
from conf.settings import load_settings
from jobs.runtime.any_table import find_table
from jobs.runtime.command import start
from jobs.runtime.contract_patch import contract_patch
from jobs.runtime.lake import Lake
from jobs.runtime.options import ContractsOption, JsonOption, LakeOption, NamespaceOption
from jobs.runtime.samples import Sample, file_samples, table_sample
from udfs.pii.detector import detector
from udfs.pii.identifiers import IDENTIFIERS
from udfs.pii.profiles import Proposal, proposed

USAGE = 2
_SHOWN = 3  # shares in a row of the table


def profile(sample: Sample) -> list[Proposal]:
    """A proposal for each column the contract says nothing of, and for each it keeps although its
    values tell a person apart."""
    today = datetime.now(UTC).date()
    told = []
    for name, values in sample.columns.items():
        proposal = proposed(name, values, detector().detect, today)
        if _is_open(sample, name, proposal):
            told.append(proposal)
    return told


def _is_open(sample: Sample, name: str, proposal: Proposal) -> bool:
    column = _stated(sample, name)
    if column is None or not (column.is_classified or column.references):
        return True
    return column.treatment is Treatment.KEEP and proposal.entity in IDENTIFIERS


def _stated(sample: Sample, name: str) -> Column | None:
    columns = sample.contract.columns if sample.contract else ()
    return next((c for c in columns if c.name == name), None)


def samples_of(told: str, lake: Lake, contracts: Contracts, records: int) -> list[Sample]:
    """Of files, or of a table of the lake. Raises: UsageError."""
    if Path(told).exists() and not (Path(told) / "_delta_log").exists():
        return file_samples(Path(told), contracts, records)
    return [table_sample(find_table(lake, told), contracts, records)]


def _printed(sample: Sample, proposals: Sequence[Proposal], patch: str) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 140
    title = f"{sample.table}: {sample.records:,} records of {sample.origin}"
    if not proposals:
        console.print(f"{title}: the contract says it all, and nothing speaks against it")
        return
    table = Table(title=title, title_justify="left")
    for head in ("column", "holds", "classification", "treatment", "why", "values that look like"):
        table.add_column(head, overflow="fold")
    for p in proposals:
        most = sorted(p.shares.items(), key=lambda share: -share[1])[:_SHOWN]
        shares = ", ".join(f"{entity} {share:.0%}" for entity, share in most)
        stated = _stated(sample, p.column)
        is_stated = stated is not None and stated.is_classified
        why = f"against the contract: {p.why}" if is_stated else p.why
        table.add_row(
            p.column, p.entity or "", p.classification or "", p.treatment or "detect", why, shares
        )
    console.print(table)
    console.print("Patch for the contract; read it before you paste it:", style="bold")
    print(patch)


def _as_dict(sample: Sample, proposals: Sequence[Proposal], patch: str) -> dict[str, Any]:
    return {
        "table": sample.table,
        "origin": sample.origin,
        "records": sample.records,
        "columns": [vars(p) for p in proposals],
        "patch": patch,
    }


def main(
    sources: Annotated[str, typer.Argument(help="File or folder of sources, or bronze/orders")],
    records: Annotated[int, typer.Option("--sample", min=1, help="Records of each table")] = 1000,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose what a contract may say of each column: a table to read, and YAML to paste.

    Values beat names. No value is shown.
    """
    try:
        settings = load_settings(
            lake=lake, contracts=str(contracts) if contracts else None, namespace=namespace
        )
        known = contracts_of(settings)
        samples = samples_of(sources, Lake(settings), known, records)
        detector()
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(USAGE)
    told = []
    for sample in samples:
        proposals = profile(sample)
        patch = contract_patch(sample, proposals)
        told.append(_as_dict(sample, proposals, patch))
        if not as_json:
            _printed(sample, proposals, patch)
    if as_json:
        print(json.dumps({"tables": told}, ensure_ascii=False))


if __name__ == "__main__":
    start(main)
