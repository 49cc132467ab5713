"""docker/cron/atlas-job, run for real: lock, time-out, log, exit codes, settings from a file."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.compose import DOCKER, ROOT

JOB = DOCKER / "cron" / "atlas-job"
SHOW = "import os, sys; print(sys.argv[1:], os.environ.get('ATLAS_LAKE'), os.environ.get('PII'))"


class Cron:
    """A folder with a file of settings, logs and locks, and a command that stands for jobs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.logs = folder, folder / "logs"
        self.settings = folder / "atlas.env"
        self.settings.touch(mode=0o600)
        self.settings.write_text("# a comment\n\nATLAS_LAKE=s3a://x y/$HOME 'z'\nPII=abc=\n")

    def command(self, text: str) -> str:
        file = self.folder / "command"
        file.write_text(text)
        file.chmod(0o755)
        return str(file)

    def environment(self, **more: str) -> dict[str, str]:
        told = {"ATLAS_ENV_FILE": str(self.settings), "ATLAS_LOG_DIR": str(self.logs)}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder)} | told | more

    def run(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [JOB, *arguments], check=False, capture_output=True, text=True,
            env=self.environment(**more), timeout=60,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def log(self, job: str = "pipeline") -> str:
        file = self.logs / f"{job}-{datetime.now(UTC):%Y-%m-%d}.log"
        assert file.stat().st_mode & 0o777 == 0o600
        return file.read_text()


@pytest.fixture
def cron(tmp_path):
    return Cron(tmp_path)


def test_a_command_runs_with_the_files_settings_and_says_nothing_but_in_its_log(cron):
    command = cron.command(f"#!{sys.executable}\n{SHOW}")
    code, out, err = cron.run("pipeline", "a b", "--json", ATLAS_JOB_COMMAND=command)
    assert (code, out, err) == (0, "", "")
    log = cron.log()
    assert "['pipeline', 'a b', '--json'] s3a://x y/$HOME 'z' abc=\n" in log
    assert re.search(r"^\S+Z atlas-job pipeline: started$", log, re.M)
    assert re.search(r"^\S+Z atlas-job pipeline: done$", log, re.M)


@pytest.mark.parametrize("code", [1, 2, 3])
def test_the_jobs_exit_code_is_passed_on(cron, code):
    command = cron.command(f"#!/bin/sh\necho told >&2\nexit {code}\n")
    found, out, err = cron.run("pipeline", ATLAS_JOB_COMMAND=command)
    assert (found, out) == (code, "")
    assert f"ended with exit {code}, see {cron.logs}" in err
    assert "told\n" in cron.log()


def test_a_held_lock_has_a_code_of_its_own_and_nothing_is_started(cron):
    command = cron.command('#!/bin/sh\ntouch "$HOME/ran"\n')
    cron.logs.mkdir()
    with (cron.logs / "pipeline.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, err = cron.run("pipeline", ATLAS_JOB_COMMAND=command)
        assert code == 75 and "pipeline.lock is held by a run before it" in err
        assert not (cron.folder / "ran").exists()
        assert cron.run("scan_pii", ATLAS_JOB_COMMAND=command)[0] == 0, "another job has its own"
    assert cron.run("pipeline", ATLAS_JOB_COMMAND=command)[0] == 0, "a lock goes with its holder"
    assert "not started" in cron.log() and "done" in cron.log()


def test_two_at_once_one_runs(cron):
    command = cron.command('#!/bin/sh\necho x >> "$HOME/ran"\nsleep 2\n')
    both = [
        subprocess.Popen([JOB, "pipeline"], env=cron.environment(ATLAS_JOB_COMMAND=command), stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]  # fmt: skip
    assert sorted(process.wait(60) for process in both) == [0, 75]
    assert (cron.folder / "ran").read_text() == "x\n"


def test_a_lock_is_not_inherited_by_what_a_job_leaves_behind(cron):
    command = cron.command('#!/bin/sh\nsleep 5 >/dev/null 2>&1 &\necho $! > "$HOME/left"\n')
    assert cron.run("pipeline", ATLAS_JOB_COMMAND=command)[0] == 0
    assert Path("/proc", (cron.folder / "left").read_text().strip()).exists()
    again = cron.command("#!/bin/sh\ntrue\n")
    assert cron.run("pipeline", ATLAS_JOB_COMMAND=again)[0] == 0


def test_a_time_out_ends_the_job_and_its_children(cron):
    command = cron.command('#!/bin/sh\necho $$ > "$HOME/pid"\nsleep 60\n')
    started = time.monotonic()
    code, _, err = cron.run("pipeline", ATLAS_JOB_COMMAND=command, ATLAS_JOB_TIMEOUT="1")
    assert code == 124 and "it took longer than 1; exit 124" in err
    assert time.monotonic() - started < 20
    assert not Path("/proc", (cron.folder / "pid").read_text().strip()).exists()
    assert "stopped: it took longer" in cron.log()


def test_a_real_job_runs(cron):
    cron.settings.write_text("ATLAS_LOG_LEVEL=ERROR\n")
    code, out, err = cron.run("generate_sources", str(cron.folder / "s"), "--customers", "100")
    assert (code, out, err) == (0, "", ""), cron.log("generate_sources")
    assert (cron.folder / "s" / "customers.csv").stat().st_size > 1000


def test_logs_of_long_ago_go(cron):
    cron.logs.mkdir()
    names = ("pipeline-2020-01-01.log", "scan_pii-2020-01-01.log", "pipeline-notes.log")
    for name in names:
        (cron.logs / name).touch()
        os.utime(cron.logs / name, (0, 0))
    command = cron.command("#!/bin/sh\ntrue\n")
    assert cron.run("pipeline", ATLAS_JOB_COMMAND=command)[0] == 0
    assert not (cron.logs / names[0]).exists()
    assert (cron.logs / names[1]).exists() and (cron.logs / names[2]).exists()


@pytest.mark.parametrize(
    ("arguments", "text", "mode", "told"),
    [
        ((), "A=1", 0o600, "usage: atlas-job JOB"),
        (("../x",), "A=1", 0o600, "usage: atlas-job JOB"),
        (("no_such_job",), "A=1", 0o600, "there is no "),
        (("pipeline",), "A=1", 0o640, "others may read it (mode 640); chmod 600 it"),
        (("pipeline",), "hunter2", 0o600, "a line is neither NAME=value nor a comment"),
        (("pipeline",), "A B=hunter2", 0o600, "A B is no name of a setting"),
        (("pipeline",), None, 0o600, "cannot be read (ATLAS_ENV_FILE)"),
    ],
)
def test_wrong_use_is_told_and_starts_nothing(cron, arguments, text, mode, told):
    if text is None:
        cron.settings.unlink()
    else:
        cron.settings.write_text(text)
        cron.settings.chmod(mode)
    code, out, err = cron.run(*arguments)
    assert (code, out) == (2, "") and told in err
    assert "hunter2" not in err and not cron.logs.exists()


def test_the_crontab_calls_it_with_jobs_that_are_there():
    lines = (DOCKER / "cron" / "crontab").read_text().splitlines()
    entries = [re.fullmatch(r"((?:\s*\S+){5})\s+/opt/atlas/docker/cron/atlas-job (\w+).*", line)
               for line in lines if line and not re.match(r"#|\w+=", line)]  # fmt: skip
    assert entries and all(entries)
    for entry in entries:
        assert entry is not None and (ROOT / "jobs" / f"{entry[2]}.py").is_file()
        assert all(re.fullmatch(r"[\d*,/-]+", field) for field in entry[1].split())
    assert not [line for line in lines if re.search(r"(?i)secret|password|token", line)]
