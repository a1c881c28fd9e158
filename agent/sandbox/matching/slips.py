# ruff: noqa: PLR2004 (how often a finger slips means nothing beyond its line)
"""
How people write what they know otherwise: slips of the finger, other formats, names for short.
"""

from __future__ import annotations

import string
import unicodedata
from datetime import date
from random import Random

from agent.domain.matching.given_names import SHORT_FOR
from agent.domain.matching.names import name_key

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

_NEIGHBOURS = {letter: row[max(at - 1, 0) : at] + row[at + 1 : at + 2] for row in _ROWS for at, letter in enumerate(row)}
"""By letter, those beside it on the keyboard."""


def misspelt(random: Random, name: str) -> str:
    """
    Return *name* with one slip: a letter left out, doubled, replaced by its neighbour on the keyboard, or swapped with the next.
    """
    places = [i for i, c in enumerate(name) if c.isalpha()]
    if len(places) < 4:
        return name
    at = random.choice(places[1:] if random.random() < 0.85 else places)
    kind = random.random()
    if kind < 0.3:
        return name[:at] + name[at + 1 :]
    if kind < 0.5:
        return name[:at] + name[at] + name[at:]
    if kind < 0.7 and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    letter = name[at].lower()
    return name[:at] + random.choice(_NEIGHBOURS.get(letter, string.ascii_lowercase)) + name[at + 1 :]


def other_form(random: Random, name: str) -> str:
    """
    Return the same name in another case, without accents, or with other apostrophes, hyphens and spaces.
    """
    kind = random.random()
    if kind < 0.3:
        return name.upper()
    if kind < 0.5:
        return name.lower()
    if kind < 0.75:
        return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).replace("ø", "o")
    return name.replace("'", random.choice(("’", "", " "))).replace("-", random.choice((" ", " - ", "-")))


def also_called(random: Random, name: str) -> str:
    """
    Return what somebody with this first name is called for short, or *name* if nothing is known.
    """
    others = sorted(SHORT_FOR.get(name_key(name), ()))
    return random.choice(others).title() if others else name


def other_phone_form(random: Random, digits: str) -> str:
    """
    Return a ten-digit number as another person writes it.
    """
    return random.choice(
        (
            digits,
            f"{digits[:4]} {digits[4:7]} {digits[7:]}",
            f"{digits[:2]} {digits[2:6]} {digits[6:]}",
            f"+61{digits[1:]}",
            f"+61 {digits[1:4]} {digits[4:7]} {digits[7:]}",
            f"({digits[:2]}) {digits[2:6]}-{digits[6:]}",
            f"0061 {digits[1:]}",
        )
    )


def wrong_date(random: Random, born: date) -> date:
    """
    Return *born* with day and month swapped, or with one digit off.
    """
    if born.day <= 12 and born.day != born.month and random.random() < 0.5:
        return born.replace(month=born.day, day=born.month)
    for _ in range(100):
        digits = list(f"{born:%d%m%Y}")
        at = random.choice((0, 1, 2, 3, 7, 7, 6))
        digits[at] = random.choice([d for d in string.digits if d != digits[at]])
        text = "".join(digits)
        try:
            wrong = date(int(text[4:]), int(text[2:4]), int(text[:2]))
        except ValueError:
            continue
        if date(1900, 1, 1) < wrong < date(2026, 11, 20) and abs(wrong.year - born.year) < 14:
            return wrong
    return born


def other_address_form(random: Random, street: str) -> str:
    """
    Return a street address in another usual form.
    """
    for long, short in (("Street", "St"), ("Road", "Rd"), ("Avenue", "Ave"), ("Crescent", "Cres"), ("Terrace", "Tce")):
        if random.random() < 0.7:
            street = street.replace(f" {long}", f" {short}")
    if "/" in street and random.random() < 0.5:
        unit, _, rest = street.partition("/")
        return f"Unit {unit}, {rest}"
    return street.upper() if random.random() < 0.2 else street
