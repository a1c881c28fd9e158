# ruff: noqa: S608  # the names and values in these statements are the tests' own
"""
An Open Dental practice: its real schema where that lies beside the project, otherwise the tables that count; and its desk.

Rows are written as Open Dental's own program writes them, by what is documented of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyodbc
from database_servers import PASSWORD, Server, statements_of
from practices import Practice

from agent.domain.diary import AppointmentState
from agent.domain.masked import Secret
from agent.pms.sql.profile import GRANTS, profile_folders

REAL_SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "reference" / "pms" / "schemas" / "opendental-21.1.sql"
"""A data file of the vendor's, which is no part of the project."""

OWN_TABLES = Path(__file__).with_name("opendental_tables.sql")

SCHEDULED, COMPLETE, UNSCHEDULED, BROKEN, PLANNED, NOTE = 1, 2, 3, 5, 6, 7
"""`AptStatus`."""

MISSED, CANCELLED = 2, 3
"""`HistApptAction`."""

PRACTICE, PROVIDER, BLOCKOUT = 0, 1, 2
"""`SchedType`."""

HOLIDAY = 2
"""`schedule.Status`."""

_TABLES = re.findall(r"CREATE TABLE (\w+)", OWN_TABLES.read_text("utf-8"))
_LONG_AGO = date(2020, 1, 6)
_NOTHING = "0001-01-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDentalPractice(Practice):
    """
    How the agent reaches it, with the login of `grants.sql`.
    """

    @property
    def desk(self) -> OpenDentalDesk:  # type: ignore[override]  # another program, with the same doings
        return OpenDentalDesk(self.open_desk)


def create_opendental(server: Server, *, schema: Path | None = None) -> None:
    """
    Make the database anew, and the agent's login.
    """
    root = _desk_link(server.administration)
    root.execute("DROP DATABASE IF EXISTS opendental")
    root.execute("CREATE DATABASE opendental CHARACTER SET utf8")
    root.execute("USE opendental")
    chosen = schema or (REAL_SCHEMA if REAL_SCHEMA.is_file() else OWN_TABLES)
    for statement in _shipped(chosen) if chosen == REAL_SCHEMA else statements_of(OWN_TABLES.read_text("utf-8")):
        root.execute(statement)
    root.execute("CREATE TABLE shipped_preference AS SELECT * FROM preference")
    for statement in grants():
        root.execute(statement)
    root.close()


def grants() -> Sequence[str]:
    """
    Return what the database's administrator runs.
    """
    script = (profile_folders("opendental")[0] / GRANTS).read_text("utf-8")
    return [statement.replace("choose a password", PASSWORD) for statement in statements_of(script)]


def opendental_practice(server: Server) -> OpenDentalPractice:
    """
    Return an emptied practice.
    """
    base = re.sub(r";(Database|User)=[^;]*", "", server.connection)
    root = f"{server.administration};Database=opendental"
    link = _desk_link(root)
    for table in _TABLES:
        link.execute(f"DELETE FROM {table}")
    link.execute("INSERT INTO preference SELECT * FROM shipped_preference")
    link.execute("UPDATE preference SET ValueString = '15' WHERE PrefName = 'AppointmentTimeIncrement'")
    link.close()
    return OpenDentalPractice(
        folders=profile_folders("opendental"),
        carrier="odbc",
        connection=f"{base};Database=opendental;User=frontdesk",
        password=Secret(PASSWORD),
        open_desk=lambda: _desk_link(root),
    )


def _desk_link(connection: str) -> pyodbc.Connection:
    link = pyodbc.connect(connection, autocommit=True)
    link.setencoding(encoding="utf-8", ctype=pyodbc.SQL_CHAR)  # the driver spoils long texts otherwise
    link.execute("SET SESSION sql_mode = ''")  # as the program's own sessions run: what is not said is empty
    return link


def _shipped(script: Path) -> list[str]:
    """
    Return the statements of the vendor's script that make the tables that count, and fill the settings.
    """
    used = re.compile(rf"(CREATE TABLE|insert  into) `({'|'.join(_TABLES)})`[ (]")
    found = [part[match.start() :] for part in script.read_text("utf-8").split(";\n") if (match := used.search(part))]
    return [statement for statement in found if "CREATE TABLE" in statement or "`preference`" in statement]


class OpenDentalDesk:
    """
    The practice's own program: the same doings as `fake_pms.FakePms` has, and those of this appointment book.
    """

    def __init__(self, connect: Callable[[], pyodbc.Connection]) -> None:
        self._connect = connect
        self._kept: pyodbc.Connection | None = None

    @contextmanager
    def link(self) -> Iterator[pyodbc.Connection]:
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
            link.execute(statement, *values)

    def value(self, query: str, *values: object) -> Any:
        with self.link() as link:
            return link.execute(query, *values).fetchone()[0]

    def insert(self, table: str, **columns: object) -> str:
        """
        Put in one row and return its number.
        """
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        with self.link() as link:
            link.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())
            return str(link.execute("SELECT LAST_INSERT_ID()").fetchone()[0])

    def set(self, name: str, value: object) -> None:
        self.run("UPDATE preference SET ValueString = ? WHERE PrefName = ?", str(value), name)

    def add_location(self, location_id: str = "1", name: str = "Main Street") -> None:
        self.insert("operatory", OperatoryNum=int(location_id), OpName=name)

    def change_operatory(self, location_id: str, **changes: object) -> None:
        self._change("operatory", "OperatoryNum", location_id, changes)

    def add_practitioner(
        self,
        practitioner_id: str = "1",
        *,
        first_name: str = "Ada",
        last_name: str = "Byron",
        location_id: str = "1",
        **_told_otherwise: str,
    ) -> None:
        """
        Give somebody an operatory; whose it is already, there they only have worked once.
        """
        if not self.value("SELECT COUNT(*) FROM provider WHERE ProvNum = ?", int(practitioner_id)):
            self.insert("provider", ProvNum=int(practitioner_id), Abbr=f"P{practitioner_id}", FName=first_name, LName=last_name)
        if self.value("SELECT ProvDentist FROM operatory WHERE OperatoryNum = ?", int(location_id)):
            self.add_schedule(PROVIDER, _LONG_AGO, 0, 60, practitioner_id=practitioner_id, operatories=(location_id,))
        else:
            self.change_operatory(location_id, ProvDentist=int(practitioner_id))

    def add_type(self, type_id: str, name: str, minutes: int) -> None:
        self.insert(
            "appointmenttype",
            AppointmentTypeNum=int(type_id),
            AppointmentTypeName=name,
            Pattern=pattern(minutes),
            ItemOrder=int(type_id),
        )

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
        assert slot_minutes == int(self.value("SELECT ValueString FROM preference WHERE PrefName = 'AppointmentTimeIncrement'"))
        assert not type_ids, "a schedule is for all types"
        self.add_schedule(PROVIDER, day, start, end, practitioner_id=practitioner_id, operatories=(location_id,))

    def add_absence(self, practitioner_id: str, day: date, start: int, end: int) -> None:
        """
        Block out every operatory of one practitioner.
        """
        with self.link() as link:
            rows = link.execute("SELECT OperatoryNum FROM operatory WHERE ProvDentist = ?", int(practitioner_id)).fetchall()
        self.add_schedule(BLOCKOUT, day, start, end, operatories=tuple(str(row[0]) for row in rows))

    def add_schedule(
        self,
        kind: int,
        day: date,
        start: int = 0,
        end: int = 0,
        *,
        practitioner_id: str = "0",
        operatories: Sequence[str] = (),
        status: int = 0,
        clinic: int = 0,
    ) -> str:
        """
        Put in any row of the schedule and return its number; without operatories one of a provider's counts for their own.
        """
        number = self.insert(
            "schedule",
            SchedDate=day,
            StartTime=clock(start),
            StopTime=clock(end),
            SchedType=kind,
            ProvNum=int(practitioner_id),
            Status=status,
            ClinicNum=clinic,
        )
        for operatory in operatories:
            self.insert("scheduleop", ScheduleNum=int(number), OperatoryNum=int(operatory))
        return number

    def add_patient(
        self,
        patient_id: str = "7",
        *,
        first_name: str = "Ann",
        last_name: str = "Lee",
        date_of_birth: date | None = date(1980, 2, 3),
        phone: str = "",
        active: bool = True,
    ) -> str:
        return self.insert(
            "patient",
            PatNum=int(patient_id),
            FName=first_name,
            LName=last_name,
            Birthdate=date_of_birth or _NOTHING,
            WirelessPhone=phone,
            PatStatus=0 if active else 2,
        )

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
        **more: object,
    ) -> str:
        midnight = datetime(start.year, start.month, start.day)
        added = self.insert(
            "appointment",
            **{
                "PatNum": int(patient_id or 0),
                "AptStatus": SCHEDULED,
                "Pattern": pattern(minutes),
                "Op": int(location_id),
                "Note": f"by the desk HE:{reference};" if reference else "by the desk",
                "ProvNum": int(practitioner_id),
                "AptDateTime": start,
                "DateTimeArrived": midnight,  # the day without a time: nobody has come yet
                "DateTimeSeated": midnight,
                "DateTimeDismissed": midnight,
                "AppointmentTypeNum": int(type_id or 0),
                **more,
            },
        )
        self.change_appointment(added, state=state)
        return added

    def change_appointment(
        self,
        appointment_id: str,
        *,
        start: datetime | None = None,
        practitioner_id: str | None = None,
        patient_id: str | None = None,
        state: AppointmentState | None = None,
    ) -> None:
        changes: dict[str, object] = {}
        if start is not None:
            changes["AptDateTime"] = start
        if practitioner_id is not None:
            changes["ProvNum"] = int(practitioner_id)
        if patient_id is not None:
            changes["PatNum"] = int(patient_id)
        if state is AppointmentState.ARRIVED:
            changes["DateTimeArrived"] = self.value("SELECT AptDateTime FROM appointment WHERE AptNum = ?", int(appointment_id))
        if changes:
            self.change(appointment_id, **changes)
        if state in {AppointmentState.CANCELLED, AppointmentState.DID_NOT_ATTEND}:
            self.break_appointment(appointment_id, CANCELLED if state is AppointmentState.CANCELLED else MISSED)

    def break_appointment(self, appointment_id: str, action: int, at: datetime = datetime(2026, 11, 20, 12)) -> None:
        """
        Break it and write down why.
        """
        self.change(appointment_id, AptStatus=BROKEN)
        self.insert("histappointment", AptNum=int(appointment_id), HistApptAction=action, HistDateTStamp=at)

    def change(self, appointment_id: str, **changes: object) -> None:
        """
        Change columns of an appointment.
        """
        self._change("appointment", "AptNum", appointment_id, changes)

    def delete_appointment(self, appointment_id: str) -> None:
        self.run("DELETE FROM appointment WHERE AptNum = ?", int(appointment_id))

    def _change(self, table: str, key: str, number: str, changes: dict[str, object]) -> None:
        names = ", ".join(f"{name} = ?" for name in changes)
        self.run(f"UPDATE {table} SET {names} WHERE {key} = ?", *changes.values(), int(number))


def pattern(minutes: int) -> str:
    """
    Return a length as Open Dental writes it: a character for every five minutes, an assistant's at both ends.
    """
    length = minutes // 5
    assert minutes == length * 5, "there are only multiples of five minutes"
    return "/" + "X" * (length - 2) + "/" if length > 2 else "X" * length


def clock(minute: int) -> str:
    """
    Return a minute of the day as a time, up to 24:00.
    """
    return f"{timedelta(minutes=minute) // timedelta(hours=1):02d}:{minute % 60:02d}:00"
