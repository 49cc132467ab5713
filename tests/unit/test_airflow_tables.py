"""What the DAG reads of contracts is what the jobs read of them."""

from __future__ import annotations

import random

import pytest

from atlas_airflow.tables import Table, needed_by_gold, pools, source_tables
from conf.contract_files import PACKAGED
from conf.contract_reader import load_contracts
from jobs.runtime.parents import parents_first
from tests.unit.contract_texts import column, key, table, write, write_text


def refers(*tables: str) -> list:
    columns = [column(f"{t}_id", relationships=[{"to": f"{t}.id"}]) for t in tables]
    return [key(), *columns]


def test_the_packaged_tables():
    tables = source_tables(PACKAGED)
    assert tables == [
        Table("customers", (), "customers"),
        Table("orders", ("customers",), "orders"),
    ]
    assert needed_by_gold(tables) == ["customers", "orders"]
    assert pools("dev", tables) == {
        "customers": "atlas_dev_customers",
        "orders": "atlas_dev_orders",
        "gold": "atlas_dev_gold",
    }


def test_tables_come_in_the_order_they_are_refined_in(tmp_path):
    """Any references, circles and a table's own among them."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rng = random.Random(seed)
    names = [f"t{n}" for n in range(8)]
    write(tmp_path, *(table(n, refers(*rng.sample(names, rng.randrange(3)))) for n in names))
    tables = source_tables(tmp_path)
    contracts = load_contracts(tmp_path)
    assert [t.name for t in tables] == parents_first(contracts, names)
    for at, found in enumerate(tables):
        earlier = {t.name for t in tables[:at]}
        told = {c.references[0] for c in contracts.sources[found.name].columns if c.references}
        assert set(found.parents) == told & earlier


def test_without_roles_gold_waits_for_all(tmp_path):
    write(tmp_path, table("b", refers("a")), table("a", [key()]))
    assert needed_by_gold(source_tables(tmp_path)) == ["a", "b"]


@pytest.mark.parametrize("text", ["a: [", "", "schema: 5", "schema: [{properties: [5]}]"])
def test_a_file_that_is_no_contract_is_named(tmp_path, text):
    path = write_text(tmp_path, text)
    with pytest.raises(ValueError, match=f"{path}: no contract"):
        source_tables(tmp_path)


def test_a_folder_without_contracts_is_named(tmp_path):
    with pytest.raises(ValueError, match=f"{tmp_path}: no .*odcs.yaml in it"):
        source_tables(tmp_path)
