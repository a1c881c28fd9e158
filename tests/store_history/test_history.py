"""
What is kept of what Healthengine was told, for how long, and how it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent.domain.booking import BookingState, CancellationState
from agent.domain.errors import Misconfigured, Transient
from agent.domain.history import lines_of_booking, lines_of_cancellation
from agent.domain.moves import Place
from agent.ports.history import SentDay, SentOutcome, SentWhy
from agent.ports.ledger import LedgerBooking, LedgerCancellation
from agent.ports.tasks import TaskKind
from agent.store import Store
from agent.store.looking import look_at

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
DAY = date(2026, 11, 24)
SENT = SentDay(
    resource_id="1@1:gp",
    date=DAY,
    fingerprint="f1",
    ranges="09:00-12:00/15",
    generation=0,
    why=SentWhy.FIRST,
    outcome=SentOutcome.ACKNOWLEDGED,
    at=AT,
    last_at=AT,
)
ENTRY = LedgerBooking(
    practice_id="1001",
    booking_id=1,
    state=BookingState.CONFIRMED,
    resource_id="1@1:gp",
    practitioner_id="1",
    location_id="1",
    type_id="1",
    start=datetime(2026, 11, 24, 10),
    minutes=15,
    booked_at=AT,
    seen_at=AT,
    updated_at=AT,
)
LATER = AT + timedelta(days=740)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "state.db") as opened:
        yield opened


def again(minutes: int, **changes: object) -> SentDay:
    when = AT + timedelta(minutes=minutes)
    return replace(SENT, at=when, last_at=when, **changes)  # type: ignore[arg-type] # fields of it


def test_the_same_again_only_counts_on(store: Store) -> None:
    """
    A day that is told again every night is one line.
    """
    for day in (SENT, again(1, why=SentWhy.EVERYTHING), again(2, why=SentWhy.ASKED)):
        store.history.sent("1001", [day])

    assert [replace(SENT, last_at=AT + timedelta(minutes=2), times=3)] == list(store.history.of_day("1001", "1@1:gp", DAY))


def test_what_differs_is_a_line_of_its_own(store: Store) -> None:
    """
    Other times, a refusal and a lost answer are each told apart, back and forth.
    """
    days = [
        SENT,
        again(1, fingerprint="f2", ranges=""),
        again(2),
        again(3, outcome=SentOutcome.REFUSED, detail="no such resource"),
        again(4, outcome=SentOutcome.NO_ANSWER),
    ]
    store.history.sent("1001", days)
    store.history.sent("1002", [SENT])

    assert days == list(store.history.of_day("1001", "1@1:gp", DAY))
    assert ["1001", "1002"] == list(store.history.practices())


def test_equal_statements_are_kept_once(store: Store) -> None:
    """
    Forty doctors with the same hours for a year cost one text.
    """
    store.history.sent("1001", [replace(SENT, date=DAY + timedelta(days=n)) for n in range(100)])

    with store._database.reading() as connection:
        assert 1 == connection.execute("SELECT count(*) FROM statements").fetchone()[0]


def test_pruning(store: Store) -> None:
    """
    After 24 months nothing is left of what is over.
    """
    store.history.sent("1001", [SENT])
    store.ledger.write(ENTRY)
    store.ledger.write_cancellation(
        LedgerCancellation(practice_id="1001", booking_id=1, request_id=9, state=CancellationState.ANSWERED, updated_at=AT)
    )

    assert 0 == store.history.prune(AT)
    assert 2 == store.history.prune(LATER)
    assert store.ledger.booking("1001", 1) is None
    assert store.ledger.cancellation("1001", 9) is None
    assert ([], []) == (list(store.ledger.steps("1001", 1)), list(store.ledger.cancellation_steps("1001", 9)))
    with store._database.reading() as connection:
        assert 0 == connection.execute("SELECT count(*) FROM statements").fetchone()[0]


def with_open_task(store: Store) -> None:
    store.ledger.write(ENTRY)
    store.tasks.open("1001", TaskKind.MOVED, 1, "moved", AT)


def under_way(store: Store) -> None:
    store.ledger.write(replace(ENTRY, state=BookingState.INSERTING))


def far_ahead(store: Store) -> None:
    store.ledger.write(replace(ENTRY, start=datetime(2029, 1, 1, 9)))


def moved_far_ahead(store: Store) -> None:
    place = Place(practitioner_id="1", location_id="1", start=datetime(2029, 1, 1, 9), minutes=15)
    store.ledger.write(replace(ENTRY, present=place))


def being_cancelled(store: Store) -> None:
    store.ledger.write(ENTRY)
    store.ledger.write_cancellation(
        LedgerCancellation(practice_id="1001", booking_id=1, request_id=9, state=CancellationState.CANCELLING, updated_at=AT)
    )


@pytest.mark.parametrize("keep", [with_open_task, under_way, far_ahead, moved_far_ahead, being_cancelled])
def test_what_a_rule_still_needs_is_kept(store: Store, keep: object) -> None:
    """
    However old it is.
    """
    assert callable(keep)
    keep(store)

    assert 0 == store.history.prune(LATER)
    assert store.ledger.booking("1001", 1) is not None


def test_where_an_appointment_is_now(store: Store) -> None:
    """
    The present place outlives a restart, and the booking is found on both days.
    """
    place = Place(practitioner_id="2", location_id="1", start=datetime(2026, 12, 3, 9, 30), minutes=30)
    moved = replace(ENTRY, present=place, other_ids=("5",))
    store.ledger.write(moved)

    assert moved == store.ledger.booking("1001", 1)
    assert place == moved.place
    assert [moved] == list(store.ledger.bookings("1001", start_from=datetime(2026, 12, 1)))
    assert [1] == list(store.history.bookings_on("1001", DAY))
    assert [1] == list(store.history.bookings_on("1001", date(2026, 12, 3)))
    assert [] == list(store.history.bookings_on("1001", date(2026, 12, 4)))


def test_noting_what_else_a_patient_has_is_no_step(store: Store) -> None:
    """
    It is for the rules, not for the history.
    """
    store.ledger.write(ENTRY)
    store.ledger.write(replace(ENTRY, other_ids=("5", "6")))

    known = store.ledger.booking("1001", 1)
    assert known is not None
    assert ("5", "6") == known.other_ids
    assert 1 == len(store.ledger.steps("1001", 1))


def test_looking_changes_nothing(tmp_path: Path, store: Store) -> None:
    """
    Beside a running engine the file can be read, and not written.
    """
    store.ledger.write(ENTRY)

    with look_at(tmp_path / "state.db") as seen:
        assert ENTRY == seen.ledger.booking("1001", 1)
        with pytest.raises(Transient):
            seen.ledger.write(replace(ENTRY, booking_id=2))


def test_looking_at_nothing(tmp_path: Path) -> None:
    """
    A home without a state file stays without one.
    """
    with pytest.raises(Misconfigured, match="store-missing"), look_at(tmp_path / "state.db"):
        pass

    assert [] == list(tmp_path.iterdir())


def test_what_the_steps_told() -> None:
    """
    Healthengine is told by some steps, and not again when only the ledger learns something.
    """
    S, C = BookingState, CancellationState  # noqa: N806 - as in the code
    steps = [S.REQUESTED, S.INSERTING, S.INSERTED, S.CONFIRMING, S.CONFIRMED, S.CONFIRMED, S.GONE]

    lines = list(lines_of_booking((state, AT, "") for state in steps))
    changes = list(lines_of_cancellation(9, [(C.ASKED, AT, ""), (C.REFUSED, AT, "booking not known")]))

    assert ["", "", "", "", "yes", "", "cancelled by the practice"] == [line.told for line in lines]
    assert ["", "the change cannot be made"] == [line.told for line in changes]
