"""Sample sources: customers and orders with known faults, and their exact truth beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from jobs.runtime.command import start
from jobs.sample.customers import CustomerTruth, customers
from jobs.sample.orders import OrderTruth, orders
from jobs.sample.writers import FORMATS, write

TRUTH = "_truth"  # ingest leaves alone what begins with _


def generate_sources(
    out: Path,
    customer_rows: int = 1000,
    order_rows: int = 5000,
    seed: int = 42,
    file_format: str = "csv",
) -> dict[str, Any]:
    """Write both tables and their truth; returns the truth.

    The same parameters give the same bytes. A folder that already holds this very sample is left
    alone, so that its files keep their times.
    """
    parameters = {
        "customers": customer_rows,
        "orders": order_rows,
        "seed": seed,
        "format": file_format,
    }
    told = out / TRUTH / "truth.json"
    if told.exists() and (known := json.loads(told.read_text()))["parameters"] == parameters:
        return dict(known)
    told.parent.mkdir(parents=True, exist_ok=True)
    of_customers, of_orders = CustomerTruth(), OrderTruth()
    frames = _with_truth(customers(customer_rows, seed, of_customers), told.parent)
    write(frames, out, "customers", file_format)
    write(
        orders(order_rows, of_customers.distinct_ids, seed, of_orders), out, "orders", file_format
    )
    truth = {
        "parameters": parameters,
        "customers": asdict(of_customers),
        "orders": asdict(of_orders),
    }
    told.write_text(json.dumps(truth, indent=1))
    return truth


def _with_truth(chunks: Iterator[Any], folder: Path) -> Iterator[pd.DataFrame]:
    """Hand on the frames, and write spans and planted values as they come."""
    with (
        (folder / "spans.jsonl").open("w") as spans,
        (folder / "planted.jsonl").open("w") as planted,
    ):
        for chunk in chunks:
            spans.writelines(json.dumps(s, ensure_ascii=False) + "\n" for s in chunk.spans)
            planted.writelines(
                json.dumps({"column": c, "kind": k, "value": v}, ensure_ascii=False) + "\n"
                for c, k, v in chunk.planted
            )
            yield chunk.frame


def main(
    out: Annotated[Path, typer.Argument(help="Folder for the files")],
    customer_rows: Annotated[int, typer.Option("--customers", min=100)] = 1000,
    order_rows: Annotated[int, typer.Option("--orders", min=100)] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes")] = 42,
    file_format: Annotated[str, typer.Option("--format", help=" | ".join(FORMATS))] = "csv",
) -> None:
    """Generate sample customers and orders with known faults."""
    if file_format not in FORMATS:
        raise typer.BadParameter(f"format {file_format}: allowed are {', '.join(FORMATS)}")
    truth = generate_sources(out, customer_rows, order_rows, seed, file_format)
    rows = f"{truth['customers']['rows']:,} customers and {truth['orders']['rows']:,} orders"
    typer.echo(f"sample: {rows} in {out}", err=True)


if __name__ == "__main__":
    start(main)
