"""What `conf/pii.yml` says, and the version of the detector it makes."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import yaml

_PACKAGES = (
    "presidio-analyzer",
    "presidio-anonymizer",
    "spacy",
    "phonenumbers",
    "faker",
    "wordfreq",
)
OPERATORS = ("replace", "mask", "hash", "drop", "keep")


@dataclass(frozen=True)
class EntityConfig:
    """From which score a finding counts, and what becomes of it."""

    threshold: float
    operator: str = "replace"
    domain: str = ""  # of `hash`: the pseudonym's, as in a contract


@dataclass(frozen=True)
class ModelConfig:
    """Where a language's NER may lie, the best first, and what its labels mean."""

    language: str
    candidates: Sequence[str]
    labels: Mapping[str, str]

    def installed(self) -> str | None:
        """The first package or folder that is there; `ATLAS_PII_MODEL_DA` (or `_EN`) goes first."""
        given = os.environ.get(f"ATLAS_PII_MODEL_{self.language.upper()}")
        places = [given] if given else self.candidates
        return next((found for p in places if (found := _found(p))), None)


@dataclass(frozen=True)
class PiiConfig:
    """The detector's configuration."""

    models: Mapping[str, ModelConfig]
    entities: Mapping[str, EntityConfig]
    ner_score: float
    ner_batch_size: int
    review_margin: float  # how near its threshold a score leaves the detector unsure
    review_per_batch: int  # how many unsure spans of a batch are kept for review

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.models)


@cache
def pii_config() -> PiiConfig:
    """Raises: ValueError naming an operator that is not known."""
    told = yaml.safe_load(_text())
    entities = {name: EntityConfig(**e) for name, e in told["entities"].items()}
    for name, entity in entities.items():
        if entity.operator not in OPERATORS:
            raise ValueError(f"conf/pii.yml: {name}: operator {entity.operator}: {OPERATORS}")
    return PiiConfig(
        models={name: ModelConfig(name, **model) for name, model in told["models"].items()},
        entities=entities,
        ner_score=told["ner"]["score"],
        ner_batch_size=told["ner"]["batch_size"],
        review_margin=told["review"]["margin"],
        review_per_batch=told["review"]["per_batch"],
    )


@cache
def detector_version() -> str:
    """A short digest of configuration, code, libraries and models: what a Silver row was treated
    with."""
    models = [_model_version(m.installed()) for m in pii_config().models.values()]
    parts = [_text(), *_code(), *(f"{p}={version(p)}" for p in _PACKAGES), *models]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _text() -> str:
    return (files("conf") / "pii.yml").read_text(encoding="utf-8")


def _code() -> list[str]:
    """The detector's own source: another rule is another detector."""
    here = Path(__file__).parent
    return [p.read_text(encoding="utf-8") for p in sorted(here.rglob("*.py"))]


def _found(place: str) -> str | None:
    """The package's name, or the folder's path: as it is, or from the project's root."""
    if place.isidentifier() and importlib.util.find_spec(place):
        return place
    paths = (Path(place), Path(__file__).parents[2] / place)
    return next((str(p) for p in paths if (p / "meta.json").is_file()), None)


def _model_version(place: str | None) -> str:
    if place is None:
        return "none"
    folder = Path(place)
    if folder.is_dir():
        return hashlib.sha256((folder / "ner" / "model").read_bytes()).hexdigest()
    return f"{place}={version(place)}"
