"""What `conf/pii.yml` says, and the version of the detector it makes."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from conf.errors import UsageError, listed

_PACKAGES = (
    "presidio-analyzer",
    "presidio-anonymizer",
    "spacy",
    "phonenumbers",
    "faker",
    "wordfreq",
)
FILE = "conf/pii.yml"
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

    @property
    def setting(self) -> str:
        """The environment variable that names the model; then no other is looked for."""
        return f"ATLAS_PII_MODEL_{self.language.upper()}"

    @property
    def is_set(self) -> bool:
        return bool(os.environ.get(self.setting))

    def installed(self) -> str | None:
        """The first package or folder that is there; `ATLAS_PII_MODEL_DA` (or `_EN`) goes first."""
        given = os.environ.get(self.setting)
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
    """Raises: UsageError naming what is wrong with `conf/pii.yml`."""
    try:
        told = yaml.safe_load(_text())
        return PiiConfig(
            models={name: ModelConfig(name, **model) for name, model in told["models"].items()},
            entities={name: _entity(name, told) for name, told in told["entities"].items()},
            ner_score=float(told["ner"]["score"]),
            ner_batch_size=int(told["ner"]["batch_size"]),
            review_margin=float(told["review"]["margin"]),
            review_per_batch=int(told["review"]["per_batch"]),
        )
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError(f"{FILE}:{mark.line + 1 if mark else 1}: is not YAML") from None
    except KeyError as error:
        raise UsageError(f"{FILE}: lacks {error.args[0]}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{FILE}: {error}") from None


def _entity(name: str, told: Any) -> EntityConfig:
    """Raises: UsageError: a wrong word here would let personal data pass."""
    allowed = [f.name for f in fields(EntityConfig)]
    if not isinstance(told, dict) or not set(told) <= set(allowed) or "threshold" not in told:
        raise UsageError(f"{FILE}: {name}: has a threshold, and may have {listed(allowed[1:])}")
    threshold, operator = told["threshold"], told.get("operator", "replace")
    if not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        raise UsageError(f"{FILE}: {name}: threshold {threshold}: a number from 0 to 1")
    if operator not in OPERATORS:
        raise UsageError(f"{FILE}: {name}: operator {operator}: allowed are {listed(OPERATORS)}")
    if operator == "hash" and not told.get("domain"):
        raise UsageError(f"{FILE}: {name}: operator hash needs a domain, such as customers.email")
    return EntityConfig(**told)


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
    return list(_sources(files("udfs.pii")))  # also of a zip, as executors have it


def _sources(folder: Traversable) -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _sources(entry)
        elif entry.name.endswith(".py"):
            yield entry.read_text(encoding="utf-8")


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
