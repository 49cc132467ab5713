"""What docker-compose.yml, the Dockerfiles and the scripts promise, as far as no engine is needed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conf.s3_policies import Role
from conf.settings import load_settings
from tests.compose import (
    DOCKER,
    ROOT,
    copied,
    dockerfiles,
    model,
    scripts,
    services,
    variables,
    with_defaults,
)
from tests.minio import MODULE

TOOLS = Path(sys.executable).parent
SERVICES = services()
BY_ITSELF = {"minio", "setup", "spark-master", "spark-worker-1", "spark-worker-2", "spark-history"}
AIRFLOW = {"airflow-init", "airflow-api-server", "airflow-scheduler", "airflow-dag-processor"}
ONE_SHOT = {"setup", "job", "airflow-init"}
MAKE_SECRETS = DOCKER / "make_secrets.sh"


def test_up_alone_is_minio_and_spark_and_profiles_bring_the_rest():
    def brought(profile: str) -> set[str]:
        return {n for n, s in SERVICES.items() if profile in s.get("profiles", ())}

    assert {n for n, s in SERVICES.items() if "profiles" not in s} == BY_ITSELF
    assert brought("lineage") == {"postgres", "marquez", "marquez-web"}
    assert brought("jupyter") == {"jupyter"}
    assert brought("airflow") == {"postgres", *AIRFLOW}
    assert brought("all") == {"postgres", "marquez", "marquez-web", "jupyter", *AIRFLOW}
    assert brought("job") == {"job"}
    assert set(SERVICES) == BY_ITSELF | brought("all") | {"job"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_limited_and_has_few_rights(name):
    service = SERVICES[name]
    if name in ONE_SHOT:
        assert service["healthcheck"] == {"disable": True}
        assert service["restart"] in ("no", "on-failure:3")
    else:
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["healthcheck"]["retries"] >= 3 and "start_period" in service["healthcheck"]
        assert service["restart"] == "unless-stopped"
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "cap_add"} & set(service)
    assert service.get("user", "") in ("", "${STACK_UID:-1000}:${STACK_GID:-1000}")


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_one_variable_with_a_pinned_default(name):
    found = re.fullmatch(r"\$\{(\w+_IMAGE):-([\w./-]+):([\w.-]+)\}", SERVICES[name]["image"])
    assert found, SERVICES[name]["image"]
    assert found[3] != "latest" and re.search(r"\d", found[3])
    # What is made here cannot be confused with what somebody has published under the same name.
    is_ours = any(s["image"] == SERVICES[name]["image"] and "build" in s for s in SERVICES.values())
    assert is_ours == found[2].startswith("localhost/")


def test_ports_are_on_loopback_and_each_can_be_changed():
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(ports) == 8
    for port in ports:
        assert re.fullmatch(r"127\.0\.0\.1:\$\{STACK_\w+_PORT:-\d+\}:\d+", port), port
    published = [with_defaults(port).split(":")[1] for port in ports]
    assert len(set(published)) == len(published), "all profiles fit on one machine"


def test_no_secret_stands_in_the_file():
    for name, service in SERVICES.items():
        assert "env_file" not in service, name
        for variable, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|TOKEN|KEY|CREDENTIAL", variable):
                assert variable.endswith("_FILE"), (name, variable)
                assert str(value).startswith("/run/secrets/"), (name, variable)
            assert not re.search(r"://[^/]*:[^/]*@", str(value)), (name, variable)
        for told in (service.get("command", []), service.get("entrypoint", [])):
            assert not re.search(r"(?i)secret|password|token", " ".join(map(str, told))), name
    assert not [v for v in variables() if re.search(r"SECRET|PASSWORD|TOKEN|KEY", v)]


def test_secrets_are_the_files_that_make_secrets_makes(tmp_path):
    told = {name: secret["file"] for name, secret in model()["secrets"].items()}
    assert told == {name: f"./docker/secrets/{name}" for name in told}
    assert sorted(told) == sorted(p.name for p in made_secrets(tmp_path).iterdir())
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert used == set(told)
    ignored = ["git", "check-ignore", "-q", "docker/secrets/pii_key"]
    assert subprocess.run(ignored, cwd=ROOT, check=False).returncode == 0


def test_who_gets_which_secret():
    def holders(secret: str) -> set[str]:
        return {n for n, s in SERVICES.items() if secret in s.get("secrets", ())}

    drivers = {"job", "airflow-scheduler"}
    workers = {"spark-worker-1", "spark-worker-2"}
    assert holders("pii_key") == {"setup"} | drivers | workers
    assert holders("spark_secret") == {"spark-master", "spark-history"} | drivers | workers
    assert holders("minio_root_password") == {"minio", "setup"}
    assert holders("s3_analyst") == {"setup", "jupyter"}
    assert set(SERVICES["jupyter"]["secrets"]) == {"jupyter_token", "s3_analyst"}
    # A Python worker opens the same files as its driver, at the same places.
    for driver in drivers:
        keys = {s for s in SERVICES[driver]["secrets"] if not s.startswith("airflow")}
        assert keys == set(SERVICES["spark-worker-1"]["secrets"])


def test_an_analyst_reaches_minio_alone_and_nobody_the_databases_from_outside():
    networks = {n: set(s["networks"]) for n, s in SERVICES.items()}
    assert networks["jupyter"] == {"analyst"}
    assert {n for n, nets in networks.items() if "analyst" in nets} == {"jupyter", "minio"}
    assert model()["networks"]["database"] == {"internal": True}
    assert networks["postgres"] == {"database"} and "ports" not in SERVICES["postgres"]
    for name, service in SERVICES.items():  # a port of an internal network is not published
        assert "ports" not in service or networks[name] - {"database"}, name
    # A daemon of Spark binds one address: in two networks it might be the wrong one.
    for name in ("spark-master", "spark-worker-1", "spark-worker-2", "spark-history"):
        assert networks[name] == {"spark"}


def test_who_runs_jobs_tells_lineage_to_marquez_if_it_is_asked_to():
    told = {n for n, s in SERVICES.items() if "ATLAS_LINEAGE_URL" in s.get("environment", {})}
    assert told == {"job", "airflow-scheduler"}
    for name in told:
        assert SERVICES[name]["environment"]["ATLAS_LINEAGE_URL"] == "${STACK_LINEAGE_URL:-}"
        assert set(SERVICES[name]["networks"]) & set(SERVICES["marquez"]["networks"])
    assert load_settings(lineage_url=with_defaults("${STACK_LINEAGE_URL:-}")).lineage_url is None
    document = (ROOT / "docs" / "COMPOSE.md").read_text()
    url = re.search(r"STACK_LINEAGE_URL=(\S+?)`", document)
    assert url and load_settings(lineage_url=url[1]).lineage_url == "http://marquez:5000"
    assert SERVICES["marquez"]["ports"][0].endswith(":5000")


def test_what_is_mounted_copied_or_built_is_there():
    mounts = [v for s in SERVICES.values() for v in s.get("volumes", ())]
    binds = [v.split(":") for v in mounts if v.startswith(".")]
    for source, _, mode in binds:
        assert (ROOT / source).exists() and mode == "ro", source
    named = {v.split(":")[0] for v in mounts if not v.startswith(".")}
    assert named == set(model()["volumes"])
    allowed = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    ]
    for dockerfile in dockerfiles():
        for source in copied(dockerfile):
            assert (ROOT / source).exists(), (dockerfile, source)
            assert any(source == a or source.startswith(f"{a}/") for a in allowed), source
    for service in SERVICES.values():
        if "build" in service:
            context = ROOT / service["build"]["context"]
            assert (context / service["build"].get("dockerfile", "Dockerfile")).is_file()
    for script in scripts():
        if not script.name.startswith("settings"):
            assert os.access(script, os.X_OK), script


def test_images_are_not_root_and_hold_what_tests_and_constraints_name():
    for dockerfile in dockerfiles():
        users = re.findall(r"^USER (\S+)", dockerfile.read_text(), re.M)
        assert users[-1] == "${ATLAS_UID}:${ATLAS_GID}", dockerfile
        for image in re.findall(r"^ARG \w+_IMAGE=(\S+)", dockerfile.read_text(), re.M):
            assert re.search(r":\d+\.\d+", image), image
    text = {d.parent.name: d.read_text() for d in dockerfiles()}
    assert f"ARG MINIO_VERSION={MODULE.partition('@')[2]}\n" in text["minio"]
    assert "python:3.11." in text["atlas"] and "openjdk-17-" in text["atlas"]
    spacy = re.search(r"^spacy==(\d+\.\d+)", (ROOT / "constraints.txt").read_text(), re.M)
    assert spacy and f"ARG DANISH_MODEL=da_core_news_md-{spacy[1]}." in text["atlas"]


def test_the_image_resolves_every_library_of_spark_defaults():
    sys.path.insert(0, str(DOCKER / "atlas"))
    try:
        import resolve_jars
    finally:
        sys.path.pop(0)
    from jobs.runtime.jars import DELTA, HADOOP_AWS, JARS, OPENLINEAGE, S3_JARS

    found = resolve_jars.coordinates(ROOT / "spark-defaults.conf")
    assert {DELTA, HADOOP_AWS, OPENLINEAGE} <= set(found)
    folders = {c: resolve_jars.folder_of(c) for c in found}
    assert (folders[DELTA], folders[HADOOP_AWS]) == (JARS, S3_JARS)
    assert len(set(folders.values())) == len(found)
    assert all(f.name.endswith("jars") and f.parent == JARS.parent for f in folders.values())


@pytest.mark.parametrize("script", scripts(), ids=lambda p: str(p.relative_to(DOCKER)))
def test_shellcheck(script):
    done = subprocess.run(
        [TOOLS / "shellcheck", "-x", script], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("dockerfile", dockerfiles(), ids=lambda p: p.parent.name)
def test_hadolint(dockerfile):
    done = subprocess.run(
        [TOOLS / "hadolint", dockerfile], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_document_names_every_variable():
    told = (ROOT / "docs" / "COMPOSE.md").read_text()
    for name, default in variables().items():
        assert f"`{name}`" in told, name
        assert default in told, (name, default)


def made_secrets(folder: Path, *arguments: str, code: int = 0, **environment: str) -> Path:
    done = subprocess.run(
        [MAKE_SECRETS, *arguments], check=False, capture_output=True, text=True,
        env=os.environ | {"STACK_SECRETS": str(folder / "secrets"), "STACK_ENV_FILE": str(folder / ".env")} | environment,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    for path in (folder / "secrets").iterdir():
        told = path.read_text().strip()
        assert told not in done.stdout + done.stderr or path.name == "minio_root_user"
    return folder / "secrets"


def test_secrets_are_random_private_and_never_overwritten(tmp_path):
    first, second = (made_secrets(tmp_path / n) for n in ("a", "b"))
    uid = os.getuid() or 1000  # nothing in a container is root
    for path in first.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
        assert path.stat().st_uid == uid
        assert (
            path.name == "minio_root_user" or path.read_text() != (second / path.name).read_text()
        )
    assert first.stat().st_mode & 0o777 == 0o700
    for role in Role:
        assert f"aws_access_key_id = atlas-{role}\n" in (first / f"s3_{role}").read_text()
    assert len((first / "pii_key").read_text()) == 64
    assert len(json.loads((first / "airflow_passwords").read_text())["admin"]) == 32
    password = (first / "airflow_password").read_text()
    assert f"airflow:{password}@postgres" in (first / "airflow_database_url").read_text()

    before = {p.name: p.read_bytes() for p in first.iterdir()}
    made_secrets(tmp_path / "a", code=1)
    (first / "pii_key").unlink()
    made_secrets(tmp_path / "a", code=1)
    assert not (first / "pii_key").exists()
    made_secrets(tmp_path / "a", "--missing")
    after = {p.name: p.read_bytes() for p in first.iterdir()}
    assert after.keys() == before.keys()
    assert {n for n in after if after[n] != before[n]} == {"pii_key"}


def test_another_user_than_1000_is_told_to_compose(tmp_path):
    (tmp_path / ".env").write_text("OTHER=1\n")
    made_secrets(tmp_path, STACK_UID="4711", STACK_GID="4712")
    assert (tmp_path / ".env").read_text() == "OTHER=1\nSTACK_UID=4711\nSTACK_GID=4712\n"
    made_secrets(tmp_path / "b", STACK_UID="1000", STACK_GID="1000")
    assert not (tmp_path / "b" / ".env").exists()
