"""Where Atlas lies on this machine, and which environments it is run for."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

HOME = Path(os.environ.get("ATLAS_HOME") or Path(__file__).resolve().parents[4])
"""The folder of Atlas's code, the same on every worker. Default: the one these files lie in."""

CONTRACTS = Path(os.environ.get("ATLAS_CONTRACTS") or HOME / "conf" / "contracts")
PROPERTIES = os.environ.get("ATLAS_SPARK_PROPERTIES") or str(HOME / "spark-defaults.conf")
PY_FILES = os.environ.get("ATLAS_PY_FILES") or None
"""dist/atlas.zip, where executors run on other machines."""

SETTINGS = os.environ.get("ATLAS_SETTINGS") or None
"""Folder of settings and secrets: ENVIRONMENT/.env, on the workers alone."""

DEADLINE = timedelta(minutes=float(os.environ.get("ATLAS_DEADLINE_MINUTES") or 180))
"""After a run was due somebody is told; 0: nobody. `airflow dags test` of Airflow 3.3.2 fails at the
end of a run that has a deadline (apache/airflow#73428); the scheduler does not."""

_NAMESPACE = re.compile(r"[a-z][a-z0-9_]{0,31}")


def environments() -> list[str]:
    """The environments of ATLAS_ENVIRONMENTS, each a namespace of the lake.

    Raises: ValueError naming one that cannot be a namespace.
    """
    told = os.environ.get("ATLAS_ENVIRONMENTS") or "dev,staging,prod"
    names = list(dict.fromkeys(name.strip() for name in told.split(",") if name.strip()))
    for name in names:
        if not _NAMESPACE.fullmatch(name):
            raise ValueError(
                f"ATLAS_ENVIRONMENTS: found {name!r}; a name is up to 32 of a-z, 0-9 and _, and "
                "begins with a letter"
            )
    return names
