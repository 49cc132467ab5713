"""What becomes of a personal span: Presidio's anonymizer with one operator for each entity."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

from udfs.pii.config import EntityConfig
from udfs.pii.findings import Anonymized, Finding

MASK = "***"


class Anonymizer:
    """`replace` with `<ENTITY>`, `mask` with `***`, `hash` to the pseudonym that joins with a
    column of the same domain, `drop`, or `keep`."""

    def __init__(self, entities: Mapping[str, EntityConfig]) -> None:
        self._entities = entities
        self._engine = AnonymizerEngine()

    def anonymized(
        self,
        text: str,
        findings: Sequence[Finding],
        pseudonym: Callable[[str, str], str] | None = None,
    ) -> Anonymized:
        """Without a `pseudonym` function an entity with the operator `hash` is replaced."""
        if not findings:
            return Anonymized(text, ())
        spans = [RecognizerResult(f.entity, f.start, f.end, f.score) for f in findings]
        told = {f.entity: self._operator(f.entity, pseudonym) for f in findings}
        return Anonymized(self._engine.anonymize(text, spans, operators=told).text, tuple(findings))

    def _operator(self, entity: str, pseudonym: Callable[[str, str], str] | None) -> OperatorConfig:
        config = self._entities[entity]
        match config.operator:
            case "mask":
                return OperatorConfig("replace", {"new_value": MASK})
            case "drop":
                return OperatorConfig("redact")
            case "keep":
                return OperatorConfig("keep")
            case "hash" if pseudonym:
                made = pseudonym
                return OperatorConfig(
                    "custom", {"lambda": lambda value: made(config.domain, value)}
                )
            case _:
                return OperatorConfig("replace", {"new_value": f"<{entity}>"})
