"""One decision per span."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from udfs.pii.findings import Finding


def resolved(findings: Iterable[Finding], order: Sequence[str] = ()) -> list[Finding]:
    """Of two spans that overlap the surer one stays, then the entity listed first in `order`,
    then the longer, then the first. What only the loser covered stays personal: the winner is
    widened over it."""
    rank = {entity: -n for n, entity in enumerate(order)}
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, f.end)):
        if kept and finding.start < kept[-1].end:
            last = kept.pop()
            best = max(
                (last, finding),
                key=lambda f: (f.score, rank.get(f.entity, -len(rank)), f.end - f.start, -f.start),
            )
            kept.append(Finding(last.start, max(last.end, finding.end), best.entity, best.score))
        else:
            kept.append(finding)
    return kept


def joined(text: str, findings: Sequence[Finding]) -> list[Finding]:
    """Spans of one entity that only blanks divide are one: a name found in two parts."""
    kept: list[Finding] = []
    for finding in findings:
        last = kept[-1] if kept else None
        if last and last.entity == finding.entity and set(text[last.end : finding.start]) <= {" "}:
            score = max(last.score, finding.score)
            kept[-1] = Finding(last.start, finding.end, finding.entity, score)
        else:
            kept.append(finding)
    return kept
