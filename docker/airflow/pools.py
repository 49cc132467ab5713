"""The pools of the DAG, one of one slot for each table: `python pools.py > pools.json`, then
`airflow pools import pools.json`; again after a new contract."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "dags"))

from atlas_airflow.deployment import CONTRACTS, environments
from atlas_airflow.tables import pools, source_tables

tables = source_tables(CONTRACTS)
names = [pool for name in environments() for pool in pools(name, tables).values()]
told = {"slots": 1, "description": "Atlas: one job at a time", "include_deferred": True}
json.dump(dict.fromkeys(names, told), sys.stdout, indent=2)
sys.stdout.write("\n")
