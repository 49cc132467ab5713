"""The sample's truth is exact: every fault is counted again from the files."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import phonenumbers
import pyarrow.parquet as pq
import pytest

from jobs.generate_sources import generate_sources
from jobs.sample.notes import ENTITIES
from jobs.sample.orders import STATUSES
from jobs.sample.pools import INVALID_PHONES
from udfs.pii.recognizers.dk_cpr import birth_date

CUSTOMERS, ORDERS, SEED = 2000, 4000, 11
CUSTOMER_COLUMNS = [
    "customer_id",
    "customer_name",
    "email_address",
    "phone_number",
    "address",
    "city",
    "postal_code",
    "country",
    "date_of_birth",
    "created_at",
    "is_active",
    "customer_tier",
    "notes",
]
ORDER_COLUMNS = [
    "order_id",
    "customer_id",
    "order_date",
    "order_amount",
    "currency",
    "status",
    "payment_method",
    "shipping_address",
]
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    return folder, generate_sources(folder, CUSTOMERS, ORDERS, SEED)


@pytest.fixture(scope="module")
def customers(sample) -> Rows:
    return of_csv(sample[0] / "customers.csv")


@pytest.fixture(scope="module")
def orders(sample) -> Rows:
    return of_csv(sample[0] / "orders.csv")


def of_csv(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def is_phone(text: str) -> bool:
    try:
        number = phonenumbers.parse(text, "DK")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) and number.country_code == 45


def test_columns(customers, orders):
    assert list(customers[0]) == CUSTOMER_COLUMNS
    assert list(orders[0]) == ORDER_COLUMNS


def test_faults_of_customers(customers, sample):
    truth = sample[1]["customers"]
    assert len(customers) == truth["rows"] == CUSTOMERS
    missing = sum(not c["email_address"] for c in customers)
    assert missing == truth["missing_email"] == CUSTOMERS * 5 // 100
    invalid = [c["phone_number"] for c in customers if not is_phone(c["phone_number"])]
    assert len(invalid) == truth["invalid_phone"] == CUSTOMERS * 2 // 100
    assert set(invalid) == set(INVALID_PHONES)


def test_repeated_ids(customers, sample):
    truth = sample[1]["customers"]
    first: dict[str, dict[str, str]] = {}
    repeated = []
    for line, row in enumerate(customers, start=2):
        if row["customer_id"] in first:
            repeated.append((line, row == first[row["customer_id"]]))
        first.setdefault(row["customer_id"], row)
    assert [line for line, _ in repeated] == truth["duplicate_lines"]
    assert len(repeated) == CUSTOMERS // 100
    assert len(first) == truth["distinct_ids"] == CUSTOMERS - CUSTOMERS // 100
    assert sum(is_same for _, is_same in repeated) == len(repeated) // 2


def test_phones_come_in_many_spellings(customers):
    shapes = Counter(re.sub(r"[1-9]", "n", c["phone_number"].replace("0", "n")) for c in customers)
    assert len(shapes) >= 10


def test_faults_of_orders(orders, customers, sample):
    truth = sample[1]["orders"]
    without = {o["order_id"] for o in orders if not o["customer_id"]}
    negative = {o["order_id"] for o in orders if float(o["order_amount"]) < 0}
    assert len(orders) == len({o["order_id"] for o in orders}) == truth["rows"] == ORDERS
    assert len(without) == truth["missing_customer"] == ORDERS * 3 // 100
    assert len(negative) == truth["negative_amount"] == ORDERS * 2 // 100
    assert len(without | negative) == truth["quarantined"]
    assert Counter(o["status"] for o in orders) == truth["statuses"]
    assert set(truth["statuses"]) == set(STATUSES) >= {"cancelled", "refunded"}
    known = {c["customer_id"] for c in customers}
    assert {o["customer_id"] for o in orders} - {""} <= known
    assert {o["currency"] for o in orders} == {"DKK"}
    assert all(re.fullmatch(r"-?\d+\.\d\d", o["order_amount"]) for o in orders)


def test_orders_fall_on_a_skewed_few_over_three_years(orders, sample):
    counted = Counter(o["customer_id"] for o in orders if o["customer_id"])
    fifth = sample[1]["customers"]["distinct_ids"] // 5
    share = sum(n for _, n in counted.most_common(fifth)) / sum(counted.values())
    assert 0.45 < share < 0.75
    days = sorted(date.fromisoformat(o["order_date"][:10]) for o in orders)
    assert 1050 < (days[-1] - days[0]).days < 3 * 366
    by_year = Counter(day.year for day in days)
    assert min(by_year.values()) > ORDERS / 4 and len(by_year) == 3


def test_a_third_of_the_notes_hold_what_the_spans_say(customers, sample):
    spans = lines_of(sample[0] / "_truth" / "spans.jsonl")
    by_line = {s["line"]: s for s in spans}
    assert len(by_line) == len(spans) == sample[1]["customers"]["notes_with_pii"]
    assert abs(len(spans) - CUSTOMERS / 3) <= CUSTOMERS // 100
    planted = {
        kind: {p["value"] for p in lines_of(sample[0] / "_truth" / "planted.jsonl")
               if (p["column"], p["kind"]) == ("notes", kind)}
        for kind in ENTITIES
    }  # fmt: skip
    of_type = {entity: kind for kind, entity in ENTITIES.items()}
    checks = {
        "name": lambda text: text.split()[-1] in planted["name"],
        "cpr": lambda text: text in planted["cpr"] and birth_date([int(c) for c in text if c != "-"]),
        "phone": lambda text: is_phone(text)
        and re.sub(r"\D", "", text)[-8:] in planted["phone"],
        "email": lambda text: text in planted["email"] and text.endswith("@example.net"),
    }  # fmt: skip
    seen: Counter[str] = Counter()
    for line, row in enumerate(customers, start=2):
        if line not in by_line:
            assert not re.search(r"\d|@|Xn", row["notes"])
            continue
        told = by_line[line]
        assert told["text"] == row["notes"]
        for span in told["spans"]:
            kind = of_type[span["type"]]
            assert checks[kind](row["notes"][span["start"] : span["end"]]), (line, span)
            seen[kind] += 1
    assert set(seen) == set(ENTITIES) and min(seen.values()) > 50


def test_what_is_planted_in_columns_stands_there(customers, sample):
    planted = lines_of(sample[0] / "_truth" / "planted.jsonl")
    text = {name: "\n".join(c[name] for c in customers) for name in customers[0]}
    digits = {re.sub(r"\D", "", c["phone_number"])[-8:] for c in customers}
    for p in planted:
        if p["column"] == "phone_number":
            assert p["value"] in digits
        elif (p["column"], p["kind"]) != ("notes", "phone"):
            assert p["value"] in text[p["column"]]
    tokens = [p["value"] for p in planted if p["column"] == "customer_name"]
    assert len(tokens) == len(set(tokens)) == sample[1]["customers"]["distinct_ids"]
    assert all(re.fullmatch("Xq[bcdfghjklmnpqrstvwxz]{7}", token) for token in tokens)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(sample, tmp_path):
    generate_sources(tmp_path / "same", CUSTOMERS, ORDERS, SEED)
    assert digests(tmp_path / "same") == digests(sample[0])
    generate_sources(tmp_path / "other", CUSTOMERS, ORDERS, SEED + 1)
    other = digests(tmp_path / "other")
    assert not [name for name, digest in digests(sample[0]).items() if other[name] == digest]


def test_a_sample_that_is_there_is_left_alone(tmp_path):
    first = generate_sources(tmp_path, 100, 100, 1)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    assert generate_sources(tmp_path, 100, 100, 1) == first
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before
    assert generate_sources(tmp_path, 200, 100, 1)["customers"]["rows"] == 200


@pytest.mark.parametrize("file_format", ["jsonl", "parquet"])
def test_the_formats_hold_the_same_rows(customers, orders, tmp_path, file_format):
    generate_sources(tmp_path, CUSTOMERS, ORDERS, SEED, file_format)
    for table, expected in (("customers", customers), ("orders", orders)):
        path = tmp_path / f"{table}.{file_format}"
        rows = lines_of(path) if file_format == "jsonl" else pq.read_table(path).to_pylist()
        assert [{n: "" if v is None else v for n, v in row.items()} for row in rows] == expected
    assert not [p.name for p in tmp_path.iterdir() if p.name.startswith(".")]
