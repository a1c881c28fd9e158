from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

from agent.ports.ledger import AcknowledgedDay, DayKey, Published
from agent.store import Store

AT = datetime(2026, 11, 20, tzinfo=UTC)
DAY = date(2026, 11, 23)
KEY = DayKey(resource_id="r1", date=DAY)
NEXT_DAY = DayKey(resource_id="r1", date=DAY + timedelta(days=1))


def acknowledged(generation: int = 0, fingerprint: str = "f") -> AcknowledgedDay:
    return AcknowledgedDay(fingerprint=fingerprint, generation=generation)


def test_days_come_back_for_the_window_asked(store: Store) -> None:
    """
    Days are kept by practice and come back for the half-open window, refused ones with their reason.
    """
    port: Published = store.published
    refused = AcknowledgedDay(fingerprint="", generation=0, failed="he-400")
    port.acknowledge_days("1001", {KEY: acknowledged(), NEXT_DAY: refused}, AT)
    port.acknowledge_days("1002", {KEY: acknowledged(fingerprint="other")}, AT)

    assert {KEY: acknowledged()} == port.days("1001", DAY, DAY + timedelta(days=1))
    assert {KEY: acknowledged(), NEXT_DAY: refused} == port.days("1001", DAY, DAY + timedelta(days=2))
    assert (1, 1) == port.counts("1001", first=DAY)
    assert (0, 1) == port.counts("1001", first=DAY + timedelta(days=1))
    assert (0, 0) == port.counts("1003", first=DAY)


def test_an_older_generation_changes_nothing(store: Store) -> None:
    """
    A snapshot computed before our own booking raised the generation does not count when it is acknowledged, and what was
    acknowledged before counts no longer either: the older one may still arrive.
    """
    store.published.acknowledge_days("1001", {KEY: acknowledged(0, "before")}, AT)
    store.published.raise_generation("1001", [KEY, NEXT_DAY])
    store.published.acknowledge_days("1001", {KEY: acknowledged(0, "stale"), NEXT_DAY: acknowledged(0, "stale")}, AT)
    expected = {KEY: acknowledged(1, ""), NEXT_DAY: acknowledged(1, "")}

    assert expected == store.published.days("1001", DAY, date.max)

    store.published.acknowledge_days("1001", {KEY: acknowledged(1, "after")}, AT)

    assert acknowledged(1, "after") == store.published.days("1001", DAY, date.max)[KEY]
    store.published.raise_generation("1001", [KEY])
    assert acknowledged(2, "") == store.published.days("1001", DAY, date.max)[KEY]


def test_forgotten_days_count_as_not_sent(store: Store) -> None:
    """
    After a resync no day counts as sent, not even one whose sending was under way, and no marker remains.
    """
    store.published.acknowledge_days("1001", {KEY: acknowledged(3)}, AT)
    store.published.acknowledge_days("1002", {KEY: acknowledged(3)}, AT)
    store.published.set_markers("1001", {DAY: "m"})
    store.published.forget_days("1001")
    store.published.acknowledge_days("1001", {KEY: acknowledged(3)}, AT)

    assert {KEY: acknowledged(4, "")} == store.published.days("1001", DAY, date.max)
    assert (0, 0) == store.published.counts("1001", first=DAY)
    assert {} == store.published.markers("1001")
    assert (1, 0) == store.published.counts("1002", first=DAY)


def test_past_days_are_dropped(store: Store) -> None:
    """
    Days and markers before a date go, the others stay.
    """
    store.published.acknowledge_days("1001", {KEY: acknowledged(), NEXT_DAY: acknowledged()}, AT)
    store.published.set_markers("1001", {KEY.date: "a", NEXT_DAY.date: "b"})
    store.published.drop_days_before("1001", NEXT_DAY.date)

    assert {NEXT_DAY: acknowledged()} == store.published.days("1001", date.min, date.max)
    assert {NEXT_DAY.date: "b"} == store.published.markers("1001")


def test_markers_and_notes_are_replaced(store: Store) -> None:
    """
    Markers are replaced date by date, notes by name, each practice for itself.
    """
    store.published.set_markers("1001", {KEY.date: "a", NEXT_DAY.date: "b"})
    store.published.set_markers("1001", {KEY.date: "c"})
    store.published.set_note("1001", "types", "x")
    store.published.set_note("1001", "types", "y")

    assert {KEY.date: "c", NEXT_DAY.date: "b"} == store.published.markers("1001")
    assert ["y", "", ""] == [
        store.published.note("1001", "types"),
        store.published.note("1001", "resources"),
        store.published.note("1002", "types"),
    ]


def test_a_large_practice_is_read_and_written_within_a_second(store: Store) -> None:
    """
    A hundred resources for a year are acknowledged, acknowledged again, and read, with under a second of work each.
    """
    days = {
        DayKey(resource_id=f"r{resource}", date=DAY + timedelta(days=offset)): acknowledged(fingerprint=f"{resource:024d}")
        for resource in range(100)
        for offset in range(365)
    }
    took = []
    for _ in range(2):
        began = time.process_time()
        store.published.acknowledge_days("1001", days, AT)
        took.append(time.process_time() - began)
    began = time.process_time()
    read = store.published.days("1001", DAY, date.max)
    took.append(time.process_time() - began)

    assert days == read
    assert max(took) < 1.0
