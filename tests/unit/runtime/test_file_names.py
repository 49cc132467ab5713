"""Which table and format a file's name tells."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from conf.contract import Contracts, DatabaseSource
from conf.errors import SourceError
from jobs.runtime.file_names import as_received, check_name, is_data, table_of
from tests.received import contract

TABLES = {
    t.table: t
    for t in (
        contract(table="orders"),
        contract(table="orders_archive"),
        contract(table="customers", files=("kunder/*.txt", "CRM*.dump")),
    )
}
CONTRACTS = Contracts(TABLES)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("orders.csv", "orders"),
        ("Orders2.CSV", "orders"),
        ("orders-2024-05-01.jsonl.gz", "orders"),
        ("ORDERS_2024.csv", "orders"),
        ("orders_archive_2.csv", "orders_archive"),
        ("2024/orders/part-1.parquet", "orders"),
        ("orders/customers.csv", "customers"),
        ("orders_archive/orders.csv", "orders_archive"),
        ("kunder/a.txt", "customers"),
        ("x/CRM1.dump", "customers"),
    ],
)
def test_a_file_belongs_to_the_longest_name_that_matches(name, table):
    assert table_of(PurePosixPath(name), CONTRACTS) == table


@pytest.mark.parametrize("name", ["ordersummary.csv", "my_orders.csv", "kunder/a.csv", "crm1.dump"])
def test_a_stranger_is_told_which_tables_there_are(name):
    with pytest.raises(SourceError) as error:
        table_of(PurePosixPath(name), CONTRACTS)
    assert str(error.value) == (
        f"unknown table: {name}: belongs to no contract; "
        "name it after one of customers, orders and orders_archive, or add a contract"
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("orders.csv", "csv"),
        ("orders.tsv.gz", "csv"),
        ("orders.JSONL", "jsonl"),
        ("orders.ndjson.gz", "jsonl"),
        ("orders.parquet", "parquet"),
        ("orders.json", "csv"),
    ],
)
def test_an_ending_may_tell_the_format(name, kind):
    received = as_received(contract(encoding="windows-1252"), name)
    assert received.source.kind == kind
    assert received.source.encoding == ("windows-1252" if kind == "csv" else "UTF-8")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("orders.csv", True),
        ("orders", True),
        ("_SUCCESS", False),
        (".orders.csv.crc", False),
        ("orders.csv.crc", False),
        ("_temporary", False),
        ("orders.csv._COPYING_", False),
        ("orders.csv.tmp", False),
        ("orders.csv.part", False),
        ("orders.part.csv", True),
    ],
)
def test_leftovers_are_no_data(name, told):
    assert is_data(name) is told


ENDINGS = ".jsonl, .ndjson, .parquet, .csv, .tsv, .txt, .dat and .json"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("orders.xlsx", f"no format has this ending; read are {ENDINGS}, also with .gz"),
        ("orders.csv.zip", f"no format has this ending; read are {ENDINGS}, also with .gz"),
        ("orders", f"no format has this ending; read are {ENDINGS}, also with .gz"),
        ("orders.gz", f"no format has this ending; read are {ENDINGS}, also with .gz"),
        ("orders_10:30.csv", "Hadoop reads no name with a colon; rename it"),
        (
            "orders/year=2024/a.csv",
            "lies in a partition folder, whose value is not in the file; "
            "write the value as a column and drop the folder",
        ),
    ],
)
def test_a_name_that_cannot_be_read_is_told(name, text):
    with pytest.raises(SourceError) as error:
        check_name(PurePosixPath(name), TABLES["orders"])
    assert str(error.value) == f"orders: {name}: {text}"


@pytest.mark.parametrize("name", ["CRM1.dump", "a=b.csv", "x y {1}[2]*?.csv"])
def test_a_name_that_can_be_read_is_not(name):
    check_name(PurePosixPath(name), TABLES["customers"])


def test_a_table_of_a_database_takes_no_file():
    pulled = contract(kind="jdbc", database=DatabaseSource(table="things"))
    with pytest.raises(
        SourceError, match="takes the table's rows from a database; remove the file"
    ):
        check_name(PurePosixPath("things.csv"), pulled)
