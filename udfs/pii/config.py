"""What `conf/pii.yml` says, and the version of the detector it makes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

import yaml

_PACKAGES = ("presidio-analyzer", "presidio-anonymizer", "spacy", "phonenumbers")


@dataclass(frozen=True)
class PiiConfig:
    """The detector's configuration."""

    models: Mapping[str, str]  # language -> spaCy package or path
    entities: Mapping[str, float]  # entity -> least score
    ner_labels: Mapping[str, str]  # the model's label -> entity
    ner_score: float
    ner_batch_size: int


@cache
def pii_config() -> PiiConfig:
    told = yaml.safe_load(_text())
    return PiiConfig(**{name: told[name] for name in PiiConfig.__dataclass_fields__})


@cache
def detector_version() -> str:
    """A short digest of configuration, libraries and models: what a Silver row was treated with."""
    models = sorted(pii_config().models.values())
    parts = [_text(), *(f"{p}={version(p)}" for p in (*_PACKAGES, *models))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _text() -> str:
    return (files("conf") / "pii.yml").read_text(encoding="utf-8")
