"""Which of the configured languages a text is in: by its function words, in microseconds."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from udfs.pii.words import word_set

DANISH, ENGLISH = "da", "en"

_DANISH_WORDS = word_set(
    """
    ad af alle alt anden ang at blev blive bliver da de dem den denne der deres det dette dig din
    dog du efter eller en er et for fra før gerne han hans har havde have hej hende hendes her
    hilsen hos hun hvad hvis hvor i ikke ind ingen jeg jer jo kan kr kun kunden kunne kære mange
    med meget men mig min mine mit mod mvh ned noget nogle nr nu når og også om op ordre os over
    på samt selv siden sig sin sine sit skal skulle som sådan tak thi til tlf ud uden under var
    varen vedr venlig vi vil ville vor være været ønsker
    """
)
_ENGLISH_WORDS = word_set(
    """
    a about all an and are as at be been but by call can could customer dear did do don't each for
    from get had has have hello her hi him his how i i'm if in into is it it's its many may me
    more my no not of on or order other our out please regards said see she so some than thanks
    that the their them then there these they this to two up us was we were what what's when which
    who will with would you your
    """
)
_FUNCTION_WORDS = {DANISH: _DANISH_WORDS, ENGLISH: _ENGLISH_WORDS}
_SHARED = (_DANISH_WORDS & _ENGLISH_WORDS) | word_set("for i at as to have over under")


def languages_of(words: Iterable[str], configured: Collection[str]) -> frozenset[str]:
    """The languages of a text's lower-case words, of those configured; all of them in doubt.

    A text counts as mixed where the weaker language has a third of the stronger one's function
    words, and two at least.
    """
    seen = set(words)
    told = seen - _SHARED
    counts = {name: len(told & _FUNCTION_WORDS.get(name, frozenset())) for name in configured}
    if DANISH in counts and any(
        not w.isascii() and ("æ" in w or "ø" in w or "å" in w) for w in told
    ):
        counts[DANISH] += 1
    most = max(counts.values(), default=0)
    if most == 0:
        return frozenset(configured)
    return frozenset(n for n, c in counts.items() if c == most or (c >= 2 and 3 * c >= most))
