"""Which spans of a text are personal, and the text without them: plain Python, no Spark.

A text is folded once and split into words once. Recognizers stand behind gates that cost no
recall; the models, which cost the most, read only texts with a word that nothing else explains.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from udfs.pii.config import PiiConfig, pii_config
from udfs.pii.findings import FAILED, Anonymized, Finding
from udfs.pii.folding import Folded, folded
from udfs.pii.language import languages_of
from udfs.pii.lexicon import lexicon
from udfs.pii.model_names import is_place, may_hide_a_name, mentions, person
from udfs.pii.names import NEAR, PERSON, WEAK, names_in
from udfs.pii.ner import OTHER, Ner
from udfs.pii.operators import Anonymizer
from udfs.pii.recognizers.places import by_first_word
from udfs.pii.recognizers.registry import RECOGNIZERS
from udfs.pii.resolving import joined, resolved
from udfs.pii.words import Word, words_of

_REMEMBERED, _SHORT = 50_000, 300  # texts and characters: some ten megabytes at most
_DIGIT = re.compile(r"[0-9]")
Pseudonym = Callable[[str, str], str]
"""(domain, value) -> pseudonym."""


@dataclass
class _Text:
    """A text on its way: as it came, as it is read, and what was found so far."""

    folded: Folded
    words: list[Word]
    languages: frozenset[str]
    findings: list[Finding]
    others: list[Finding] = field(default_factory=list)

    def add(self, found: Sequence[Finding]) -> None:
        """Take in what a model found."""
        for finding in found:
            if finding.entity == OTHER:
                self.others.append(finding)
            elif finding.entity != PERSON:
                self.findings += [finding] if is_place(self.words, finding) else []
            elif name := person(self.folded.text, self.words, finding):
                self.findings.append(name)

    def standing(self) -> list[Finding]:
        """The findings, without the single words that may be names where a model sees the name of
        something else."""
        others = sorted(self.others, key=lambda o: o.start)
        starts = [o.start for o in others]
        longest = max((o.end - o.start for o in others), default=0)

        def near(f: Finding) -> list[Finding]:  # long texts have thousands of names
            return others[bisect_left(starts, f.start - longest) : bisect_left(starts, f.end)]

        return [
            f
            for f in self.findings
            if f.entity != PERSON or not any(_knows_better(o, f) for o in near(f))
        ]


def _knows_better(other: Finding, name: Finding) -> bool:
    """Whether a model that sees something else is to be believed: of a usual first name only
    where it is part of something longer."""
    longer = other.end - other.start > name.end - name.start
    return name.overlaps(other) and (name.score == WEAK or (name.score == NEAR and longer))


class Detector:
    """Recognizers behind gates, names by rule, and batched NER where it can tell more."""

    def __init__(self, config: PiiConfig) -> None:
        self._config = config
        self._order = tuple(config.entities)
        self._recognizers = sorted((made() for made in RECOGNIZERS), key=lambda r: r.DIGITS)
        self._ner = Ner(config.models, config.ner_batch_size)
        self._anonymizer = Anonymizer(config.entities)
        self._known: dict[str, list[Finding]] = {}
        lexicon()  # word lists are loaded here, not by the first text
        by_first_word()

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The personal spans of each text, one decision per span, in order.

        Notes repeat: short texts are remembered from one batch to the next.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        found = dict(zip(new, self._detected(new), strict=True))
        told = [found[text] if text in found else self._known[text] for text in texts]
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known |= {text: f for text, f in found.items() if len(text) <= _SHORT}
        return told

    def _detected(self, texts: Sequence[str]) -> list[list[Finding]]:
        read = [self._read(text) for text in texts]
        self._add_entities(read)
        return [self._decided(text) for text in read]

    def anonymize(
        self, texts: Sequence[str], pseudonym: Pseudonym | None = None
    ) -> list[Anonymized]:
        """Each text with its personal spans treated as `conf/pii.yml` says.

        A text on which anything fails becomes `<REDACTED_ERROR>`: in doubt never the original.
        """
        try:
            return [
                self._anonymizer.anonymized(text, findings, pseudonym)
                for text, findings in zip(texts, self.detect(texts), strict=True)
            ]
        except Exception:
            if len(texts) == 1:
                return [FAILED]
            return [self.anonymize([text], pseudonym)[0] for text in texts]

    def _read(self, text: str) -> _Text:
        seen = folded(text)
        words = words_of(seen.text)
        languages = languages_of((w.lower for w in words), self._config.languages)
        findings = [*self._patterns(seen.text), *names_in(seen.text, words, languages)]
        return _Text(seen, words, languages, findings)

    def _patterns(self, text: str) -> Iterator[Finding]:
        digits = len(_DIGIT.findall(text))
        for recognizer in self._recognizers:
            if digits < recognizer.DIGITS:
                break
            if recognizer.GATE.search(text):
                for r in recognizer.analyze(text, recognizer.supported_entities):
                    yield Finding(r.start, r.end, r.entity_type, r.score)

    def _add_entities(self, read: Sequence[_Text]) -> None:
        """Let each language's model read the texts that it may tell more of."""
        asked = [
            (
                language,
                [t for t in read if language in t.languages and self._needs_model(t, language)],
            )
            for language in self._ner.languages
        ]
        for language, texts in asked:
            found = self._ner.entities(
                language, [t.folded.text for t in texts], self._config.ner_score
            )
            for text, entities in zip(texts, found, strict=True):
                text.add(entities)

    @staticmethod
    def _needs_model(text: _Text, language: str) -> bool:
        return may_hide_a_name(text.folded.text, text.words, text.findings, language)

    def _decided(self, text: _Text) -> list[Finding]:
        least = self._config.entities
        found = text.standing()
        found += mentions(text.folded.text, text.words, found)
        counting = [f for f in found if f.entity in least and f.score >= least[f.entity].threshold]
        decided = joined(text.folded.text, resolved(counting, self._order))
        if text.folded.origins is None:
            return decided
        return [Finding(*text.folded.original(f.start, f.end), f.entity, f.score) for f in decided]


@cache
def detector() -> Detector:
    """The one detector of this process: loading it costs seconds."""
    return Detector(pii_config())
