"""Is everything there that a run needs? Each part is tried, and told what to do where it is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from conf.errors import UsageError
from conf.s3_policies import Role, policy
from conf.settings import Settings, load_settings
from jobs.runtime.command import start, told_errors
from jobs.runtime.infrastructure import Check, State, infrastructure, make_buckets
from jobs.runtime.options import ContractsOption, JsonOption, LakeOption, NamespaceOption

OK, FAILED = 0, 1
_MARKS = {
    State.OK: "[green]ok[/]",
    State.WARNING: "[yellow]warning[/]",
    State.FAILED: "[red]failed[/]",
}


def _told(checks: Iterator[Check], console: Console | None) -> Iterator[Check]:
    """Each line as soon as it is known."""
    for check in checks:
        if console:
            console.print(f"{_MARKS[check.state]:>16} {check.part}: ", end="")
            console.print(check.found, markup=False)
        yield check


def _write_policies(settings: Settings, folder: Path) -> None:
    """Raises: UsageError for a lake of folders or a folder that cannot be written to."""
    if not settings.buckets:
        raise UsageError("policies are for buckets, and this lake lies in folders")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for role in Role:
            told = json.dumps(policy(settings, role), indent=2)
            (folder / f"{role}.json").write_text(f"{told}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from None


def main(
    sources: Annotated[
        str | None, typer.Argument(help="Folder or s3a:// prefix of source files [ATLAS_SOURCES]")
    ] = None,
    buckets: Annotated[
        bool, typer.Option("--make-buckets", help="Make the buckets that are not there")
    ] = False,
    policies: Annotated[
        Path | None, typer.Option(help="Write a policy for each role into this folder, and end")
    ] = None,
    spark: Annotated[bool, typer.Option(help="Start Spark and try its Python workers")] = True,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try Java, JARs, key, models, each layer, the clock, services, contracts, Spark with its
    workers, and the databases that contracts name.

    Exit 0 if a run could begin (warnings are told), 1 if a part failed, 2 for wrong settings.
    """
    console = None if as_json else Console(highlight=False)
    with told_errors():
        settings = load_settings(
            lake=lake,
            contracts=str(contracts) if contracts else None,
            namespace=namespace,
            sources=sources,
        )
        if policies is not None:
            _write_policies(settings, policies)
            return
        for bucket in make_buckets(settings) if buckets else ():
            print(f"made the bucket {bucket}", file=sys.stderr)
        checks = list(_told(infrastructure(settings, with_spark=spark), console))
    if as_json:
        print(json.dumps({"checks": [asdict(check) for check in checks]}))
    sys.exit(FAILED if any(check.state is State.FAILED for check in checks) else OK)


if __name__ == "__main__":
    start(main)
