"""What becomes of a span, operator by operator."""

from __future__ import annotations

import secrets
from types import SimpleNamespace

import pytest

from conf.contract import Form
from conf.secrets import key_source
from conf.settings import Settings
from udfs.pii import Hashing, hashing
from udfs.pii.config import EntityConfig
from udfs.pii.findings import Anonymized, Finding
from udfs.pii.operators import Anonymizer
from udfs.pseudonyms import pseudonym

TEXT = "Æ Bo, +45, Bo."
FIRST, NUMBER, LAST = Finding(2, 4, "N", 1.0), Finding(6, 9, "T", 0.5), Finding(11, 13, "N", 1.0)
FOUND = (FIRST, NUMBER, LAST)


def _with(operator: str, domain: str = "") -> Anonymizer:
    return Anonymizer({"N": EntityConfig(0.4, operator, domain), "T": EntityConfig(0.4)})


def _pseudonym(domain: str, value: str) -> str:
    return f"{domain}/{value[::-1]}"


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("replace", "Æ <N>, <T>, <N>."),
        ("mask", "Æ ***, <T>, ***."),
        ("drop", "Æ , <T>, ."),
        ("keep", "Æ Bo, <T>, Bo."),
        ("hash", "Æ <N>, <T>, <N>."),  # without a key there is no pseudonym
    ],
)
def test_operators(operator, expected):
    assert _with(operator).anonymized(TEXT, FOUND) == Anonymized(expected, FOUND)


def test_hash_gives_the_pseudonym_of_the_domain():
    made = _with("hash", "people").anonymized(TEXT, FOUND, _pseudonym)
    assert made.text == "Æ people/oB, <T>, people/oB."


@pytest.mark.parametrize("operator", ["replace", "mask", "drop", "keep"])
def test_only_hash_asks_for_a_pseudonym(operator):
    def refuse(domain: str, value: str) -> str:
        raise AssertionError(domain)

    plain = _with(operator).anonymized(TEXT, FOUND)
    assert _with(operator).anonymized(TEXT, FOUND, refuse) == plain


def test_two_entities_are_hashed_in_their_own_domains():
    both = Anonymizer({"N": EntityConfig(0.4, "hash", "n"), "T": EntityConfig(0.4, "hash", "t")})
    assert both.anonymized(TEXT, FOUND, _pseudonym).text == "Æ n/oB, t/54+, n/oB."


def test_text_without_findings_is_as_it_was():
    assert _with("drop").anonymized(" x ", ()) == Anonymized(" x ", ())


def test_neighbours_stay_two():
    found = (Finding(0, 2, "N", 1.0), Finding(2, 4, "T", 1.0))
    assert _with("replace").anonymized("ab12", found).text == "<N><T>"


def test_an_address_in_a_text_joins_with_the_column_of_its_domain(tmp_path, monkeypatch):
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32))
    monkeypatch.setenv("ATLAS_PII_SECRET_FILE", str(path))
    keys = key_source(Settings(lake=str(tmp_path)))
    entities = {"EMAIL_ADDRESS": EntityConfig(0.4, "hash", "customers.email_address")}
    monkeypatch.setattr(hashing, "pii_config", lambda: SimpleNamespace(entities=entities))
    text = "Skriv til Bo@Example.dk."
    found = [Finding(10, 23, "EMAIL_ADDRESS", 1.0)]
    made = Anonymizer(entities).anonymized(text, found, Hashing(keys, "north").pseudonym)
    of_column = pseudonym(keys.load(), "north/customers.email_address", "bo@example.dk", Form.EMAIL)
    assert made.text == f"Skriv til {of_column}."
