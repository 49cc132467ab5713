"""Which spans of a text are personal, and the text without them: plain Python, no Spark.

A text is folded once and split into words once. Recognizers stand behind gates that cost no
recall; the models, which cost the most, read only texts with a word that nothing else explains.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TypeVar

from conf.errors import UsageError, listed
from udfs.pii.config import FILE, PiiConfig, pii_config
from udfs.pii.findings import FAILED, Anonymized, Finding
from udfs.pii.folding import Folded, folded
from udfs.pii.language import languages_of
from udfs.pii.lexicon import lexicon
from udfs.pii.model_names import is_place, may_hide_a_name, mentions, person
from udfs.pii.names import ALONE, NEAR, PERSON, WEAK, cue_before, names_in
from udfs.pii.ner import OTHER, Ner
from udfs.pii.operators import Anonymizer
from udfs.pii.recognizers.places import by_first_word
from udfs.pii.recognizers.registry import RECOGNIZERS
from udfs.pii.resolving import joined, resolved
from udfs.pii.verdicts import NO_VERDICTS, Verdict, Verdicts
from udfs.pii.words import Word, words_of

LOCATION = "LOCATION"
_REMEMBERED, _SHORT = 50_000, 300  # texts and characters: some ten megabytes at most
_DIGIT = re.compile(r"[0-9]")
Pseudonym = Callable[[str, str], str]
"""(domain, value) -> pseudonym."""
T = TypeVar("T")


@dataclass
class _Text:
    """A text on its way: as it came, as it is read, and what was found so far."""

    original: str
    folded: Folded
    words: list[Word]
    languages: frozenset[str]
    findings: list[Finding]
    by_rule: Sequence[Finding]
    others: list[Finding] = field(default_factory=list)

    def add(self, found: Sequence[Finding]) -> None:
        """Take in what a model found."""
        for finding in found:
            if finding.entity == OTHER:
                self.others.append(finding)
            elif finding.entity != PERSON:
                self.findings += [finding] if is_place(self.words, finding) else []
            elif name := person(self.folded.text, self.words, finding):
                self.findings += [] if self._is_known_place(name) else [name]

    def _is_known_place(self, name: Finding) -> bool:
        """Whether a rule knows as a place what a model takes for a person, and no list as one."""
        word = self.folded.text[name.start : name.end].lower()
        is_place = (name.start, name.end) in self._places
        return is_place and word not in lexicon().near_first

    @cached_property
    def _places(self) -> frozenset[tuple[int, int]]:
        return frozenset((f.start, f.end) for f in self.by_rule if f.entity == LOCATION)

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

    def span(self, finding: Finding) -> str:
        """The original text of a finding."""
        start, end = self.folded.original(finding.start, finding.end)
        return self.original[start:end]


@dataclass(frozen=True)
class _Decision:
    findings: list[Finding]
    unsure: list[Finding]


def _knows_better(other: Finding, name: Finding) -> bool:
    """Whether a model that sees something else is to be believed: of a usual first name only
    where it is part of something longer."""
    longer = other.end - other.start > name.end - name.start
    return name.overlaps(other) and (name.score == WEAK or (name.score == NEAR and longer))


def each_settled(
    work: Callable[[Sequence[str]], list[T]], texts: Sequence[str], failed: Callable[[str], T]
) -> list[T]:
    """What `work` makes of the texts; where it fails, of each alone, and `failed` of those on which
    it fails. No error leaves: its text may hold the value."""
    try:
        return work(texts)
    except Exception:
        if len(texts) == 1:
            return [failed(texts[0])]
        return [each_settled(work, [text], failed)[0] for text in texts]


class Detector:
    """Recognizers behind gates, names by rule, and batched NER where it can tell more."""

    def __init__(self, config: PiiConfig) -> None:
        self._config = config
        self._order = tuple(config.entities)
        self._recognizers = sorted((made() for made in RECOGNIZERS), key=lambda r: r.DIGITS)
        self._check_entities()
        self._ner = Ner(config.models, config.ner_batch_size)
        self._anonymizer = Anonymizer(config.entities)
        self._known: dict[str, _Decision] = {}
        self._known_with = NO_VERDICTS
        lexicon()  # word lists are loaded here, not by the first text
        by_first_word()

    def _check_entities(self) -> None:
        """Raises: UsageError: a mistyped entity would let the one that was meant pass."""
        known = {PERSON, *(e for r in self._recognizers for e in r.supported_entities)}
        known |= {label for m in self._config.models.values() for label in m.labels.values()}
        for name in self._config.entities:
            if name not in known:
                raise UsageError(f"{FILE}: nothing finds {name}; there are {listed(sorted(known))}")

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]:
        """The personal spans of each text, one decision per span, in order."""
        return [decision.findings for decision in self._decisions(texts, NO_VERDICTS)]

    def anonymize(
        self,
        texts: Sequence[str],
        pseudonym: Pseudonym | None = None,
        verdicts: Verdicts = NO_VERDICTS,
    ) -> list[Anonymized]:
        """Each text with its personal spans treated as `conf/pii.yml` says, and what is unsure.

        Of what it is unsure about the detector asks the verdicts: what is not personal stays, and
        what is counts, also below its threshold.

        A text on which anything fails becomes `<REDACTED_ERROR>`: in doubt never the original.
        """

        def anonymized(texts: Sequence[str]) -> list[Anonymized]:
            return [
                replace(
                    self._anonymizer.anonymized(text, decision.findings, pseudonym),
                    unsure=tuple(decision.unsure),
                )
                for text, decision in zip(texts, self._decisions(texts, verdicts), strict=True)
            ]

        return each_settled(anonymized, texts, lambda text: FAILED)

    def _decisions(self, texts: Sequence[str], verdicts: Verdicts) -> list[_Decision]:
        """Notes repeat: short texts are remembered from one batch to the next."""
        if verdicts != self._known_with:
            self._known, self._known_with = {}, verdicts
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        made = dict(zip(new, self._decided_anew(new, verdicts), strict=True))
        told = [made[text] if text in made else self._known[text] for text in texts]
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known |= {text: d for text, d in made.items() if len(text) <= _SHORT}
        return told

    def _decided_anew(self, texts: Sequence[str], verdicts: Verdicts) -> list[_Decision]:
        read = [self._read(text) for text in texts]
        self._add_entities(read)
        return [self._decided(text, verdicts) for text in read]

    def _read(self, text: str) -> _Text:
        seen = folded(text)
        words = words_of(seen.text)
        languages = languages_of((w.lower for w in words), self._config.languages)
        findings = [*self._patterns(seen.text), *names_in(seen.text, words, languages)]
        return _Text(text, seen, words, languages, findings, tuple(findings))

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

    def _decided(self, text: _Text, verdicts: Verdicts) -> _Decision:
        if verdicts.personal:
            text.findings = [self._confirmed(text, f, verdicts) for f in text.findings]
        found = [f for f in text.standing() if f.entity in self._config.entities]
        if verdicts.not_personal:
            # Before a name is looked for elsewhere: what is none is none there either.
            cleared = [f for f in self._counted(text, found) if self._is_cleared(text, f, verdicts)]
            found = [f for f in found if not any(_covers(c, f) for c in cleared)]
        found += mentions(text.folded.text, text.words, found)
        decided = [self._confirmed(text, f, verdicts) for f in self._counted(text, found)]
        decided = [f for f in decided if not self._is_cleared(text, f, verdicts)]
        doubtful = [f for f in decided if self._is_unsure(text, f)]
        doubtful += self._missed(text, found, decided, verdicts)
        return _Decision(_original(text, decided), sorted(_original(text, doubtful), key=_place))

    def _counted(self, text: _Text, found: Sequence[Finding]) -> list[Finding]:
        """One decision for each span that reaches its threshold."""
        least = self._config.entities
        counting = [f for f in found if f.score >= least[f.entity].threshold]
        return joined(text.folded.text, resolved(counting, self._order))

    def _is_unsure(self, text: _Text, finding: Finding) -> bool:
        """Whether a finding is near its threshold, or only a model or a weak list of words says so
        and no cue does."""
        entity = self._config.entities.get(finding.entity)
        if entity is None or entity.operator == "keep":  # nobody is protected by it
            return False
        margin = self._config.review_margin
        if _above(finding, entity.threshold) < margin:
            return True
        if finding.score > self._config.ner_score or cue_before(text.folded.text, finding.start):
            return False
        sure = ALONE if finding.entity == PERSON else entity.threshold + margin
        return not any(
            rule.entity == finding.entity and rule.overlaps(finding) and _above(rule, sure) >= 0
            for rule in text.by_rule
        )

    def _missed(
        self,
        text: _Text,
        found: Sequence[Finding],
        decided: Sequence[Finding],
        verdicts: Verdicts,
    ) -> list[Finding]:
        """What nearly counted, where nothing else was found: the surest of those that overlap."""
        missed: list[Finding] = []
        for finding in sorted(found, key=lambda f: (-f.score, f.start, -f.end)):
            above = _above(finding, self._config.entities[finding.entity].threshold)
            if (
                -self._config.review_margin <= above < 0
                and self._is_unsure(text, finding)
                and not any(finding.overlaps(other) for other in (*decided, *missed))
                and not self._is_cleared(text, finding, verdicts)
            ):
                missed.append(finding)
        return missed

    def _confirmed(self, text: _Text, finding: Finding, verdicts: Verdicts) -> Finding:
        """An unsure finding that a reviewer called personal is certain."""
        is_confirmed = (
            bool(verdicts.personal)
            and self._is_unsure(text, finding)
            and verdicts.of(text.span(finding)) is Verdict.PERSONAL
        )
        return replace(finding, score=1.0) if is_confirmed else finding

    def _is_cleared(self, text: _Text, finding: Finding, verdicts: Verdicts) -> bool:
        """Whether a reviewer called it not personal. What the detector is sure of stays, whatever
        was said of the same word elsewhere: `Viola` may be a plant, `Viola Hansen` is not."""
        return (
            bool(verdicts.not_personal)
            and self._is_unsure(text, finding)
            and verdicts.of(text.span(finding)) is Verdict.NOT_PERSONAL
        )


def _above(finding: Finding, threshold: float) -> float:
    """How far a score is above its threshold, without what binary fractions add."""
    return round(finding.score - threshold, 6)


def _covers(outer: Finding, inner: Finding) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _original(text: _Text, findings: Sequence[Finding]) -> list[Finding]:
    """Findings of the folded text as findings of the original one."""
    if text.folded.origins is None:
        return list(findings)
    return [Finding(*text.folded.original(f.start, f.end), f.entity, f.score) for f in findings]


def _place(finding: Finding) -> tuple[int, int]:
    return finding.start, finding.end


@cache
def detector() -> Detector:
    """The one detector of this process: loading it costs seconds."""
    return Detector(pii_config())
