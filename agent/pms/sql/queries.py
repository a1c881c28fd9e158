"""
A profile's operations that read, each on a connection of the caller's.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import compress

from agent.domain.carrying import AppointmentLinks
from agent.domain.days import DateRange
from agent.domain.diary import AppointmentState, Location, PmsIdentity, PmsType, Practitioner
from agent.domain.matching.looking_up import Finder, look_ups, together
from agent.domain.patients import PatientDetails, PmsPatient
from agent.pms.sql import parameters, rows
from agent.pms.sql.carriers import Carrier
from agent.pms.sql.parameters import Bound
from agent.pms.sql.profile import FreeTime, Per
from agent.pms.sql.rows import AppointmentColumns, AppointmentRow, LeaveRow, SessionRow
from agent.pms.sql.running import Runner
from agent.pms.sql.statements import Statement

IDS_AT_ONCE = 100
"""How many ids one statement is given."""


class Queries(Runner):
    """
    One profile's operations: what `Runner` runs, with the answers made ours.
    """

    def identity(self, carrier: Carrier) -> PmsIdentity:
        """
        Return which database this is.
        """
        return rows.identity(self._one_row(carrier, "identity", {}))

    def locations(self, carrier: Carrier) -> list[Location]:
        """
        Return every place; none where the PMS knows no places.
        """
        return rows.locations(self._table(carrier, "locations", {})) if self.profile.has("locations") else []

    def practitioners(self, carrier: Carrier) -> list[Practitioner]:
        """
        Return everyone who can be booked.
        """
        return rows.practitioners(self._table(carrier, "practitioners", {}))

    def appointment_types(self, carrier: Carrier) -> list[PmsType]:
        """
        Return every appointment type in use.
        """
        return rows.appointment_types(self.profile, self._table(carrier, "appointment_types", {}))

    def markers(self, carrier: Carrier, window: DateRange) -> dict[date, str]:
        """
        Return a fingerprint for every date: of all rows for the date, in any order.
        """
        by_day: dict[date, list[tuple[str, ...]]] = defaultdict(list)
        for number, table in enumerate(self._tables(carrier, "markers", parameters.window(self.profile, window), window)):
            for day, parts in rows.marks(table):
                by_day[day].append((str(number), *parts))
        return {
            day: hashlib.blake2b(repr(sorted(by_day[day])).encode(), digest_size=12).hexdigest() if day in by_day else ""
            for day in window
        }

    def sessions(self, carrier: Carrier, window: DateRange, leave: Sequence[LeaveRow] | None = None) -> list[SessionRow]:
        """
        Return working time less leave and breaks, or the free slots that the PMS works out.

        Args:
            leave: As `leave` gives it; None: read now.
        """
        if self.profile.free_time is FreeTime.SESSIONS:
            away = self.leave(carrier, window) if leave is None else leave
            return rows.less_leave(self._stretches(carrier, "sessions", window), away)
        if self.profile.per is Per.WINDOW:
            return self._stretches(carrier, "free_slots", window)
        practitioners = sorted({p.id for p in self.practitioners(carrier)})
        return [
            row for day in window for practitioner_id in practitioners for row in self.free_slots(carrier, practitioner_id, day)
        ]

    def leave(self, carrier: Carrier, window: DateRange) -> list[LeaveRow]:
        """
        Return who is away when, where the profile keeps it apart from the sessions.
        """
        if not self.profile.has("absences"):
            return []
        return rows.leave(self.profile, self._table(carrier, "absences", parameters.window(self.profile, window), window))

    def free_slots(self, carrier: Carrier, practitioner_id: str, day: date) -> list[SessionRow]:
        """
        Return one practitioner's free slots on one day.
        """
        return self._stretches(carrier, "free_slots", DateRange.of_days(day, 1), practitioner_id)

    def appointments(self, carrier: Carrier, window: DateRange) -> list[AppointmentRow]:
        """
        Return what takes time in *window*, also what began the evening before; cancelled ones are left out.
        """
        return list(zip(*self.appointment_columns(carrier, window), strict=True))

    def appointment_columns(self, carrier: Carrier, window: DateRange) -> AppointmentColumns:
        """
        Return the same, column by column.
        """
        wider = DateRange(window.first - timedelta(days=1), window.end)
        columns = rows.appointment_columns(
            self.profile, "appointments", self._table(carrier, "appointments", parameters.window(self.profile, wider), wider)
        )
        starts, states = columns[3], columns[7]
        midnight = datetime(window.first.year, window.first.month, window.first.day)
        if not starts or (min(starts) >= midnight and AppointmentState.CANCELLED not in states):
            return columns
        wanted = [
            state is not AppointmentState.CANCELLED and (start >= midnight or start + timedelta(minutes=minutes) > midnight)
            for start, minutes, state in zip(starts, columns[4], states, strict=True)
        ]
        # mypy cannot see that each list keeps its type
        return tuple(list(compress(column, wanted)) for column in columns)  # type: ignore[return-value]

    def day_of(self, carrier: Carrier, practitioner_id: str, day: date) -> list[AppointmentRow]:
        """
        Return what takes one practitioner's time on one day: as `appointments`, but asking for no more than that.
        """
        window = DateRange(day - timedelta(days=1), day + timedelta(days=1))
        table = self._of_one(carrier, "appointments", window, practitioner_id)
        midnight = datetime(day.year, day.month, day.day)
        return [
            row
            for row in rows.appointments(self.profile, "appointments", table)
            if row[1] == practitioner_id
            and row[7] is not AppointmentState.CANCELLED
            and (row[3] >= midnight or row[3] + timedelta(minutes=row[4]) > midnight)
        ]

    def open_on(self, carrier: Carrier, practitioner_id: str, day: date) -> list[SessionRow]:
        """
        Return one practitioner's working time or free slots on one day: as `sessions`, but asking for no more than that.
        """
        window = DateRange.of_days(day, 1)
        if self.profile.free_time is FreeTime.SLOTS:
            if self.profile.per is Per.PRACTITIONER_DAY:
                return self.free_slots(carrier, practitioner_id, day)
            return rows.stretches(self.profile, "free_slots", self._of_one(carrier, "free_slots", window, practitioner_id))
        working = rows.stretches(self.profile, "sessions", self._of_one(carrier, "sessions", window, practitioner_id))
        if not self.profile.has("absences"):
            return working
        return rows.less_leave(working, rows.leave(self.profile, self._of_one(carrier, "absences", window, practitioner_id)))

    def states(self, carrier: Carrier, ids: Sequence[str]) -> list[AppointmentRow]:
        """
        Return the appointments with these ids, cancelled ones included.
        """
        return [
            row
            for some in self._id_chunks("appointment_id", ids)
            for row in rows.appointments(self.profile, "states", self._table(carrier, "states", {"ids": some}))
        ]

    def patient_appointments(self, carrier: Carrier, patient_id: str, since: datetime) -> list[AppointmentRow]:
        """
        Return the patient's appointments from *since* on; cancelled ones are left out.
        """
        table = self._table(carrier, "patient_appointments", parameters.of_patient(self.profile, patient_id, since))
        return [
            row
            for row in rows.appointments(self.profile, "patient_appointments", table)
            if row[5] == patient_id and row[3] >= since and row[7] is not AppointmentState.CANCELLED
        ]

    def find_booked(self, carrier: Carrier, booking_id: int) -> list[AppointmentRow]:
        """
        Return the appointments that carry the booking's reference, cancelled ones included.
        """
        table = self._table(carrier, "find_booked", parameters.reference(booking_id))
        return [row for row in rows.appointments(self.profile, "find_booked", table) if row[8] == booking_id]

    def links(self, carrier: Carrier, ids: Sequence[str]) -> list[AppointmentLinks]:
        """
        Return the telehealth links of the appointments that have any; none where the PMS has none.
        """
        if not self.profile.has("links"):
            return []
        return [
            link
            for some in self._id_chunks("appointment_id", ids)
            for link in rows.links(self._table(carrier, "links", {"ids": some}))
        ]

    def references(self, carrier: Carrier) -> set[int] | None:
        """
        Return every booking whose reference some appointment carries, by one look through the notes; None where the
        profile finds a reference in another way.
        """
        statement = self.profile.statements["find_booked"][0]
        if set(statement.names) != {"reference_pattern"}:
            return None
        table = self._table(carrier, "find_booked", parameters.any_reference())
        return {row[8] for row in rows.appointments(self.profile, "find_booked", table)}

    def find_patients(self, carrier: Carrier, people: Sequence[PatientDetails]) -> list[list[PmsPatient]]:
        """
        Return for each of *people* the records that might be this person, each once.

        What looks for values out of a list is asked once for all of them.
        """
        wanted = [look_ups(details) for details in people]
        everybody = parameters.sought(self.profile, together(wanted))
        each = [parameters.candidates(self.profile, details) for details in people]
        finder = Finder(wanted)
        found: list[dict[str, PmsPatient]] = [{} for _ in people]
        for statement in self.profile.statements["find_patients"]:
            if len(people) > 1 and everybody.keys() >= set(statement.names):
                for record in self._candidates(carrier, statement, everybody):
                    for number in finder.whose(record):
                        found[number][record.id] = record
            else:
                for records, bound in zip(found, each, strict=True):
                    records.update({record.id: record for record in self._candidates(carrier, statement, bound)})
        return [list(records.values()) for records in found]

    def _candidates(self, carrier: Carrier, statement: Statement, bound: Bound) -> list[PmsPatient]:
        table = self._answer(carrier, "find_patients", statement, bound)
        return [] if table is None else rows.patients("find_patients", table, self.profile)

    def patients(self, carrier: Carrier, ids: Sequence[str]) -> list[PmsPatient]:
        """
        Return the records with these ids.
        """
        return [
            patient
            for some in self._id_chunks("patient_id", ids)
            for patient in rows.patients("patients", self._table(carrier, "patients", {"ids": some}), self.profile)
        ]

    def _stretches(
        self, carrier: Carrier, operation: str, window: DateRange, practitioner_id: str | None = None
    ) -> list[SessionRow]:
        bound = parameters.window(self.profile, window)
        if operation == "free_slots":
            bound["practitioner_id"] = (
                None if practitioner_id is None else parameters.one_id(self.profile, "practitioner_id", practitioner_id)
            )
        return rows.stretches(self.profile, operation, self._table(carrier, operation, bound, window))

    def _id_chunks(self, name: str, ids: Sequence[str]) -> Iterable[tuple[object, ...]]:
        known = parameters.many_ids(self.profile, name, tuple(dict.fromkeys(ids)))
        return (known[at : at + IDS_AT_ONCE] for at in range(0, len(known), IDS_AT_ONCE))
