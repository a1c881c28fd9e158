# ruff: noqa: S608  # the names and values in these statements are the tests' own
"""
An OpenEMR practice: its real schema where that lies beside the project, otherwise the tables that count; and its desk.

Rows are written as OpenEMR's own program writes them, by what is documented of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyodbc
from database_servers import PASSWORD, Server, braced, statements_of
from practices import Practice

from agent.domain.diary import AppointmentState
from agent.domain.masked import Secret
from agent.pms.sql.profile import GRANTS, profile_folders

REAL_SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "reference" / "pms" / "schemas" / "openemr-8.2.0-dev.sql"
"""A data file of the vendor's, which is no part of the project."""

OWN_TABLES = Path(__file__).with_name("openemr_tables.sql")

CODES = {
    AppointmentState.BOOKED: "-",
    AppointmentState.ARRIVED: "@",
    AppointmentState.CANCELLED: "x",
    AppointmentState.DID_NOT_ATTEND: "?",
}

_TABLES = re.findall(r"CREATE TABLE (\w+)", OWN_TABLES.read_text("utf-8"))
_FILLED = ("openemr_postcalendar_events", "patient_data", "users_facility", "users", "facility", "globals")
_CATEGORIES = "pc_catid, pc_constant_id, pc_catname, pc_recurrtype, pc_duration, pc_cattype, pc_active, pc_seq"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEmrPractice(Practice):
    """
    How the agent reaches it, with the login of `grants.sql`.
    """

    @property
    def desk(self) -> OpenEmrDesk:  # type: ignore[override]  # another program, with the same doings
        return OpenEmrDesk(self.open_desk)


def create_openemr(server: Server, name: str = "openemr", *, schema: Path | None = None) -> None:
    """
    Make the database and the agent's login.
    """
    root = pyodbc.connect(server.administration, autocommit=True)
    root.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    root.execute(f"USE {name}")
    chosen = schema or (REAL_SCHEMA if REAL_SCHEMA.is_file() else OWN_TABLES)
    for statement in _shipped(chosen) if chosen == REAL_SCHEMA else statements_of(OWN_TABLES.read_text("utf-8")):
        root.execute(statement)
    root.execute("DELETE FROM version")
    root.execute("INSERT INTO version (v_major, v_minor, v_patch) VALUES (8, 2, 0)")
    root.execute(f"CREATE TABLE shipped_categories AS SELECT {_CATEGORIES} FROM openemr_postcalendar_categories")
    for statement in statements_of((profile_folders("openemr")[0] / GRANTS).read_text("utf-8")):
        root.execute(statement.replace("choose a password", PASSWORD))
    root.close()


def openemr_practice(server: Server, name: str = "openemr") -> OpenEmrPractice:
    """
    Return an emptied practice.
    """
    base = re.sub(r";(Database|User)=[^;]*", "", server.connection)
    root = f"{server.administration};Database={name}"
    link = pyodbc.connect(root, autocommit=True)
    for table in (*_FILLED, "openemr_postcalendar_categories"):
        link.execute(f"DELETE FROM {table}")
    link.execute(f"INSERT INTO openemr_postcalendar_categories ({_CATEGORIES}) SELECT {_CATEGORIES} FROM shipped_categories")
    link.execute(
        "INSERT INTO globals (gl_name, gl_value) VALUES ('unique_installation_id', 'one'), ('calendar_interval', '15'),"
        " ('schedule_start', '0'), ('schedule_end', '24'), ('some_password', 'secret')"
    )
    link.close()
    return OpenEmrPractice(
        folders=profile_folders("openemr"),
        carrier="odbc",
        connection=f"{base};Database={name};User=frontdesk",
        password=Secret(PASSWORD),
        open_desk=lambda: _desk_link(root),
    )


def _desk_link(connection: str) -> pyodbc.Connection:
    link = pyodbc.connect(connection, autocommit=True)
    link.setencoding(encoding="utf-8", ctype=pyodbc.SQL_CHAR)  # the driver spoils long texts otherwise
    return link


def _shipped(script: Path) -> list[str]:
    """
    Return the statements of a script that make the tables that count, and fill them.
    """
    used = re.compile(rf"(CREATE TABLE|INSERT INTO) `?({'|'.join(_TABLES)})`?[ (]")
    found = [part[match.start() :] for part in script.read_text("utf-8").split(";\n") if (match := used.search(part))]
    return [
        statement for statement in found if "CREATE TABLE" in statement or "categories" in statement or "'apptstat'" in statement
    ]


def as_openemr(server: Server) -> str:
    """
    Return the connection text of the agent's login, with its password.
    """
    base = re.sub(r";(Database|User)=[^;]*", "", server.connection)
    return f"{base};Database=openemr;User=frontdesk;PWD={braced(PASSWORD)}"


def rule(**spec: object) -> str:
    """
    Return what OpenEMR writes into `pc_recurrspec`: a PHP-serialised array of texts.
    """
    whole = {
        "event_repeat_freq": "0",
        "event_repeat_freq_type": "0",
        "event_repeat_on_num": "1",
        "event_repeat_on_day": "0",
        "event_repeat_on_freq": "0",
        "exdate": "",
        **{name: str(value) for name, value in spec.items()},
    }
    inside = "".join(f's:{len(k)}:"{k}";s:{len(v)}:"{v}";' for k, v in whole.items())
    return f"a:{len(whole)}:{{{inside}}}"


class OpenEmrDesk:
    """
    The practice's own program: the same doings as `fake_pms.FakePms` has, and those of this calendar.
    """

    def __init__(self, connect: Callable[[], pyodbc.Connection]) -> None:
        self._connect = connect
        self._kept: pyodbc.Connection | None = None
        self._sessions: dict[tuple[str, date], list[tuple[int, int, str, str]]] = defaultdict(list)

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

    def renumber_categories(self) -> None:
        """
        Make the shipped categories another practice's: other numbers, and none for patients.
        """
        self.run("UPDATE openemr_postcalendar_categories SET pc_catid = pc_catid + 100 ORDER BY pc_catid DESC")
        self.run("UPDATE openemr_postcalendar_categories SET pc_active = 0 WHERE pc_cattype = 0")

    def category(self, constant: str) -> int:
        return int(self.value("SELECT pc_catid FROM openemr_postcalendar_categories WHERE pc_constant_id = ?", constant))

    def set(self, name: str, value: object) -> None:
        self.run("UPDATE globals SET gl_value = ? WHERE gl_name = ?", str(value), name)

    def add_location(self, location_id: str = "1", name: str = "Main Street") -> None:
        self.run("INSERT INTO facility (id, name, service_location) VALUES (?, ?, 1)", int(location_id), name)

    def add_practitioner(
        self,
        practitioner_id: str = "1",
        *,
        title: str = "Dr",
        first_name: str = "Ada",
        last_name: str = "Byron",
        location_id: str = "1",
        specialty_id: str = "gp",
        specialty_name: str = "GP",
    ) -> None:
        assert specialty_id == specialty_name.lower().replace(" ", "-"), "the profile makes one from the other"
        if self.value("SELECT COUNT(*) FROM users WHERE id = ?", int(practitioner_id)):
            self.run("INSERT INTO users_facility VALUES ('users', ?, ?, '')", int(practitioner_id), int(location_id))
            return
        self.run(
            "INSERT INTO users (id, username, authorized, title, fname, lname, facility_id, active, calendar, specialty)"
            " VALUES (?, ?, 1, ?, ?, ?, ?, 1, 1, ?)",
            int(practitioner_id),
            f"user{practitioner_id}",
            title,
            first_name,
            last_name,
            int(location_id),
            specialty_name,
        )

    def add_type(self, type_id: str, name: str, minutes: int) -> None:
        self.run(
            f"INSERT INTO openemr_postcalendar_categories ({_CATEGORIES}) VALUES (?, ?, ?, 0, ?, 0, 1, ?)",
            int(type_id),
            f"own_{type_id}",
            name,
            minutes * 60,
            int(type_id),
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
        """
        Let somebody work on one day: in at *start*, out at *end* unless another session goes on there.
        """
        assert slot_minutes == int(self.value("SELECT gl_value FROM globals WHERE gl_name = 'calendar_interval'"))
        assert len(type_ids) <= 1, "a marker has one preferred category"
        sessions = self._sessions[practitioner_id, day]
        sessions.append((start, end, location_id, *type_ids, "")[:4])  # type: ignore[arg-type]  # four of them
        markers = f"{self.category('in_office')}, {self.category('out_of_office')}"
        self.run(
            f"DELETE FROM openemr_postcalendar_events WHERE pc_catid IN ({markers}) AND pc_aid = ? AND pc_eventDate = ?",
            practitioner_id,
            day,
        )
        for first, _, where, only in sessions:
            self.add_event("in_office", day, first, practitioner_id=practitioner_id, location_id=where, only_type=only)
        for last in sorted({last for _, last, _, _ in sessions}):
            if last < 24 * 60 and not any(a <= last < b for a, b, _, _ in sessions):
                self.add_event("out_of_office", day, last, practitioner_id=practitioner_id)

    def add_absence(self, practitioner_id: str, day: date, start: int, end: int) -> None:
        self.add_event("vacation", day, start, end - start, practitioner_id=practitioner_id)

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
        self.run(
            "INSERT INTO patient_data (pid, pubpid, fname, lname, phone_cell, deceased_date) VALUES (?, ?, ?, ?, ?, NULL)",
            int(patient_id),
            patient_id,
            first_name,
            last_name,
            phone,
        )
        if date_of_birth is not None:
            self.run("UPDATE patient_data SET DOB = ? WHERE pid = ?", date_of_birth, int(patient_id))
        if not active:
            self.run("UPDATE patient_data SET deceased_date = '2020-01-01' WHERE pid = ?", int(patient_id))
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
        return self.add_event(
            type_id or "office_visit",
            start.date(),
            start.hour * 60 + start.minute,
            minutes,
            practitioner_id=practitioner_id,
            patient_id=patient_id,
            location_id=location_id,
            status=CODES[state],
            comments=f"by the desk HE:{reference};" if reference else "by the desk",
        )

    def add_event(
        self,
        category: str,
        day: date,
        start: int = 0,
        minutes: int = 0,
        *,
        practitioner_id: str = "0",
        patient_id: str = "",
        location_id: str = "0",
        all_day: bool = False,
        only_type: str = "",
        status: str = "-",
        comments: str = "",
        repeats: int = 0,
        spec: str = "",
        until: date | None = None,
    ) -> str:
        """
        Put in any event; *category* is a category's constant or its number. Return its id.
        """
        begin = datetime(day.year, day.month, day.day) + timedelta(minutes=start)
        with self.link() as link:
            link.execute(
                "INSERT INTO openemr_postcalendar_events (pc_catid, pc_multiple, pc_aid, pc_pid, pc_title, pc_time, pc_hometext,"
                " pc_informant, pc_eventDate, pc_duration, pc_recurrtype, pc_recurrspec, pc_startTime, pc_endTime,"
                " pc_alldayevent, pc_apptstatus, pc_prefcatid, pc_eventstatus, pc_sharing, pc_facility)"
                " VALUES (?, 0, ?, ?, '', NOW(), ?, '1', ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, ?)",
                int(category) if category.isdigit() else self.category(category),
                practitioner_id,
                patient_id,
                comments,
                day,
                24 * 60 * 60 if all_day else minutes * 60,
                repeats,
                spec or rule(),
                begin.time(),
                (begin + timedelta(minutes=minutes)).time(),
                int(all_day),
                status,
                int(only_type or 0),
                int(location_id),
            )
            number = str(link.execute("SELECT LAST_INSERT_ID()").fetchone()[0])
            if until is not None:
                link.execute("UPDATE openemr_postcalendar_events SET pc_endDate = ? WHERE pc_eid = ?", until, number)
        return number

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
            changes |= {"pc_eventDate": start.date(), "pc_startTime": start.time()}
        if practitioner_id is not None:
            changes["pc_aid"] = practitioner_id
        if patient_id is not None:
            changes["pc_pid"] = patient_id
        if state is not None:
            changes["pc_apptstatus"] = CODES[state]
        self.change(appointment_id, **changes)

    def change(self, event_id: str, **changes: object) -> None:
        """
        Change columns of an event.
        """
        names = ", ".join(f"{name} = ?" for name in changes)
        self.run(f"UPDATE openemr_postcalendar_events SET {names} WHERE pc_eid = ?", *changes.values(), int(event_id))

    def delete_appointment(self, appointment_id: str) -> None:
        self.run("DELETE FROM openemr_postcalendar_events WHERE pc_eid = ?", int(appointment_id))
