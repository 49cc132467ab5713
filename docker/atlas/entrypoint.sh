#!/usr/bin/env bash
# What a container of the image does. Each mode ends in one process in the foreground.
set -euo pipefail
# shellcheck source=docker/atlas/settings.sh
. "$(dirname "$0")/settings.sh"

usage() {
    cat <<TEXT
entrypoint.sh MODE
  master                  Spark's master (7077, page 8080)
  worker                  a worker of it: STACK_WORKER_CORES, STACK_WORKER_MEMORY
  history                 the history server (18080)
  submit JOB [ARG ...]    spark-submit jobs/JOB.py on the cluster, for instance: submit pipeline s3a://incoming
  setup                   buckets, policies and users of MinIO; may be run again
  upload FOLDER           the files of a folder into ATLAS_SOURCES, with MinIO's root keys
  sample CUSTOMERS ORDERS the same with a generated sample
  healthy URL             whether a page answers: for health checks
TEXT
}

spark_class() {
    write_spark_settings
    exec "$SPARK_HOME/bin/spark-class" "$@"
}

submit() {
    [ $# -gt 0 ] && [ -f "$STACK_HOME/jobs/$1.py" ] ||
        fail "submit: no job '${1:-}'; there are: $(cd "$STACK_HOME/jobs" && echo [a-z]*.py | sed 's/\.py//g')"
    local job=$1
    shift
    write_spark_settings
    exec "$SPARK_HOME/bin/spark-submit" "$STACK_HOME/jobs/$job.py" "$@"
}

# MinIO's root keys as a file of keys like any other, for what only root may do.
as_root() {
    local user password
    user=$(secret minio_root_user)
    password=$(secret minio_root_password)
    (
        umask 077
        printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' \
            "$user" "$password" >"$STACK_RUN/s3_root"
    )
    export ATLAS_S3_KEYS_FILE=$STACK_RUN/s3_root
}

setup() {
    local python=$PYSPARK_PYTHON verify=$STACK_HOME/jobs/verify_infrastructure.py
    as_root
    "$python" "$verify" --make-buckets --no-spark
    "$python" "$verify" --policies "$STACK_RUN/policies"
    "$python" "$STACK_HOME/docker/atlas/minio_users.py" "$STACK_RUN/policies" "$STACK_SECRETS"
    echo "what a run needs, with the keys of the pipeline:"
    ATLAS_S3_KEYS_FILE=$STACK_SECRETS/s3_pipeline exec "$python" "$verify" --no-spark
}

sample() {
    [ $# -eq 2 ] || fail "sample: CUSTOMERS ORDERS"
    local folder
    folder=$(mktemp -d)
    "$PYSPARK_PYTHON" "$STACK_HOME/jobs/generate_sources.py" "$folder" --customers "$1" --orders "$2"
    upload "$folder"
}

upload() {
    [ $# -eq 1 ] && [ -d "$1" ] || fail "upload: '${1:-}' is no folder"
    as_root
    exec "$PYSPARK_PYTHON" "$STACK_HOME/docker/atlas/upload.py" "$1"
}

healthy() {
    [ $# -eq 1 ] || fail "healthy: URL"
    exec "$PYSPARK_PYTHON" - "$1" <<'PY'
import sys, urllib.request
try:
    urllib.request.urlopen(sys.argv[1], timeout=5).close()
except OSError as error:
    sys.exit(f"{sys.argv[1]}: {error}")
PY
}

mode=${1:-help}
[ $# -eq 0 ] || shift
case $mode in
master)
    spark_class org.apache.spark.deploy.master.Master --host "$STACK_HOST" \
        --port "${STACK_PORT:-7077}" --webui-port "${STACK_WEB_PORT:-8080}"
    ;;
worker)
    spark_class org.apache.spark.deploy.worker.Worker --host "$STACK_HOST" \
        --cores "${STACK_WORKER_CORES:-1}" --memory "${STACK_WORKER_MEMORY:-1g}" \
        --webui-port "${STACK_WEB_PORT:-8081}" "$STACK_MASTER"
    ;;
history) spark_class org.apache.spark.deploy.history.HistoryServer ;;
submit) submit "$@" ;;
setup) setup ;;
upload) upload "$@" ;;
sample) sample "$@" ;;
healthy) healthy "$@" ;;
help | -h | --help) usage ;;
*)
    usage >&2
    fail "unknown mode '$mode'"
    ;;
esac
