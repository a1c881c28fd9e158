"""
Reading a list that comes in pages and changes meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from agent.healthengine.failures import contract_broken

T = TypeVar("T")

MOST_PAGES = 500
MOST_ROUNDS = 4


def read_all(read_page: Callable[[int], tuple[list[T], int]], key: Callable[[T], Hashable]) -> list[T]:
    """
    Return every item of every page, each once, in the order first seen; of two readings of the same item the later.

    When an item leaves the list while it is read, those behind it move up, and one moves from a page not yet read to one that
    has been. So a list of several pages is read again from page 1 until page 1 is empty or a whole round brings nothing new.
    A list that will not come to rest is left after a few rounds: what arrived last is there at the next poll.

    Args:
        read_page: Returns the items of a page, counted from 1, and how many pages there are.
        key: What makes two items the same.

    Raises:
        ContractBroken: if there are more pages than any practice can have.
    """
    found: dict[Hashable, T] = {}
    for _ in range(MOST_ROUNDS):
        known = len(found)
        items, pages = read_page(1)
        _keep(found, items, key)
        number = 1
        while items and number < pages:
            number += 1
            if number > MOST_PAGES:
                raise contract_broken("page.totalPages")
            items_there, pages = read_page(number)
            _keep(found, items_there, key)
        if not items or number == 1 or len(found) == known:
            break
    return list(found.values())


def _keep(found: dict[Hashable, T], items: list[T], key: Callable[[T], Hashable]) -> None:
    found.update((key(item), item) for item in items)
