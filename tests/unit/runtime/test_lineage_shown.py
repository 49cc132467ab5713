"""Names of any kind in a Mermaid flowchart, and a register's treatments by way."""

from __future__ import annotations

import re

from rich.console import Console

from conf.contract_reader import load_contracts
from jobs.runtime.lineage.graph import Lineage, column_name
from jobs.runtime.lineage.model import ColumnName, Origin, PiiColumn, PiiState
from jobs.runtime.lineage.register import register
from jobs.runtime.lineage.shown import deciding, mermaid, tree
from tests.unit.runtime.lineages import decides, edge

ODD = ('a"b', "x#35;y", "end", "`md`", "<b>t</b>", "A & B | C] --> D", "style: a#b;", "Årligt (kr.)",
       "%%{init}%%", "a\nb", '"]; click c0 href', "class", "日本")  # fmt: skip


def test_any_name_is_a_label_and_never_a_command():
    """Parsed by Mermaid 11 itself once, with these names: 14 nodes, 13 edges, every label whole."""
    target = column_name("gold.t.x")
    lines = mermaid(target, [edge(f"source.t.{o}", "gold.t.x", 'say "hash"') for o in ODD])
    head, *rest = lines.splitlines()
    nodes, edges = rest[: len(ODD) + 1], rest[len(ODD) + 1 : -1]
    assert (head, rest[-1]) == ("flowchart LR", "    style c0 stroke-width:3px")
    labels = [
        re.fullmatch(r'    c\d+\["((?:[^"#;`<>|\[\]{}:%&\n]|#\d+;)*)"\]', n)[1] for n in nodes
    ]
    decoded = [re.sub(r"#(\d+);", lambda m: chr(int(m[1])), label) for label in labels]
    assert decoded == ["gold.t.x", *(f"source.t.{o}" for o in ODD)]
    assert edges == [f'    c{n} -->|"say #34;hash#34;"| c0' for n in range(1, len(ODD) + 1)]


def shown(lineage: Lineage, name: str, *, is_upstream: bool) -> list[str]:
    column = column_name(name)
    edges = lineage.upstream(column) if is_upstream else lineage.downstream(column)
    console = Console(width=200)
    with console.capture() as told:
        console.print(tree(column, edges, is_upstream=is_upstream))
    return [line.rstrip() for line in told.get().splitlines()]


def test_a_column_that_was_shown_is_not_followed_again():
    ring = Lineage([edge("silver.t.a", "silver.t.b"), edge("silver.t.b", "silver.t.a", "hash")])
    assert shown(ring, "silver.t.a", is_upstream=True) == [
        "silver.t.a",
        "└── silver.t.b  hash (refine)",
        "    └── silver.t.a  identity (refine) (shown already)",
    ]
    assert shown(ring, "silver.t.a", is_upstream=False)[1] == "└── silver.t.b  identity (refine)"


def test_what_decides_is_told_a_line_for_each_table_and_way():
    edges = [decides(f"silver.t.{c}", "gold.t.*", w) for c, w in ("aJ", "bJ", "aF")]
    assert deciding(edges) == [
        "gold.t.*: J by silver.t.a, silver.t.b (refine)",
        "gold.t.*: F by silver.t.a (refine)",
    ]


def test_a_register_tells_each_way_and_says_none_of_clear_text():
    source, other = column_name("bronze.customers.email_address"), ColumnName("bronze.gone", "x")
    ways = [((), source), (("hash",), source), (("detect", "mask"), other)]
    origins = tuple(Origin(s, "pii-direct", treatments) for treatments, s in ways)
    columns = [
        PiiColumn(ColumnName("silver.customers", "a"), PiiState.LEAK, origins),
        PiiColumn(ColumnName("silver.customers", "b"), PiiState.NONE),
        PiiColumn(ColumnName("source.customers", "c"), PiiState.CLEAR),
        PiiColumn(ColumnName("bronze.customers", "d"), PiiState.CLEAR),
        PiiColumn(ColumnName("gold.t", "e"), PiiState.DERIVED, origins[:1], "bucket"),
    ]
    told = register(columns, load_contracts())
    assert [(r.column, r.source, r.treatment, r.retention) for r in told] == [
        ("a", str(source), "none or hash", "5 years after the last order"),
        ("a", "bronze.gone.x", "detect, mask", ""),
        ("d", "", "none", "5 years after the last order"),
        ("e", str(source), "bucket", "5 years after the last order"),
    ]
