"""The data dictionary is current, whole, and says when it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conf.contract_reader import load_contracts
from jobs.data_dictionary import data_dictionary
from jobs.technical_columns import TECHNICAL_COLUMNS
from transformations import names

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "fixtures" / "contracts"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jobs.data_dictionary", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_dictionary_in_the_repository_is_current() -> None:
    text = (ROOT / "docs" / "DATA_DICTIONARY.md").read_text(encoding="utf-8")
    assert text == data_dictionary(load_contracts()), "run python -m jobs.data_dictionary"


def test_check_tells_a_stale_file(tmp_path: Path) -> None:
    file = tmp_path / "DICTIONARY.md"
    folder = str(FIXTURES / "cdnow")
    assert run("--contracts", folder, "--output", str(file), "--check").returncode == 1
    assert run("--contracts", folder, "--output", str(file)).returncode == 0
    assert run("--contracts", folder, "--output", str(file), "--check").returncode == 0
    file.write_text(file.read_text(encoding="utf-8").replace("discs", "disks"), encoding="utf-8")
    stale = run("--contracts", folder, "--output", str(file), "--check")
    assert (stale.returncode, stale.stderr.strip()) == (
        1,
        f"{file} is stale: run python -m jobs.data_dictionary",
    )


def test_a_wrong_contract_is_wrong_usage(tmp_path: Path) -> None:
    wrong = run("--contracts", str(tmp_path))
    assert (wrong.returncode, "no *.odcs.yaml in it" in wrong.stderr) == (2, True)


def test_a_source_without_a_key() -> None:
    text = data_dictionary(load_contracts(FIXTURES / "cdnow"))
    assert "- key: derived from all columns (a delivery is full)" in text
    assert "| `purchased` | `purchased` | date, `yyyyMMdd` | yes | keep | `purchased` |" in text
    assert "Key: `_silver_key`." in text


def test_a_danish_source() -> None:
    text = data_dictionary(load_contracts(FIXTURES / "danish"))
    assert "timestamp, `dd-MM-yyyy HH:mm`, `dd-MM-yyyy` (Europe/Copenhagen)" in text
    assert "| `kontingent` | `Årligt kontingent (kr.)` | decimal(18,2) |" in text


def test_every_technical_column_of_a_table_is_listed() -> None:
    listed = {column.strip("`") for _, column, _, _ in TECHNICAL_COLUMNS}
    stored = {
        name
        for name in vars(names).values()
        if isinstance(name, str) and name.startswith(("_bronze_", "_silver_", "_gold_", "_pii_"))
    }
    assert stored <= listed
