"""
Medicare cards: eight digits and a check digit name the card, the tenth counts its issues, and the reference number (IRN) is the
person's place on it. A family shares a card.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import OSA

from agent.domain.matching.model import Level

_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9)
CARD_DIGITS = 9
"""How many digits stay the same when a card is issued again."""


@dataclass(frozen=True, slots=True, repr=False)
class Medicare:
    """
    A card and a place on it.

    Attributes:
        card: Its nine lasting digits; empty: none was given.
        is_valid: The check digit is right.
        irn: `1` to `9`, or empty.
    """

    card: str
    is_valid: bool
    irn: str


def medicare_of(number: str, irn: str) -> Medicare:
    """
    Return a card as it was written: with or without spaces, the issue number, or the IRN as an eleventh digit.
    """
    digits = "".join(filter(str.isdecimal, number))
    place = "".join(filter(str.isdecimal, irn)).lstrip("0")
    if not place and len(digits) == CARD_DIGITS + 2:
        place = digits[-1].strip("0")
    card = digits[:CARD_DIGITS] if CARD_DIGITS <= len(digits) <= CARD_DIGITS + 2 else ""
    return Medicare(card=card, is_valid=has_check_digit(card), irn=place if len(place) == 1 else "")


def has_check_digit(card: str) -> bool:
    """
    Return whether the ninth digit fits the first eight. The first is not looked at: samples use numbers that are never issued.
    """
    return len(card) == CARD_DIGITS and check_digit(card) == card[-1]


def check_digit(card: str) -> str:
    """
    Return the check digit of a card's first eight digits.
    """
    return str(sum(int(digit) * weight for digit, weight in zip(card, _WEIGHTS, strict=False)) % 10)


def compare_cards(one: Medicare, other: Medicare) -> Level:
    """
    Return whether two people are on the same card; one with a wrong check digit may be `SLIP` at best.
    """
    if not one.card or not other.card:
        return Level.MISSING
    if one.is_valid and other.is_valid:
        return Level.SAME if one.card == other.card else Level.DIFFERENT
    if OSA.distance(one.card, other.card, score_cutoff=1) <= 1:
        return Level.SLIP
    return Level.MISSING  # one of them was written wrongly, and nobody knows where


def compare_places(one: Medicare, other: Medicare) -> Level:
    """
    Return whether two people have the same place on a card that they share.
    """
    if not one.irn or not other.irn:
        return Level.MISSING
    return Level.SAME if one.irn == other.irn else Level.DIFFERENT
