#!/usr/bin/env bash
# `airflow ARG ...`, with what it needs of secrets: files that this user alone can read. `init` makes
# Airflow's tables and the DAG's pools, and may be run again.
set -euo pipefail
# shellcheck source=docker/atlas/settings.sh
. "$(dirname "$0")/../atlas/settings.sh"
: "${STACK_AIRFLOW:=/opt/airflow/venv}"

init() {
    "$STACK_AIRFLOW/bin/airflow" db migrate
    "$STACK_AIRFLOW/bin/python" "$STACK_HOME/docker/airflow/pools.py" >"$STACK_RUN/pools.json"
    "$STACK_AIRFLOW/bin/airflow" pools import "$STACK_RUN/pools.json"
}

case ${1:-} in
'') fail "airflow: init, api-server, scheduler or dag-processor" ;;
init)
    init
    exit
    ;;
scheduler) # only it starts jobs, and only it is given the cluster's secret
    write_spark_settings
    export ATLAS_SPARK_PROPERTIES=$SPARK_CONF_DIR/spark-defaults.conf PATH=$STACK_VENV/bin:$PATH
    ;;
api-server) # Airflow opens this file for writing
    (umask 077 && secret airflow_passwords >"$STACK_RUN/airflow_passwords")
    ;;
esac
exec "$STACK_AIRFLOW/bin/airflow" "$@"
