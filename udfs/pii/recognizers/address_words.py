"""Words of addresses: streets of many languages, and what no address holds."""

from __future__ import annotations

import re

from udfs.pii.words import word_set

UNIT_NAME = r"(?:apt|apartment|appt|suite|ste|unit|flat|room|rm|floor|fl|level|lvl|block|blk|bldg|building|lot|villa|tower|wing|office)"
STREETS = word_set(
    """
    street st road rd avenue ave av lane ln drive dr boulevard blvd court ct place pl square sq
    terrace ter tce crescent cres close way circle cir parkway pkwy highway hwy trail trl alley row
    walk mews gardens gdns grove green quay wharf hill turnpike plaza parade esplanade loop
    expressway freeway causeway bypass promenade path bend glen crossing ridge rise view heights
    """
)
PLAIN_STREETS = word_set(
    "street st road rd avenue ave lane ln boulevard blvd terrace crescent parkway pkwy"
)
FOREIGN = word_set(
    """
    rue via viale vicolo piazza piazzale corso largo calle carrer avenida avda paseo plaza rua rúa
    travessa praça praca ulica ul ulice aleja al os plac trg náměstí namesti place chemin allée
    impasse quai cours strada strasse straße str straat laan weg gasse platz allee ring gate gata
    gatan vei veg vej vägen väg gränd plads utca út útja u tér körút köz sétány katu tie kuja polku
    bulevardi odos leoforos plateia οδός λεωφόρος πλατεία λ r boulevard jalan jl calea bd passeig
    ronda ruta pasaje camino route
    """
)
ALSO_BEFORE_NUMBER = word_set(
    "str straat strasse straße weg gasse platz gate gata gatan väg vägen utca út útja u tér köz vej"
)
COMPOUND = re.compile(
    r"\w{2,30}(?:stra(?:ss|ß)e|str|straat|laan|weg|gasse|platz|allee|dijk|plein|gracht|kade|steenweg|singel"
    r"|gatan|gata|gaten|vägen|vegen|veien|gränd|backen|katu|tie|kuja|polku|vej|vejen|gade|gaden|stræde"
    r"|vegur|gata|stígur|braut|götu|utca|ova|ská|plads|torv|vænget|parken|bakken|leden|stigen|ringen|lia|veg|vei)"
)
MONTHS = word_set(
    """
    january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
    am pm
    """
)
LINKS = word_set(
    """
    de del della delle dei di da do dos das du des la le les el los las al an am im der den dem
    nad pod na u v ve w y e i s van von og och the of upon near on sur sous zur zum bei ob pri pa
    dalla dal dallo nel nella sul sulla and ibn bint bin abu ten op aan het 't à
    """
)
STOPS = word_set(
    """
    a an and are as at be because been but by can could did do does for from had has have he her
    here his how i if in is it its just let like me my no not now of on or our please she should
    so some than thank thanks that the their them then there these they this those to too us was
    we were what when where which who why will with would you your yes hello hi dear regards best
    sincerely phone tel fax email e-mail mail website web mobile cell date when time name address
    she'll i'm i'll i'd i've it's we'll he's don't call ring today tomorrow
    iban ip account card invoice order number ref id customer version page step chapter
    jeg du han hun vi er og fra til på som kan skal venligst tak hej med for ikke har hvor
    """
)
NOUNS = re.compile(
    r"\s?(?:times?|days?|weeks?|months?|years?|hours?|minutes?|mins?|people|dollars?|percent|pcs|pieces|items?|units|gb|tb|mb|x\s?\d|o'clock|%|pm\b|am\b)(?!\w)",
    re.IGNORECASE,
)
FIRST_WORDS = word_set(
    """
    p po pob psc box usns uss usnv uscgc apt apartment appt suite ste unit flat room rm floor fl
    level lvl block blk bldg building lot villa tower wing office
    """
) | {word for word in FOREIGN if len(word) > 2}
