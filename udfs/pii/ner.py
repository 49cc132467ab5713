"""Names by statistical models: one spaCy NER per language, with nothing else in the pipe."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

from udfs.pii.config import ModelConfig
from udfs.pii.findings import Finding

PIECE = 20_000  # characters that a model reads at once: its memory grows with them
OTHER = "OTHER"
_NAMED = frozenset(
    [
        "ORG",
        "ORGANIZATION",
        "GPE",
        "LOC",
        "LOCATION",
        "FAC",
        "PRODUCT",
        "WORK_OF_ART",
        "NORP",
        "EVENT",
        "MISC",
    ]
)
_LONGEST_WORD = 500  # what is longer is no word, and slow to split
_UNUSED = (
    "tok2vec",
    "tagger",
    "morphologizer",
    "parser",
    "senter",
    "lemmatizer",
    "attribute_ruler",
)


class Ner:
    """The models that are installed, by language."""

    def __init__(self, models: Mapping[str, ModelConfig], batch_size: int) -> None:
        self._batch_size = batch_size
        self._labels = {language: m.labels for language, m in models.items()}
        self._models = {
            language: load(place)
            for language, model in models.items()
            if (place := model.installed())
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a model."""
        return tuple(self._models)

    def entities(self, language: str, texts: Sequence[str], score: float) -> list[list[Finding]]:
        """What the language's model finds in each text; what it gives no entity of ours, but a
        name of something else, as `OTHER`."""
        found: list[list[Finding]] = [[] for _ in texts]
        pieces = [(n, at, piece) for n, text in enumerate(texts) for at, piece in pieces_of(text)]
        labels = self._labels[language]
        documents = self._models[language].pipe(
            (piece for _, _, piece in pieces), batch_size=self._batch_size
        )
        for (number, at, _), document in zip(pieces, documents, strict=True):
            found[number].extend(
                Finding(at + e.start_char, at + e.end_char, labels.get(e.label_, OTHER), score)
                for e in document.ents
                if e.label_ in labels or e.label_ in _NAMED
            )
        return found


def pieces_of(text: str) -> Iterator[tuple[int, str]]:
    """A text in pieces a model can read, cut at white space, each with its place; without
    words that are none."""
    start = 0
    while start < len(text):
        end = start + PIECE
        if end < len(text):
            end = max(text.rfind(" ", start + 1, end), text.rfind("\n", start + 1, end)) + 1 or end
        piece = text[start:end]
        if max(map(len, piece.split()), default=0) <= _LONGEST_WORD:
            yield start, piece
        start = end


def load(place: str) -> Language:
    """The model of a package or a folder; only its NER.

    A package is spaCy's own kind, or one with a function `model_path`.
    """
    options: dict[str, Any] = {"exclude": list(_UNUSED)}
    if Path(place).is_dir():
        return spacy.load(place, **options)
    package = importlib.import_module(place)
    return spacy.load(package.model_path() if hasattr(package, "model_path") else place, **options)
