"""Check digits of cards and bank accounts, for whole values and for spans of a text."""

from __future__ import annotations


def is_luhn(digits: str) -> bool:
    """Whether the last digit checks the others (Luhn, ISO/IEC 7812-1)."""
    doubled = sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (doubled + sum(int(d) for d in digits[::-2])) % 10 == 0


def is_mod_97(code: str) -> bool:
    """Whether an IBAN's check digits are right (ISO 7064, MOD 97-10): upper case, no blanks;
    letters as 10 to 35, the first four characters last, 1 modulo 97."""
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1
