"""What a column's name says, in Danish and English."""

import pytest

from udfs.pii.column_hints import hinted, is_number_name, normalized

HINTS = {
    "PERSON": "navn Fornavn EFTERNAVN mellemnavn kundenavn Kunde_navn fuldeNavn name first_name lastName surname customer_name "
    "cardHolderName kontaktperson ægtefælle",
    "EMAIL_ADDRESS": "E-mail email e_mail Mail Mailadresse email_address kontaktmail kundeEmail",
    "PHONE_NUMBER": "tlf Tlf. tlfnr telefon Telefonnummer mobil Mobilnr mobil_nummer phone phoneNumber mobile msisdn",
    "DK_CPR": "cpr CPR-nr CPR-nummer cprnummer personnr Personnummer person_nr fødselsnummer ssn",
    "STREET_ADDRESS": "adresse Adr. adresse1 leveringsadresse vej Vejnavn gade husnr address address_line_1 shippingAddress street",
    "POSTAL_CODE": "postnr Post_nr postnummer postkode postal_code zip zipCode",
    "LOCATION": "by By bynavn city town kommune",
    "DATE_OF_BIRTH": "Fødselsdato fodselsdato foedselsdag født dob birth_date date_of_birth birthday",
    "BANK_ACCOUNT": "konto Kontonr kontonummer bankkonto reg_nr account_number",
    "IBAN_CODE": "IBAN iban_nr kundeIban",
    "CREDIT_CARD": "kortnummer card_number kreditkort",
}


@pytest.mark.parametrize(
    ("entity", "name"), [(e, n) for e, ns in HINTS.items() for n in ns.split()]
)
def test_a_name_tells_what_it_holds(entity, name):
    assert hinted(name) == entity


@pytest.mark.parametrize(
    "name",
    [
        "produktnavn",
        "product_name",
        "firmanavn",
        "CompanyName",
        "filnavn",
        "ip_address",
        "email_valid",
        "note",
        "status",
        "hotel",
        "order_id",
        "kunde_id",
        "created_at",
        "beløb",
        "værdi",
        "byrde",
        "vejledning",
        "kontotype",
        "konto_type",
        "country",
        "beskrivelse",
        "phone_type",
    ],
)
def test_a_name_that_tells_nothing_of_a_person(name):
    assert hinted(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "order_id",
        "OrdreNr",
        "fakturanr",
        "sagsnr",
        "varenummer",
        "ean",
        "cvr",
        "id",
        "kunde_id",
        "batch_no",
    ],
)
def test_names_of_numbers_that_are_nobodys(name):
    assert is_number_name(name)


@pytest.mark.parametrize("name", ["note", "mobil", "email_valid", "cpr", "grid"])
def test_other_names(name):
    assert not is_number_name(name)


def test_spellings_are_one():
    assert {normalized(n) for n in ("KundeNavn", "kunde navn", " Kunde-Navn ")} == {"kunde_navn"}
    assert normalized("Fødselsår") == "foedselsaar"
