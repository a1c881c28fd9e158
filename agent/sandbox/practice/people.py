# ruff: noqa: PLR2004 (how often and when something happens in an invented practice means nothing beyond its line)
"""
Invented patients: families that share name, address and telephone, twins, namesakes, and names that trip programs up.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from datetime import date, timedelta
from random import Random

from agent.domain.matching.medicare import check_digit
from agent.sandbox.practice import names
from agent.sandbox.practice.facts import bare_digits, name_words

COLUMNS = (
    "id, first_name, last_name, date_of_birth, sex, phone, email, address, suburb, state, postcode, "
    "medicare_number, medicare_irn, medicare_expiry, active"
)
"""The columns of `patients` that every invented patient fills, in the order of `Person`."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Person:
    """
    One row of `patients`; the order of the fields is that of `COLUMNS`.
    """

    id: int
    first_name: str
    last_name: str
    date_of_birth: date | None
    sex: str
    phone: str
    email: str
    address: str
    suburb: str
    state: str
    postcode: str
    medicare_number: str
    medicare_irn: str
    medicare_expiry: str
    active: int = 1

    def row(self) -> tuple[object, ...]:
        """
        Return the values in the order of the columns.
        """
        return astuple(self)

    def tokens(self) -> Iterator[str]:
        """
        Yield what gives this person away, apart from the token that address and e-mail carry.
        """
        yield from name_words(self.first_name)
        yield from name_words(self.last_name)
        yield f"{self.first_name} {self.last_name}"
        yield from (value for value in (self.phone, bare_digits(self.phone), self.medicare_number) if value)


INSERT = f"INSERT INTO patients ({COLUMNS}) VALUES ({', '.join('?' * (COLUMNS.count(',') + 1))})"  # noqa: S608 (nothing but names)


def invent(random: Random, *, today: date, count: int, token: str) -> list[Person]:
    """
    Return *count* patients with ids from 1; the same *random* state gives the same people.
    """
    people: list[Person] = []
    while len(people) < count:
        people.extend(_household(random, first_id=len(people) + 1, today=today, token=token))
    del people[count:]
    _make_namesakes(people)
    return people


def _household(random: Random, *, first_id: int, today: date, token: str) -> list[Person]:
    last_name = _last_name(random)
    suburb, state, postcode = random.choice(names.PLACES)
    unit = f"{random.randint(1, 30)}/" if random.random() < 0.3 else ""
    address = f"{unit}{random.randint(1, 240)} {token} {random.choice(names.ROADS)}"
    phone = _phone(random)
    medicare = _card(f"9{random.randrange(10**9):09d}")  # real ones begin with 2 to 6
    expiry = f"{random.randint(1, 12):02d}/{today.year + random.randint(1, 4)}"
    people: list[Person] = []
    for irn, born in enumerate(_births(random, today), start=1):
        sex = random.choice("FFFFMMMMX")
        first_name = random.choice(names.MALE if sex == "M" else names.FEMALE)
        while any(first_name == other.first_name for other in people):
            first_name = random.choice(names.FEMALE + names.MALE)
        number = first_id + len(people)
        people.append(
            Person(
                id=number,
                first_name=first_name,
                last_name=last_name,
                date_of_birth=born if random.random() < 0.995 else None,
                sex=sex if random.random() < 0.97 else "",
                phone=phone if random.random() < 0.8 else _phone(random),
                email=_email(first_name, last_name, token, number, random),
                address=address,
                suburb=suburb,
                state=state,
                postcode=postcode,
                medicare_number=medicare if irn <= 9 else "",
                medicare_irn=str(irn),
                medicare_expiry=expiry,
                active=1 if random.random() < 0.985 else 0,
            )
        )
    return people


def _card(digits: str) -> str:
    return f"{digits[:8]}{check_digit(digits)}{digits[9]}"


def _births(random: Random, today: date) -> list[date]:
    eldest = _born(random, today, 19, 94)
    kind = random.random()
    if kind < 0.45:
        return [eldest]
    if kind < 0.65:
        return [eldest, eldest + timedelta(days=random.randint(-2500, 2500))]
    parent = _born(random, today, 24, 50)
    child = _born(random, today, 0, 17)
    if kind < 0.72:
        return [parent, child, child]  # twins
    return [
        parent,
        parent + timedelta(days=random.randint(-1500, 1500)),
        child,
        child - timedelta(days=random.randint(300, 1500)),
    ]


def _born(random: Random, today: date, youngest: int, eldest: int) -> date:
    return today - timedelta(days=random.randint(youngest * 366, eldest * 366))


def _last_name(random: Random) -> str:
    name = random.choice(names.LAST)
    if random.random() < 0.06:
        other = random.choice(names.LAST)
        return f"{name}-{other}" if other != name else name
    return name


def _phone(random: Random) -> str:
    kind = random.random()
    if kind < 0.03:
        digits = random.choice(names.MOBILES)
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    digits = f"{random.choice(names.LANDLINES)}{random.randrange(10_000):04d}"
    if kind < 0.5:
        return f"({digits[:2]}) {digits[2:6]} {digits[6:]}"
    return digits if kind < 0.9 else f"+61 {digits[1]} {digits[2:6]} {digits[6:]}"


def _email(first_name: str, last_name: str, token: str, number: int, random: Random) -> str:
    if random.random() < 0.1:
        return ""
    words = "".join(
        c for c in unicodedata.normalize("NFKD", f"{first_name}.{last_name}") if c.isascii() and (c.isalpha() or c == ".")
    )
    return f"{words.strip('.').lower() or 'patient'}.{token.lower()}{number}@example.{random.choice(('com', 'net'))}"


def _make_namesakes(people: list[Person]) -> None:
    """
    Give every 500th patient the name and birthday of somebody at another address: no program can tell them apart by these.
    """
    for index in range(499, len(people), 500):
        model = people[index - 250]
        people[index] = replace(
            people[index], first_name=model.first_name, last_name=model.last_name, date_of_birth=model.date_of_birth
        )
