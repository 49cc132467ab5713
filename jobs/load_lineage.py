"""Load what runs left of their lineage into `ops/data_lineage`, as the pipeline does at its end."""

from __future__ import annotations

import json

from conf.settings import load_settings
from jobs.runtime.command import start, told_errors
from jobs.runtime.lake import Lake
from jobs.runtime.lineage.loading import Loaded, load_lineage
from jobs.runtime.options import JsonOption, LakeOption, NamespaceOption


def summary(loaded: Loaded) -> str:
    """One line for people."""
    told = f"{loaded.edges} edges of {loaded.writes} writes from {loaded.files} files"
    if loaded.known:
        told += f"; {loaded.known} writes were loaded before"
    if loaded.waiting:
        told += f"; {loaded.waiting} files of runs that are alive wait"
    if loaded.left_out:
        told += f"; left out: {_listed(loaded.left_out)}"
    return f"{told}; {loaded.refused.total()} lines refused" + (
        f" ({_listed(loaded.refused)})" if loaded.refused else ""
    )


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{kind.replace('_', ' ')} {n}" for kind, n in sorted(counts.items()))


def main(
    lake: LakeOption = None, namespace: NamespaceOption = None, as_json: JsonOption = False
) -> None:
    """Turn the event files of runs into rows of ops/data_lineage; again, it does nothing.

    It starts no Spark. Files of runs that are alive wait for the next time. Lines that are no events
    are counted and left out.
    """
    with told_errors():
        loaded = load_lineage(Lake(load_settings(lake=lake, namespace=namespace)))
    print(json.dumps(loaded.as_dict()) if as_json else summary(loaded), flush=True)


if __name__ == "__main__":
    start(main)
