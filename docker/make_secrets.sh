#!/usr/bin/env bash
# Makes the secrets that docker-compose.yml mounts: random, each a file of mode 0600 in docker/secrets/.
# Never overwrites one: make_secrets.sh --missing makes those that are not there yet.
set -euo pipefail

home=$(cd "$(dirname "$0")/.." && pwd)
folder=${STACK_SECRETS:-$home/docker/secrets}
settings=${STACK_ENV_FILE:-$home/.env}
uid=${STACK_UID:-$(id -u)}
gid=${STACK_GID:-$(id -g)}
# Nothing in a container runs as root: root's secrets go to the images' own user.
[ "$uid" != 0 ] || uid=1000 gid=1000

roles=(ingest refine gold pipeline analyst)
names=(minio_root_user minio_root_password "${roles[@]/#/s3_}" pii_key spark_secret
    postgres_password marquez_password airflow_password airflow_database_url
    airflow_fernet_key airflow_jwt_secret airflow_secret_key airflow_passwords jupyter_token)

hex() { head -c "$1" /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
said() { cat "$folder/$1"; }

# What a secret's file holds.
content() {
    case $1 in
    minio_root_user) printf 'atlas-root' ;;
    s3_*) printf '[default]\naws_access_key_id = atlas-%s\naws_secret_access_key = %s\n' "${1#s3_}" "$(hex 20)" ;;
    airflow_database_url) printf 'postgresql+psycopg2://airflow:%s@postgres:5432/airflow' "$(said airflow_password)" ;;
    airflow_fernet_key) head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' ;;
    airflow_passwords) printf '{"admin": "%s"}' "$(hex 16)" ;;
    *) hex 32 ;;
    esac
}

there=()
for name in "${names[@]}"; do
    [ ! -e "$folder/$name" ] || there+=("$name")
done
if [ ${#there[@]} -gt 0 ] && [ "${1:-}" != --missing ]; then
    echo "make_secrets: $folder has ${there[*]}: nothing is overwritten; remove what is to be made anew and call this with --missing" >&2
    exit 1
fi

umask 077
mkdir -p "$folder"
made=0
for name in "${names[@]}"; do
    [ ! -e "$folder/$name" ] || continue
    content "$name" >"$folder/.$name.part"
    mv -n "$folder/.$name.part" "$folder/$name" # whole or not at all
    made=$((made + 1))
done
if [ "$(id -u)" = 0 ]; then
    chown -R "$uid:$gid" "$folder"
fi
echo "make_secrets: $made secrets in $folder; keep a copy of pii_key: without it nothing new joins with what the lake has"

# The images' user must be the files' owner; compose reads these two from .env.
if [ "$uid:$gid" != 1000:1000 ] && ! grep -qs '^STACK_UID=' "$settings"; then
    printf 'STACK_UID=%s\nSTACK_GID=%s\n' "$uid" "$gid" >>"$settings"
    echo "make_secrets: STACK_UID=$uid and STACK_GID=$gid are now in $settings"
fi
