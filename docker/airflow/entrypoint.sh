#!/usr/bin/env bash
# `airflow ARG ...`, with what it needs of secrets: files that this user alone can read.
set -euo pipefail
# shellcheck source=docker/atlas/settings.sh
. "$(dirname "$0")/../atlas/settings.sh"

[ $# -gt 0 ] || fail "airflow: db migrate, api-server, scheduler or dag-processor"
# Only the scheduler starts jobs, and only it is given the cluster's secret.
[ "$1" != scheduler ] || write_spark_settings
# Airflow opens this one for writing.
if [ "$1" = api-server ]; then
    (umask 077 && secret airflow_passwords >"$STACK_RUN/airflow_passwords")
fi
exec airflow "$@"
