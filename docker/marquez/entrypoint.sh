#!/usr/bin/env bash
# Marquez's image takes its password from the environment alone: it is read from its file here, so that
# neither docker-compose.yml nor `docker inspect` shows it.
set -euo pipefail
file=${STACK_SECRETS:-/run/secrets}/marquez_password
[ -s "$file" ] || { echo "entrypoint: $file cannot be read or is empty: run docker/make_secrets.sh" >&2; exit 2; }
MARQUEZ_PASSWORD=$(cat "$file")
export MARQUEZ_PASSWORD
exec "${MARQUEZ_ENTRYPOINT:-/usr/src/app/entrypoint.sh}" "$@"
