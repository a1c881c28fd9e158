"""
Reading a list that comes in pages and changes meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from agent.healthengine.failures import contract_broken

T = TypeVar("T")

MOST_PAGES = 500
MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """
    One page of a list.

    Attributes:
        number: Its own.
        count: How many pages there are.
        total: How many items there are on all pages; None: it does not say.
    """

    items: list[T]
    number: int
    count: int
    total: int | None = None


def read_all(read_page: Callable[[int | None], Page[T]], key: Callable[[T], Hashable]) -> list[T]:
    """
    Return every item of every page, each once, in the order first seen; of two readings of the same item the later.

    When an item leaves the list while it is read, those behind it move up, and one moves from a page not yet read to one that
    has been. So a list of several pages is read again from its first page, unless every page spoke of as many items as have been
    seen, until it is empty or a whole round brings nothing new. A list that will not come to rest is left after a few rounds:
    what arrived last is there at the next poll.

    Args:
        read_page: Returns the page with a number, or the first one for None: the definition does not say whether it has
            the number 0 or 1.
        key: What makes two items the same.

    Raises:
        ContractBroken: if there are more pages than any practice can have.
    """
    found: dict[Hashable, T] = {}
    before: list[Hashable] = []
    for _ in range(MOST_ROUNDS):
        first = page = read_page(None)
        shown = _keep(found, page.items, key)
        totals = {page.total}
        number = first.number + 1
        while page.items and number < first.number + page.count:
            if number > MOST_PAGES:
                raise contract_broken("page.totalPages")
            page = read_page(number)
            shown += _keep(found, page.items, key)
            totals.add(page.total)
            number += 1
        if page is first or shown == before or totals == {len(set(shown))}:
            break
        before = shown
    return list(found.values())


def _keep(found: dict[Hashable, T], items: list[T], key: Callable[[T], Hashable]) -> list[Hashable]:
    found.update((key(item), item) for item in items)
    return [key(item) for item in items]
