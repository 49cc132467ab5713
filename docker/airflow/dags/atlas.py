"""Atlas every night: ingest each table, refine it, build Gold; one DAG for each environment."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import DAG, DeadlineAlert, DeadlineReference, Param, SyncCallback

from atlas_airflow.alerts import on_deadline, on_failure
from atlas_airflow.deployment import CONTRACTS, DEADLINE, environments
from atlas_airflow.operators import AtlasJob, flag, option
from atlas_airflow.tables import Table, needed_by_gold, pools, source_tables

LONGEST_RUN = timedelta(hours=6)  # then it is ended
PLACE = r"^(/|s3a://)[^\s]+$"
SOURCES = "{{ params.sources or '' }}"

PARAMS = {
    "sources": Param(
        None,
        type=["null", "string"],
        pattern=PLACE,
        description="Folder or s3a:// prefix of source files; default: ATLAS_SOURCES",
    ),
    "lake": Param(
        None,
        type=["null", "string"],
        pattern=PLACE,
        description="Folder or s3a:// prefix of the lake; default: ATLAS_LAKE",
    ),
    "as_of": Param(
        None,
        type=["null", "string"],
        format="date",
        description="Day Gold is computed for; default: the latest order's",
    ),
    "redeliver": Param(
        False, type="boolean", description="Take files in again that were here before"
    ),
}

TASKS = {
    "retries": 3,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": 2.0,  # 2, 4 and 8 minutes
    "max_retry_delay": timedelta(minutes=30),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": on_failure,
}

ALERT = DeadlineAlert(
    name="Gold in time",
    reference=DeadlineReference.DAGRUN_QUEUED_AT,
    interval=DEADLINE,
    callback=SyncCallback(on_deadline),  # not an AsyncCallback: the triggerer has no DAG folder
)

DOC = """
### Atlas: raw files to Gold

`ingest` takes the new files of each table into Bronze, `refine` brings them to Silver (a table after
those it refers to), `build_gold` computes what analysts read, `verify_accounting` recounts every row.
A new contract gives new tasks.

**When it fails.** Exit code 1 is tried again, three times. 2 (settings, contract) and 3 (a gate: what
was published stands) are not: the task's last line says what to do. Then clear the failed task; what is
done already is not done again.
"""


def atlas(environment: str, tables: list[Table]) -> DAG:
    """The DAG of one environment."""
    pool = pools(environment, tables)
    with DAG(
        f"atlas_{environment}",
        description="Raw files to Gold, free of clear-text personal data",
        schedule="0 2 * * *",
        start_date=datetime(2026, 1, 1),
        catchup=False,
        max_active_runs=1,
        max_active_tasks=4,  # jobs on different tables go on side by side
        dagrun_timeout=LONGEST_RUN,
        deadline=ALERT if DEADLINE else None,
        params=PARAMS,
        default_args=TASKS,
        tags=["atlas", environment],
        doc_md=DOC,
    ) as dag:
        common = {"environment": environment}
        lake, redeliver = option("lake"), flag("redeliver")
        ready = AtlasJob(
            task_id="verify_infrastructure",
            job="verify_infrastructure",
            arguments=[SOURCES, "--no-spark", lake],
            **common,
        )
        refined: dict[str, AtlasJob] = {}
        for table in tables:
            in_pool = {"pool": pool[table.name], **common}
            ingested = AtlasJob(
                task_id=f"ingest_{table.name}",
                job="ingest",
                arguments=[SOURCES, f"--table={table.name}", redeliver, lake],
                **in_pool,
            )
            refined[table.name] = AtlasJob(
                task_id=f"refine_{table.name}",
                job="refine",
                arguments=[f"--table={table.name}", lake],
                **in_pool,
            )
            ready >> ingested >> refined[table.name]
            [refined[parent] for parent in table.parents] >> refined[table.name]
        gold = AtlasJob(
            task_id="build_gold",
            job="build_gold",
            arguments=[option("as-of"), lake],
            pool=pool["gold"],
            **common,
        )
        recounted = AtlasJob(
            task_id="verify_accounting", job="verify_accounting", arguments=[lake], **common
        )
        [refined[name] for name in needed_by_gold(tables)] >> gold
        [*refined.values(), gold] >> recounted
    return dag


for name in environments():
    globals()[f"atlas_{name}"] = atlas(name, source_tables(CONTRACTS))
