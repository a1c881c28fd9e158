"""
Telephone numbers and e-mail addresses, made comparable.
"""

from __future__ import annotations

import re

import phonenumbers
from rapidfuzz.distance import OSA

from agent.domain.matching.model import Level

REGION = "AU"
"""Where a number without a country code is taken to be."""

_PLAIN = re.compile(r"(?:(?:\+|00|0011)?610?|0)([23478]\d{8})")
_SIGNS = str.maketrans("", "", " -().\t/")
_ALL_ALIKE = 6
"""As many last digits alike make a number that somebody typed to fill a field."""

_NOBODY = frozenset(
    ("na", "nil", "no", "noemail", "none", "noreply", "notgiven", "test", "unknown", "declined", "refused", "x", "xx")
)
"""What people write before the @ who have no address."""


def phone_key(text: str) -> str:
    """
    Return a number in international form (`+61491570156`), or the empty text if it is none or a filler such as 0400 000 000.
    """
    bare = text.translate(_SIGNS)
    plain = _PLAIN.fullmatch(bare)  # nearly all are; phonenumbers takes twenty times as long
    key = f"+61{plain[1]}" if plain else _parsed(text)
    return "" if len(set(key[-_ALL_ALIKE:])) < 2 else key


def phone_forms(key: str) -> tuple[str, ...]:
    """
    Return the ways in which people write the number of *key*, for a look-up in a column of free text.
    """
    if not key.startswith("+61") or len(key) != 12:
        return (key, key.removeprefix("+")) if key else ()
    d = key[3:]
    if d[0] == "4":
        return (
            *(f"0{d}", f"0{d[:3]} {d[3:6]} {d[6:]}", f"0{d[:3]}-{d[3:6]}-{d[6:]}", f"0{d[:3]} {d[3:]}", d),
            *(key, f"61{d}", f"+61 {d}", f"+61 {d[:3]} {d[3:6]} {d[6:]}"),
        )
    return (
        *(f"0{d}", f"(0{d[0]}) {d[1:5]} {d[5:]}", f"(0{d[0]}){d[1:5]}{d[5:]}", f"0{d[0]} {d[1:5]} {d[5:]}", f"{d[1:5]} {d[5:]}"),
        *(f"0{d[0]}-{d[1:5]}-{d[5:]}", d[1:], key, f"61{d}", f"+61 {d[0]} {d[1:5]} {d[5:]}"),
    )


def compare_phones(one: frozenset[str], other: frozenset[str]) -> Level:
    """
    Return whether two people have a number in common, or nearly.
    """
    if not one or not other:
        return Level.MISSING
    if not one.isdisjoint(other):
        return Level.SAME
    is_near = any(OSA.distance(mine, theirs, score_cutoff=1) == 1 for mine in one for theirs in other)
    return Level.SLIP if is_near else Level.DIFFERENT


def email_key(text: str) -> str:
    """
    Return an e-mail address in small letters without a `+tag`, or the empty text if it is none or a filler.
    """
    name, at, host = text.strip().casefold().partition("@")
    name = name.partition("+")[0]
    if not at or not name or "." not in host or name.replace(".", "") in _NOBODY:
        return ""
    return f"{name}@{host.rstrip('.')}"


def compare_emails(one: str, other: str) -> Level:
    """
    Return how well two keys agree: `SLIP` is one with two wrong letters at most, or the same name at another provider.
    """
    if not one or not other:
        return Level.MISSING
    if one == other:
        return Level.SAME
    mine, theirs = one.partition("@")[0], other.partition("@")[0]
    is_near = (mine == theirs and len(mine) >= 6) or OSA.distance(one, other, score_cutoff=2) <= 2
    return Level.SLIP if is_near else Level.DIFFERENT


def _parsed(text: str) -> str:
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
