"""Ask a person about what the PII detector was unsure of; what is said becomes its lists. No Spark.

The text is read from Bronze and shown at the terminal alone. No run is recorded and no lock held:
the pipeline may run meanwhile, and the next batch knows the verdicts.
"""

from __future__ import annotations

import getpass
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.prompt import Prompt
from rich.text import Text

from conf.contract_reader import contracts_of
from conf.errors import UsageError
from conf.secrets import key_source
from conf.settings import Settings, load_settings
from jobs.runtime.cli import USAGE, table_names
from jobs.runtime.command import start
from jobs.runtime.keys import check_key
from jobs.runtime.lake import Lake
from jobs.runtime.options import (
    ContractsOption,
    JsonOption,
    LakeOption,
    NamespaceOption,
    TablesOption,
)
from jobs.runtime.printed import print_rows
from jobs.runtime.records import Record
from jobs.runtime.reviewing import Reviewer, Shown, counted, precision, waiting
from udfs.pii.verdicts import Verdict

ANSWERS = {"y": Verdict.PERSONAL, "n": Verdict.NOT_PERSONAL}
QUIT = "q"
Ask = Callable[[Record, Shown, int], str]
"""(span, its text, how many are left) -> y, n, s or q."""


def review(
    reviewer: Reviewer, spans: Sequence[Record], ask: Ask, *, again: bool = False
) -> Counter[str]:
    """Go through the spans; one whose text has a verdict already gets it unseen, unless `again`.

    Returns: how many spans were judged personal or not_personal, skipped, or fit their text no
    longer (lost).
    """
    done: Counter[str] = Counter()
    for number, span in enumerate(spans):
        shown = reviewer.look(span)
        if shown is None:
            done["lost"] += 1
            continue
        known = None if again else reviewer.said_before(shown)
        answer = None if known else ask(span, shown, len(spans) - number)
        if answer == QUIT:
            break
        verdict = known or ANSWERS.get(answer or "")
        if verdict:
            reviewer.say(span, shown, verdict, is_repeat=known is not None)
        done[verdict or "skipped"] += 1
    reviewer.close()
    return done


def _asked(settings: Settings, lake: Lake, spans: Sequence[Record], again: bool) -> Counter[str]:
    """Raises: UsageError without a terminal, Bronze rights or the lake's key."""
    if not spans:
        return Counter()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "reviewing shows personal data and needs a terminal; --list and --precision do not"
        )
    keys = key_source(settings)
    check_key(lake, keys)
    reviewer = Reviewer(lake, contracts_of(settings), keys, getpass.getuser())
    console = Console()
    console.set_alt_screen(True)  # nothing stays in the terminal's history
    try:
        return review(reviewer, spans, _asking(console), again=again)
    finally:
        console.set_alt_screen(False)


def _asking(console: Console) -> Ask:
    def ask(span: Record, shown: Shown, left: int) -> str:
        before, marked, after = shown.parts()
        state = "found" if span["found"] else "below its threshold"
        place = f"{span['table']}.{span['column']}"
        console.clear()
        console.print(f"{left} left. {place}: {span['entity']}, {span['score']:.2f}, {state}\n")
        console.print(Text.assemble(before, (marked, "bold reverse"), after))
        try:
            return Prompt.ask(
                "\nPersonal data? (y)es, (n)o, (s)kip, (q)uit",
                choices=["y", "n", "s", "q"],
                show_choices=False,
                console=console,
            )
        except (EOFError, KeyboardInterrupt):
            return QUIT

    return ask


def main(
    is_list: Annotated[bool, typer.Option("--list", help="Only count what waits")] = False,
    is_precision: Annotated[
        bool, typer.Option("--precision", help="Only tell the precision measured, by entity")
    ] = False,
    again: Annotated[bool, typer.Option(help="Ask again about what was judged before")] = False,
    tables: TablesOption = None,
    lake: LakeOption = None,
    contracts: ContractsOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at what the PII detector was unsure of and say whether it is personal.

    A text that is not personal stays from the next batch on where the detector is unsure of it;
    one that is personal is found, also below its threshold.
    """
    try:
        folder = str(contracts) if contracts else None
        settings = load_settings(lake=lake, contracts=folder, namespace=namespace)
        place, title = Lake(settings), "Waiting for review"
        if tables:
            table_names(contracts_of(settings), tables)
        if is_precision:
            title = "Verdicts on unsure findings, and on spans below the threshold"
            rows = [m.as_dict() for m in precision(place, tables or ())]
            told: dict[str, Any] = {"entities": rows}
        else:
            spans = waiting(place, tables or (), again=again)
            done = {} if is_list else dict(_asked(settings, place, spans, again))
            rows = counted(waiting(place, tables or ()))
            told = {"waiting": rows} | ({} if is_list else {"reviewed": done})
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(USAGE)
    if as_json:
        print(json.dumps(told), flush=True)
    else:
        print_rows(title, rows)


if __name__ == "__main__":
    start(main)
