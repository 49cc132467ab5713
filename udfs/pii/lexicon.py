"""Names of persons as word lists: Faker's (MIT), read from the installed package.

What a list tells depends on the word: `Mette` is a name wherever it stands with a capital, `Bo`
and `Will` are names only with something beside them that says so.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from functools import cache

import faker.providers.person as faker_persons

from udfs.pii.words import frequencies, is_common

NEAR = ("da_DK", "no_NO", "sv_SE", "fi_FI", "is_IS", "de_DE", "en_US", "en_GB", "tr_TR")
"""Locales whose names are usual in Danish customer data."""

_LATIN = re.compile(r"[^\W\d_]{2,}(?:['’\-][^\W\d_]+)*")

ALSO_WORDS = frozenset(
    # Danish words that are names too: a verb, a thing, a month, a direction.
    "ask bjørn bo dan dag dam dit den else falk fin fine finn gry gro hans hel her ida juni juli "
    "kim lis liv lone mai maj man mark max maks mor norma per pia rask rose rosa røde sol "
    "solveig sten storm sten svend tom tor torden vita ulv ib vi "
    "ea ene eva god held april august kai kaj august lærke svane fred dyr bay bær mads "
    "jo andre ville del tage kort sine vide bil mio love bror ben styr my line lykke vilde li villa "
    "tone junior don skær server lo viking ture mars lilla odd gun till peer grube vester øster "
    # English words that are names too.
    "us said german tea urban harm diamond angel edit toy nazi indiana canal beta atlanta roman "
    "destiny cord sierra tan owe neo von jesus bent "
    "april art august autumn bill bob brook chance charity chase chip christian cliff clay crystal "
    "daisy dale dawn dean drew earl eve faith flora ford frank gene ginger glen grace grant guy hale "
    "hazel heath heather holly hope hunter ivy jack jade jay jean jerry jewel jordan joy june king "
    "lance lane laurel lee lily lord major marine mark mason may melody mercy miles misty nick "
    "norm olive page parker patience paige pat paul peg penny pearl pete pierce precious price ray "
    "rich rob robin rod rose ruby rusty sandy sky skip stone summer sunny terry trinity tray troy "
    "victor violet wade ward warren wayne will willow winter woody trip ace so an "
    "paris london houston austin dallas denver phoenix chelsea florence georgia virginia carolina "
    "dakota madison lincoln washington jackson israel china india asia america ireland kenya "
    "sydney savannah santiago lourdes milan valencia sofia vienna roma".split()
)
"""Names that are ordinary words, places or brands in Danish or English: a capital alone is no
proof. Kept by hand; a word is added when it is used as a word more often than as a name."""

BRANDS = frozenset(
    ["lego", "duplo", "samsung", "galaxy", "bosch", "ikea", "nike", "adidas", "puma", "apple", "iphone", "ipad", "sony", "philips", "siemens", "miele", "electrolux", "dyson", "hay", "kähler", "bodum", "stelton", "rosendahl", "holmegaard", "pandora", "ecco", "hummel", "canon", "nikon", "hp", "dell", "lenovo", "asus", "acer", "huawei", "xiaomi", "google", "microsoft", "windows", "playstation", "nintendo", "xbox", "volvo", "ford", "audi", "bmw", "toyota", "tesla", "skoda", "peugeot", "citroen", "renault", "fiat", "opel", "vw", "volkswagen", "trabant", "mercedes", "porsche", "kia", "hyundai", "honda", "nissan", "lexus", "coca", "pepsi", "tivoli", "matas", "netto", "føtex", "bilka", "rema", "elgiganten", "zara", "gucci", "prada", "chanel", "rolex", "omega", "maersk", "mærsk", "carlsberg", "tuborg", "danfoss", "grundfos", "vestas", "arla", "danske", "nordea", "postnord", "gls", "dao", "bring", "dhl", "ups", "fedex", "amazon", "ebay", "facebook", "instagram", "linkedin", "twitter", "netflix", "spotify", "paypal", "mobilepay", "dankort", "visa", "mastercard", "klarna", "zalando", "boozt", "garmin", "bose", "jbl", "sonos", "lg", "panasonic", "braun", "tefal", "kenwood", "kitchenaid", "nespresso", "vans", "converse", "levis", "burger", "starbucks", "mcdonalds"]
)
"""Houses and products that customers write about; what begins with one is no person."""


@dataclass(frozen=True)
class Lexicon:
    """First and last names in lower case."""

    first: frozenset[str]
    near_first: frozenset[str]  # usual here, and hardly ever anything else
    last: frozenset[str]
    near_last: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The lists of all of Faker's locales in Latin letters. A foreign name that is a usual Danish
    or English word is left out."""
    first, near_first, last, near_last = set(), set(), set(), set()
    for module in pkgutil.iter_modules(faker_persons.__path__):
        if not module.ispkg:
            continue
        given, family = _names(module.name)
        if module.name in NEAR:
            near_first |= given
            near_last |= family
        else:
            given = {n for n in given if not _usual(n)}
            family = {n for n in family if not _usual(n)}
        first |= given
        last |= family
    return Lexicon(
        frozenset(first - ALSO_WORDS),
        frozenset(near_first - ALSO_WORDS),
        frozenset(last),
        frozenset(near_last),
    )


def _names(locale: str) -> tuple[set[str], set[str]]:
    provider = importlib.import_module(f"{faker_persons.__name__}.{locale}").Provider
    lists: dict[str, set[str]] = {"first": set(), "last": set()}
    for attribute in dir(provider):
        kind = next((k for k in lists if k in attribute), None)
        values = getattr(provider, attribute)
        if kind and "format" not in attribute and isinstance(values, (tuple, list, dict)):
            lists[kind] |= {str(v).lower() for v in values if _LATIN.fullmatch(str(v))}
    return lists["first"], lists["last"]


def _usual(name: str) -> bool:
    return is_common(name, "da", 1e-5) or is_common(name, "en", 2e-5)


def looks_like_surname(lower: str) -> bool:
    """Danish and Nordic surnames by their form: -sen, -sson, -gaard, -strup, -bæk ..."""
    return bool(_SURNAME.fullmatch(lower)) and lower not in frequencies_of_words()


_SURNAME = re.compile(
    r"[^\W\d_]{2,}(?:sen|sson|ssen|gaard|gård|strup|bæk|bech|lund|holm|quist|kvist|berg|bjerg|"
    r"ager|høj|dahl|skov|rup|bro|toft|vad|feldt|ström|strøm|mann|ski|sky|ska|dottir|dóttir|vic|ić)"
)


@cache
def frequencies_of_words() -> frozenset[str]:
    """Usual Danish words that only look like surnames (`næsen`, `lossen`): endings of the definite
    form, where no list knows a name."""
    known, spelt = lexicon().last, ("gaard", "bech", "mann")  # as no word is, only names
    seen = (w for w in frequencies("da") if _SURNAME.fullmatch(w) and not w.endswith(spelt))
    return frozenset(w for w in seen if w not in known)
