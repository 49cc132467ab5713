"""Names by rule alone: what makes a word a name, and what does not."""

from __future__ import annotations

import pytest

from udfs.pii.findings import Finding
from udfs.pii.language import languages_of
from udfs.pii.model_names import may_hide_a_name, mentions, person
from udfs.pii.names import (
    ALONE,
    CUED,
    FORM,
    FULL,
    NEAR,
    PERSON,
    cue_before,
    is_brand,
    names_in,
)
from udfs.pii.words import words_of


def found(text: str) -> list[Finding]:
    words = words_of(text)
    languages = languages_of((w.lower for w in words), ("da", "en"))
    return list(names_in(text, words, languages))


def names(text: str) -> list[str]:
    return [text[f.start : f.end] for f in found(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hr. Skov ringede", ["Hr. Skov"]),
        ("frøken Sten kom", ["frøken Sten"]),
        ("Dr. Stone called", ["Dr. Stone"]),
        ("Prof. Xyqwert kom", ["Prof. Xyqwert"]),
        ("Mrs Dalloway called", ["Mrs Dalloway"]),
        ("Hr. Georg Jensen ringede", ["Hr. Georg Jensen"]),  # a title tells the man from the brand
    ],
)
def test_titles(text, expected):
    assert names(text) == expected
    assert found(text)[0].score == CUED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kære Bo, tak for sidst", ["Bo"]),
        ("Kunden Kim er sur", ["Kim"]),
        ("Talte med Mette i går", ["Mette"]),
        ("Mvh\nXyqwert", ["Xyqwert"]),
        ("my name is Xyqwert Zxcvb", ["Xyqwert Zxcvb"]),
        ("Spoke to Rose about it", ["Rose"]),
        ("Dear Brigitta, thanks", ["Brigitta"]),
        ("Kind regards, Yusuf", ["Yusuf"]),
        ("c/o Holger", ["Holger"]),
    ],
)
def test_cues(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        ("Hr. ", "title"),
        ("mrs ", "title"),
        ("Kære ", "cue"),
        ("jeg talte med ", "cue"),
        ("v/", "cue"),
        ("Med venlig hilsen\n", "cue"),
        ("ukære ", None),
        ("Kære venner, ", None),
        ("", None),
    ],
)
def test_the_kind_of_a_cue(before, kind):
    assert cue_before(before + "Bo", len(before)) == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J. P. Jacobsen ringede", ["J. P. Jacobsen"]),
        ("A. Hansen kom", ["A. Hansen"]),
        ("Peter J. Q. Madsen ringede", ["Peter J. Q. Madsen"]),
        ("Lenhart, Matthew", ["Lenhart, Matthew"]),
        ("Lars von Trier ringede", ["Lars von Trier"]),
        ("Peter Hansens cykel", ["Peter Hansens"]),
        ("Mettes pakke er væk", ["Mettes"]),
        ("Mette-Marie ringede", ["Mette-Marie"]),
        ("Anne-Mette Friis-Hansen ringede", ["Anne-Mette Friis-Hansen"]),
        ("Åse Bjerregaard ringede", ["Åse Bjerregaard"]),
        ("Hans-Ole Xyqwert ringede", ["Hans-Ole Xyqwert"]),
        ('Mette "Musen" Xyqwert ringede', ['Mette "Musen" Xyqwert']),
        ("Mette ”Musen” Xyqwert ringede", ["Mette ”Musen” Xyqwert"]),
        ('butikken "Musen" Xyqwert', []),
        ("det er Lars' cykel", ["Lars'"]),
        ("varen ‘til Lars’ er væk", ["Lars"]),
        ("vi så METTE MASTROIANNIS film", ["METTE MASTROIANNIS"]),
        ("Viola og Lene Hansen ringede", ["Viola", "Lene Hansen"]),
        ("Vilfred Kirkegaard ringede", ["Vilfred Kirkegaard"]),
        ("METTE HANSEN RINGEDE", ["METTE HANSEN"]),
        ("mette hansen ringede", ["mette hansen"]),
        ("kære mette, tak", ["mette"]),
        ("en vare til mette er væk", []),  # too little for small letters
    ],
)
def test_how_names_are_written(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize(
    ("with_evidence", "name", "without"),
    [
        ("Kære Bo, tak", "Bo", "Bo godt i dag"),
        ("Per Hansen kom", "Per Hansen", "Per dag koster det 20 kr."),
        ("Kim Larsen ringede", "Kim Larsen", "Kim og hans varer"),
        ("Hans Petersen ringede", "Hans Petersen", "Hans varer er væk"),
        ("Sten Jensen leverer", "Sten Jensen", "Sten og grus leveres"),
        ("Maj Olsen kom", "Maj Olsen", "Maj er en god måned"),
        ("Tom Hansen skrev", "Tom Hansen", "Tom kasse modtaget"),
        ("Will Smith called", "Will Smith", "Will you call me?"),
        ("Mark Jensen paid", "Mark Jensen", "Mark this as paid"),
        ("Dear Rose, thanks", "Rose", "Roses are red"),
        ("Ifølge Kim er varen sendt", "Kim", "Ifølge hans mail er varen sendt"),
        ("Vi har aftalt med kunden at Hans henter den", "Hans", "Vi fejrer Sankt Hans"),
        ("Pakken blev afleveret hos Per i går", "Per", "Pakken koster 20 kr. per dag"),
    ],
)
def test_words_that_are_names_too_need_evidence(with_evidence, name, without):
    assert names(with_evidence) == [name]
    assert names(without) == []


@pytest.mark.parametrize(
    "text",
    [
        "Georg Jensen skålen er flot",
        "Ole Lynggaard ringen er væk",
        "Mads Nørgaard trøjen er flot",
        "LEGO Friends er dejligt",
        "Calvin Klein jeans are fine",
        "San Rafael er en by",
        "Mount Vincent is high",
        "Fort Wayne is a city",
        "Mandag kommer varen",
        "Faktura Nr. 12 mangler",
        "Mette2 er et brugernavn",
        "",
    ],
)
def test_brands_places_and_ordinary_words_are_no_persons(text):
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Kære Mette", CUED),
        ("Mette Hansen ringede", FULL),
        ("Kim Larsen ringede", FORM),
        ("Hun hedder jo Mette i dag", ALONE),
        ("Mette ringede", NEAR),
    ],
)
def test_how_sure_each_kind_of_evidence_is(text, score):
    assert [f.score for f in found(text)] == [score]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("Georg Jensen", True),
        ("Georg Jensen Damask", True),
        ("Hans J Wegner", True),
        ("Lego-sæt", True),
        ("Legos", True),
        ("Bos", False),
        ("Georg Hansen", False),
    ],
)
def test_brands(run, expected):
    assert is_brand(words_of(run)) is expected


def judged(text: str, span: str) -> str | None:
    """What is left of a span that a model takes for a person."""
    start = text.index(span)
    kept = person(text, words_of(text), Finding(start, start + len(span), PERSON, 0.6))
    return text[kept.start : kept.end] if kept else None


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("I går kom Xyqwert Zxcvb forbi", "Xyqwert Zxcvb", "Xyqwert Zxcvb"),
        ("Ringede Mette Hansen i går", "Ringede Mette Hansen", "Mette Hansen"),
        ("Mette Hansen\nVarenummer", "Mette Hansen\nVarenummer", "Mette Hansen"),
        ("(Mette Hansen)", "(Mette Hansen)", "Mette Hansen"),
        ("se Xyqwerts' film", "Xyqwerts", "Xyqwerts'"),
        ("se iPhone12 nu", "iPhone12", None),
        ("en LEGO Duplo til", "LEGO Duplo", None),
        ("Faktura Ordre kommer", "Faktura Ordre", None),
        ("varen er fin", "varen", None),
        ("Genkendelsen er god", "Genkendelsen", None),
        ("vi bor i Xyqwert nu", "Xyqwert", None),  # a place
        ("en Europa-Cup-runde til", "Europa-Cup-runde", None),
        ("se !!! her", "!!!", None),
    ],
)
def test_what_a_model_takes_for_a_person(text, span, expected):
    assert judged(text, span) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Varen er god, og den er fin.", "da", False),
        ("The parcel was fine. Thanks.", "en", False),
        ("Varen kom fra Xyqwert i går", "da", True),
        ("The parcel went to Xyqwert", "en", True),
        ("jeg talte med mette om det", "da", True),
        ("i spoke to zxcvb about it", "en", True),
        ("Rose called", "en", True),
        ("", "en", False),
        ("12 34 !!", "da", False),
    ],
)
def test_only_texts_with_something_unexplained_are_read_by_a_model(text, language, expected):
    assert may_hide_a_name(text, words_of(text), [], language) is expected


def test_what_is_found_needs_no_model_unless_it_is_weak():
    text = "kunden er Xyqwert"
    for score, expected in ((ALONE, False), (NEAR, True)):
        told = [Finding(10, 17, PERSON, score)]
        assert may_hide_a_name(text, words_of(text), told, "da") is expected


def mentioned(text: str, *persons: str) -> list[str]:
    told = [Finding(text.index(p), text.index(p) + len(p), PERSON, FULL) for p in persons]
    return [text[f.start : f.end] for f in mentions(text, words_of(text), told)]


@pytest.mark.parametrize(
    ("text", "persons", "expected"),
    [
        ("Zxcvb Hansen kom. Senere gik Zxcvb igen", ["Zxcvb Hansen"], ["Zxcvb"]),
        ("Zxcvb Hansen kom. Zxcvbs vare", ["Zxcvb Hansen"], []),  # no list knows it
        ("Mette Hansen kom. Det er Mettes vare", ["Mette Hansen"], ["Mettes"]),
        ("Mette Hansen kom, og mette gik", ["Mette Hansen"], []),
        ("Malon, Mark, Kaylee and Brandi came", ["Kaylee", "Brandi"], ["Malon", "Mark"]),
        ("Malon, Pizza, Cola, Kaylee and Pasta", ["Kaylee"], []),
        ("Mette kom", [], []),
    ],
)
def test_a_name_once_found_is_found_again(text, persons, expected):
    assert mentioned(text, *persons) == expected
