"""Real input: the CDNOW purchases of the package lifetimes, from raw text to Gold by a contract."""

from __future__ import annotations

import shutil
from pathlib import Path

import lifetimes
import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data

from conf.contract_reader import load_contracts
from conf.secrets import key_source
from conf.settings import load_settings
from tests.lakes import content, counts, rows, run_pipeline
from udfs.pseudonyms import pseudonym

pytestmark = pytest.mark.full

RAW = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_master.txt"
CONTRACTS = Path(__file__).parents[1] / "unit" / "fixtures" / "contracts" / "cdnow"
PURCHASES, CUSTOMERS, REPEATED_LINES = 69_659, 23_570, 255
SCORES = ["recency_score", "frequency_score", "monetary_score"]
TABLES = ("bronze.cdnow", "silver.cdnow", "gold.customer_360", "gold.customer_features")


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    """The whole text in one delivery; treat as read-only."""
    folder = tmp_path_factory.mktemp("cdnow")
    (folder / "sources").mkdir()
    shutil.copy(RAW, folder / "sources")
    run = run_pipeline(spark, folder / "sources", folder / "lake", contracts=CONTRACTS)
    assert (run.exit_code, run.message) == (0, "")
    assert counts(run, "cdnow") == {"read": PURCHASES, "inserted": PURCHASES}
    return folder / "lake"


@pytest.fixture(scope="module")
def purchases():
    """The purchases as pandas reads the text."""
    frame = pd.read_csv(RAW, sep=r"\s+", skiprows=1, header=None, dtype=str)
    frame.columns = ["customer", "day", "discs", "amount"]
    frame["day"] = pd.to_datetime(frame["day"], format="%Y%m%d")
    frame["cents"] = frame["amount"].str.replace(".", "").astype(int)
    return frame


@pytest.fixture(scope="module")
def gold(lake, purchases):
    """Customer 360 under the customers' own numbers, which only the key's owner can tell."""
    key = key_source(load_settings(lake=str(lake))).load()
    domain = load_contracts(CONTRACTS).sources["cdnow"].column("customer").domain
    numbers = {pseudonym(key, domain, number): number for number in purchases["customer"].unique()}
    frame = pd.DataFrame(rows(lake, "gold.customer_360"))
    frame.index = pd.Index([numbers[name] for name in frame["customer_id"]])
    assert len(frame) == len(set(frame.index)) == CUSTOMERS
    return frame.sort_index()


def score(values: pd.Series) -> pd.Series:
    """The issue's formula by ranks; a greater value is better."""
    worse = values.rank(method="min").astype(int) - 1
    return (1 + 5 * worse // len(values)).clip(upper=5)


def test_every_purchase_arrived_and_none_was_merged_with_its_like(lake, purchases):
    assert len(purchases) == PURCHASES
    told = purchases.drop(columns="cents").value_counts()
    assert int((told - 1).sum()) == REPEATED_LINES
    sql = (
        "select purchased as day, quantity, amount, customer, count(*) as n from t group by 1,2,3,4"
    )
    silver = rows(lake, "silver.cdnow", sql)
    assert sum(r["n"] for r in silver) == PURCHASES
    assert len(silver) == PURCHASES - REPEATED_LINES == len(told)
    assert sorted(r["n"] for r in silver) == sorted(told.tolist())
    keys = rows(lake, "silver.cdnow", "select count(distinct _silver_key) as n from t")
    assert keys == [{"n": PURCHASES}]
    for name in ("ops.quarantine", "ops.duplicates"):
        assert rows(lake, name) == []


def test_no_number_of_a_customer_is_left_in_silver(lake, purchases):
    numbers = set(purchases["customer"])
    told = {r["customer"] for r in rows(lake, "silver.cdnow", "select distinct customer from t")}
    assert len(told) == CUSTOMERS
    assert not told & numbers


def test_gold_equals_pandas(gold, purchases):
    by_customer = purchases.groupby("customer")
    assert gold["total_orders"].equals(by_customer.size().rename("total_orders"))
    cents = by_customer["cents"].sum()
    assert [int(revenue * 100) for revenue in gold["total_revenue"]] == cents.tolist()
    assert [int(m * 100) for m in gold["max_order_value"]] == by_customer["cents"].max().tolist()
    first, last = by_customer["day"].min(), by_customer["day"].max()
    assert gold["first_order_date"].tolist() == first.dt.date.tolist()
    assert gold["last_order_date"].tolist() == last.dt.date.tolist()
    since = (purchases["day"].max() - last).dt.days
    assert gold["days_since_last_order"].tolist() == since.tolist()
    expected = {
        "recency_score": score(-since),
        "frequency_score": score(by_customer.size()),
        "monetary_score": score(cents),
    }
    for name in SCORES:
        assert gold[name].tolist() == expected[name].tolist(), name
    tenths = sum(expected[n] * w for n, w in zip(SCORES, (4, 3, 3), strict=True))
    assert [int(s * 10) for s in gold["rfm_score"]] == tenths.tolist()
    names = [
        "lost",
        "hibernating",
        "at_risk",
        "potential_loyalists",
        "loyal_customers",
        "champions",
    ]
    segments = pd.cut(tenths, [0, 25, 30, 35, 40, 45, 51], right=False, labels=names)
    assert gold["segment"].tolist() == segments.astype(str).tolist()


def test_gold_equals_lifetimes_where_the_definitions_agree(gold, purchases):
    """T is the tenure, recency the time between first and last purchase; lifetimes adds up the
    purchases of a day, so that days x value a day is the revenue, but days are not the orders."""
    transactions = purchases.assign(value=purchases["cents"] / 100)
    summary = summary_data_from_transaction_data(
        transactions, "customer", "day", "value", include_first_transaction=True
    ).sort_index()
    assert summary.index.tolist() == gold.index.tolist()
    assert gold["customer_tenure_days"].tolist() == summary["T"].astype(int).tolist()
    first, last = (pd.to_datetime(gold[f"{which}_order_date"]) for which in ("first", "last"))
    assert (last - first).dt.days.tolist() == summary["recency"].astype(int).tolist()
    revenue = summary["monetary_value"] * summary["frequency"]
    assert gold["total_revenue"].astype(float).tolist() == pytest.approx(
        revenue.tolist(), abs=0.005
    )
    assert (gold["total_orders"] >= summary["frequency"]).all()


def test_a_longer_history_of_the_same_purchases_adds_only_what_is_new(spark, lake, tmp_path):
    """A `full` delivery tells the old purchases again; half and then all is all at once."""
    sources = tmp_path / "sources"
    sources.mkdir()
    lines = RAW.read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    (sources / "CDNOW_master_half.txt").write_bytes(b"".join(lines[:half]))
    run_pipeline(spark, sources, tmp_path / "lake", contracts=CONTRACTS)
    shutil.copy(RAW, sources)
    run = run_pipeline(spark, sources, tmp_path / "lake", contracts=CONTRACTS)
    told = {"read": PURCHASES, "unchanged": half - 1, "inserted": PURCHASES - half + 1}
    assert counts(run, "cdnow") == told
    again = run_pipeline(spark, sources, tmp_path / "lake", contracts=CONTRACTS)
    assert (again.exit_code, again.tables) == (0, {})
    figures = ["total_orders", "total_revenue", "customer_tenure_days", *SCORES, "segment"]
    once, twice = (content(path, TABLES[2])[figures] for path in (lake, tmp_path / "lake"))
    assert sorted(once.itertuples(index=False)) == sorted(twice.itertuples(index=False))
