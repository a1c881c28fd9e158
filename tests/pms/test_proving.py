"""
The contract suite of `frontdesk profiles test` on the sample practice, on each kind of database.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from practices import Practice
from sample_rows import TEN, TUESDAY

from agent.domain.days import DateRange
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.proving import Proof


def test_the_sample_practice_passes_and_keeps_nothing(practice: Practice) -> None:
    """
    Reading and writing pass, and what was written is gone.
    """
    desk = practice.desk
    desk.add_location("1", "Main Street")
    desk.add_practitioner("1", first_name="Zoë", last_name="O’Brien")
    desk.add_type("1", "Standard", 15)
    desk.add_patient("7")
    desk.add_session("1", TUESDAY, 9 * 60, 17 * 60)
    desk.add_appointment("1", TEN)
    profile = practice.profile
    connect = connector(profile, practice.carrier, practice.connection, practice.password)
    window = DateRange.of_days(TUESDAY - timedelta(days=2), 7)
    proof = Proof(profile, connect, window, lambda: datetime(2026, 11, 20, tzinfo=UTC))
    pms = practice.pms()
    before = pms.diary(window)

    lines = [*proof.reading(), *proof.writing()]

    assert [] == [line for line in lines if not line.ok]
    assert {"book", "find_booked", "cancel", "withdraw", "may_write"} <= {line.operation for line in lines}
    assert before == pms.diary(window)
    pms.close()
