"""IP addresses in running text."""

from __future__ import annotations

import re
from ipaddress import ip_address

from presidio_analyzer import Pattern

from udfs.pii.recognizers.labelled import LabelledRecognizer
from udfs.pii.recognizers.words import PHONE


class IpAddressRecognizer(LabelledRecognizer):
    """IPv4 and IPv6 as Python's `ipaddress` reads them; version and section numbers are none."""

    ENTITY = "IP_ADDRESS"
    GATE = re.compile(r"\d\.\d{1,3}\.\d|[0-9a-f]:[0-9a-f]{0,4}:", re.IGNORECASE)
    PATTERNS = [
        Pattern("IPv4", r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)", 0.6),
        Pattern("IPv6", r"(?i)(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", 0.6),
    ]
    CONTEXT = (
        *("ip", "ips", "ip-adresse", "ip-adressen", "ip adresse", "ipadresse", "ipv4", "ipv6"),
        *("ip address", "ip-address", "address", "host", "server", "serveren", "client", "login"),
    )
    NEGATIVE_CONTEXT = (
        *("version", "versionen", "versionsnr", "v", "ver", "release", "build", "firmware"),
        *("software", "softwaren", "driver", "afsnit", "punkt", "pkt", "kapitel", "section"),
        *("chapter", "clause", "paragraf", "app", "ios", "android", "windows", "opdatering"),
        *PHONE,
    )

    def validate_result(self, pattern_text: str) -> bool | None:
        """False for what is none; "::1" and the like tell nobody apart."""
        try:
            address = ip_address(pattern_text)
        except ValueError:
            return False
        if address.version == 6 and len(re.findall(r"[0-9a-f]+", pattern_text, re.I)) < 3:
            return False
        return None
