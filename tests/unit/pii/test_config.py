"""What the configuration says, and what a change of it does."""

from __future__ import annotations

import pytest

from conf.errors import UsageError
from udfs.pii import config as pii
from udfs.pii.config import OPERATORS, ModelConfig, detector_version, pii_config
from udfs.pii.detector import Detector

DANISH = "ATLAS_PII_MODEL_DA"


@pytest.fixture
def fresh():
    """The configuration is read again, during the test and after it."""
    caches = (pii_config, detector_version)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def _say(monkeypatch, text: str) -> None:
    monkeypatch.setattr(pii, "_text", lambda: text)
    pii_config.cache_clear()
    detector_version.cache_clear()


def _folder(path, weights: bytes = b"w"):
    (path / "ner").mkdir(parents=True)
    (path / "meta.json").write_text("{}")
    (path / "ner" / "model").write_bytes(weights)
    return path


def test_the_house_s_own_configuration():
    config = pii_config()
    assert config.languages == ("da", "en")
    assert {e.operator for e in config.entities.values()} <= set(OPERATORS)
    assert all(0 < e.threshold <= 1 for e in config.entities.values())
    assert config.entities["PERSON"].operator == "replace"
    assert config.entities["DK_CVR"].operator == "keep"


CPR = "  DK_CPR: {threshold: 0.4}"


@pytest.mark.parametrize(
    ("told", "change", "reason"),
    [
        (CPR, "  DK_CPR: {threshold: 0.4, operator: shred}", "DK_CPR: operator shred: .*replace"),
        (CPR, "  DK_CPR: {treshold: 0.4}", "DK_CPR: has a threshold, and may have operator and"),
        (CPR, "  DK_CPR: {operator: mask}", "DK_CPR: has a threshold"),
        (CPR, "  DK_CPR:", "DK_CPR: has a threshold"),
        (CPR, "  DK_CPR: {threshold: high}", "DK_CPR: threshold high: a number from 0 to 1"),
        (CPR, "  DK_CPR: {threshold: 40}", "DK_CPR: threshold 40: a number from 0 to 1"),
        (CPR, "  DK_CPR: {threshold: 0.4, operator: hash}", "DK_CPR: operator hash needs a domain"),
        (CPR, "  : : :", r":\d+: is not YAML"),
        ("review:", "reviews:", "lacks review"),
        ("batch_size: 256", "batch_size: many", "many"),
    ],
)
def test_what_is_wrong_is_told_by_name(monkeypatch, fresh, told, change, reason):
    assert told in pii._text()
    _say(monkeypatch, pii._text().replace(told, change, 1))
    with pytest.raises(UsageError, match=rf"conf/pii\.yml.*{reason}"):
        pii_config()


def test_a_mistyped_entity_is_refused_for_the_right_one_would_pass(monkeypatch, fresh):
    _say(monkeypatch, pii._text().replace("DK_CPR:", "DK_CRP:", 1))
    with pytest.raises(UsageError, match=r"nothing finds DK_CRP; there are .*DK_CPR"):
        Detector(pii_config())


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ("threshold: 0.5", "threshold: 0.6"),
        ("operator: keep", "operator: mask"),
        ("batch_size: 256", "batch_size: 128"),
        ("version: 2", "version: 3"),
    ],
)
def test_another_configuration_is_another_version(monkeypatch, fresh, change, by):
    text, before = pii._text(), detector_version()
    assert change in text
    _say(monkeypatch, text.replace(change, by, 1))
    assert detector_version() != before
    _say(monkeypatch, text)
    assert detector_version() == before


def test_other_code_another_library_or_another_model_is_another_version(
    monkeypatch, fresh, tmp_path
):
    seen = {detector_version()}
    for name, value in (("_code", list), ("version", lambda package: "0")):
        with monkeypatch.context() as changed:
            changed.setattr(pii, name, value)
            detector_version.cache_clear()
            seen.add(detector_version())
    for weights in (b"1", b"2"):
        monkeypatch.setenv(DANISH, str(_folder(tmp_path / weights.decode(), weights)))
        detector_version.cache_clear()
        seen.add(detector_version())
    assert len(seen) == 5


def test_the_first_model_that_is_there_is_taken(tmp_path):
    there = str(_folder(tmp_path / "there"))
    empty = tmp_path / "empty"
    empty.mkdir()
    for places, expected in (
        (["no_such_package_xyz", str(empty), there], there),
        (["pytest", there], "pytest"),
        (["no_such_package_xyz"], None),
        ([], None),
    ):
        assert ModelConfig("da", places, {}).installed() == expected


def test_the_environment_goes_first_and_alone(monkeypatch, tmp_path):
    model = ModelConfig("da", ["pytest"], {})
    there = str(_folder(tmp_path / "model"))
    monkeypatch.setenv(DANISH, there)
    assert model.installed() == there
    assert ModelConfig("en", ["pytest"], {}).installed() == "pytest"
    monkeypatch.setenv(DANISH, "/nonexistent")
    assert model.installed() is None


def test_without_a_danish_model_the_rules_work(monkeypatch, fresh):
    monkeypatch.setenv(DANISH, "/nonexistent")
    alone = Detector(pii_config())
    (made,) = alone.anonymize(["Kære Mette Hansen, vi ringer ikke til 20 12 34 56"])
    assert made.text == "Kære <PERSON>, vi ringer ikke til <PHONE_NUMBER>"
    assert len(detector_version()) == 12
