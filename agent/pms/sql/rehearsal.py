"""
Writing tried in earnest and taken back: a booking is put in, found, cancelled and withdrawn in one transaction that never ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from agent.domain.booking import Booked, BookRequest, CancelResult
from agent.domain.days import DateRange, Span, subtract
from agent.domain.diary import AppointmentState
from agent.domain.errors import FrontdeskError, Misconfigured, OutcomeUnknown
from agent.domain.patients import PatientDetails
from agent.pms.sql import parameters
from agent.pms.sql.booking import Bookings
from agent.pms.sql.carriers import Carrier, Table
from agent.pms.sql.queries import Queries
from agent.pms.sql.rows import AppointmentRow, SessionRow
from agent.pms.sql.statements import Parameters, Statement
from agent.ports.pms import CheckLine

BOOKINGS = (999_999_901, 999_999_902)
"""Numbers that Healthengine has not reached: the rehearsal's own two bookings."""

NO_BOOKING = 999_999_903
"""A number that nothing carries."""

NOBODY = PatientDetails(
    first_name="Test",
    last_name="FRONTDESK-TEST",
    date_of_birth=date(1904, 2, 29),
    phone="0400 000 000",
    email="test@example.invalid",
    sex="Female",
)
"""The patient of the rehearsal, marked so that everybody sees what it is."""

MINUTES = 15
"""How long the rehearsal's booking is."""


class Uncommitted:
    """
    A connection whose transaction is never made final (implements `agent.pms.sql.carriers.Carrier`).
    """

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._is_begun = False
        self._is_changed = False  # since the last begin or commit

    @property
    def is_broken(self) -> bool:
        """
        As the connection is.
        """
        return self._carrier.is_broken

    def query(self, statement: Statement, parameters: Parameters) -> Table:
        """
        Ask.
        """
        return self._carrier.query(statement, parameters)

    def execute(self, statement: Statement, parameters: Parameters) -> int:
        """
        Change, for now.
        """
        self._is_changed = True
        return self._carrier.execute(statement, parameters)

    def begin(self) -> None:
        """
        Begin, or go on with what is there.
        """
        if not self._is_begun:
            self._carrier.begin()
        self._is_begun, self._is_changed = True, False

    def commit(self) -> None:
        """
        Keep it, within the transaction.
        """
        self._is_changed = False

    def rollback(self) -> None:
        """
        Undo everything if something was changed and not kept.
        """
        if self._is_changed:
            self.take_back()

    def take_back(self) -> None:
        """
        Undo everything.
        """
        self._carrier.rollback()
        self._is_begun = self._is_changed = False

    def close(self) -> None:
        """
        Let go of the database, which undoes everything too.
        """
        self._carrier.close()


class Rehearsal:
    """
    Tries a profile's writing on a free slot.

    Args:
        carrier: A connection for writing, used for nothing else.
        now: The present, aware UTC.
    """

    def __init__(self, queries: Queries, carrier: Carrier, now: Callable[[], datetime]) -> None:
        self._queries = queries
        self._carrier = Uncommitted(carrier)
        self._bookings = Bookings(queries, now)

    def run(self, session: SessionRow, start: datetime) -> list[CheckLine]:
        """
        Book, look, cancel and withdraw at *start* within *session*, and take everything back; what is wrong ends it.
        """
        lines: list[CheckLine] = []
        try:
            for operation, work in (
                ("book", self._book),
                ("find_booked", self._find),
                ("cancel", self._cancel),
                ("withdraw", self._withdraw),
            ):
                if self._queries.profile.has(operation):
                    work(session, start)
                    lines.append(CheckLine(operation=operation, ok=True, rows=1))
        except FrontdeskError as error:
            place = f"{operation}.sql"
            lines.append(CheckLine(operation=operation, ok=False, place=place, message=error.message, remedy=error.remedy))
        finally:
            self._carrier.take_back()
        return lines

    def _book(self, session: SessionRow, start: datetime) -> None:
        day = DateRange.of_days(start.date(), 1)
        before = self._queries.markers(self._carrier, day)
        try:
            first, again = (self._bookings.book(self._carrier, [_request(BOOKINGS[0], session, start)])[0] for _ in range(2))
        except OutcomeUnknown:
            raise _wrong(
                "book",
                "what was put in cannot be read again",
                "Check what book.sql puts into each column: times, length, status.",
            ) from None
        if not isinstance(first, Booked):
            raise _wrong("book", "the slot was free, and the booking was not taken", "Look at the condition in book.sql.")
        if not isinstance(again, Booked) or first.appointment_ids != again.appointment_ids:
            raise _wrong("find_booked", "a booking that is there is not found by its reference", "Compare notes and reference.")
        row = self._row(first.appointment_ids[0])
        wanted = (session[0], session[1], start, MINUTES, first.patient_id, AppointmentState.BOOKED)
        for column, one, other in zip(
            ("practitioner_id", "location_id", "start", "length", "patient_id", "status"),
            wanted,
            (*row[1:6], row[7]),
            strict=True,
        ):
            if one != other:
                raise _wrong("book", f"states.sql gives another {column} than was booked", "Check what book.sql puts there.")
        if self._queries.markers(self._carrier, day) == before:
            raise _wrong("markers", "a new appointment does not change its date's marker", "Count and sum what book.sql inserts.")
        if first.patient_id not in {p.id for p in self._queries.find_patients(self._carrier, [NOBODY])[0]}:
            raise _wrong("find_patients", "a patient that was just created is not found", "Check what create_patient.sql writes.")
        self._read_patient(first.patient_id)

    def _find(self, session: SessionRow, start: datetime) -> None:
        found = self._bookings.find(self._carrier, BOOKINGS[0])
        if not isinstance(found, Booked):
            raise _wrong("find_booked", "a booking that is there is not found", "Let it use reference_pattern on the notes.")
        rows = self._queries.day_of(self._carrier, session[0], start.date())
        if found.appointment_ids[0] not in {row[0] for row in rows}:
            raise _wrong("appointments", "a new appointment is not in the diary", "Let it take what book.sql inserts.")

    def _read_patient(self, patient_id: str) -> None:
        found = self._queries.patients(self._carrier, [patient_id])
        if len(found) != 1:
            raise _wrong("patients", "a patient that was just created is not given", "Check what create_patient.sql writes.")
        for column in ("first_name", "last_name"):
            wanted, got = getattr(NOBODY, column).casefold(), getattr(found[0], column).casefold()
            if not (got and wanted.startswith(got)):  # a name may be cut
                raise _wrong("patients", f"it gives another {column} than was written", "Compare it with create_patient.sql.")
        if found[0].date_of_birth != NOBODY.date_of_birth:
            raise _wrong("patients", "it gives another date_of_birth than was written", "Compare it with create_patient.sql.")

    def _cancel(self, session: SessionRow, start: datetime) -> None:
        found = self._found(BOOKINGS[0])
        if self._cancels(found, start - timedelta(days=1)):
            raise _wrong("cancel", "it cancels what the desk has moved", "Let its condition compare the start.")
        day = DateRange.of_days(start.date(), 1)
        before = self._queries.markers(self._carrier, day)
        done = self._bookings.cancel(
            self._carrier, found.appointment_ids[0], patient_id=found.patient_id, start=start, after=start - timedelta(days=1)
        )
        if done is not CancelResult.CANCELLED:
            raise _wrong("cancel", "an appointment that is as expected was not cancelled", "Look at the condition in cancel.sql.")
        rows = self._queries.day_of(self._carrier, session[0], start.date())
        if found.appointment_ids[0] in {row[0] for row in rows}:
            raise _wrong("cancel", "a cancelled appointment still takes time", "Check what cancel.sql writes, and [status].")
        if self._queries.markers(self._carrier, day) == before:
            raise _wrong(
                "markers", "a cancelled appointment does not change its date's marker", "Take its status into the marker."
            )
        if self._cancels(found, start):
            raise _wrong("cancel", "it cancels what is cancelled already", "Let its condition compare the status.")

    def _cancels(self, found: Booked, start: datetime) -> bool:
        # Straight to the SQL: what asks first in earnest cannot see what the desk does between question and change.
        bound = parameters.cancelled(self._queries.profile, found.appointment_ids[0], found.patient_id, start)
        return bool(self._queries.run(self._carrier, "cancel", bound).changed)

    def _withdraw(self, session: SessionRow, start: datetime) -> None:
        number = BOOKINGS[0]
        if self._queries.profile.has("cancel"):  # the first one no longer takes the time
            number = BOOKINGS[1]
            self._bookings.book(self._carrier, [_request(number, session, start)])
        found = self._found(number)
        profile = self._queries.profile
        ids: parameters.Bound = {
            "appointment_id": parameters.one_id(profile, "appointment_id", found.appointment_ids[0]),
            "created_patient_id": parameters.one_id(profile, "patient_id", found.patient_id),
        }
        self._queries.run(self._carrier, "withdraw", parameters.reference(NO_BOOKING) | ids)
        if not self._queries.find_booked(self._carrier, number):
            raise _wrong("withdraw", "it takes back what is not that booking's", "Let its condition compare the reference.")
        self._queries.run(self._carrier, "withdraw", parameters.reference(number) | ids)
        if self._queries.find_booked(self._carrier, number):
            raise _wrong("withdraw", "our own booking is still there", "Let it delete the row, or take the reference away.")

    def _found(self, number: int) -> Booked:
        found = self._bookings.find(self._carrier, number)
        if not isinstance(found, Booked):
            raise _wrong("find_booked", "a booking that is there is not found", "Let it use reference_pattern on the notes.")
        return found

    def _row(self, appointment_id: str) -> AppointmentRow:
        rows = self._queries.states(self._carrier, [appointment_id])
        if len(rows) != 1:
            raise _wrong("states", "a new appointment is not given by its id", "Compare its ids with those of book.sql.")
        return rows[0]


def free_slot(
    sessions: Sequence[SessionRow], appointments: Sequence[AppointmentRow], after: date
) -> tuple[SessionRow, datetime] | None:
    """
    Return the latest free stretch of `MINUTES` after the date *after*, with its session; None: there is none.
    """
    for session in sorted(sessions, key=lambda row: (row[2], row[3]), reverse=True):
        if session[2] <= after:
            break
        midnight = datetime(session[2].year, session[2].month, session[2].day)
        taken = []
        for row in appointments:
            if row[1] == session[0] and row[7] is not AppointmentState.CANCELLED:
                begins = (row[3] - midnight) // timedelta(minutes=1)
                taken.append(Span(begins, begins + row[4]))
        for span in reversed(subtract(Span(session[3], session[4]), sorted(taken))):
            if span.end - span.start >= MINUTES:
                return session, midnight + timedelta(minutes=span.start)
    return None


def _request(number: int, session: SessionRow, start: datetime) -> BookRequest:
    return BookRequest(
        booking_id=number,
        practitioner_id=session[0],
        location_id=session[1],
        start=start,
        minutes=MINUTES,
        type_id=session[6][0] if session[6] else "",
        patient_id="",
        patient=NOBODY,
        note="Frontdesk test",
        is_new_patient=True,
        withdraw_within=timedelta(0),
    )


def _wrong(operation: str, why: str, remedy: str) -> Misconfigured:
    return Misconfigured("pms-contract", f"{operation}: {why}.", remedy=remedy)
