"""What reviewers said, as keyed fingerprints."""

from __future__ import annotations

import pickle

import pytest

from conf.errors import UsageError
from conf.secrets import KeySource
from tests.standard import KEY, keys_in
from udfs.pii.verdicts import NO_VERDICTS, Verdict, Verdicts, fingerprint
from udfs.pseudonyms import pseudonym


@pytest.mark.parametrize(
    "text",
    [
        "josé viola",
        "JOSÉ VIOLA",
        "Jose\u0301 Viola",
        "Jo\u200bsé Viola",
        "Jos\u00e9\u00a0Viola",
        " José Viola ",
    ],
)
def test_one_fingerprint_for_all_spellings_of_a_text(text):
    assert fingerprint(KEY, text) == fingerprint(KEY, "José Viola")


def test_a_fingerprint_is_keyed_and_in_a_domain_of_its_own():
    told = fingerprint(KEY, "Viola")
    assert told != fingerprint(KEY + b"x", "Viola")
    assert told != fingerprint(KEY, "Violas")
    assert told != pseudonym(KEY, "default/t.name", "viola")
    assert len(told) == 64


def test_verdicts_know_the_texts_they_are_of(tmp_path):
    lists = (frozenset({fingerprint(KEY, "Viola")}), frozenset({fingerprint(KEY, "1234-1234567")}))
    told = Verdicts(*lists, keys_in(tmp_path))
    assert told.of("VIOLA") is Verdict.NOT_PERSONAL
    assert told.of("1234-1234567") is Verdict.PERSONAL
    assert told.of("Viola Hansen") is None
    assert NO_VERDICTS.of("Viola") is None


def test_the_worst_is_believed_of_a_text_on_both_lists(tmp_path):
    both = frozenset({fingerprint(KEY, "Viola")})
    assert Verdicts(both, both, keys_in(tmp_path)).of("Viola") is Verdict.PERSONAL


def test_what_goes_to_the_workers_holds_no_key_and_no_text(tmp_path):
    told = Verdicts(frozenset({fingerprint(KEY, "Viola")}), frozenset(), keys_in(tmp_path))
    sent = pickle.dumps(told).lower()
    assert KEY not in sent and b"viola" not in sent
    assert KEY.decode() not in repr(told)


def test_without_the_key_nothing_is_said(tmp_path):
    lost = Verdicts(frozenset({"0"}), frozenset(), KeySource(str(tmp_path / "none")))
    with pytest.raises(UsageError):
        lost.of("Viola")


def test_other_verdicts_are_another_version():
    one, two = frozenset({"1"}), frozenset({"2"})
    versions = [
        told.version("abc")
        for told in (
            NO_VERDICTS,
            Verdicts(one),
            Verdicts(two),
            Verdicts(frozenset(), one),
            Verdicts(one | two),
            Verdicts(one, two),
        )
    ]
    assert versions[0] == "abc"
    assert len(set(versions)) == len(versions)
    assert Verdicts(one).version("abc") == versions[1] != Verdicts(one).version("abd")
