"""IP addresses in running text."""

from __future__ import annotations

import pytest

from tests.unit.pii.marked import check
from udfs.pii.recognizers.ip_address import IpAddressRecognizer


@pytest.fixture(scope="module")
def recognizer():
    return IpAddressRecognizer()


@pytest.mark.parametrize(
    "text",
    [
        "IP «192.168.10.44» blokeret",
        "Login from «203.0.113.77» at 10:22:31",
        "(«10.0.0.1»)",
        "ip=«8.8.8.8».",
        "http://«8.8.8.8»:8080/",
        "«255.255.255.255»",
        "fra «2001:db8:85a3::8a2e:370:7334»",
        "«FE80::1:2»",
        "«1:2:3:4:5:6:7:8»",
    ],
)
def test_addresses(recognizer, text):
    check(recognizer, text)


@pytest.mark.parametrize(
    "text",
    [
        "256.1.2.3",
        "1.2.3",
        "1.2.3.4.5",
        "version 10.2.3.4",
        "v. 1.2.3.4",
        "v1.2.3.4",
        "firmware 2.10.44.1",
        "afsnit 1.2.3.4",
        "tlf. 20.61.72.83",
        "kl. 12:30:45",
        "00:1a:2b:3c:4d:5e",
        "std::vector",
        "::1",
        "a::b",
        "1:2:3:4:5:6:7:8:9",
    ],
)
def test_what_is_none(recognizer, text):
    check(recognizer, text)
