"""The registered anonymizers: the one list of UDFs after which a value is safe.

Spark's plan of a write shows a UDF by its name; what proves from the plan that a column was treated
(`jobs/runtime/lineage/proof.py`) knows no other ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from conf.contract import Treatment

F = TypeVar("F", bound=Callable[..., Any])

ANONYMIZERS: dict[str, Treatment] = {
    "anonymizer_pseudonyms": Treatment.HASH,
    "anonymizer_digests": Treatment.HASH,
    "anonymizer_detected": Treatment.DETECT,
}
"""By the name that a plan shows: what the UDF does to a value."""


def anonymizer(function: F) -> F:
    """Give a function the name by which plans show a registered anonymizer.

    Raises: KeyError if it is not registered.
    """
    name = f"anonymizer_{function.__name__}"
    ANONYMIZERS[name]
    function.__name__ = name
    return function
