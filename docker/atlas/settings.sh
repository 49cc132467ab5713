# shellcheck shell=bash
# Sourced by the entry points. Folders are variables, so that the scripts run outside of an image too.
: "${STACK_HOME:=/opt/atlas}"         # code
: "${STACK_VENV:=/opt/venv}"          # Python, Spark, JARs, models
: "${STACK_STATE:=/var/lib/atlas}"    # volumes: event logs, work, scratch, reports
: "${STACK_RUN:=/run/atlas}"          # a tmpfs: files with secrets, made at start
: "${STACK_SECRETS:=/run/secrets}"    # secrets as they are mounted
: "${STACK_MASTER:=spark://spark-master:7077}"
: "${STACK_HOST:=$(hostname)}"        # by which the others reach this container
: "${STACK_BIND:=0.0.0.0}"            # where a driver listens: it may be in several networks

fail() {
    echo "entrypoint: $*" >&2
    exit 2
}

# The content of a secret's file.
secret() {
    [ -r "$STACK_SECRETS/$1" ] ||
        fail "$STACK_SECRETS/$1 cannot be read by uid $(id -u): run docker/make_secrets.sh, and build the image with the id of the files' owner (STACK_UID)"
    [ -s "$STACK_SECRETS/$1" ] || fail "$STACK_SECRETS/$1 is empty: run docker/make_secrets.sh"
    cat "$STACK_SECRETS/$1"
}

# Spark's settings with the cluster's secret, as a file that this user alone can read: an argument or
# an environment variable would be shown by `ps` or `docker inspect`.
write_spark_settings() {
    local conf=$STACK_RUN/conf key folder class_path=
    key=$(secret spark_secret)
    for folder in "$STACK_VENV"/atlas/*jars; do
        class_path+="${class_path:+:}$folder/*"
    done
    (
        umask 077
        mkdir -p "$conf"
        {
            grep -v '^spark\.jars\.packages' "$STACK_HOME/spark-defaults.conf"
            sed "s|/opt/atlas|$STACK_HOME|g" "$STACK_HOME/docker/atlas/cluster.conf"
            printf '%s %s\n' \
                spark.master "$STACK_MASTER" \
                spark.driver.host "$STACK_HOST" \
                spark.driver.bindAddress "$STACK_BIND" \
                spark.driver.memory "${STACK_DRIVER_MEMORY:-1g}" \
                spark.executor.memory "${STACK_EXECUTOR_MEMORY:-1g}" \
                spark.driver.extraClassPath "$class_path" \
                spark.executor.extraClassPath "$class_path" \
                spark.eventLog.dir "file://$STACK_STATE/events" \
                spark.history.fs.logDirectory "file://$STACK_STATE/events" \
                spark.authenticate.secret "$key"
        } >"$conf/spark-defaults.conf"
    )
    export SPARK_CONF_DIR=$conf
}

# What every process of Spark is told by its environment: no secret among it.
export PYTHONPATH=$STACK_HOME PYSPARK_PYTHON=$STACK_VENV/bin/python
SPARK_HOME=$("$PYSPARK_PYTHON" -c 'import importlib.util as u; print(*u.find_spec("pyspark").submodule_search_locations)')
export SPARK_HOME SPARK_NO_DAEMONIZE=1 SPARK_WORKER_DIR=$STACK_STATE/work SPARK_LOCAL_DIRS=$STACK_STATE/scratch
# Lineage events lie here until they are in the lake (all else is a read-only disk).
export XDG_STATE_HOME=$STACK_STATE/state
export SPARK_DAEMON_MEMORY=${SPARK_DAEMON_MEMORY:-512m}
