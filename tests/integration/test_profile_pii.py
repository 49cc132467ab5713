"""Sources before any contract: a proposal for every column, and YAML that a lake takes as it is."""

from __future__ import annotations

import gzip
import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from conf.contract import Contracts, Treatment
from conf.contract_reader import load_contracts
from conf.errors import UsageError
from jobs.profile_pii import main, profile
from jobs.runtime.contract_patch import contract_patch
from jobs.runtime.samples import file_samples
from tests.cpr import cpr

HEADER = (
    "id;Navn;Kundens e-mail;Mobilnr.;Adresse;Postnr;By;Fødselsdato;Konto;note;Status;Beløb;ordrenr"
)
BIRTHS = [date(1945, 3, 1) + timedelta(days=411 * n) for n in range(60)]
ROWS = [
    [cpr(born, 1000 + n, ""), f"Søren Ærø{chr(97 + n % 26)}sen", f"k{n}@example.dk", f"2012{1000 + n}", f"Nørregade {n + 1}",
     str(2000 + n), "Nibe", f"{born:%d-%m-%Y}", "DK5000400440116243", f"+45 20 12 34 {10 + n}", "aktiv", f"{n},50", str(n)]
    for n, born in enumerate(BIRTHS)
]  # fmt: skip
ENTITIES = {
    "id": "DK_CPR", "Navn": "PERSON", "Kundens e-mail": "EMAIL_ADDRESS", "Mobilnr.": "PHONE_NUMBER",
    "Adresse": "STREET_ADDRESS", "Postnr": "POSTAL_CODE", "By": "LOCATION", "Fødselsdato": "DATE_OF_BIRTH",
    "Konto": "IBAN_CODE", "note": "PHONE_NUMBER", "Status": None, "Beløb": None, "ordrenr": None,
}  # fmt: skip
NONE = Contracts({})


def csv_text() -> str:
    return "\r\n".join([HEADER, *(";".join(row) for row in ROWS), ""])


def frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=HEADER.split(";"))


@pytest.fixture(params=["windows-1252", "utf-8-sig", "gz", "jsonl", "parquet"])
def source(request, tmp_path) -> Path:
    match request.param:
        case "gz":
            path = tmp_path / "Kunder 2024.csv.gz"
            path.write_bytes(gzip.compress(csv_text().encode()))
        case "jsonl":
            path = tmp_path / "kunder.jsonl"
            frame().to_json(path, orient="records", lines=True, force_ascii=False)
        case "parquet":
            path = tmp_path / "kunder.parquet"
            frame().to_parquet(path)
        case encoding:
            path = tmp_path / "Kunder 2024.csv"
            path.write_bytes(csv_text().encode(encoding))
    return path


def test_danish_headers_of_every_format(source, tmp_path):
    (sample,) = file_samples(source, NONE, 1000)
    told = profile(sample)
    assert {p.column: p.entity for p in told} == ENTITIES
    folder = tmp_path / "contracts"
    folder.mkdir()
    patch = contract_patch(sample, told)
    (folder / f"{sample.table}.odcs.yaml").write_text(patch, encoding="utf-8")
    contract = load_contracts(folder).sources[sample.table]  # valid as it is
    treatments = {c.source_name: c.treatment for c in contract.columns}
    assert treatments["id"] is Treatment.HASH
    assert treatments["Fødselsdato"] is Treatment.GENERALIZE
    assert treatments["Status"] is Treatment.KEEP
    values = {v for row in ROWS for v in row[:5]}
    assert not any(value in patch for value in values)


def test_columns_that_a_contract_classifies_are_left_alone_unless_values_speak_against_it(tmp_path):
    path = tmp_path / "kunder.csv"
    path.write_text(csv_text(), encoding="utf-8")
    (tmp_path / "contracts").mkdir()
    (sample,) = file_samples(path, NONE, 1000)
    whole = yaml.safe_load(contract_patch(sample, profile(sample)))
    for column in whole["schema"][0]["properties"]:
        if column["name"] == "id":  # wrongly said to be nobody's
            column |= {"classification": "internal", "customProperties": []}
        if column["name"] in ("note", "Navn"):  # said nothing of
            column |= {"customProperties": []}
            column.pop("classification")
    text = yaml.safe_dump(whole)
    (tmp_path / "contracts" / "kunder.odcs.yaml").write_text(text)
    contracts = load_contracts(tmp_path / "contracts")
    (sample,) = file_samples(path, contracts, 1000)
    told = profile(sample)
    assert {p.column: p.entity for p in told} == {
        "id": "DK_CPR", "Navn": "PERSON", "note": "PHONE_NUMBER",
    }  # fmt: skip
    patch = yaml.safe_load(contract_patch(sample, told))
    assert [p["name"] for p in patch["properties"]] == ["id", "Navn", "note"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.csv", f"{ROWS[0][0]};{ROWS[0][2]}\n1;2\n", "its first line looks like a record"),
        ("x.jsonl", json.dumps({ROWS[0][2]: 1}), "its first line looks like a record"),
        ("x.parquet", "no Parquet", "cannot be read as .parquet"),
        ("x.csv", 'a,b\n"1,2\n', "cannot be read as .csv"),
        ("x.exe", "", "holds no source file"),
    ],
)
def test_what_cannot_be_read_is_told_without_a_value(tmp_path, name, content, told):
    (tmp_path / name).write_text(content)
    with pytest.raises(UsageError, match=told) as error:
        file_samples(tmp_path, NONE, 10)
    assert "example.dk" not in str(error.value)


def run(*arguments: str):
    import typer

    app = typer.Typer()
    app.command()(main)
    return CliRunner().invoke(app, arguments)


def test_the_job_shows_a_table_and_a_patch_and_no_value(tmp_path):
    path = tmp_path / "Kunder 2024.csv"
    path.write_bytes(csv_text().encode("windows-1252"))
    shown = run(str(path))
    assert shown.exit_code == 0
    assert "Kundens e-mail" in shown.stdout and "value: generalize" in shown.stdout
    told = json.loads(run(str(path), "--json").stdout)
    (table,) = told["tables"]
    assert {c["column"]: c["entity"] for c in table["columns"]} == ENTITIES
    values = {v for row in ROWS for v in row[:5]}
    assert not any(value in shown.stdout + json.dumps(told) for value in values)


def test_a_table_of_the_lake(tmp_path):
    from deltalake import write_deltalake

    write_deltalake(str(tmp_path / "bronze" / "kunder"), frame()[["id", "note"]].assign(_x="1"))
    told = run("bronze/kunder", "--lake", str(tmp_path), "--json")
    assert told.exit_code == 0
    (table,) = json.loads(told.stdout)["tables"]
    assert {c["column"]: c["entity"] for c in table["columns"]} == {
        "id": "DK_CPR",
        "note": "PHONE_NUMBER",
    }


def test_what_is_not_there_is_exit_2(tmp_path):
    assert run(str(tmp_path / "nothing"), "--lake", str(tmp_path)).exit_code == 2
