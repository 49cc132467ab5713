"""Names of places and streets: gazetteers out of packages that are there anyway.

Loaded once per process, when the first text needs them: Faker's address providers (their classes
alone, no `Faker()`), and the cities after which the tz database names its zones.
"""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

from udfs.pii.words import word_set

_LETTERS = (
    r"(?:NV|SV|SØ|NØ|Øst|Vest|Nord|Syd|Centrum|Sj\.?|Kyst|Strand|Stevns|Thy|Djurs|[CKVNSØMJF])"
)
"""What a Danish postal district adds to its town: København K, Aarhus C, Nykøbing F."""

_SUFFIXED = re.compile(rf" {_LETTERS}$")
_WORDS = re.compile(r"[^\W\d_][\w'’-]{0,30}\.?(?: [^\W\d_][\w'’-]{0,30}){0,2}")
_DISTRICT = re.compile(rf" {_LETTERS}(?![\w'’-])")
_ANY_DISTRICT = re.compile(_DISTRICT.pattern, re.IGNORECASE)
_WITH_DOT = frozenset(("kbh.", "frb."))
_ABBREVIATED = {
    "nr": "nørre", "sdr": "sønder", "st": "store", "ll": "lille", "kgs": "kongens", "v": "vester",
    "ø": "øster", "ndr": "nørre",
}  # fmt: skip

# Towns the post's list spells otherwise or counts into a larger one.
_DANISH_TOWNS = (
    "Aarhus", "Århus", "Ålborg", "Aabenraa", "Åbenrå", "Ærø", "Kbh", "Kbh.", "Kbhvn", "Copenhagen",
    "Elsinore", "Lyngby", "Kgs. Lyngby", "Kgs Lyngby", "Nykøbing", "Nykøbing Falster",
    "Nykøbing Mors", "Nykøbing Sjælland", "Viby", "Bogø", "Ans", "Solrød", "Ørum", "Bedsted",
    "Hurup", "Rungsted", "Veksø", "Tranbjerg", "Frb", "Frb.", "Nordhavn", "Grenå", "Ålestrup",
    "Års", "Hårby", "Nr. Aaby", "Sdr. Omme", "Sdr. Felding", "Nuuk", "Ilulissat", "Sisimiut",
    "Qaqortoq", "Tórshavn", "Klaksvík",
)  # fmt: skip

_DANISH_AREAS = (
    "Jylland", "Nordjylland", "Midtjylland", "Østjylland", "Vestjylland", "Sønderjylland",
    "Sydjylland", "Sjælland", "Nordsjælland", "Vestsjælland", "Sydsjælland", "Fyn", "Sydfyn",
    "Lolland", "Falster", "Bornholm", "Langeland", "Djursland", "Himmerland", "Vendsyssel",
    "Salling", "Amager", "Nørrebro", "Vesterbro", "Østerbro", "Christianshavn", "Sydhavnen",
    "Grønland", "Færøerne", "Storkøbenhavn", "Midtsjælland", "Odsherred",
    "Tårnby", "Furesø", "Gladsaxe", "Lyngby-Taarbæk", "Rudersdal", "Allerød", "Egedal", "Halsnæs",
    "Gribskov", "Guldborgsund", "Vesthimmerland", "Mariagerfjord", "Rebild", "Jammerbugt",
    "Favrskov", "Norddjurs", "Syddjurs", "Albertslund", "Faxe", "Hvidovre", "Ørestad", "Frihavnen",
)  # fmt: skip

_COUNTRIES = (
    "USA", "UK", "U.K.", "U.S.A.", "U.S.", "UAE", "England", "Scotland", "Wales", "Northern Ireland",
    "Great Britain", "United Kingdom", "United States", "North Korea", "South Korea", "Russia",
    "Iran", "Syria", "Taiwan", "Vietnam", "Laos", "Moldova", "Tanzania", "Czech Republic", "Macau",
    "Slovakia", "Macedonia", "Palestine", "Ivory Coast", "Bolivia", "Venezuela", "Libya",
    "Democratic Republic of the Congo", "Europe", "Scandinavia", "Skotland", "Nordirland",
    "Storbritannien", "Europa", "Skandinavien", "Holland", "Sydkorea", "Nordkorea", "Tjekkiet",
    "Kosovo", "Hong Kong", "Asia", "Asien", "Afrika", "Africa", "America", "Amerika", "Østeuropa",
    "Vesteuropa", "Nordeuropa", "Sydeuropa", "Mellemøsten", "Bosnien", "Bosnia", "Jugoslavien",
    "Yugoslavia", "Sovjetunionen", "Tjekkoslovakiet", "Kyrgyzstan", "Brunei", "Western Europe",
    "Eastern Europe", "Nordamerika", "Sydamerika", "Makedonien", "Hongkong", "Burma", "Myanmar", "South America", "North America", "Latin America", "Middle East",
)  # fmt: skip

# Also words, first names or surnames of either language: they need a cue before them.
# Where Danes travel to and packets go, beyond the cities that name a time zone.
_LARGE_CITIES = (
    "Rom", "Prag", "Wien", "Bruxelles", "Milano", "Firenze", "Venedig", "Napoli", "München", "Malmö",
    "Malmø", "Göteborg", "Gøteborg", "Bergen", "Barcelona", "Valencia", "Sevilla", "Lissabon",
    "Athen", "Beograd", "Genève", "Geneva", "Zürich", "Nice", "Lyon", "Marseille", "Rotterdam",
    "Frankfurt", "Hannover", "Bremen", "Milan", "Munich", "Venice", "Florence", "Naples", "Lisbon",
    "Manchester", "Liverpool", "Birmingham", "Edinburgh", "Glasgow", "Leeds", "Cardiff", "Bristol",
    "Boston", "Seattle", "Miami", "Dallas", "Houston", "Atlanta", "Philadelphia", "San Francisco",
    "San Diego", "Las Vegas", "San Antonio", "San Jose", "New Orleans", "Minneapolis", "Baltimore",
    "Cleveland", "Pittsburgh", "Cincinnati", "St. Louis", "Kansas City", "Nashville", "Memphis",
    "Orlando", "Tampa", "Sacramento", "Salt Lake City", "Milwaukee", "Brooklyn", "Manhattan",
    "Queens", "Montreal", "Ottawa", "Calgary", "Quebec City", "Rio de Janeiro", "Cape Town",
    "Mumbai", "Delhi", "New Delhi", "Bangalore", "Chennai", "Hyderabad", "Beijing", "Shenzhen",
    "Osaka", "Kyoto", "Tel Aviv", "Abu Dhabi", "Islamabad", "Washington D.C.", "New York City",
    "Auckland", "Wellington", "Christchurch", "Honolulu", "Canberra", "Mekka", "Basra", "Mosul",
)  # fmt: skip

_AMBIGUOUS = word_set(
    """
    als ans arden askeby balle bjert borre brande broby børkop dalby ejby fur føvling galten give
    gram greve hals hammel hampen harlev hasle hejls hemmet henne hjerm holme holte humble karby
    knebel kolind lejre lem lemming lund lundby lynge løkken løsning malling melby mern mors mørke
    møn odder ringe rude ry rø sabro salling sandved sindal skals skive skjern stege stoholm struer
    sunds tarm them tilst tim tårs uldum vejen vejby vandel vemb vig vils virum vonge årre
    aars års bække gesten gudme guldborg flemming høng højby højer viby solbjerg stenderup nyrup
    ulstrup ørum ørsted hurup bedsted outrup jerslev marslev gislev asnæs bording fanø
    jordan chad georgia turkey guinea china cuba mali niger togo dominica chile
    benin essen halle casey davis troll nome knox vincennes marengo monticello
    winamac denver sydney santiago phoenix nelson adak regina boise dawson creston louisville
    virginia carolina washington maria reunion victoria hermosillo darwin perth eden nice queens florence bergen orlando houston
    """
)

_CONTINENTS = ("Africa/", "America/", "Asia/", "Europe/", "Australia/")

_LEFT_OUT = word_set(
    """
    by nord syd øst vest hovedstaden north south west east center central factory mobile reading
    """
)


@cache
def danish_towns() -> frozenset[str]:
    """Towns and postal districts, in lower case, without the district's letters."""
    from faker.providers.address.da_DK import Provider

    names = {n for c in (*Provider.cities, *_DANISH_TOWNS) for n in (c, _SUFFIXED.sub("", c))}
    return frozenset(n.lower() for n in names) - _LEFT_OUT


@cache
def street_stems() -> frozenset[str]:
    """What stands before -vej, -gade, Allé in the names of Danish streets, in lower case."""
    from faker.providers.address.da_DK import Provider

    return frozenset(stem.lower() for stem in Provider.street_names)


@cache
def countries() -> frozenset[str]:
    """Names of countries in Danish and English, in lower case."""
    from faker.providers.address.da_DK import Provider as Danish
    from faker.providers.address.en_US import Provider as English

    names = {re.sub(r" \(.*", "", n) for n in (*Danish.countries, *English.countries)}
    return frozenset(n.lower() for n in {*names, *_COUNTRIES}) - _LEFT_OUT


@cache
def state_codes() -> frozenset[str]:
    """Two or three letters that stand for a state, a territory or a province."""
    from faker.providers.address.en_AU import Provider as Australian
    from faker.providers.address.en_CA import Provider as Canadian
    from faker.providers.address.en_US import Provider as American

    return frozenset((*American.known_usps_abbr, *Canadian.provinces_abbr, *Australian.states_abbr))


@cache
def regions() -> frozenset[str]:
    """States, provinces and Danish regions by their names, in lower case."""
    from faker.providers.address.en_AU import Provider as Australian
    from faker.providers.address.en_CA import Provider as Canadian
    from faker.providers.address.en_US import Provider as American

    names = (*American.states, *Canadian.provinces, *Australian.states, *_DANISH_AREAS)
    return frozenset(n.lower() for n in names) - _LEFT_OUT


@cache
def cities() -> frozenset[str]:
    """Larger cities of the world, in lower case."""
    from faker.providers.address.de_DE import Provider as German
    from faker.providers.address.sv_SE import Provider as Swedish

    zones = (z.split("/") for z in available_timezones() if z.startswith(_CONTINENTS))
    names = {z[-1].replace("_", " ") for z in zones if len(z[-1]) > 3}
    return (
        frozenset(n.lower() for n in {*names, *_LARGE_CITIES, *German.cities, *Swedish.cities})
        - _LEFT_OUT
    )


@cache
def all_places() -> frozenset[str]:
    return danish_towns() | countries() | regions() | cities()


def is_ambiguous(name: str) -> bool:
    """Whether the name is also a word or a person's name."""
    return len(name) < 4 or name.lower() in _AMBIGUOUS


def town_end(text: str, start: int) -> int | None:
    """Where the Danish town that begins at `start` ends, its district's letters included."""
    words = _WORDS.match(text, start)
    end = words.end() if words else start
    while end > start:
        if _spelled_out(text[start:end].lower()) in danish_towns():
            if text[end - 1] == "." and text[start:end].lower() not in _WITH_DOT:
                return end - 1
            letters = (_DISTRICT if text[start].isupper() else _ANY_DISTRICT).match(text, end)
            return letters.end() if letters else end
        cut = text.rfind(" ", start, end)
        end = cut if cut > start else start
    return None


def _spelled_out(name: str) -> str:
    first, _, rest = name.partition(" ")
    if rest:
        return f"{_ABBREVIATED.get(first.rstrip('.'), first)} {rest}"
    return name.rstrip("'’.")


@cache
def by_first_word() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Every place as its words, longest first, under the first of them."""
    index: dict[str, list[tuple[str, ...]]] = {}
    for name in all_places():
        words = tuple(name.split(" "))
        index.setdefault(words[0], []).append(words)
    return {first: tuple(sorted(names, key=len, reverse=True)) for first, names in index.items()}
