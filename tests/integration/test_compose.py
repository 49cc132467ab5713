"""The stack of docker-compose.yml as far as it runs without a container engine: the file is read by
compose's own loader, and the images' start-up scripts run as processes, on real servers."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
import pytest
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError
from deltalake import DeltaTable, QueryBuilder

from conf.s3 import S3
from conf.s3_policies import Role
from tests.compose import DOCKER, FILE, ROOT, services
from tests.conftest import unavailable
from tests.leaks import Needles, leaks_in, scan
from tests.receivers import receiver
from tests.stack import ENTRYPOINT, Stack, status, until
from tests.tools import go_binary, python_tool

pytestmark = pytest.mark.full

LOADER = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2"
# 15 as in the image; where a machine has another, that one.
SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: "/15/" in f"{p}")


def test_the_file_is_valid_by_the_compose_schema():
    tool = python_tool("check-jsonschema==0.39.0")
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", FILE],
        check=False, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(tool)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_composes_own_loader_takes_it_and_finds_what_it_refers_to():
    done = subprocess.run(
        [go_binary("compose-loader", LOADER), FILE], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told = yaml.safe_load(done.stdout)
    assert set(told["services"]) == set(services())
    minio = told["services"]["minio"]
    assert [(p["host_ip"], p["published"], p["target"]) for p in minio["ports"]] == [
        ("127.0.0.1", "9000", 9000), ("127.0.0.1", "9001", 9001),
    ]  # fmt: skip
    assert minio["build"]["args"] == {"ATLAS_UID": "1000", "ATLAS_GID": "1000"}
    assert told["services"]["postgres"]["user"] == "1000:1000"
    assert "/run/atlas:mode=0700,uid=1000,gid=1000,size=1m" in told["services"]["job"]["tmpfs"]
    scheduler = told["services"]["airflow-scheduler"]  # anchors and merges as they are meant
    assert scheduler["environment"]["ATLAS_ENVIRONMENTS"] == "default"
    assert scheduler["environment"]["ATLAS_LAKE"] == "s3a://lake"
    assert scheduler["depends_on"].keys() == {
        "setup", "spark-worker-1", "spark-worker-2", "airflow-init", "airflow-api-server",
    }  # fmt: skip


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    running = Stack(tmp_path_factory.mktemp("stack"))
    try:
        running.start_minio()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def set_up(stack):
    """MinIO with buckets, policies and users: the service `setup`."""
    code, out, err = stack.one_off("setup", environment=stack.service("setup"))
    assert code == 0, (out + err)[-2000:]
    assert [f"{role}: user and policy are there" in out for role in Role] == [True] * 5
    assert "failed" not in out
    return stack


def s3(stack: Stack, keys: str) -> object:
    parsed = dict(line.split(" = ") for line in stack.secret(keys).splitlines() if " = " in line)
    return boto3.client(
        "s3", endpoint_url=stack.url("minio"), region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}), **parsed,
    )  # fmt: skip


def denied(stack: Stack, keys: str, action: str, **arguments: object) -> str:
    try:
        getattr(s3(stack, keys), action)(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_each_role_has_keys_that_may_what_its_policy_says(set_up):
    stack = set_up
    put = {"Bucket": "lake", "Body": b"x"}
    assert denied(stack, "s3_ingest", "put_object", Key="bronze/t/x", **put) == ""
    assert denied(stack, "s3_ingest", "put_object", Key="silver/t/x", **put) == "AccessDenied"
    assert denied(stack, "s3_refine", "put_object", Key="silver/t/x", **put) == ""
    assert denied(stack, "s3_gold", "put_object", Key="gold/t/x", **put) == ""
    assert denied(stack, "s3_gold", "get_object", Bucket="lake", Key="bronze/t/x") == "AccessDenied"
    assert denied(stack, "s3_analyst", "get_object", Bucket="lake", Key="gold/t/x") == ""
    assert denied(stack, "s3_analyst", "put_object", Key="gold/t/x", **put) == "AccessDenied"
    assert (
        denied(stack, "s3_analyst", "get_object", Bucket="lake", Key="bronze/t/x") == "AccessDenied"
    )
    assert denied(stack, "s3_pipeline", "put_object", Bucket="incoming", Key="x") == "AccessDenied"
    assert denied(stack, "s3_pipeline", "create_bucket", Bucket="another") == "AccessDenied"
    for key in ("bronze/t/x", "silver/t/x", "gold/t/x"):
        s3(stack, "s3_pipeline").delete_object(Bucket="lake", Key=key)


def test_new_keys_take_the_place_of_old_ones(set_up, tmp_path):
    stack = set_up
    file = stack.secrets / "s3_analyst"
    old = tmp_path / "secrets" / "s3_analyst"
    old.parent.mkdir()
    shutil.copy2(file, old)
    file.unlink()
    subprocess.run(
        [DOCKER / "make_secrets.sh", "--missing"], check=True, capture_output=True,
        env=os.environ | {"STACK_SECRETS": str(stack.secrets), "STACK_ENV_FILE": str(tmp_path / ".env")},
    )  # fmt: skip
    assert file.read_text() != old.read_text()
    assert stack.one_off("setup", environment=stack.service("setup"))[0] == 0
    assert denied(stack, "s3_analyst", "list_objects_v2", Bucket="lake", Prefix="gold/") == ""
    refused = denied(stack, str(old), "list_objects_v2", Bucket="lake", Prefix="gold/")
    assert refused == "SignatureDoesNotMatch"


def test_a_job_on_the_cluster_with_the_keys_of_its_role(set_up):
    stack = set_up
    code, out, err = stack.one_off("sample", "100", "100", environment=stack.service("setup"))
    assert code == 0 and "5 files in s3a://incoming" in out, (out + err)[-1500:]
    stack.start_spark()
    job = stack.service("job", s3_keys="s3_ingest") | {"STACK_EXECUTOR_MEMORY": "900m"}
    with receiver() as marquez:
        job["ATLAS_LINEAGE_URL"] = marquez.url.partition("/hook")[0]
        job["ATLAS_LINEAGE_SECONDS"] = "60"
        job["HOME"] = "/proc"  # as a container's, a place that nothing can be written to
        code, out, err = stack.one_off("submit", "ingest", "--json", environment=job)
    assert code == 0, (out + err)[-3000:]
    for wrong in ("not told", "no listener"):
        assert wrong not in out + err, (out + err)[-3000:]
    names = {e["job"]["name"] for e in marquez.bodies}
    assert {"atlas.ingest", "atlas.ingest.customers"} <= names, sorted(names)
    assert rows(stack, "s3_analyst", "ops/data_lineage") > 0
    assert json.loads(out.splitlines()[-1])["status"] == "succeeded"
    assert rows(stack, "s3_pipeline", "bronze/customers") == 100
    assert rows(stack, "s3_pipeline", "bronze/orders") == 100

    ran = list(stack.folder.glob("worker-*/state/work/app-*/*/stderr"))
    assert len({p.parents[3] for p in ran}) == 2, "both workers worked"
    until(
        lambda: len(stack.page("history", "/api/v1/applications")) >= 1,
        30, lambda: stack.log("one-off").read_text()[-1500:],
    )  # fmt: skip
    assert stack.page("history", "/api/v1/applications")[-1]["attempts"][0]["completed"] is True
    secrets_are_told_to_nobody(stack)


def rows(stack: Stack, keys: str, table: str) -> int:
    """The rows of a table, read with a role's keys as a notebook would."""
    server = S3(
        endpoint=stack.url("minio"), is_path_style=True, keys_file=str(stack.secrets / keys)
    )
    found = DeltaTable(f"s3a://lake/{table}", storage_options=server.options("lake"))
    told = QueryBuilder().register("t", found).execute("select count(*) as n from t").read_all()
    return int(told["n"][0].as_py())


def secrets_are_told_to_nobody(stack: Stack) -> None:
    """Neither in arguments nor environments of what runs, nor in logs, event logs or work folders."""
    told = {n: stack.secret(n) for n in ("spark_secret", "pii_key", "minio_root_password")}
    keys = [line.split(" = ")[1] for r in Role for line in stack.secret(f"s3_{r}").splitlines()[2:]]
    needles = Needles([*told.items(), *(("s3 key", key) for key in keys)])
    for name in ("master", "worker-1", "worker-2", "one-off", "minio"):
        process = stack.processes[name]
        assert process.poll() is None, name
        for what in ("cmdline", "environ"):
            shown = Path("/proc", str(process.pid), what).read_bytes().decode()
            assert not [s for s in (*told.values(), *keys) if s in shown], (name, what)
    for log in stack.folder.glob("*.log"):
        assert list(leaks_in(needles, log, log.name)) == []
    for place in stack.folder.glob("*/state"):
        assert scan(needles, place) == [], place
    files = [file for file in stack.folder.glob("*/run/**/*") if file.is_file()]
    private = [file for file in files if list(leaks_in(needles, file, file.name))]
    assert {"spark-defaults.conf", "s3_root"} == {f.name for f in private}, "where they must be"
    assert all(f.stat().st_mode & 0o077 == 0 for f in private)


def test_what_is_wrong_is_told_and_nothing_starts(stack, tmp_path):
    code, _, err = stack.one_off("submit", "no_such_job", environment={})
    assert code == 2 and "no job 'no_such_job'; there are: " in err and " pipeline " in err
    code, out, err = stack.one_off("elsewhere", environment={})
    assert code == 2 and "unknown mode 'elsewhere'" in err and out == ""
    for mode in ("master", "worker", "history", "setup"):
        code, _, err = stack.one_off(mode, environment={"STACK_SECRETS": str(tmp_path)})
        assert code == 2 and "run docker/make_secrets.sh" in err, (mode, err)
    (tmp_path / "spark_secret").touch()
    code, _, err = stack.one_off("master", environment={"STACK_SECRETS": str(tmp_path)})
    assert code == 2 and "spark_secret is empty" in err
    code, out, err = stack.one_off("healthy", stack.url("nobody", "/"), environment={})
    assert code == 1 and "Connection refused" in err and "Traceback" not in err
    assert not stack.is_healthy("minio", {"9000": stack.port("nobody")})


def test_marquez_gets_its_password_from_the_file(stack, tmp_path):
    script = DOCKER / "marquez" / "entrypoint.sh"
    environment = {"PATH": os.environ["PATH"], "MARQUEZ_ENTRYPOINT": "/usr/bin/env"}
    done = subprocess.run(
        [script], check=True, capture_output=True, text=True,
        env=environment | {"STACK_SECRETS": str(stack.secrets)},
    )  # fmt: skip
    assert f"MARQUEZ_PASSWORD={stack.secret('marquez_password')}\n" in done.stdout
    done = subprocess.run(
        [script], check=False, capture_output=True, text=True,
        env=environment | {"STACK_SECRETS": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 2 and "marquez_password cannot be read or is empty" in done.stderr


def test_marquez_and_airflow_have_databases_of_their_own():
    """PostgreSQL 15 as its image starts it: not as root, and the script on an empty data folder."""
    if not SERVERS or not (SERVERS[-1] / "initdb").exists():
        unavailable("PostgreSQL is not installed (Debian: postgresql)")
    uid = os.getuid() or 65534
    folder = Path(tempfile.mkdtemp(prefix="atlas-postgres-", dir="/tmp"))
    try:
        stack = _owned_stack(folder, uid)
        secrets = {"STACK_SECRETS": str(stack.secrets), "POSTGRES_USER": "postgres"}
        there = {"PGHOST": str(folder), "PGPORT": str(stack.port("postgres"))}
        root = {"PGPASSWORD": stack.secret("postgres_password")} | there
        arguments = services()["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()

        def run(*command: object, code: int = 0, **environment: str) -> str:
            done = subprocess.run(
                [str(c) for c in command], check=False, capture_output=True, text=True, cwd=folder,
                env={"PATH": f"{SERVERS[-1]}:{os.environ['PATH']}", "HOME": str(folder)} | environment,
                **({"user": uid, "group": uid} if os.getuid() == 0 else {}),
            )  # fmt: skip
            assert done.returncode == code, done.stdout + done.stderr
            return done.stdout + done.stderr

        run("initdb", "-D", folder / "data", "--username=postgres", *arguments,
            f"--pwfile={stack.secrets / 'postgres_password'}")  # fmt: skip
        options = (
            f"-k {folder} -p {there['PGPORT']} -c listen_addresses=127.0.0.1 -c log_statement=all"
        )
        run("pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-o", options, "start")
        try:
            run(DOCKER / "postgres" / "init-databases.sh", **root, **secrets)
            for name, other in (("marquez", "airflow"), ("airflow", "marquez")):
                own = there | {"PGPASSWORD": stack.secret(f"{name}_password")}
                made = "create table t (n int); insert into t values (1); select n from t"
                assert "1" in run("psql", "-U", name, "-d", name, "-Atc", made, **own)
                refused = run("psql", "-U", name, "-d", other, "-c", "select 1", code=2, **own)
                assert "permission denied for database" in refused
                wrong = there | {"PGPASSWORD": stack.secret(f"{other}_password")}
                refused = run("psql", "-U", name, "-d", name, "-c", "select 1", code=2, **wrong)
                assert "password authentication failed" in refused
            log = (folder / "log").read_text()
            assert "CREATE DATABASE" in log and "CREATE ROLE" not in log
            for name in ("postgres", "marquez", "airflow"):
                assert stack.secret(f"{name}_password") not in log
        finally:
            run("pg_ctl", "-D", folder / "data", "-m", "fast", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def _owned_stack(folder: Path, uid: int) -> Stack:
    """Secrets that belong to whoever runs the server, as STACK_UID has it."""
    os.environ["STACK_UID"] = os.environ["STACK_GID"] = str(uid)
    try:
        stack = Stack(folder)
    finally:
        del os.environ["STACK_UID"], os.environ["STACK_GID"]
    os.chown(folder, uid, uid)
    return stack


def test_jupyter_lets_in_who_has_the_token(stack):
    if importlib.util.find_spec("jupyterlab") is None:
        unavailable("JupyterLab is not installed")
    environment = stack.environment("jupyter") | {
        "STACK_PORT": str(stack.port("jupyter")),
        "STACK_NOTEBOOKS": str(ROOT / "docker"),
        "JUPYTER_RUNTIME_DIR": str(stack.folder / "jupyter-runtime"),
        "JUPYTER_CONFIG_DIR": str(stack.folder / "jupyter-config"),
    }
    config = DOCKER / "jupyter" / "jupyter_server_config.py"
    command = [sys.executable, "-m", "jupyterlab", "--config", str(config)]
    if os.getuid() == 0:
        command.append("--allow-root")  # the container's user is not
    stack.start("jupyter", command, environment)
    stack.until_healthy("jupyter", {"8888": stack.port("jupyter")})
    contents = stack.url("jupyter", "/api/contents/jupyter")
    assert status(contents) == 403
    assert status(contents, "wrong") == 403
    assert status(contents, stack.secret("jupyter_token")) == 200
    assert stack.secret("jupyter_token") not in stack.log("jupyter").read_text()
    shown = Path("/proc", str(stack.processes["jupyter"].pid), "cmdline").read_bytes().decode()
    assert stack.secret("jupyter_token") not in shown


def test_the_entry_point_says_what_it_can_do():
    done = subprocess.run([ENTRYPOINT, "help"], check=True, capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "STACK_VENV": sys.prefix})  # fmt: skip
    for mode in ("master", "worker", "history", "submit", "setup", "upload", "sample", "healthy"):
        assert f"  {mode} " in done.stdout
