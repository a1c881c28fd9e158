# ruff: noqa: S608  # the names and values in these statements are the tests' own
"""
The desk of a practice whose database has the sample schema: the same doings as `fake_pms.FakePms` has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from agent.domain.diary import AppointmentState
from agent.sandbox.practice.people import COLUMNS

CODES = {
    AppointmentState.BOOKED: 0,
    AppointmentState.ARRIVED: 1,
    AppointmentState.CANCELLED: 3,
    AppointmentState.DID_NOT_ATTEND: 4,
}


class SqlDesk:
    """
    Writes as the desk's own program does, on connections of its own.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._kept: Any = None

    @contextmanager
    def link(self) -> Iterator[Any]:
        """
        A connection of the desk's own, in autocommit.
        """
        link = self._kept or self._connect()
        try:
            yield link
        finally:
            if link is not self._kept:
                link.close()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """
        Stay connected, for who has much to write.
        """
        self._kept = self._connect()
        try:
            yield
        finally:
            self._kept.close()
            self._kept = None

    def run(self, statement: str, *values: object) -> None:
        with self.link() as link:
            link.execute(statement, values) if values else link.execute(statement)

    def value(self, query: str) -> Any:
        with self.link() as link:
            return link.execute(query).fetchone()[0]

    def add_location(self, location_id: str = "1", name: str = "Main Street") -> None:
        self.run("INSERT INTO locations VALUES (?, ?, 1)", int(location_id), name)

    def add_practitioner(
        self,
        practitioner_id: str = "1",
        *,
        title: str = "Dr",
        first_name: str = "Ada",
        last_name: str = "Byron",
        location_id: str = "1",
        specialty_id: str = "gp",
        specialty_name: str = "General practice",
    ) -> None:
        if not self.value(f"SELECT COUNT(*) FROM practitioners WHERE id = {int(practitioner_id)}"):
            self.run("INSERT INTO practitioners VALUES (?, ?, ?, ?, 1)", int(practitioner_id), title, first_name, last_name)
        self.run(
            "INSERT INTO practitioner_places VALUES (?, ?, ?, ?)",
            int(practitioner_id),
            int(location_id),
            specialty_id,
            specialty_name,
        )

    def add_type(self, type_id: str = "1", name: str = "Standard", minutes: int = 15, *, practitioner_id: str = "") -> None:
        owner = int(practitioner_id) if practitioner_id else None
        if owner is None:
            self.run("INSERT INTO appointment_types VALUES (?, ?, ?, NULL, 1)", int(type_id), name, minutes)
        else:
            self.run("INSERT INTO appointment_types VALUES (?, ?, ?, ?, 1)", int(type_id), name, minutes, owner)

    def add_session(
        self,
        practitioner_id: str,
        day: date,
        start: int,
        end: int,
        *,
        location_id: str = "1",
        slot_minutes: int = 15,
        type_ids: tuple[str, ...] = (),
    ) -> None:
        self.run(
            "INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            self._next("roster"),
            int(practitioner_id),
            int(location_id),
            day.isoformat(),
            _clock(start),
            _clock(end),
            slot_minutes,
            ",".join(type_ids),
        )

    def add_absence(self, practitioner_id: str, day: date, start: int, end: int) -> None:
        self.run(
            "INSERT INTO absences VALUES (?, ?, ?, ?, ?, 'away', 1)",
            self._next("absences"),
            int(practitioner_id),
            day.isoformat(),
            _clock(start),
            _clock(end),
        )

    def add_patient(
        self,
        patient_id: str = "7",
        *,
        first_name: str = "Ann",
        last_name: str = "Lee",
        date_of_birth: date | None = date(1980, 2, 3),
        phone: str = "",
        email: str = "",
        mobile: str = "",
        medicare_number: str = "",
        active: bool = True,
        deceased: bool = False,
    ) -> str:
        born = "NULL" if date_of_birth is None else f"'{date_of_birth}'"
        self.run(
            f"INSERT INTO patients ({COLUMNS}, mobile, deceased) "
            f"VALUES (?, ?, ?, {born}, '', ?, ?, '', '', '', '', ?, '', '', {int(active)}, ?, {int(deceased)})",
            int(patient_id),
            first_name,
            last_name,
            phone,
            email,
            medicare_number,
            mobile,
        )
        return patient_id

    def add_appointment(
        self,
        practitioner_id: str,
        start: datetime,
        minutes: int = 15,
        *,
        patient_id: str = "7",
        type_id: str = "1",
        location_id: str = "1",
        state: AppointmentState = AppointmentState.BOOKED,
        reference: int = 0,
    ) -> str:
        number = self._next("appointments")
        self.run(
            f"INSERT INTO appointments VALUES (?, ?, ?, {patient_id or 'NULL'}, {type_id or 'NULL'}, ?, ?, ?, ?, 1)",
            number,
            int(practitioner_id),
            int(location_id),
            start.isoformat(" "),
            minutes,
            CODES[state],
            f"by the desk HE:{reference};" if reference else "by the desk",
        )
        return str(number)

    def change_appointment(
        self,
        appointment_id: str,
        *,
        start: datetime | None = None,
        practitioner_id: str | None = None,
        patient_id: str | None = None,
        state: AppointmentState | None = None,
    ) -> None:
        changes = ["version = version + 1"]
        if start is not None:
            changes.append(f"starts_at = '{start.isoformat(' ')}'")
        if practitioner_id is not None:
            changes.append(f"practitioner_id = {int(practitioner_id)}")
        if patient_id is not None:
            changes.append(f"patient_id = {patient_id or 'NULL'}")
        if state is not None:
            changes.append(f"status = {CODES[state]}")
        self.run(f"UPDATE appointments SET {', '.join(changes)} WHERE id = {int(appointment_id)}")

    def delete_appointment(self, appointment_id: str) -> None:
        self.run(f"DELETE FROM appointments WHERE id = {int(appointment_id)}")

    def _next(self, table: str) -> int:
        return int(self.value(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {table}"))


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
