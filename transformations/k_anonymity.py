"""k-anonymity: how many rows share the values that could, taken together, single somebody out.

After Latanya Sweeney, k-anonymity: a model for protecting privacy (2002).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

Transform = Callable[[DataFrame], DataFrame]

LEFT_OUT, SIZE = "left_out", "size"
SIZES: tuple[tuple[int, int | None], ...] = ((1, 1), (2, 4), (5, 9), (10, 49), (50, None))
"""Group sizes that are told together: least and greatest number of rows."""


def size_label(least: int, greatest: int | None) -> str:
    """Part of a column's name, such as `2_4`."""
    return str(least) if least == greatest else f"{least}_{greatest or 'up'}"


def group_figures(k: int) -> dict[str, str]:
    """What is told of groups that have a `size` each, as SQL that Spark and delta-rs both read.

    rows, groups, smallest_group (rows of it); groups_below_k and rows_below_k: groups of less than
    k rows, and the rows in them; groups_SIZE and rows_SIZE by size of the group.
    """
    told = {"rows": f"sum({SIZE})", "groups": f"count({SIZE})", "smallest_group": f"min({SIZE})"}
    told |= _counted("below_k", f"{SIZE} < {k}")
    for least, greatest in SIZES:
        upto = f" and {SIZE} <= {greatest}" if greatest else ""
        told |= _counted(size_label(least, greatest), f"{SIZE} >= {least}{upto}")
    return told


def _counted(name: str, condition: str) -> dict[str, str]:
    return {
        f"groups_{name}": f"count(case when {condition} then 1 end)",
        f"rows_{name}": f"coalesce(sum(case when {condition} then {SIZE} end), 0)",
    }


def k_anonymity(columns: Sequence[str], k: int) -> Transform:
    """Tell of the groups of rows that have equal values in all of `columns`; null is a value.

    Out: the columns of `group_figures` (bigint). One row where left_out is null, for all columns,
    and one for each column, as if that one were not in the table. No row for a table without rows.
    One groupBy for all of them; no value leaves it.
    """
    choices = F.array(F.lit(None).cast("string"), *map(F.lit, columns))
    left_in = [
        F.when(~F.col(LEFT_OUT).eqNullSafe(name), F.col(f"_{n}")).alias(f"_{n}")
        for n, name in enumerate(columns)
    ]
    figures = [F.expr(sql).alias(name) for name, sql in group_figures(k).items()]

    def transform(df: DataFrame) -> DataFrame:
        values = (F.col(f"`{name}`").alias(f"_{n}") for n, name in enumerate(columns))
        marked = df.select(*values, F.explode(choices).alias(LEFT_OUT))
        groups = marked.groupBy(LEFT_OUT, *left_in).agg(F.count("*").alias(SIZE))
        return groups.groupBy(LEFT_OUT).agg(*figures)

    return transform
