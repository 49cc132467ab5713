"""Which spans of a text are personal, and the text without them: plain Python, no Spark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import spacy
from presidio_analyzer import PatternRecognizer
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import RecognizerResult

from udfs.pii.config import PiiConfig, pii_config
from udfs.pii.findings import FAILED, Anonymized, Finding
from udfs.pii.recognizers.dk_cpr import DkCprRecognizer
from udfs.pii.recognizers.dk_phone import DkPhoneRecognizer
from udfs.pii.recognizers.email import EmailRecognizer
from udfs.pii.recognizers.registry import RECOGNIZERS
from udfs.pii.recognizers.spans import SpanRecognizer


class Detector:
    """Pattern recognizers behind cheap gates, and names by batched NER."""

    def __init__(self, config: PiiConfig) -> None:
        self._config = config
        # A text without a digit or an @ never meets the recognizers that need one.
        self._gated: tuple[tuple[re.Pattern[str], PatternRecognizer | SpanRecognizer], ...] = (
            (re.compile("@"), EmailRecognizer()),
            (re.compile(r"\d.{0,3}\d"), DkCprRecognizer()),
            (re.compile(r"\d.{0,3}\d"), DkPhoneRecognizer()),
            *((recognizer.GATE, recognizer()) for recognizer in RECOGNIZERS),
        )
        self._models = [
            spacy.load(name, exclude=["tagger", "parser", "lemmatizer", "attribute_ruler"])
            for name in config.models.values()
        ]
        self._anonymizer = AnonymizerEngine()

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The personal spans of each text, one decision per span, in order."""
        named = self._names(texts)
        return [
            resolved(self._counting([*self._patterns(text), *names]))
            for text, names in zip(texts, named, strict=True)
        ]

    def anonymize(self, texts: Sequence[str]) -> list[Anonymized]:
        """Each text with its personal spans replaced by `<ENTITY>`.

        A text on which anything fails becomes `<REDACTED_ERROR>`: in doubt never the original.
        """
        try:
            return [self._replaced(t, f) for t, f in zip(texts, self.detect(texts), strict=True)]
        except Exception:
            return [FAILED] if len(texts) == 1 else [self.anonymize([t])[0] for t in texts]

    def _replaced(self, text: str, findings: list[Finding]) -> Anonymized:
        if not findings:
            return Anonymized(text, ())
        spans = [RecognizerResult(f.entity, f.start, f.end, f.score) for f in findings]
        return Anonymized(self._anonymizer.anonymize(text, spans).text, tuple(findings))

    def _patterns(self, text: str) -> Iterator[Finding]:
        for gate, recognizer in self._gated:
            if gate.search(text):
                for r in recognizer.analyze(text, recognizer.supported_entities):
                    yield Finding(r.start, r.end, r.entity_type, r.score)

    def _names(self, texts: Sequence[str]) -> list[list[Finding]]:
        found: list[list[Finding]] = [[] for _ in texts]
        labels, size = self._config.ner_labels, self._config.ner_batch_size
        for model in self._models:
            for names, document in zip(found, model.pipe(texts, batch_size=size), strict=True):
                names.extend(
                    Finding(e.start_char, e.end_char, labels[e.label_], self._config.ner_score)
                    for e in document.ents
                    if e.label_ in labels
                )
        return found

    def _counting(self, findings: Iterable[Finding]) -> list[Finding]:
        least = self._config.entities
        return [f for f in findings if f.score >= least.get(f.entity, 1.1)]


def resolved(findings: Iterable[Finding]) -> list[Finding]:
    """One decision per span: of two that overlap the surer one stays, then the longer one, then
    the first. What only the loser covered stays personal: the winner is widened over it."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, f.end)):
        if kept and finding.start < kept[-1].end:
            last = kept.pop()
            best = max(last, finding, key=lambda f: (f.score, f.end - f.start, -f.start))
            kept.append(Finding(last.start, max(last.end, finding.end), best.entity, best.score))
        else:
            kept.append(finding)
    return kept


@cache
def detector() -> Detector:
    """The one detector of this process: loading it costs seconds."""
    return Detector(pii_config())
