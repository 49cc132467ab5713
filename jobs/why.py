"""Why is a row where it is? Every decision about one Bronze row, or about one key."""

from __future__ import annotations

import json
import re
import sys
from typing import Annotated

import typer

from conf.contract import SourceContract, Treatment
from conf.contract_reader import contracts_of
from conf.errors import UsageError
from conf.secrets import key_source
from conf.settings import Settings, load_settings
from jobs.runtime.cli import table_names
from jobs.runtime.command import start, told_errors
from jobs.runtime.keys import check_key
from jobs.runtime.lake import Lake
from jobs.runtime.options import ContractsOption, JsonOption, LakeOption, NamespaceOption
from jobs.runtime.row_story import Key, Stories, Story
from udfs.pseudonyms import pseudonym

_REFERENCE = re.compile(r"(\d+):(\d+)")


def key_of(contract: SourceContract, values: list[str], settings: Settings, lake: Lake) -> Key:
    """A clear key as Silver has it. Raises: UsageError if it has other parts than the table's."""
    columns = contract.key_columns
    if not columns:
        raise UsageError(f"{contract.table} has no key of its own: ask by its reference")
    if len(values) != len(columns):
        names = ", ".join(c.name for c in columns)
        raise UsageError(f"standard input must have {len(columns)} lines: {names}")
    keys = key_source(settings)
    check_key(lake, keys)
    return tuple(
        pseudonym(keys.load(), c.domain, value, c.form) if c.treatment is Treatment.HASH else value
        for c, value in zip(columns, values, strict=True)
    )


def treatments(contract: SourceContract) -> dict[str, str]:
    """What becomes of each column on the way to Silver."""
    return {column.name: str(column.treatment) for column in contract.columns}


def _print(contract: SourceContract, subject: str, story: Story, as_json: bool) -> None:
    if as_json:
        events = [{"at": e.at.isoformat(), "what": e.what, "told": e.told} for e in story.events]
        told = {"table": contract.table, "subject": subject, "events": events, "now": story.now}
        print(json.dumps(told | {"treatments": treatments(contract)}), flush=True)
        return
    print(f"{contract.table} {subject}")
    for event in story.events:
        print(f"  {event.at:%Y-%m-%d %H:%M:%S}  {event.what:12} {event.told}")
    print(f"  now: {story.now}")
    print("  treated: " + ", ".join(f"{n} {t}" for n, t in treatments(contract).items()))


def main(
    table: Annotated[str, typer.Argument(help="Source table, such as customers")],
    subject: Annotated[
        list[str] | None,
        typer.Argument(help="DELIVERY:ROW of Bronze, or the parts of a key as Silver has it"),
    ] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Read a clear key from standard input, a part a line")
    ] = False,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what was decided about one row or key, from the tables. No value is shown, nothing is
    written, and no Spark is started."""
    with told_errors():
        folder = str(contracts) if contracts else None
        settings = load_settings(lake=lake, contracts=folder, namespace=namespace)
        known = contracts_of(settings)
        (name,) = table_names(known, [table])
        contract, place = known.sources[name], Lake(settings)
        stories = Stories(place, contract)
        if clear:
            lines = [line.rstrip("\r\n") for line in sys.stdin]
            story = stories.of_key(key_of(contract, lines, settings, place))
            _print(contract, "key from standard input", story, as_json)
        elif not subject:
            raise UsageError("name a reference (DELIVERY:ROW) or a key, or give --clear")
        elif len(subject) == 1 and (found := _REFERENCE.fullmatch(subject[0])):
            reference = int(found[1]), int(found[2])
            _print(contract, subject[0], stories.of_row(reference), as_json)
        else:
            _print(contract, " ".join(subject), stories.of_key(tuple(subject)), as_json)


if __name__ == "__main__":
    start(main)
