"""
The contract suite of `frontdesk profiles test` on the sample practice, on each kind of database.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from practices import Practice
from sample_rows import TEN, TUESDAY

from agent.domain.days import DateRange
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.profile import Profile
from agent.pms.sql.proving import Proof

WINDOW = DateRange.of_days(TUESDAY - timedelta(days=2), 7)


def _prove(practice: Practice, profile: Profile) -> Proof:
    connect = connector(profile, practice.carrier, practice.connection, practice.password)
    return Proof(profile, connect, WINDOW, lambda: datetime(2026, 11, 20, tzinfo=UTC))


def _seed(practice: Practice) -> None:
    desk = practice.desk
    desk.add_location("1", "Main Street")
    desk.add_practitioner("1", first_name="Zoë", last_name="O’Brien")
    desk.add_type("1", "Standard", 15)
    desk.add_patient("7")
    desk.add_session("1", TUESDAY, 9 * 60, 17 * 60)
    desk.add_appointment("1", TEN)


def test_the_sample_practice_passes_and_keeps_nothing(practice: Practice) -> None:
    """
    Reading and writing pass, and what was written is gone.
    """
    _seed(practice)
    proof = _prove(practice, practice.profile)
    pms = practice.pms()
    before = pms.diary(WINDOW)

    lines = [*proof.reading(), *proof.writing()]

    assert [] == [line for line in lines if not line.ok]
    assert {"book", "find_booked", "cancel", "withdraw", "may_write"} <= {line.operation for line in lines}
    assert before == pms.diary(WINDOW)
    pms.close()


def test_a_lock_is_missed_where_a_transaction_locks_nothing(practice: Practice) -> None:
    """
    Without `lock.sql` two bookings of ours meet on a server; SQLite keeps them apart by itself.
    """
    _seed(practice)
    profile = practice.profile
    unlocked = {name: steps for name, steps in profile.statements.items() if name not in {"lock", "unlock"}}
    proof = _prove(practice, replace(profile, statements=unlocked))

    lines = [*proof.reading(), *proof.writing()]

    expected = [] if profile.dialect.name == "sqlite" else ["lock"]
    assert expected == [line.operation for line in lines if not line.ok]
