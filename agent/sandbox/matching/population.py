# ruff: noqa: PLR2004 (how often something happens among invented people means nothing beyond its line)
"""
The patients of an invented practice: households with twins, namesakes and compound surnames, and the records kept of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from agent.domain.matching.medicare import check_digit
from agent.domain.patients import PmsPatient
from agent.sandbox.practice import names

TODAY = date(2026, 11, 20)

_MORE_FEMALE = (
    *("Grace", "Ruby", "Emily", "Sophie", "Hannah", "Jessica", "Sarah", "Lauren", "Rebecca", "Nicole", "Michelle", "Karen"),
    *("Susan", "Margaret", "Patricia", "Elizabeth", "Catherine", "Jennifer", "Christine", "Helen", "Anne", "Judith", "Deborah"),
    *("Samantha", "Victoria", "Alexandra", "Stephanie", "Natalie", "Amanda", "Melissa", "Danielle", "Rachel", "Kylie", "Joanne"),
    *("Isabella", "Ella", "Bella", "Willow", "Hazel", "Harper", "Evie", "Ivy", "Lily", "Zara", "Maria", "Marie", "Erin", "Emma"),
    *("Dorothy", "Shirley", "Pamela", "Barbara", "Valerie", "Beverley", "Lorraine", "Gwendoline", "Edith", "Florence"),
)
_MORE_MALE = (
    *("James", "Henry", "Charles", "Edward", "Robert", "Michael", "David", "Peter", "Andrew", "Christopher", "Matthew", "Daniel"),
    *("Benjamin", "Joshua", "Samuel", "Nicholas", "Anthony", "Stephen", "Steven", "Timothy", "Gregory", "Kenneth", "Ronald"),
    *("Alexander", "Zachary", "Jacob", "Jackson", "Jayden", "Kayden", "Aiden", "Ethan", "Logan", "Mason", "Eric", "Ryan", "Liam"),
    *("Patrick", "Francis", "Raymond", "Leonard", "Frederick", "Walter", "Harold", "Albert", "Stanley", "Douglas", "Gordon"),
)
_ENDINGS_FEMALE = ("a", "ia", "elle", "ina", "eya", "isha", "ora")
_ENDINGS_MALE = ("an", "or", "en", "iel", "av", "ish", "ok")
_BEGINNINGS = ("Tal", "Mor", "Vish", "Kor", "Zel", "Bren", "Ash", "Dar", "Nav", "Ros", "Fer", "Hal", "Jor", "Lin", "Sam", "Ved")
_MORE_LAST = (
    *("Brown", "Taylor", "White", "Martin", "Walker", "Harris", "Clarke", "Wright", "Green", "Hall", "King", "Baker", "Young"),
    *("Roberts", "Evans", "Edwards", "Stewart", "Morris", "Cook", "Rogers", "Bennett", "Watson", "Gray", "Hughes", "Price"),
    *(
        "Tran",
        "Pham",
        "Le",
        "Ho",
        "Huang",
        "Liu",
        "Yang",
        "Lin",
        "Gupta",
        "Kumar",
        "Fraser",
        "Sutherland",
        "Drummond",
        "Lockhart",
    ),
    *("Zammit", "Vella", "Borg", "Caruana", "Nikolaidis", "Stavros", "Jovanovic", "Petrovic", "Horvat", "Novak", "Kowalski"),
    *("Fitzpatrick", "McGregor", "McKenzie", "O'Neill", "O'Reilly", "Delacroix", "von Bertouch", "van Dijk", "de Silva"),
)
_STREETS = (
    *(
        "High",
        "Station",
        "Church",
        "Victoria",
        "Railway",
        "Park",
        "Wattle",
        "Banksia",
        "Acacia",
        "Jacaranda",
        "Mitchell",
        "Bourke",
    ),
    *("Macquarie", "Elizabeth", "Queen", "Albert", "George", "Hill", "Beach", "River", "School", "Cemetery", "Old South Head"),
)
FEMALE = (*names.FEMALE, *_MORE_FEMALE)
MALE = (*names.MALE, *_MORE_MALE)
LAST = (*names.LAST, *_MORE_LAST)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Population:
    """
    The patients of a practice.

    Attributes:
        households: Who lives together, by the ids of their records.
        survivors: By the id of a record that was merged into another, that other.
    """

    records: dict[str, PmsPatient]
    households: list[tuple[str, ...]]
    survivors: dict[str, str]


def invent(seed: int, count: int) -> Population:
    """
    Return about *count* patients; the same arguments give the same people.
    """
    random = Random(seed)
    records: dict[str, PmsPatient] = {}
    households: list[tuple[str, ...]] = []
    while len(records) < count:
        members = list(household(random, first_id=len(records) + 1))
        records.update({member.id: member for member in members})
        households.append(tuple(member.id for member in members))
    survivors = _retire(random, records)
    return Population(records=records, households=households, survivors=survivors)


def household(random: Random, *, first_id: int) -> Iterator[PmsPatient]:
    """
    Yield the records of people who live together and share surname, card, address and, mostly, telephone.
    """
    last = last_name(random)
    suburb, _, postcode = random.choice(names.PLACES)
    unit = f"{random.randint(1, 30)}/" if random.random() < 0.3 else ""
    street = f"{unit}{random.randint(1, 240)} {random.choice(_STREETS)} {random.choice(names.ROADS)}"
    number, email, card = mobile(random), "", medicare_card(random)
    taken: set[str] = set()
    for place, (born, sex, is_child) in enumerate(_members(random), start=1):
        first = first_name(random, sex)
        while first in taken:
            first = first_name(random, sex)
        taken.add(first)
        own = random.random() < 0.5 and not is_child
        email = email_of(random, first, last) if own or not email else email
        record = PmsPatient(
            id=str(first_id + place - 1),
            first_name=first,
            last_name=last,
            date_of_birth=born if random.random() < 0.998 else None,
            sex=sex if random.random() < 0.97 else "",
            phone="" if random.random() < 0.6 else landline(random),
            mobile=mobile(random) if own else number,
            email=email if random.random() < 0.85 else "",
            address=street,
            suburb=suburb,
            postcode=postcode,
            medicare_number=card if random.random() < 0.93 else "",
            medicare_irn=str(place),
        )
        if place == 2 and not is_child and random.random() < 0.15:
            record = replace(record, last_name=last_name(random), former_name="")
        yield record


def last_name(random: Random) -> str:
    """
    Return a last name, sometimes a double one.
    """
    name = random.choice(LAST)
    return f"{name}-{random.choice(LAST)}" if random.random() < 0.05 else name


def first_name(random: Random, sex: str) -> str:
    """
    Return a first name; one in ten is on no list of names.
    """
    if random.random() < 0.1:
        return random.choice(_BEGINNINGS) + random.choice(_ENDINGS_MALE if sex == "Male" else _ENDINGS_FEMALE)
    return random.choice(MALE if sex == "Male" else FEMALE)


def mobile(random: Random) -> str:
    """
    Return a mobile number in one of the usual forms.
    """
    digits = f"04{random.randrange(10**8):08d}"
    form = random.random()
    if form < 0.4:
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    return digits if form < 0.9 else f"+61 {digits[1:4]} {digits[4:7]} {digits[7:]}"


def landline(random: Random) -> str:
    """
    Return a number with an area code.
    """
    digits = f"0{random.choice('2378')}{random.randrange(10**8):08d}"
    return f"({digits[:2]}) {digits[2:6]} {digits[6:]}" if random.random() < 0.6 else digits


def medicare_card(random: Random) -> str:
    """
    Return a card's ten digits with a right check digit; it begins with 9, as no real one does.
    """
    card = f"9{random.randrange(10**7):07d}"
    return f"{card}{check_digit(card)}{random.randint(1, 4)}"


def email_of(random: Random, first: str, last: str) -> str:
    """
    Return an address at one of the reserved domains.
    """
    name = "".join(c for c in f"{first}.{last}".lower() if c.isascii() and (c.isalnum() or c == "."))
    return f"{name.strip('.') or 'patient'}{random.randrange(10_000)}@example.{random.choice(('com', 'net', 'org'))}"


def born_between(random: Random, youngest: int, eldest: int) -> date:
    """
    Return a birthday of somebody of an age between the two.
    """
    return TODAY - timedelta(days=random.randint(youngest * 366, eldest * 365))


def either_sex(random: Random) -> str:
    """
    Return one of the two that are evidence.
    """
    return random.choice(("Female", "Male"))


def _members(random: Random) -> Iterator[tuple[date, str, bool]]:
    kind = random.random()
    if kind < 0.35:
        yield born_between(random, 18, 95), either_sex(random), False
        return
    parent = born_between(random, 25, 60)
    yield parent, "Female", False
    yield parent + timedelta(days=random.randint(-2000, 2000)), "Male", False
    if kind < 0.5:
        return
    child = TODAY - timedelta(days=random.randint(100, max(200, (TODAY - parent).days - 20 * 366)))
    for number in range(random.randint(1, 3)):
        born = child + timedelta(days=number * random.randint(350, 1500))
        if born < TODAY:
            yield born, either_sex(random), True
    if kind > 0.95:
        yield child, either_sex(random), True  # a twin


def _retire(random: Random, records: dict[str, PmsPatient]) -> dict[str, str]:
    """
    Mark some records as inactive, deceased, or merged into a second record of the same person.
    """
    survivors: dict[str, str] = {}
    chosen: dict[str, list[str]] = defaultdict(list)
    for id_ in records:
        kind = random.random()
        chosen["inactive" if kind < 0.02 else "deceased" if kind < 0.03 else "merged" if kind < 0.035 else ""].append(id_)
    for id_ in chosen["inactive"]:
        records[id_] = replace(records[id_], active=False)
    for id_ in chosen["deceased"]:
        records[id_] = replace(records[id_], deceased=True, active=random.random() < 0.5)
    for id_ in chosen["merged"]:
        survivor = str(len(records) + 1)
        records[survivor] = replace(records[id_], id=survivor, mobile=mobile(random), email="")
        records[id_] = replace(records[id_], active=False, merged_into=survivor)
        survivors[id_] = survivor
    return survivors
