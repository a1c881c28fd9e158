"""
Street addresses, made comparable and compared.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz import fuzz

from agent.domain.matching.model import Level

_WORDS = re.compile(r"\d+[a-z]?|[a-z]+")

_SHORT_FORMS = """
al:alley av:avenue ave:avenue blvd:boulevard bvd:boulevard cct:circuit cir:circuit cl:close cr:crescent cres:crescent
crst:crescent ct:court crt:court dr:drive drv:drive esp:esplanade gr:grove gv:grove hwy:highway la:lane ln:lane mt:mount
pde:parade pl:place pkwy:parkway rd:road sq:square st:street str:street tce:terrace ter:terrace wy:way nth:north
sth:south n:north s:south e:east w:west gdns:gardens hts:heights ck:creek
"""

_LONG_FORM = dict(pair.split(":") for pair in _SHORT_FORMS.split())

_NO_MATTER = frozenset(
    ("unit", "u", "flat", "apt", "apartment", "suite", "shop", "villa", "lot", "no", "po", "box", "the", "level")
)
"""Words that some write and others leave out."""

_STREET_ALIKE = 82
_SUBURB_ALIKE = 85


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """
    An address, made comparable.

    Attributes:
        numbers: Of house and unit, in any order.
        street: Its words in small letters, written out.
    """

    numbers: frozenset[str]
    street: str
    suburb: str
    postcode: str


NOWHERE = Address(frozenset(), "", "", "")


def address_of(street: str, suburb: str, postcode: str) -> Address:
    """
    Return an address made comparable; `U 3/12 High St` and `3/12 High Street` become the same.
    """
    words = _words(street)
    return Address(
        numbers=frozenset(word.lstrip("0") or "0" for word in words if word[0].isdigit()),
        street=" ".join(_LONG_FORM.get(word, word) for word in words if not word[0].isdigit() and word not in _NO_MATTER),
        suburb=" ".join(_LONG_FORM.get(word, word) for word in _words(suburb)),
        postcode=postcode.strip(),
    )


def compare_addresses(one: Address, other: Address) -> Level:
    """
    Return how well two addresses agree: `SLIP` is the same street with another number or suburb, `SIMILAR` the same suburb alone.
    """
    if not one.street or not other.street:
        return Level.MISSING
    is_near = _are_near(one, other)
    # A number that only one side has says nothing; all the others have to be there.
    is_number = one.numbers <= other.numbers or other.numbers <= one.numbers
    if (is_near or is_number) and _are_alike(one.street, other.street):
        return Level.SAME if is_near and is_number else Level.SLIP
    return Level.SIMILAR if is_near else Level.DIFFERENT


def _are_alike(one: str, other: str) -> bool:
    if fuzz.token_sort_ratio(one, other) >= _STREET_ALIKE:
        return True
    return fuzz.ratio(one.replace(" ", ""), other.replace(" ", "")) >= _STREET_ALIKE  # a space too many, or one too few


def _are_near(one: Address, other: Address) -> bool:
    if one.postcode and other.postcode and one.postcode == other.postcode:
        return True
    if one.suburb and other.suburb:
        return fuzz.ratio(one.suburb, other.suburb) >= _SUBURB_ALIKE
    return not (one.postcode and other.postcode)


def _words(text: str) -> list[str]:
    plain = text if text.isascii() else "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORDS.findall(plain.casefold().replace("'", ""))
