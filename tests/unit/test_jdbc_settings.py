"""Database connections: of the environment or of a private file; the password shows nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.errors import UsageError
from conf.jdbc import Connection, checked_url
from conf.settings import load_settings

URL = "jdbc:postgresql://db:5432/shop"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "url", [URL, f"{URL}?sslmode=verify-full&sslrootcert=/ca.pem", "jdbc:postgresql://a:1,b:2/shop"]
)
def test_a_url_is_taken(url):
    assert checked_url(url) == url


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://db/shop", "must be jdbc:postgresql://host:port/database"),
        ("jdbc:mysql://db/shop", "must be jdbc:postgresql://host:port/database"),
        ("jdbc:postgresql://db", "must be jdbc:postgresql://host:port/database"),
        ("jdbc:postgresql://ann:s3cret@db/shop", "must be jdbc:postgresql://host:port/database"),
        (f"{URL}?user=ann", "must not hold user or password"),
        (f"{URL}?ssl=true&password=s3cret", "must not hold user or password"),
        (f"{URL}?sslpassword=s3cret", "must not hold user or password"),
    ],
)
def test_a_wrong_url_is_not_told(url, told, monkeypatch):
    monkeypatch.setenv("ATLAS_JDBC_URL", url)
    with pytest.raises(UsageError) as error:
        load_settings()
    assert told in str(error.value) and "ATLAS_JDBC_URL" in str(error.value)
    assert "s3cret" not in str(error.value)


def test_the_default_connection_is_that_of_the_environment(tmp_path):
    given = {"jdbc_url": f"{URL}?sslmode=require", "jdbc_user": "ann"}
    told = load_settings(**given, jdbc_password="s3cret").databases
    assert told.connection("default") == Connection(
        "default", f"{URL}?sslmode=require", "ann", "s3cret"
    )
    assert told.connection("default").place == URL
    file = private(tmp_path / "password", "of a file\n")
    told = load_settings(**given, jdbc_password_file=file).databases
    assert told.connection("default").password == "of a file"
    file.chmod(0o640)
    with pytest.raises(UsageError, match="others may read it"):
        told.connection("default")


def test_a_file_has_a_section_for_each_connection(tmp_path):
    text = f"[crm]\nurl = {URL}\nuser = ann\npassword = 100%;#s3cret\n[half]\nurl = {URL}\n[bad]\nurl = x\nuser = u\npassword = s3cret\n"
    told = load_settings(jdbc_connections_file=private(tmp_path / "connections", text)).databases
    assert told.connection("crm").password == "100%;#s3cret"
    with pytest.raises(UsageError, match=r"the section \[half\] lacks user and password"):
        told.connection("half")
    with pytest.raises(UsageError, match=r"the url of \[bad\] must be jdbc:postgresql:"):
        told.connection("bad")
    with pytest.raises(
        UsageError, match="connection erp; known are bad, crm and half: add a section"
    ):
        told.connection("erp")
    with pytest.raises(UsageError, match="set ATLAS_JDBC_URL, ATLAS_JDBC_USER and a password, or"):
        told.connection("default")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "a contract names the database connection default; known are nothing"),
        ({"jdbc_url": URL}, "ATLAS_JDBC_USER is not set"),
        ({"jdbc_url": URL, "jdbc_user": "ann"}, "no password for ATLAS_JDBC_URL"),
        ({"jdbc_connections_file": "none"}, "cannot be read as a file of connections"),
    ],
)
def test_what_is_missing_is_told(given, told):
    with pytest.raises(UsageError, match=told):
        load_settings(**given).databases.connection("default")


def test_a_password_shows_in_no_repr():
    settings = load_settings(jdbc_url=URL, jdbc_user="ann", jdbc_password="s3cret")
    shown = (
        repr(settings) + repr(settings.databases) + repr(settings.databases.connection("default"))
    )
    assert URL in shown and "s3cret" not in shown
