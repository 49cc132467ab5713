"""Words before numbers that several recognizers share, with their inflections."""

from __future__ import annotations

_SUFFIXES = ("nr", "-nr", "nummer", "-nummer", "nummeret", "no", "-no", "id", "-id")


def numbered(*stems: str) -> tuple[str, ...]:
    """Each stem as Danish and English forms write it before its number: `ordrenr`, `ordre-nr` ...

    "ordre nr." needs no word of its own: `nr` may stand between a word and its number.
    """
    return tuple(stem + suffix for stem in stems for suffix in _SUFFIXES)


COMPANY_NUMBERS = (
    *("cvr", "se-nr", "senr", "se nr", "p-nummer", "p-nummeret", "vat", "moms-nr"),
    *("momsnr", "momsnummer", "org.nr", "orgnr"),
    *numbered("cvr", "vat"),
)

_NUMBERED_STEMS = (
    *("ordre", "bestillings", "faktura", "rykker", "sags", "vare", "artikel", "model"),
    *("produkt", "tracking", "track-and-trace", "sporings", "pakke", "forsendelses", "fragt"),
    *("batch", "lot", "kvitterings", "bilags", "reference", "ref", "serie", "serial"),
    *("kunde", "medlems", "police", "journal", "aftale", "kontrakt", "tilbuds", "projekt"),
    *("rekvisitions", "løbe", "ean", "gln", "booking", "billet", "gavekort", "følgeseddel"),
    *("abonnement", "abonnements", "skade", "skades", "leverandør", "debitor", "kreditor"),
    *("medarbejder", "løn", "styk", "stel", "måler", "installations", "matrikel", "retur"),
    *("transaktion", "transaktions", "betalings", "bruger", "ansøgnings", "autorisations"),
    *("order", "invoice", "case", "item", "user", "transaction", "payment"),
)

THINGS = (
    *numbered(*_NUMBERED_STEMS),
    *("ordre", "ordren", "ordrer", "ordrerne", "returordre", "returordren", "webordre"),
    *("salgsordre", "købsordre", "indkøbsordre", "ordrebekræftelse"),
    *("bestilling", "bestillingen", "faktura", "fakturaen", "fakturaer", "kreditnota"),
    *("rykker", "sag", "sagen", "ean", "gtin", "gln", "isbn", "upc", "sku", "imei", "varen"),
    *("vare", "artikel", "model", "tracking", "trackingkode", "sporing", "track & trace", "t&t"),
    *("track and trace", "track&trace", "pakke", "pakken", "forsendelse", "forsendelsen"),
    *("fragtbrev", "batch", "lot", "kvittering", "kvitteringen", "bilag", "reference"),
    *("referencen", "ref", "serie", "serial", "serial number", "stregkode", "barcode"),
    *("journal", "rekvisition", "gavekort", "voucher", "følgeseddel", "bookingreference"),
    *("order", "orders", "purchase order", "po", "invoice", "invoices", "case", "ticket"),
    *("item", "items", "article", "product", "part number", "shipment", "parcel", "package"),
    *("receipt", "booking", "quote", "contract number", "policy number", "customer number"),
    *("customer id", "customer no", "member number", "membership number", "user id", "pin"),
    *(
        "kode",
        "koden",
        "pinkode",
        "rabatkode",
        "adgangskode",
        "afhentningskode",
        "code",
        "pin code",
    ),
    *("discount code", "pickup code", "transaction id", "transaktion", "transaction", "payment id"),
    *("isbn-nr", "fi-kort", "betalingsid", "betalings-id", "løbenr", "lotnr", "partinr"),
)
"""What is numbered and is no person: an order, an invoice, an item, a parcel."""

MONEY = (
    *("kr", "dkk", "eur", "euro", "usd", "gbp", "sek", "nok", "beløb", "beløbet", "i alt"),
    *("total", "totalt", "sum", "saldo", "pris", "prisen", "amount", "price", "balance"),
)

PHONE = (
    *("tlf", "telf", "telefon", "telefonen", "telefonisk", "tlfnr", "tlf-nr", "tlf.nr"),
    *("hjemmetelefon", "arbejdstelefon", "mobiltelefon", "fastnet", "fastnettelefon"),
    *("hjemmetlf", "arbejdstlf", "mobiltlf", "direkte tlf", "mobil", "mobilen", "mob"),
    *numbered("telefon", "mobil", "mobiltelefon", "kontakt", "phone", "mobile", "cell"),
    *("ring", "ringe", "ringer", "ringes", "ringede", "ringet", "opringning", "opkald"),
    *("opkaldet", "kontakt", "kontakte", "kontaktes", "kontaktet", "sms", "sms'e", "smse"),
    *("smses", "fax", "træffes", "fanges", "nås", "hotline", "mobilepay", "whatsapp"),
    *("phone", "phones", "telephone", "tel", "ph", "cell", "cellphone", "mobile", "landline"),
    *("call", "calls", "called", "calling", "call back", "callback", "ring back", "text"),
    *("texted", "reach", "reached", "reachable", "contact", "contacted", "dial", "dialled"),
    *("dialed", "voicemail", "mit nummer", "mit nr", "hans nummer", "hendes nummer"),
    *("deres nummer", "nyt nummer", "på nummer", "på nr", "my number", "his number"),
    *("her number", "their number", "new number", "best number"),
)

ACCOUNT = (
    *("konto", "kontoen", "kontonr", "kto", "bankkonto", "bankkontoen", "lønkonto"),
    *("nemkonto", "opsparingskonto", "budgetkonto", "overføres til", "overfør til"),
    *numbered("konto", "bankkonto", "account"),
    *("account", "bank account", "acct", "acc"),
)
