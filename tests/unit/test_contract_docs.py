"""docs/CONTRACTS.md names every word, and its example is a contract."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from conf.contract import ROLE_COLUMNS, Form, Treatment
from conf.contract_checks import CLASSIFICATIONS
from conf.contract_formats import TOKENS
from conf.contract_reader import load_contracts
from conf.contract_rules import FUNCTIONS
from conf.contract_words import RESERVED, ColumnWords, OutputColumnWords, OutputWords, TableWords
from tests.unit.contract_texts import write_text

DOC = (Path(__file__).parents[2] / "docs" / "CONTRACTS.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "word",
    [
        *TableWords.model_fields,
        *ColumnWords.model_fields,
        *OutputWords.model_fields,
        *OutputColumnWords.model_fields,
        *RESERVED,
        *CLASSIFICATIONS,
        *Treatment,
        *Form,
        *ROLE_COLUMNS,
        *(name for needed, optional in ROLE_COLUMNS.values() for name in needed + optional),
    ],
)
def test_the_page_names_the_word(word: str) -> None:
    assert f"`{word}`" in DOC


def test_the_smallest_contract_of_the_page_is_one(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", DOC, re.DOTALL)
    assert found
    write_text(tmp_path, textwrap.dedent(found[1]))
    table = load_contracts(tmp_path).sources["newsletters"]
    assert [(c.name, c.treatment) for c in table.columns] == [
        ("subscription_id", Treatment.KEEP),
        ("email", Treatment.HASH),
    ]


def test_the_words_are_many_enough() -> None:
    assert len(TOKENS) == len(set(TOKENS)) and "try_cast" in FUNCTIONS
