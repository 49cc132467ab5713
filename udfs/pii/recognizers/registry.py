"""The recognizers the detector asks. A new one is a class in this package and a line here."""

from __future__ import annotations

from collections.abc import Callable

from udfs.pii.recognizers.context import ContextRecognizer
from udfs.pii.recognizers.credit_card import CreditCardRecognizer
from udfs.pii.recognizers.date_of_birth import DateOfBirthRecognizer
from udfs.pii.recognizers.dk_address import DkAddressRecognizer
from udfs.pii.recognizers.dk_bank_account import DkBankAccountRecognizer
from udfs.pii.recognizers.dk_cpr import DkCprRecognizer
from udfs.pii.recognizers.dk_cvr import DkCvrRecognizer
from udfs.pii.recognizers.dk_phone import DkPhoneRecognizer
from udfs.pii.recognizers.dk_postal_code import DkPostalCodeRecognizer
from udfs.pii.recognizers.dk_town import DkTownRecognizer
from udfs.pii.recognizers.domain import DomainRecognizer
from udfs.pii.recognizers.email import EmailRecognizer
from udfs.pii.recognizers.en_address import EnAddressRecognizer
from udfs.pii.recognizers.iban import IbanRecognizer
from udfs.pii.recognizers.id_document import DriverLicenseRecognizer, PassportRecognizer
from udfs.pii.recognizers.ip_address import IpAddressRecognizer
from udfs.pii.recognizers.organization import OrganizationRecognizer
from udfs.pii.recognizers.phone import InternationalPhoneRecognizer
from udfs.pii.recognizers.spans import SpanRecognizer
from udfs.pii.recognizers.us_ssn import UsSsnRecognizer

RECOGNIZERS: tuple[Callable[[], ContextRecognizer | SpanRecognizer], ...] = (
    EmailRecognizer,
    DkCprRecognizer,
    DkPhoneRecognizer,
    InternationalPhoneRecognizer,
    CreditCardRecognizer,
    IbanRecognizer,
    DkBankAccountRecognizer,
    DkCvrRecognizer,
    DateOfBirthRecognizer,
    UsSsnRecognizer,
    PassportRecognizer,
    DriverLicenseRecognizer,
    DomainRecognizer,
    IpAddressRecognizer,
    OrganizationRecognizer,
    DkAddressRecognizer,
    DkPostalCodeRecognizer,
    DkTownRecognizer,
    EnAddressRecognizer,
)
