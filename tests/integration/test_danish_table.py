"""A table nobody planned for goes to Silver by its contract alone, and is updated by pseudonym.

Danish headers, semicolons, Windows-1252, decimal commas, dd-mm-yyyy, a CPR number as key.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from conf.contract import Form
from conf.contract_reader import load_contracts
from conf.contract_silver import silver_contract
from conf.secrets import key_source
from conf.settings import load_settings
from jobs.runtime.accounting import verify_table
from jobs.runtime.lake import Lake
from tests.cpr import cpr
from tests.lakes import counts, rows, run_pipeline
from tests.leaks import Needles, scan
from udfs.pseudonyms import pseudonym

CONTRACTS = Path(__file__).parents[1] / "unit" / "fixtures" / "contracts" / "danish"
TABLE = "medlemmer"
HEADER = "CPR-nummer;Fulde navn;Fødselsdato;Årligt kontingent (kr.);Indmeldt;Aktiv;Bemærkninger"
BIRTHS = {
    "ida": date(1985, 2, 14),
    "bo": date(1961, 12, 1),
    "eva": date(1999, 1, 31),
    "per": date(1950, 6, 6),
    "ann": date(1972, 8, 9),
}
NUMBERS = {who: cpr(born, 1000 + n) for n, (who, born) in enumerate(BIRTHS.items())}


def plain(who: str) -> str:
    return NUMBERS[who].replace("-", "")


FIRST = [
    f"{NUMBERS['ida']};Ida Xqrtzvwkp Ærø;14-02-1985;1.250,50;01-07-2023 12:00;ja;",
    f"{plain('bo')};Bo Xqrtzwwkp Ågård;01-12-1961;  900,00 ;25-10-2026 02:30;NEJ;"
    f'"Bruger {NUMBERS["bo"]}; ring på 20 12 34 56"',
    f"{NUMBERS['eva']};Eva Xqrtzxwkp;31-01-1999;0;15-01-2024;Ja;har fået nøgle nr. 7",
    f"{plain('ida')};Ida Xqrtzvwkp Ærø;14-02-1985;1.250,50;01-07-2023 12:00;ja;",  # the same member
    f"{NUMBERS['per']};Per Xqrtzywkp;06-06-1950;-5,00;01-01-2024;ja;",  # a rule
    ";Uden Xqrtzz Nummer;01-01-1970;5,00;01-01-2024;ja;",  # no key
    f"{NUMBERS['ann']};Ann Xqrtzbwkp;31-02-1972;12.50;01-01-2024;måske;",  # three that do not parse
]
SECOND = [
    f"{plain('ida')};Ida Xqrtzvwkp Ærø;14-02-1985;1.300,00;01-07-2023 12:00;nej;ønsker træning om søndagen",
    f"{NUMBERS['ann']};Ann Xqrtzbwkp;09-08-1972;75,5;29-03-2026 02:30;ja;",
    f"{NUMBERS['eva']};Eva Xqrtzxwkp;31-01-1999;0;15-01-2024;Ja;har fået nøgle nr. 7",  # as before
]
IDA = {
    "navn": "<PERSON>",
    "foedselsaar": 1985,
    "kontingent": Decimal("1250.50"),
    "indmeldt": datetime(2023, 7, 1, 10, tzinfo=UTC),
    "aktiv": True,
    "bemaerkninger": None,
    "cpr_gyldigt": True,
}
BO = {
    "navn": "<PERSON>",
    "foedselsaar": 1961,
    "kontingent": Decimal("900.00"),
    "indmeldt": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the first pass of the hour
    "aktiv": False,
    "bemaerkninger": "Bruger <DK_CPR>; ring på <PHONE_NUMBER>",
    "cpr_gyldigt": True,
}
EVA = {
    "navn": "<PERSON>",
    "foedselsaar": 1999,
    "kontingent": Decimal("0.00"),
    "indmeldt": datetime(2024, 1, 14, 23, tzinfo=UTC),
    "aktiv": True,
    "bemaerkninger": "har fået nøgle nr. 7",
    "cpr_gyldigt": True,
}
ANN = {
    "navn": "<PERSON>",
    "foedselsaar": 1972,
    "kontingent": Decimal("75.50"),
    "indmeldt": datetime(2026, 3, 29, 1, 30, tzinfo=UTC),  # an hour later
    "aktiv": True,
    "bemaerkninger": None,
    "cpr_gyldigt": True,
}


def delivered(sources: Path, name: str, lines: list[str]) -> None:
    (sources / name).write_bytes("\r\n".join([HEADER, *lines, ""]).encode("windows-1252"))


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    """Both deliveries; Silver after the first one is kept aside."""
    folder = tmp_path_factory.mktemp("danish")
    (folder / "sources").mkdir()
    delivered(folder / "sources", "medlemmer.csv", FIRST)
    first = run_pipeline(spark, folder / "sources", folder / "lake", contracts=CONTRACTS)
    before = silver(folder / "lake")
    delivered(folder / "sources", "medlemsliste_2024.txt", SECOND)
    second = run_pipeline(spark, folder / "sources", folder / "lake", contracts=CONTRACTS)
    return folder / "lake", (first, second), before


def silver(lake: Path) -> dict[str, dict]:
    """Silver's own columns by whom the pseudonym means, which only the key's owner can tell."""
    key = key_source(load_settings(lake=str(lake))).load()
    told = load_contracts(CONTRACTS).sources[TABLE]
    domain = told.column("cpr").domain
    whose = {pseudonym(key, domain, n, Form.CPR): who for who, n in NUMBERS.items()}
    names = [c.name for c in silver_contract(told).columns]
    found = rows(lake, f"silver.{TABLE}")
    assert all(list(row)[: len(names)] == names for row in found)
    return {whose[r["cpr"]]: {n: r[n] for n in names if n != "cpr"} for r in found}


def test_the_first_delivery_by_the_contract_alone(lake):
    _, (first, _), before = lake
    assert (first.exit_code, first.message) == (0, "")
    assert counts(first, TABLE) == {"read": 7, "inserted": 3, "duplicates": 1, "quarantined": 3}
    assert before == {"ida": IDA, "bo": BO, "eva": EVA}


def test_the_second_updates_a_member_by_pseudonym_and_adds_one(lake):
    folder, (_, second), _ = lake
    assert (second.exit_code, second.message) == (0, "")
    assert counts(second, TABLE) == {"read": 3, "inserted": 1, "updated": 1, "unchanged": 1}
    ida = IDA | {
        "kontingent": Decimal("1300.00"),
        "aktiv": False,
        "bemaerkninger": "ønsker træning om søndagen",
    }
    assert silver(folder) == {"ida": ida, "bo": BO, "eva": EVA, "ann": ANN}


def test_quarantine_says_why(lake):
    found = rows(lake[0], "ops.quarantine", "select _bronze_row, reasons from t order by 1")
    assert [r["reasons"] for r in found] == [
        ["rule: kontingent_ikke_negativt"],
        ["null_key"],
        ["unparseable: foedselsdato", "unparseable: kontingent", "unparseable: aktiv"],
    ]


def test_two_spellings_of_a_number_are_one_member(lake):
    (duplicate,) = rows(lake[0], "ops.duplicates", "select * from t where outcome = 'duplicates'")
    assert (duplicate["_bronze_row"], duplicate["_winner_row"]) == (5, 2)


def test_the_accounting_is_true(lake):
    told = verify_table(Lake(load_settings(lake=str(lake[0]))), TABLE, "test")
    assert (told.read, told.accounted) == (10, 10)


def test_no_number_and_no_name_is_left_outside_bronze(lake):
    planted = [("cpr", number) for number in NUMBERS.values()]
    planted += [
        ("name", token)
        for token in ("Xqrtzvwkp", "Xqrtzwwkp", "Xqrtzxwkp", "Xqrtzywkp", "Xqrtzbwkp")
    ]
    needles = Needles(planted)
    assert scan(needles, lake[0], outside=[lake[0] / "bronze"]) == []
    assert {leak.kind for leak in scan(needles, lake[0] / "bronze")} == {"cpr", "name"}
