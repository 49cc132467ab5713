"""Settings: ATLAS_ variables, .env, where the layers lie, and what a wrong one is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.errors import UsageError
from conf.settings import LAYERS, Settings, load_settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_defaults(tmp_path):
    told = load_settings()
    assert told.lake == str(tmp_path / "lake")
    assert (told.namespace, told.sources, told.contracts) == ("default", "sources", None)
    assert (told.log_format, told.log_level, told.log_file) == ("json", "INFO", None)
    assert told.is_local


def test_an_option_beats_a_variable_beats_the_file_beats_the_default(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("ATLAS_NAMESPACE=filed\nATLAS_SOURCES=filed\nATLAS_LAKE=filed\n")
    monkeypatch.setenv("ATLAS_NAMESPACE", "told")
    monkeypatch.setenv("ATLAS_SOURCES", "told")
    told = load_settings(namespace="given", lake=None)
    assert (told.namespace, told.sources, told.lake) == ("given", "told", str(tmp_path / "filed"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"lake": "/l"}, ["/l/bronze", "/l/silver", "/l/gold", "/l/ops"]),
        (
            {"lake": "/l", "namespace": "acme"},
            ["/l/acme/bronze", "/l/acme/silver", "/l/acme/gold", "/l/acme/ops"],
        ),
        ({"lake": "/l/", "silver": "/s"}, ["/l/bronze", "/s", "/l/gold", "/l/ops"]),
        (
            {"lake": "s3a://b/p/", "gold": "s3a://g", "namespace": "acme"},
            [
                "s3a://b/p/acme/bronze",
                "s3a://b/p/acme/silver",
                "s3a://g/acme",
                "s3a://b/p/acme/ops",
            ],
        ),
    ],
)
def test_where_the_layers_lie(given, expected):
    told = load_settings(**given)
    assert [told.layer(layer) for layer in LAYERS] == expected


@pytest.mark.parametrize(
    ("given", "is_local"),
    [
        ({"lake": "/l"}, True),
        ({"lake": "s3a://b"}, False),
        ({"lake": "/l", "ops": "s3a://b"}, False),
        ({"lake": "s3a://b", **{layer: f"/{layer}" for layer in LAYERS}}, True),
    ],
)
def test_a_lake_is_local_if_every_layer_is(given, is_local):
    assert load_settings(**given).is_local is is_local


def test_home_and_blanks_in_paths(monkeypatch):
    monkeypatch.setenv("HOME", "/home/some body")
    assert load_settings(lake="~/my lake").lake == "/home/some body/my lake"
    assert load_settings(lake="../x").lake == str(Path("..").resolve() / "x")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ATLAS_NAMESPACE", "Bad Name", "should match pattern"),
        ("ATLAS_NAMESPACE", "../x", "should match pattern"),
        ("ATLAS_LOG_FORMAT", "xml", "should be 'json' or 'text'"),
        ("ATLAS_LOG_LEVEL", "loud", "should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("ATLAS_WAIT_SECONDS", "soon", "should be a valid number"),
        ("ATLAS_WAIT_SECONDS", "-1", "greater than or equal to 0"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(monkeypatch, name, value, told):
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as error:
        load_settings()
    assert str(error.value).startswith(f"settings: {name}: ")
    assert told in str(error.value)


PARENT = "airflow/atlas_dev.ingest_orders/0b5c8f8e-6f0c-4f0e-9a35-3a0f8f1f3f0e"


@pytest.mark.parametrize(
    ("variables", "parent", "root"),
    [
        ({}, None, None),
        ({"ATLAS_PARENT_RUN": ""}, None, None),
        ({"ATLAS_PARENT_RUN": PARENT}, PARENT, None),
        ({"OPENLINEAGE_PARENT_ID": PARENT, "OPENLINEAGE_ROOT_PARENT_ID": PARENT}, PARENT, PARENT),
        ({"ATLAS_PARENT_RUN": PARENT, "OPENLINEAGE_PARENT_ID": "not read"}, PARENT, None),
        # A namespace that is a place, such as that of another of Atlas's own runs.
        ({"ATLAS_PARENT_RUN": f"file:///a b#dev/{PARENT[8:]}"}, f"file:///a b#dev/{PARENT[8:]}", None),
    ],
)  # fmt: skip
def test_the_run_that_started_this_one(monkeypatch, variables, parent, root):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    told = load_settings()
    assert (told.parent_run, told.root_run) == (parent, root)


@pytest.mark.parametrize("name", ["ATLAS_PARENT_RUN", "OPENLINEAGE_PARENT_ID"])
@pytest.mark.parametrize(
    "value",
    [PARENT[8:], PARENT[:-1], "//", PARENT.replace("-", ""), f"{PARENT}\n", f"a\tb{PARENT}",
     f"{'n' * 1000}{PARENT}", PARENT.replace("airflow", "")],
)  # fmt: skip
def test_a_parent_in_another_form_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as error:
        load_settings()
    assert str(error.value).startswith(
        "settings: ATLAS_PARENT_RUN or OPENLINEAGE_PARENT_ID: Value error, must be namespace/job/run"
    )


def test_every_wrong_value_is_told_at_once():
    with pytest.raises(UsageError, match=r"ATLAS_NAMESPACE: .*; ATLAS_WAIT_SECONDS: "):
        load_settings(namespace="X", wait_seconds=-1)


def test_a_secret_is_never_shown():
    secret = "s" * 40
    told = load_settings(pii_secret=secret)
    assert secret not in repr(told) + str(told) + told.model_dump_json()
    with pytest.raises(UsageError) as error:
        load_settings(pii_secret=[secret])
    assert "ATLAS_PII_SECRET" in str(error.value) and secret not in str(error.value)


def test_every_setting_is_described():
    assert [n for n, f in Settings.model_fields.items() if not f.description] == ["log_level"]
