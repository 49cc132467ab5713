"""Personal numbers made when they are needed: none stands in the repository."""

from __future__ import annotations

import random


def cpr_of(seed: int, name: str) -> str:
    """A number of a CPR's form, with a hyphen: the same for the same seed and name."""
    numbers = random.Random(f"{seed} {name}")
    day, month, year = numbers.randint(1, 28), numbers.randint(1, 12), numbers.randint(40, 99)
    return f"{day:02}{month:02}{year:02}-{numbers.randint(1000, 3999)}"
