"""Soda's own parser of its check language, without what else Soda does when it starts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import yaml


def parsed(line: str, settings: Mapping[str, object]) -> tuple[Any, list[str]]:
    """One check as Soda's configuration object (None if it is none), and what Soda says is wrong.

    In: SodaCL's line, such as `missing_percent(email) < 5%`, and what stands below it.
    """
    # Soda logs the text of its errors, those of queries with what the data held.
    logging.getLogger("soda").setLevel(logging.CRITICAL + 1)
    from soda.common.logs import Logs
    from soda.sodacl.sodacl_cfg import SodaCLCfg
    from soda.sodacl.sodacl_parser import SodaCLParser

    logs = Logs(logging.getLogger("soda")).reset()
    scan = SimpleNamespace(_variables={}, jinja_resolve=lambda text, *_, **__: text)
    told = SodaCLCfg(scan=scan)
    entry = {line: dict(settings)} if settings else line
    text = yaml.safe_dump({"checks for t": [entry]}, sort_keys=False, allow_unicode=True)
    try:
        SodaCLParser(told, logs, "contract", "atlas").parse_sodacl_yaml_str(text)
    except Exception as error:  # the parser trips over some of what it should refuse
        return None, [f"Soda cannot read it ({type(error).__name__})"]
    problems = [log.message.strip() for log in logs.logs if log.level.value == "ERROR"]
    found = list(_checks(told))
    return (found[0] if found and not problems else None), problems


def _checks(told: Any) -> Any:
    for source in told.data_source_scan_cfgs.values():
        for table in source.tables_cfgs.values():
            for partition in table.partition_cfgs:
                yield from partition.check_cfgs
                for column in partition.column_checks_cfgs.values():
                    yield from column.check_cfgs
