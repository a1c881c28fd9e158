"""
Doctors and types that were seen, and those that wait for a tick.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.domain.newcomers import Item, ItemKind, NewItem
from agent.ports.approvals import Approvals
from agent.store import Store

AT = datetime(2026, 11, 20, tzinfo=UTC)
DOCTOR = Item(ItemKind.RESOURCE, "7@1")
TYPE = Item(ItemKind.TYPE, "15")


def test_what_turns_up_waits_until_somebody_ticks_it_off(store: Store) -> None:
    """
    Only what was not approved waits; a tick is remembered, and a second one finds nothing.
    """
    approvals: Approvals = store.approvals
    approvals.add("1001", [NewItem(DOCTOR, "Dr Lee", False), NewItem(TYPE, "Standard", True)], AT)
    waiting = approvals.waiting()

    assert {DOCTOR: False, TYPE: True} == approvals.known("1001")
    assert {} == approvals.known("1002")
    assert [("1001", DOCTOR, "Dr Lee", AT)] == [(w.practice_id, w.item, w.name, w.since) for w in waiting]
    assert waiting == approvals.approve([waiting[0].id, 99], by="Pat", at=AT)
    assert [] == approvals.approve([waiting[0].id], by="Pat", at=AT)
    assert [] == approvals.waiting()
    assert {DOCTOR: True, TYPE: True} == approvals.known("1001")


def test_what_is_known_keeps_its_approval(store: Store) -> None:
    """
    Seen again it neither loses its tick nor its number; the setting may approve it.
    """
    store.approvals.add("1001", [NewItem(DOCTOR, "Dr Lee", False)], AT)
    before = store.approvals.waiting()
    store.approvals.add("1001", [NewItem(DOCTOR, "Dr Lee", False)], AT + timedelta(days=1))

    assert before == store.approvals.waiting()

    store.approvals.add("1001", [NewItem(DOCTOR, "Dr Lee", True)], AT)
    store.approvals.add("1001", [NewItem(DOCTOR, "Dr Lee", False)], AT)

    assert {DOCTOR: True} == store.approvals.known("1001")
