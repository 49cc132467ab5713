#!/usr/bin/env bash
# Run once by PostgreSQL's image, on an empty data folder: a user and a database of its own for Marquez
# and for Airflow, each closed to the other. psql reads a password from its file: it is no argument.
set -euo pipefail
secrets=${STACK_SECRETS:-/run/secrets}

for name in marquez airflow; do
    [ -s "$secrets/${name}_password" ] ||
        { echo "init-databases: $secrets/${name}_password is missing or empty" >&2; exit 1; }
    psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname postgres \
        -v name="$name" -v file="$secrets/${name}_password" <<'SQL'
\set password `cat :'file'`
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
CREATE ROLE :"name" LOGIN PASSWORD :'password';
RESET log_statement;
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
