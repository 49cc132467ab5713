"""Which of the configured languages a text is in: by its function words, in microseconds."""

from __future__ import annotations

from collections.abc import Collection, Iterable

DANISH, ENGLISH = "da", "en"

_FUNCTION_WORDS = {
    DANISH: frozenset(
        ["og", "i", "at", "det", "er", "en", "et", "den", "til", "på", "de", "som", "med", "han", "af", "for", "ikke", "der", "var", "mig", "sig", "men", "har", "om", "vi", "havde", "hun", "nu", "over", "da", "fra", "du", "ud", "sin", "dem", "os", "op", "hans", "hvor", "eller", "hvad", "skal", "selv", "her", "alle", "vil", "blev", "kunne", "ind", "når", "være", "dog", "noget", "ville", "jo", "deres", "efter", "ned", "skulle", "denne", "dette", "mit", "også", "under", "have", "dig", "anden", "hende", "mine", "alt", "meget", "sit", "sine", "vor", "mod", "hvis", "din", "nogle", "hos", "blive", "mange", "ad", "bliver", "hendes", "været", "thi", "jer", "sådan", "jeg", "min", "kan", "ingen", "ikke", "kr", "kunden", "ordre", "hej", "venlig", "hilsen", "mvh", "tak", "varen", "kære", "ang", "vedr", "tlf", "nr", "samt", "kun", "uden", "før", "siden", "gerne", "ønsker"]
    ),
    ENGLISH: frozenset(
        ["the", "and", "of", "to", "a", "in", "is", "that", "it", "was", "for", "on", "are", "as", "with", "his", "they", "be", "at", "this", "have", "from", "or", "had", "by", "not", "but", "what", "all", "were", "when", "we", "there", "can", "an", "your", "which", "their", "said", "if", "do", "will", "each", "about", "how", "up", "out", "them", "then", "she", "many", "some", "so", "these", "would", "other", "into", "has", "more", "her", "two", "him", "see", "could", "no", "than", "my", "been", "who", "its", "did", "get", "may", "i", "you", "me", "us", "our", "please", "what's", "i'm", "it's", "don't", "customer", "order", "hi", "hello", "dear", "thanks", "regards", "call"]
    ),
}
_SHARED = frozenset.intersection(*_FUNCTION_WORDS.values()) | {
    "for",
    "i",
    "at",
    "as",
    "to",
    "have",
    "over",
    "under",
}


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
