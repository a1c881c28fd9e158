"""
People who do not exist, under the definition's names for a patient's details.
"""

from __future__ import annotations

import random

_FIRST = {
    "Female": ("Amelia", "Charlotte", "Isla", "Mia", "Ruby", "Zoe", "Harriet", "Priya", "Mei", "Aroha", "Fatima", "Siobhan"),
    "Male": ("Oliver", "Noah", "Jack", "Lucas", "Henry", "Xavier", "Angus", "Ravi", "Wei", "Tane", "Omar", "Declan"),
}
_LAST = (
    "Smith", "Nguyen", "O'Brien", "Williams", "Singh", "Papadopoulos", "van der Berg", "Taylor", "Chen", "Kowalski",
    "Anderson", "McDonald", "Rossi", "Haddad", "Walker", "Tran", "Campbell", "Müller", "Wilson", "Yunupingu",
)  # fmt: skip
_STREETS = ("Acacia", "Banksia", "Grevillea", "Jarrah", "Karri", "Marri", "Tuart", "Wandoo", "Waratah", "Wattle")
_PLACES = (("Fremantle", "WA", "6160"), ("Subiaco", "WA", "6008"), ("Parramatta", "NSW", "2150"), ("Carlton", "VIC", "3053"))
_MEDICARE_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9)


def invented_person(seed: int) -> dict[str, str | None]:
    """
    Return the same made-up person for the same *seed*: a telephone number from the range kept for fiction, an `example.com`
    address, and a Medicare number whose check digit is right.
    """
    choose = random.Random(seed)
    gender = choose.choice(("Female", "Male"))
    first, last = choose.choice(_FIRST[gender]), choose.choice(_LAST)
    suburb, state, postcode = choose.choice(_PLACES)
    mail = "".join(letter for letter in f"{first}.{last}".lower() if letter.isascii() and (letter.isalpha() or letter == "."))
    medicare = choose.random() < 0.6  # noqa: PLR2004 - most people give it
    return {
        "firstname": first,
        "lastname": last,
        "dob": f"{choose.randint(1, 28):02d}-{choose.randint(1, 12):02d}-{choose.randint(1935, 2019)}",
        "phone": f"0491 57{choose.randint(0, 9)} {choose.randint(0, 999):03d}",
        "email": f"{mail}{seed}@example.com",
        "address": f"{choose.randint(1, 299)} {choose.choice(_STREETS)} Street",
        "suburb": suburb,
        "state": state,
        "postcode": postcode,
        "gender": gender,
        "medicareNumber": _medicare(choose) if medicare else None,
        "medicareIrn": str(choose.randint(1, 5)) if medicare else None,
        "medicareExpiry": f"{choose.randint(1, 12):02d}/{choose.randint(2027, 2031)}" if medicare else None,
    }


def _medicare(choose: random.Random) -> str:
    digits = [choose.randint(2, 6), *(choose.randint(0, 9) for _ in range(7))]
    check = sum(digit * weight for digit, weight in zip(digits, _MEDICARE_WEIGHTS, strict=True)) % 10
    return "".join(map(str, [*digits, check, 1]))
