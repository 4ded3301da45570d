"""Personal data in texts, by patterns and checksums; and how it is hidden wherever a text is shown.

Chinese resident numbers follow GB 11643 (a date and a check sign after ISO 7064, MOD 11-2), bank cards ISO/IEC 7812
(Luhn) and IBANs ISO 13616 (MOD 97-10). Numbers that are public by design are left in peace: reserved domains (RFC
2606), networks of documentation and of private use (RFC 5737, RFC 1918), American numbers of films (555).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from ipaddress import IPv4Address
from itertools import accumulate
from typing import Any

# Of a hidden thing so many letters or digits stay, so that its owner finds it again and nobody else does.
SHOWN_SIGNS = 2

# Nobody's card: 4111 1111 1111 1111 and its like, which shops print for tests.
LEAST_DIFFERENT_DIGITS = 4

_MAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9_][A-Za-z0-9_.+-]*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?![\w@])", re.ASCII)
_RESERVED_MAIL = re.compile(r"(?i)@(?:[\w-]+\.)*(?:example\.\w+|test|invalid|localhost|(?:domain|email|company)\.com)$")

_PHONES = (
    # mobile and landline numbers of China
    re.compile(r"(?<![A-Za-z0-9_.+-])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![A-Za-z0-9_-]|\.\d)", re.ASCII),
    re.compile(
        r"(?<![A-Za-z0-9_.+-])(?:\(0(?:10|2\d|[3-9]\d\d)\) ?|0(?:10|2\d|[3-9]\d\d)-)[2-8]\d{6,7}(?![A-Za-z0-9_-]|\.\d)",
        re.ASCII,
    ),
    # with the code of a country
    re.compile(r"(?<![\w.+-])\+[1-9]\d{0,2}(?:[ .-]?\(?\d{2,4}\)?){2,5}(?![\w-]|\.\d)", re.ASCII),
    # of North America: an area and an exchange begin with 2 to 9
    re.compile(r"(?<![\w.+-])(?:\([2-9]\d\d\) ?|[2-9]\d\d-)(?!555)[2-9]\d\d-\d{4}(?![\w-]|\.\d)", re.ASCII),
)
_IDENTITY = re.compile(r"(?<![A-Za-z0-9])[1-8]\d{5}(?:19|20)\d{9}[\dXx](?![A-Za-z0-9])", re.ASCII)
_CARD = re.compile(
    r"(?<![\w.+-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|3[47]\d\d([ -]?)\d{6}\2\d{5})(?![\w-]|\.\d)",
    re.ASCII,
)
# Visa, Mastercard, American Express, Discover, UnionPay
_ISSUER = re.compile(r"4|5[1-5]|2[2-7]|3[47]|6011|65|62")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])", re.ASCII)
_NETWORK = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)", re.ASCII)

# Lengths of IBANs, from the registry of SWIFT; countries without one are left out.
_IBAN_LENGTHS = {
    entry[:2]: int(entry[2:])
    for entry in re.findall(
        r"\w+",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 "
        "FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 "
        "LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 "
        "TN24 TR26 UA29 VA22 XK20",
    )
}


def is_identity_number(number: str) -> bool:
    """Whether 18 signs are a Chinese resident number: a day that was, and the right check sign."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(number[:17]))
    return born <= date.today() and "10X98765432"[total % 11] == number[17].upper()


def is_card_number(number: str) -> bool:
    """Whether digits are the number of a card of a large issuer."""
    digits = [int(digit) for digit in number if digit.isdecimal()]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    is_luhn = (sum(digits[-1::-2]) + doubled) % 10 == 0
    is_issued = _ISSUER.match("".join(map(str, digits))) is not None
    return is_luhn and is_issued and len(set(digits)) >= LEAST_DIFFERENT_DIGITS


def iban_in(text: str) -> str:
    """The IBAN that a text begins with, as it is written there; empty if it is none."""
    length, seen = _IBAN_LENGTHS.get(text[:2], 0), 0
    for end, sign in enumerate(text, 1):
        seen += sign != " "
        if seen == length:
            number = text[:end].replace(" ", "")
            value = int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4]))
            return text[:end] if value % 97 == 1 else ""
    return ""


def is_network_address(text: str) -> bool:
    """Whether it is an IPv4 address that the world can reach, and no number of a version or a chapter."""
    parts = text.split(".")
    if any(int(part) > 255 or (part != "0" and part.startswith("0")) for part in parts):
        return False
    return IPv4Address(text).is_global and sum(len(part) > 1 for part in parts) > 1


def _is_phone(number: str) -> bool:
    return 8 <= sum(sign.isdigit() for sign in number) <= 15 and "555-01" not in number


def _matches(pattern: re.Pattern[str], is_one: Callable[[str], bool], text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in pattern.finditer(text) if is_one(match.group()))


def mails(text: str) -> list[tuple[int, int]]:
    """Where mail addresses stand: first sign and the one behind the last."""
    return list(_matches(_MAIL, lambda mail: _RESERVED_MAIL.search(mail) is None, text))


def phones(text: str) -> list[tuple[int, int]]:
    """Where phone numbers stand; what is a card or a resident number is none."""
    taken = [*identities(text), *banks(text)]
    found = sorted({span for pattern in _PHONES for span in _matches(pattern, _is_phone, text)})
    return [span for span in _apart(found) if not any(span[0] < end and start < span[1] for start, end in taken)]


def identities(text: str) -> list[tuple[int, int]]:
    """Where Chinese resident numbers stand."""
    return list(_matches(_IDENTITY, is_identity_number, text))


def banks(text: str) -> list[tuple[int, int]]:
    """Where card numbers and IBANs stand."""
    cards = list(_matches(_CARD, is_card_number, text))
    ibans = ((match.start(), match.start() + len(iban_in(match.group()))) for match in _IBAN.finditer(text))
    return sorted([*cards, *(span for span in ibans if span[0] < span[1])])


def networks(text: str) -> list[tuple[int, int]]:
    """Where IPv4 addresses stand."""
    return list(_matches(_NETWORK, is_network_address, text))


def masked(text: str) -> str:
    """The text with its personal data hidden: ``+86 138 0013 8000`` is ``+86 *** **** ****``."""
    found = sorted(span for find in (mails, phones, identities, banks, networks) for span in find(text))
    for start, end in reversed(_apart(found)):
        text = text[:start] + _hidden(text[start:end]) + text[end:]
    return text


def hidden(value: Any) -> Any:
    """The same text, list or object with personal data hidden; also what spreads over the words of a list."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: hidden(inner) for name, inner in value.items()}
    if not isinstance(value, list | tuple):
        return value
    if not all(isinstance(inner, str) for inner in value):
        return [hidden(inner) for inner in value]
    words: list[str] = list(value)
    for between in ("", " "):
        # Hiding changes no length, so that every word is found again.
        text = masked(between.join(words))
        starts = accumulate((len(word) + len(between) for word in words), initial=0)
        words = [text[start : start + len(word)] for start, word in zip(starts, words, strict=False)]
    return words


def hidden_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by names with personal data hidden; names that become one count together."""
    found: Counter[str] = Counter()
    for name, count in counts.items():
        found[masked(name)] += count
    return dict(found)


def _hidden(found: str) -> str:
    seen = 0
    signs = []
    for sign in found:
        seen += sign.isalnum()
        signs.append("*" if sign.isalnum() and seen > SHOWN_SIGNS else sign)
    return "".join(signs)


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ascending spans without those that overlap an earlier one, and with the longer of two that begin together."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
