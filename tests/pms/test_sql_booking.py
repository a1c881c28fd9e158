"""
What can come between: the desk at the same moment, locks, lost connections.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from meddling import meddled, once
from practices import Practice
from sample_rows import NEW_PATIENT, TEN, TUESDAY
from sample_rows import request as booking

from agent.domain.booking import Booked, CancelResult, NotFree, NotThere, Overlapped
from agent.domain.days import DateRange
from agent.domain.errors import Misconfigured, OutcomeUnknown, Transient
from agent.pms.sql.carriers import busy, lost

DAY = DateRange.of_days(TUESDAY, 1)


@pytest.fixture
def staffed(practice: Practice) -> Practice:
    """
    Two practitioners, the first of whom works on Tuesday.
    """
    desk = practice.desk
    desk.add_location()
    desk.add_practitioner("1")
    desk.add_practitioner("2")
    desk.add_type()
    desk.add_patient("7")
    desk.add_session("1", TUESDAY, 540, 1020)
    return practice


@pytest.fixture
def on_server(staffed: Practice) -> Practice:
    """
    The same, where the desk can write while our transaction is open.
    """
    if staffed.profile.dialect.name == "sqlite":
        pytest.skip("SQLite lets nobody write meanwhile")
    return staffed


def live(practice: Practice) -> int:
    return int(practice.desk.value("SELECT COUNT(*) FROM appointments WHERE status <> 3"))


@pytest.mark.parametrize("patient_id", ["7", ""])
def test_the_desk_was_as_fast_and_ours_is_withdrawn(staffed: Practice, patient_id: str) -> None:
    """
    Somebody else's row at the same time makes ours go, with the patient that was created for it.
    """
    pms = meddled(staffed, {"committed": once(lambda: staffed.desk.add_appointment("1", TEN, 30))})

    result = pms.book(booking(patient_id=patient_id))

    assert isinstance(result, NotFree)
    assert 1 == live(staffed)
    assert NotThere() == pms.find_booked(501)
    assert [] == list(pms.find_patients([NEW_PATIENT])[0])
    pms.close()


def test_the_newest_change_does_not_go_back_when_ours_is_withdrawn(staffed: Practice) -> None:
    """
    Taking a booking back does not look like a database that was restored.
    """
    pms = meddled(staffed, {"committed": once(lambda: staffed.desk.run("UPDATE appointments SET version = 1"))})
    desk_row = {"committed": once(lambda: staffed.desk.run(DESK_ROW))}
    before = pms.identity().newest_change
    pms = meddled(staffed, desk_row)
    pms.book(booking())

    assert before < pms.identity().newest_change
    pms.close()


DESK_ROW = "INSERT INTO appointments VALUES (0, 1, 1, 7, 1, '2026-12-01 10:00:00', 15, 0, '', 1)"


def test_too_late_to_withdraw(staffed: Practice) -> None:
    """
    Once the patient has been told yes, both rows stay and a person decides.
    """
    pms = meddled(staffed, {"committed": once(lambda: staffed.desk.add_appointment("1", TEN))})

    result = pms.book(booking(withdraw_within=timedelta(seconds=-1)))

    assert isinstance(result, Overlapped)
    assert 2 == live(staffed)
    pms.close()


def test_found_later_with_somebody_else_there(staffed: Practice) -> None:
    """
    Whoever put ours in died before looking again: the look-up says that ours is not alone.
    """
    pms = staffed.pms()
    alone = pms.book(booking())
    staffed.desk.add_appointment("1", TEN, patient_id="8")

    found = pms.find_booked(501)

    assert isinstance(alone, Booked)
    assert isinstance(found, Booked)
    assert (False, True) == (alone.shares_time, found.shares_time)
    pms.close()


def test_what_the_desk_has_touched_is_not_withdrawn(staffed: Practice) -> None:
    """
    A booking that the desk has already worked on stays.
    """

    def desk() -> None:
        staffed.desk.add_appointment("1", TEN)
        staffed.desk.run("UPDATE appointments SET status = 1 WHERE notes LIKE '%HE:501;%'")

    pms = meddled(staffed, {"committed": once(desk)})

    assert isinstance(pms.book(booking()), Overlapped)
    assert 2 == live(staffed)
    pms.close()


def test_moved_by_the_desk_before_we_looked(staffed: Practice) -> None:
    """
    A booking that the desk moved at once is a booking all the same.
    """

    def desk() -> None:
        staffed.desk.run("UPDATE appointments SET starts_at = '2026-12-01 11:00:00'")
        staffed.desk.add_appointment("1", TEN)

    pms = meddled(staffed, {"committed": once(desk)})

    assert isinstance(pms.book(booking()), Booked)
    pms.close()


@pytest.mark.servers
def test_the_desk_inserts_between_check_and_insert(on_server: Practice) -> None:
    """
    A row that appears after the time was found free is found by looking again.
    """
    pms = meddled(on_server, {"insert": once(lambda: on_server.desk.run(DESK_ROW))})

    assert isinstance(pms.book(booking()), NotFree)
    assert 1 == live(on_server)
    pms.close()


@pytest.mark.servers
@pytest.mark.parametrize("patient_id", ["7", ""])
def test_the_desk_takes_the_number(on_server: Practice, patient_id: str) -> None:
    """
    A number that the desk took first is chosen again, and the booking is in once.
    """
    pms = meddled(
        on_server, {"insert": once(lambda: (on_server.desk.add_patient("8"), on_server.desk.add_appointment("2", TEN)))}
    )

    result = pms.book(booking(patient_id=patient_id))

    assert isinstance(result, Booked)
    assert ("2",) == result.appointment_ids
    assert 2 == live(on_server)
    pms.close()


def test_a_number_that_is_taken_again_and_again(local_practice: Practice) -> None:
    """
    After five goes the database counts as busy, with nothing put in.
    """
    desk = local_practice.desk
    desk.add_session("1", TUESDAY, 540, 1020)
    desk.run("CREATE TRIGGER t BEFORE INSERT ON appointments BEGIN INSERT INTO practice_info SELECT 1, 1 FROM roster; END")
    desk.run("CREATE UNIQUE INDEX u ON practice_info (database_id)")
    desk.run("UPDATE practice_info SET database_id = '1'")
    pms = local_practice.pms()

    with pytest.raises(Transient, match="pms-busy"):
        pms.book(booking())

    assert 0 == live(local_practice)
    pms.close()


def test_the_answer_to_commit_is_lost(staffed: Practice) -> None:
    """
    Nobody knows what became of the booking until the PMS is asked.
    """

    def lose() -> None:
        raise lost("COMMIT")

    done = meddled(staffed, {"committed": once(lose)})
    with pytest.raises(OutcomeUnknown):
        done.book(booking())
    assert isinstance(done.find_booked(501), Booked)
    done.close()

    not_done = meddled(staffed, {"commit": once(lose)})
    with pytest.raises(OutcomeUnknown):
        not_done.book(booking(502, start=TEN + timedelta(hours=1)))
    assert NotThere() == not_done.find_booked(502)
    with pytest.raises(OutcomeUnknown):
        meddled(staffed, {"commit": once(lose)}).cancel(
            not_done.find_booked(501).appointment_ids[0],  # type: ignore[union-attr]  # it is there
            patient_id="7",
            start=TEN,
            after=datetime(2026, 1, 1),
        )
    not_done.close()


def test_looking_again_fails(staffed: Practice) -> None:
    """
    A booking that is in but could not be looked at again is not said to have failed.
    """
    committed: list[bool] = []

    def lose() -> None:
        if committed:
            raise lost("appointments.sql")

    pms = meddled(staffed, {"committed": lambda: committed.append(True), "appointments": lose})

    with pytest.raises(OutcomeUnknown):
        pms.book(booking())

    committed.clear()
    assert isinstance(pms.book(booking()), Booked)
    assert 1 == live(staffed)
    pms.close()


SEVERAL = [booking(501), booking(502, start=TEN + timedelta(hours=1)), booking(503, start=TEN + timedelta(hours=2))]


def test_several_are_in_together_or_not_at_all(staffed: Practice) -> None:
    """
    What goes wrong with one of them leaves none of them behind; what it was shows when they come one by one.
    """
    fail = iter([None, None, busy("insert")])

    def second_insert() -> None:
        if error := next(fail, None):
            raise error

    pms = meddled(staffed, {"insert": second_insert})

    with pytest.raises(Transient, match="pms-busy"):
        pms.book_all(SEVERAL)

    assert 0 == live(staffed)
    assert [Booked] * 3 == [type(result) for result in pms.book_all(SEVERAL)]
    assert 3 == live(staffed)
    pms.close()


def test_the_desk_was_as_fast_as_one_of_several(staffed: Practice) -> None:
    """
    That one is withdrawn, and the others stay.
    """
    meanwhile = once(lambda: staffed.desk.add_appointment("1", TEN + timedelta(hours=1), 30))
    pms = meddled(staffed, {"committed": meanwhile})

    assert [Booked, NotFree, Booked] == [type(result) for result in pms.book_all(SEVERAL)]
    assert 3 == live(staffed)
    pms.close()


@pytest.mark.servers
@pytest.mark.parametrize("moment", ["lock", "begin", "insert"])
def test_a_connection_that_breaks_before_commit_is_opened_again(on_server: Practice, moment: str) -> None:
    """
    What broke while nothing was committed is done on a new connection, once.
    """
    pms = meddled(on_server, {moment: once(lambda: hang_up(on_server))})
    pms.find_booked(1) if moment == "insert" else None  # a connection that was opened before

    if moment != "insert":
        with pytest.raises(Transient) as raised:
            pms.book(booking())
        assert not isinstance(raised.value, OutcomeUnknown)
    assert isinstance(pms.book(booking()), Booked)
    assert 1 == live(on_server)
    pms.close()


@pytest.mark.servers
def test_a_connection_that_breaks_at_commit(on_server: Practice) -> None:
    """
    A connection really cut before its commit leaves the outcome unknown, and nothing behind.
    """
    pms = meddled(on_server, {"commit": once(lambda: hang_up(on_server))})

    with pytest.raises(OutcomeUnknown):
        pms.book(booking())

    assert NotThere() == pms.find_booked(501)
    assert 0 == live(on_server)
    pms.close()


@pytest.mark.servers
def test_an_idle_connection_that_was_cut(on_server: Practice) -> None:
    """
    The next read opens a new one and nobody notices.
    """
    pms = on_server.pms()
    pms.locations()
    hang_up(on_server)

    assert 1 == len(pms.locations())
    pms.close()


def hang_up(practice: Practice) -> None:
    link = practice.open_desk()
    if practice.profile.dialect.name == "postgresql":
        link.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'agent' AND pid <> pg_backend_pid()"
        )
    else:
        others = "SELECT id FROM information_schema.processlist WHERE user = 'agent' AND id <> CONNECTION_ID()"
        for (number,) in link.execute(others).fetchall():
            link.execute(f"KILL {int(number)}")
    link.close()


LOCKS: dict[str, Callable[[Any], object]] = {
    "sqlite": lambda link: link.execute("BEGIN IMMEDIATE"),
    "mariadb": lambda link: link.execute("SELECT GET_LOCK('practice.frontdesk', 0)").fetchone(),
    "postgresql": lambda link: link.execute("SELECT pg_advisory_lock(hashtext('frontdesk'))").fetchone(),
}


def test_somebody_else_holds_the_lock(staffed: Practice) -> None:
    """
    We wait two seconds and no longer, and then nothing has happened.
    """
    holder = staffed.open_desk()
    LOCKS[staffed.profile.dialect.name](holder)
    pms = staffed.pms()
    before = datetime.now(UTC)

    for call in (lambda: pms.book(booking()), lambda: pms.find_booked(501)):
        with pytest.raises(Transient) as raised:
            call()
        assert "pms-busy" == raised.value.code, raised.value
        assert not isinstance(raised.value, OutcomeUnknown)

    assert timedelta(seconds=3) < datetime.now(UTC) - before < timedelta(seconds=12)
    holder.close()
    assert isinstance(pms.book(booking()), Booked)
    pms.close()


def test_notes_are_cut_and_the_reference_is_not(staffed: Practice) -> None:
    """
    However long and foreign the note, the row ends with the reference.
    """
    pms = staffed.pms()
    pms.book(booking(note="膝" * 900))

    note = str(staffed.desk.value("SELECT notes FROM appointments"))

    assert note.startswith("膝膝膝")
    assert note.endswith("… HE:501;")
    assert 500 == len(note)
    pms.close()


def test_long_names_are_cut(staffed: Practice) -> None:
    """
    A name that is longer than the column does not stop the booking.
    """
    pms = staffed.pms()

    assert isinstance(pms.book(booking(patient_id="", patient=replace(NEW_PATIENT, last_name="ß" * 100))), Booked)
    assert "ß" * 60 == staffed.desk.value("SELECT last_name FROM patients WHERE id = 8")
    pms.close()


def test_a_diary_that_changes_while_it_is_read(staffed: Practice) -> None:
    """
    It is read again, and after the third time the reading fails.
    """
    changing = meddled(staffed, {"sessions": lambda: staffed.desk.add_absence("2", TUESDAY, 600, 615)})
    with pytest.raises(Transient, match="pms-torn-read"):
        changing.diary(DAY)
    changing.close()

    changed_once = meddled(staffed, {"sessions": once(lambda: staffed.desk.add_appointment("1", TEN))})
    diary = changed_once.diary(DAY)
    assert 1 == len(diary.appointments)
    assert diary.markers == changed_once.markers(DAY)
    changed_once.close()


def test_check_names_the_place(staffed: Practice) -> None:
    """
    A bad row is told by operation, column and row; the other operations are tried all the same.
    """
    staffed.desk.run("UPDATE roster SET start_time = '9am'")
    pms = staffed.pms(now=lambda: datetime(2026, 12, 1, tzinfo=UTC))

    lines = {line.operation: line for line in pms.check()}

    assert ["sessions"] == [name for name, line in lines.items() if not line.ok] or staffed.profile.dialect.name != "sqlite"
    assert "sessions, column start_time, row 1" == lines["sessions"].place
    assert lines["practitioners"].ok
    pms.close()


def test_check_of_a_database_that_lacks_a_table(staffed: Practice) -> None:
    """
    A statement that the database does not accept is told with its file.
    """
    staffed.desk.run("ALTER TABLE locations RENAME TO places")
    pms = staffed.pms()
    try:
        broken = [line for line in pms.check() if not line.ok]
    finally:
        staffed.desk.run("ALTER TABLE places RENAME TO locations")

    assert {"locations.sql", "practitioners.sql"} == {line.place for line in broken}
    assert all("does not accept" in line.message for line in broken)
    pms.close()


def test_reads_cannot_write(staffed: Practice) -> None:
    """
    A profile whose reading operation writes is stopped by the database.
    """
    with pytest.raises(Misconfigured, match="pms-read-only"):
        _writing_read(staffed).locations()

    assert 1 == staffed.desk.value("SELECT COUNT(*) FROM locations")


def _writing_read(practice: Practice) -> Any:
    from agent.pms.sql.carriers.registry import connector  # noqa: PLC0415  # only here
    from agent.pms.sql.pms import SqlPms  # noqa: PLC0415  # only here

    profile = practice.profile
    statement = profile.statements["locations"][0]
    writing = replace(statement, parts=("DELETE FROM locations",), names=())
    profile = replace(profile, statements={**profile.statements, "locations": (writing,)})
    return SqlPms(profile, connector(profile, practice.carrier, practice.connection, practice.password))


def test_cancel_while_the_desk_changes_the_row(on_server: Practice) -> None:
    """
    A row that changed after it was looked at is left alone.
    """
    added = on_server.desk.add_appointment("1", TEN)
    desk = once(lambda: on_server.desk.change_appointment(added, start=TEN + timedelta(hours=1)))
    pms = meddled(on_server, {"cancel": desk})

    assert CancelResult.CHANGED is pms.cancel(added, patient_id="7", start=TEN, after=datetime(2026, 1, 1))
    assert 1 == live(on_server)
    pms.close()


def test_a_database_that_is_not_there(local_practice: Practice) -> None:
    """
    A missing file is said to be away, and is not created.
    """
    missing = replace(local_practice, connection=local_practice.connection + ".gone")

    with pytest.raises(Transient, match="pms-connect"):
        missing.pms().locations()
    with pytest.raises(sqlite3.OperationalError):
        sqlite3.connect(f"file:{missing.connection}?mode=ro", uri=True)
