"""Orders with known faults, on a skewed few customers, over three years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from jobs.sample.customers import customer_id, tokens
from jobs.sample.pools import pools

CHUNK = 100_000
STATUSES = ("completed", "shipped", "delivered", "pending", "cancelled", "refunded")
SHARES = (0.55, 0.1, 0.2, 0.05, 0.06, 0.04)
METHODS = ("card", "mobilepay", "invoice", "transfer")


@dataclass
class OrderTruth:
    """What was put into the orders, exactly."""

    rows: int = 0
    missing_customer: int = 0
    negative_amount: int = 0
    quarantined: int = 0  # rows with either fault
    statuses: dict[str, int] = field(default_factory=dict)


def orders(
    count: int, distinct_customers: int, seed: int, truth: OrderTruth
) -> Iterator[pd.DataFrame]:
    """Orders in chunks: 3 % without customer, 2 % with a negative amount."""
    rng = np.random.default_rng([seed, 3])
    without = np.zeros(count, dtype=bool)
    without[rng.choice(count, count * 3 // 100, replace=False)] = True
    negative = np.zeros(count, dtype=bool)
    negative[rng.choice(count, count * 2 // 100, replace=False)] = True
    for start in range(0, count, CHUNK):
        end = min(start + CHUNK, count)
        part = slice(start, end)
        frame = _chunk(
            np.random.default_rng([seed, 4, start]),
            seed, start, distinct_customers, without[part], negative[part],
        )  # fmt: skip
        truth.rows += len(frame)
        truth.missing_customer += int(without[part].sum())
        truth.negative_amount += int(negative[part].sum())
        truth.quarantined += int((without[part] | negative[part]).sum())
        truth.statuses = dict(Counter(truth.statuses) + Counter(frame["status"].tolist()))
        yield frame


def _chunk(
    rng: np.random.Generator,
    seed: int,
    start: int,
    distinct_customers: int,
    without: np.ndarray,
    negative: np.ndarray,
) -> pd.DataFrame:
    size = len(without)
    pool = pools(seed)
    # A power of a uniform draw: a fifth of the customers gives about half of the orders.
    picks = (rng.random(size) ** 2.3 * distinct_customers).astype(int)
    amounts = np.round(np.exp(rng.normal(5.6, 0.9, size)) + 1, 2)
    days = rng.integers(0, 3 * 365, size) * 86_400 + rng.integers(8 * 3600, 22 * 3600, size)
    times = np.datetime64("2023-01-01T00:00:00") + days.astype("timedelta64[s]")
    streets = rng.integers(0, len(pool.streets), size)
    towns = rng.integers(0, len(pool.towns), size)
    houses = rng.integers(1, 200, size)
    # The customer's own token, planted with the name; also where the order names no customer.
    words = tokens(picks)
    return pd.DataFrame(
        {
            "order_id": [f"O{n + 1:09d}" for n in range(start, start + size)],
            "customer_id": [
                None if w else customer_id(int(p)) for w, p in zip(without, picks, strict=True)
            ],
            "order_date": [t.replace("T", " ") for t in times.astype(str)],
            "order_amount": [
                f"{-a if n else a:.2f}" for a, n in zip(amounts, negative, strict=True)
            ],
            "currency": "DKK",
            "status": [STATUSES[i] for i in rng.choice(len(STATUSES), size, p=SHARES)],
            "payment_method": [METHODS[i] for i in rng.integers(0, len(METHODS), size)],
            "shipping_address": [
                f"{pool.streets[s]} {h}, {w.lower()}. tv, {pool.towns[t][0]} {pool.towns[t][1]}"
                for s, h, w, t in zip(streets, houses, words, towns, strict=True)
            ],
        }
    )
