"""The words that make a run of capitalized words a name, or tell that it is none."""

from __future__ import annotations

from udfs.pii.words import phrase_set, word_set

TITLES = word_set(
    """
    hr herr fru frk frøken dr doktor prof professor mag ing adv pastor mr mrs ms miss mister sir
    madam mme mlle herrn señor sr sra
    """
)

BEFORE_NAMES = word_set(
    """
    kære hej hejsa goddag mvh vh kh hilsen hilsner hilse att attn hedder hed navn navnet navnene
    fornavn efternavn kontaktperson kontakt kontakter kontakte kontaktede kunde kunden kundens
    naboen nabo modtager modtageren afsender afsenderen sagsbehandler sagsbehandleren ejer ejeren
    hustru hustruen konen kone ægtefælle ægtefællen samlever kæreste kæresten datter datteren søn
    sønnen mor far bror søster svigermor svigerfar barn barnet værge vidne underskrevet
    medarbejder medarbejderen kollega kollegaen direktør direktøren formand formanden læge lægen
    advokat advokaten patient patienten borger borgeren lejer lejeren medlem medlemmet elev eleven
    indehaver kontohaver kortholder afdøde bestilleren venligst dear hi hello regards sincerely
    cheers thanks customer client member employee colleague neighbour neighbor recipient sender
    tenant named contact contacted attention signed husband wife spouse son daughter brother
    sister mother father cardholder
    """
)
"""Words that a name follows directly: greetings, roles, relations."""

PHRASES_BEFORE_NAMES = phrase_set(
    """
    ring til, ringe til, skriv til, spørg efter, talte med, talt med, tale med, snakket med,
    snakkede med, samtale med, samtalen med, ringede til, ringet til, oplyst af, bekræftet af,
    modtaget af, afhentet af, kontaktet af, leveret til, sendt til, send faktura til, på vegne af,
    mit navn er, navn er, jeg er, det er, v/, c/o, my name is, name is, name, spoke to, spoke
    with, talked to, speak to, speak with, provided by, verified with, confirmed by, received by,
    on behalf of, this is, i am, i'm, signed by, called by, med venlig hilsen, venlig hilsen, de
    bedste hilsner, kind regards, best regards, yours sincerely, many thanks, best, maiden name
    is, maiden name, under the name, under, everyone calls me, calls me, call me, directed by,
    starring, written by, kaldes, kaldet, kalder sig
    """
)

PARTICLES = word_set(
    """
    von van der den de du di da dos del della la le el al af bin ibn ter zu y e
    """
)
"""Small words inside a name."""

NO_NAMES = word_set(
    """
    sankt skt
    venus mercury saturn jupiter merkur
    mandag tirsdag onsdag torsdag fredag lørdag søndag januar februar marts april juni juli
    september oktober november december monday tuesday wednesday thursday friday saturday sunday
    january february march june july october jul påske pinse nytår christmas easter danmark dansk
    danske denmark danish english engelsk kundeservice kundecenter support team afdeling service
    bank post dk cpr cvr iban ean tlf nr mobil telefon email e-mail mail faktura ordre ordrenr
    order invoice customer kunde kunden kundens varen vare pakke pakken ok nb ps obs ring fwd re
    hej kære hilsen mvh vh dear hello hi regards best venlig med hr fru frk mr mrs ms dr street
    avenue road box suite apt level apartment floor sal vej gade alle allé plads boulevard north
    south east west nord syd øst vest aps as inc ltd llc gmbh corp the a an i he she we you it
    they this that these those my your our his their de du han hun vi jeg det den der dette ja nej
    yes no please thanks thank tak both begge samt og and or eller
    """
)
"""Weekdays, months, forms of address, and what has a capital for other reasons."""

MONTHS = word_set("jan feb mar apr may maj jun jul aug sep sept oct okt nov dec april august")
"""Abbreviations and months that are names as well: a day behind them tells."""

PLACE_WORDS = word_set(
    """
    san santa santo sao são st saint mount mt fort port lake new los las el la cape point
    """
)
"""What makes the name behind it one of a place: San Rafael, Fort Wayne."""

HOUSES = phrase_set(
    """
    anne black, arne jacobsen, ben jerry, bing grøndahl, børge mogensen, calvin klein, carl
    hansen, christian dior, finn juhl, fritz hansen, georg jensen, hans j wegner, hans wegner,
    harley davidson, holmegaard, hugo boss, jack daniels, jacob jensen, johnnie walker, julie
    sandlau, kay bojesen, levi strauss, louis poulsen, louis vuitton, mads nørgaard, malene
    birger, marc jacobs, mercedes benz, michael kors, ole lynggaard, ole mathiesen, poul
    henningsen, poul kjærholm, ralph lauren, rosendahl, royal copenhagen, tommy hilfiger, trine
    wind, verner panton
    """
)
"""Houses of design and fashion that bear a person's name."""

BRANDS = word_set(
    """
    lego duplo samsung galaxy bosch ikea nike adidas puma apple iphone ipad sony philips siemens
    miele electrolux dyson hay kähler bodum stelton rosendahl holmegaard pandora ecco hummel canon
    nikon hp dell lenovo asus acer huawei xiaomi google microsoft windows playstation nintendo
    xbox volvo ford audi bmw toyota tesla skoda peugeot citroen renault fiat opel vw volkswagen
    trabant mercedes porsche kia hyundai honda nissan lexus coca pepsi tivoli matas netto føtex
    bilka rema elgiganten zara gucci prada chanel rolex omega maersk mærsk carlsberg tuborg
    danfoss grundfos vestas arla danske nordea postnord gls dao bring dhl ups fedex amazon ebay
    facebook instagram linkedin twitter netflix spotify paypal mobilepay dankort visa mastercard
    klarna zalando boozt garmin bose jbl sonos lg panasonic braun tefal kenwood kitchenaid
    nespresso vans converse levis burger starbucks mcdonalds
    """
)
"""Products and firms that customers write about; what begins with one is no person."""

NAMES_BY_CAPITAL = word_set(
    """
    bent bjørn bo eva gry hans ida kai kim lis lone mads per pia solveig sten svend tom
    """
)
"""Of these the first names that a capital tells apart from the word in Danish, which writes no other
word so: in the middle of a sentence `hans` is his, and `Hans` somebody."""

PER_WHAT = word_set(
    """
    telefon tlf mail e-mail email sms brev post kurer fax fjernbetaling mobilepay kontant stk styk
    enhed pakke måned mdr år uge dag dags døgn time minut kvartal halvår person medarbejder kunde
    ordre gang kvadratmeter meter kilometer kilo liter ton procent automatik definition tradition
    refleks princip aftale dato indbygger husstand bolig rejse nat
    """
)
"""What stands behind the preposition `per`: at a sentence's start it looks like the name."""

ALSO_WORDS = word_set(
    """
    ask bjørn bo dan dag dam dit den else falk fin fine finn gry gro hans hel her ida juni juli
    kim lis liv lone mai maj man mark max maks mor norma per pia rask rose rosa røde sol solveig
    sten storm svend tom tor torden vita ulv ib vi ea ene eva god held april august kai kaj lærke
    svane fred dyr bay bær mads jo andre ville del tage kort sine vide bil mio love bror ben styr
    my line lykke vilde li villa tone junior don skær server lo viking ture mars lilla odd gun
    till peer grube vester øster us said german tea urban harm diamond angel edit toy nazi indiana
    canal beta atlanta roman destiny cord sierra tan owe neo von jesus bent art autumn bill bob
    brook chance charity chase chip christian cliff clay crystal daisy dale dawn dean drew earl
    eve faith flora ford frank gene ginger glen grace grant guy hale hazel heath heather holly
    hope hunter ivy jack jade jay jean jerry jewel jordan joy june king lance lane laurel lee lily
    lord major marine mason may melody mercy miles misty nick norm olive page parker patience
    paige pat paul peg penny pearl pete pierce precious price ray rich rob robin rod ruby rusty
    sandy sky skip stone summer sunny terry trinity tray troy victor violet wade ward warren wayne
    will willow winter woody trip ace so an paris london houston austin dallas denver phoenix
    chelsea florence georgia virginia carolina dakota madison lincoln washington jackson israel
    china india asia america ireland kenya sydney savannah santiago lourdes milan valencia sofia
    vienna roma
    """
)
"""Names that are ordinary words or places in Danish or English: a capital alone is no proof.
Kept by hand; a word is added when it is used as a word more often than as a name."""
