"""
Lists in pages that change while they are read.
"""

from __future__ import annotations

import math

import pytest
from he_server import Server, pages
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.errors import ContractBroken
from agent.healthengine.client import HealthengineClient
from agent.healthengine.paging import MOST_ROUNDS, Page, read_all

PATH = "/requests/pmsAppointmentChanges"


class Shelf:
    """
    A list in pages; after each reading the next change happens.
    """

    def __init__(
        self,
        items: list[int],
        size: int,
        changes: list[tuple[str, int]] | None = None,
        first: int = 1,
        *,
        says_total: bool = False,
    ) -> None:
        self.first = first
        self.says_total = says_total
        self.items = list(items)
        self.size = size
        self.changes = list(changes or [])
        self.read: list[int] = []

    def page(self, number: int | None) -> Page[int]:
        wanted = self.first if number is None else number
        self.read.append(wanted)
        at = (wanted - self.first) * self.size
        answer = Page(
            items=self.items[at : at + self.size],
            number=wanted,
            count=math.ceil(len(self.items) / self.size),
            total=len(self.items) if self.says_total else None,
        )
        if self.changes:
            what, item = self.changes.pop(0)
            if what == "leave" and item in self.items:
                self.items.remove(item)
            elif what == "arrive":
                self.items.append(item)
        return answer


def _same(item: int) -> int:
    return item


@pytest.mark.parametrize(
    ("items", "size", "pages_read"),
    [([], 2, [1]), ([1, 2], 2, [1]), ([1, 2, 3], 2, [1, 2, 1, 2]), ([1, 2, 3, 4, 5], 2, [1, 2, 3, 1, 2, 3])],
)
def test_a_list_at_rest(items: list[int], size: int, pages_read: list[int]) -> None:
    """
    One page is read once; several are read again from page 1 to see that nothing moved.
    """
    shelf = Shelf(items, size)

    assert items == read_all(shelf.page, _same)
    assert pages_read == shelf.read


def test_a_list_that_says_how_long_it_is() -> None:
    """
    Where every page speaks of as many items as were seen, nothing has moved, and once is enough.
    """
    shelf = Shelf([1, 2, 3, 4, 5], 2, says_total=True)

    assert [1, 2, 3, 4, 5] == read_all(shelf.page, _same)
    assert [1, 2, 3] == shelf.read


def test_pages_may_be_counted_from_nought() -> None:
    """
    The definition does not say where counting begins: the first page says so itself.
    """
    shelf = Shelf([1, 2, 3, 4, 5], 2, first=0)

    assert [1, 2, 3, 4, 5] == read_all(shelf.page, _same)
    assert [0, 1, 2, 0, 1, 2] == shelf.read


def test_what_moves_up_is_found() -> None:
    """
    An item that moves to a page already read, while another arrives at the end, is found in the next round.
    """
    shelf = Shelf([1, 2, 3, 4, 5, 6], 2, [("stay", 0), ("leave", 3), ("arrive", 7)])

    assert {1, 2, 3, 4, 5, 6, 7} == set(read_all(shelf.page, _same))


def test_an_emptied_list_is_not_read_on() -> None:
    """
    When everything has left, page 1 says so and that is the end.
    """
    shelf = Shelf([1, 2, 3], 2, [("stay", 0), ("leave", 1), ("leave", 2), ("leave", 3)])
    shelf.changes = [("stay", 0), ("leave", 1)]
    read = shelf.page

    def page(number: int | None) -> Page[int]:
        answer = read(number)
        if number == 2:
            shelf.items = []
        return answer

    assert [1, 2, 3] == read_all(page, _same)
    assert [1, 2, 1] == shelf.read


def test_a_restless_list_is_left() -> None:
    """
    A list that never comes to rest is read a bounded number of times.
    """
    shelf = Shelf([1, 2, 3], 2, [("arrive", item) for item in range(10, 500)])

    read_all(shelf.page, _same)

    assert MOST_ROUNDS == shelf.read.count(1)
    assert len(shelf.read) < 100


def test_endless_pages_are_refused() -> None:
    """
    A page count that grows for ever is a breach of the definition.
    """
    with pytest.raises(ContractBroken):
        read_all(lambda number: Page(items=[number or 1], number=number or 1, count=(number or 1) + 1), _same)


@given(
    count=st.integers(0, 12),
    size=st.integers(1, 4),
    leaves=st.dictionaries(st.integers(0, 20), st.integers(0, 12), max_size=MOST_ROUNDS - 1),
    says_total=st.booleans(),
)
def test_what_stays_is_never_missed(count: int, size: int, leaves: dict[int, int], says_total: bool) -> None:  # noqa: FBT001 - Hypothesis names it
    """
    Whatever leaves, and whenever: what was there from beginning to end is in the answer, once. As many leave as there are rounds
    to notice it.
    """
    changes = [("leave" if at in leaves else "stay", leaves.get(at, 0)) for at in range(21)]
    shelf = Shelf(list(range(count)), size, changes, says_total=says_total)

    found = read_all(shelf.page, _same)

    assert set() == set(shelf.items) - set(found)
    assert len(set(found)) == len(found)


def test_later_readings_win_and_poison_is_kept_apart(server: Server, client: HealthengineClient) -> None:
    """
    Of two readings of a booking the later counts; unreadable entries on several pages are each kept once.
    """
    first, _ = pages(
        [{"bookingId": 1, "pmsPatientId": "old"}, "poison"], [{"bookingId": 2}, {"bookingId": "x"}, {"bookingId": 3}]
    )
    _, second = pages([{"bookingId": 1, "pmsPatientId": "old"}, "poison"], [{"bookingId": 2}, {"bookingId": "x"}])
    again, _ = pages([{"bookingId": 1, "pmsPatientId": "new"}, "poison"], [{"bookingId": 2}])
    server.on("GET", PATH, first, again)
    server.on("GET", f"{PATH}?page=2", second)

    answer = client.change_requests()

    assert [(1, "new"), (2, "")] == [(item.booking_id, item.patient_id) for item in answer.items]
    assert ["item", "bookingId"] == [entry.why for entry in answer.unreadable]
    assert [None, ["2"], None, ["2"]] == [seen.query.get("page") for seen in server.seen]
