"""
A stand-in for Best Practice's database behind a SQL Server's front: the published columns as tables of SQLite, its procedures as
their callers describe them, and the agent's T-SQL read by a parser and run there.

It shows that statements, driver and engine fit together. It does not show what SQL Server makes of the statements.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache

from sqlglot import ErrorLevel, exp, parse
from tds_server import Rows, ServerError, Value

PUBLISHED = {
    "LOCATIONS": "LOCATIONID LOCATIONNAME RECORDSTATUS",
    "USERS": "USERID SURNAME FIRSTNAME TITLECODE LOCATIONID USERSTATUS APPOINTMENTS",
    "PROVIDER_LOCATION": "USERID LOCATIONID PROVIDERNUMBER",
    "TITLES": "TITLECODE TITLE",
    "APPOINTMENTTYPES": "APPOINTMENTCODE DESCRIPTION APPOINTMENTLENGTH LISTORDER RECORDSTATUS",
    "SESSIONS": "SESSIONID USERID LOCATIONID DAYOFWEEK STARTTIME ENDTIME LENGTH STARTDATE ENDDATE WEEKS "
    "CYCLEWEEK CYCLEDATE RECORDSTATUS",
    "EXTRASESSIONS": "SESSIONID USERID LOCATIONID SESSIONDATE STARTTIME ENDTIME LENGTH RECORDSTATUS",
    "DAYSAWAY": "USERID STARTDATE FINISHDATE AWAYREASON RECORDSTATUS",
    "RESERVEDAPPOINTMENTS": "USERID DAYOFWEEK APPOINTMENTTIME",
    "APPOINTMENTS": "RECORDID INTERNALID RECORDSTATUS USERID LOCATIONID APPOINTMENTDATE APPOINTMENTTIME APPOINTMENTLENGTH "
    "APPOINTMENTCODE APPOINTMENTTYPE REASON COMMENT ARRIVALTIME CREATED UPDATED",
    "PATIENTS": "INTERNALID SURNAME FIRSTNAME PREFERREDNAME DOB SEXCODE ADDRESS1 CITY POSTCODE HOMEPHONE WORKPHONE MOBILEPHONE "
    "MEDICARENO MEDICARELINENO PATIENTSTATUS RECORDSTATUS",
    "EMAIL": "INTERNALID EMAIL EMAILCODE RECORDSTATUS",
}
"""Tables with those of their columns that public code or the vendor's pages name."""

PROCEDURES = {
    "BP_AddPatient": "titlecode firstname middlename surname preferredname address1 address2 city postcode postaladdress "
    "postalcity postalpostcode dob sexcode homephone workphone mobilephone medicareno medicarelineno medicareexpiry "
    "pensioncode pensionno pensionexpiry dvacode dvano recordno externalid email",
    "BP_AddAppointmentEx": "aptdate apttime appointmenttype aptlen practitionerid patientid reason loginid locationid",
    "BP_UpdateAppointment": "aptid apttype aptlen reason",
    "BP_CancelAppointment": "aptid loginid",
    "sp_getapplock": "Resource LockMode LockOwner LockTimeout",
    "sp_releaseapplock": "Resource LockOwner",
}
"""Procedures with the parameters that are given to them: every one of them, and no other."""

LIVE, CANCELLED = 1, 2
BOOKED = 1
NO_PERMISSION, NO_PROCEDURE = 229, 2812
_MISSING = {"column": (207, "column"), "table": (208, "object")}


class BestPractice:
    """
    The database. Its desk writes by `insert` and `change`.

    Attributes:
        may_run: The login's right to run procedures.
        is_locked: Somebody else has every named lock.
    """

    def __init__(self) -> None:
        self.may_run = True
        self.is_locked = False
        self._lock = threading.Lock()
        self._link = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._link.create_collation("tsql", lambda one, other: (a := _folded(one)) > (b := _folded(other)) or -(a < b))
        for name, function in _FUNCTIONS.items():
            self._link.create_function(name, -1, function)
        self._link.create_function("HAS_PERMS_BY_NAME", 3, lambda *_: int(self.may_run))
        self._link.execute("ATTACH ':memory:' AS dbo")
        self._link.execute("ATTACH ':memory:' AS sys")
        for table, columns in PUBLISHED.items():
            self._link.execute(f"CREATE TABLE dbo.{table} ({', '.join(f'{c} COLLATE tsql' for c in columns.split())})")
        self._link.execute("CREATE TABLE sys.databases (database_id, service_broker_guid)")
        self._link.execute("INSERT INTO sys.databases VALUES (5, '8F14E45F')")

    def insert(self, table: str, **columns: Value) -> None:
        """
        Put a row in.
        """
        with self._lock:
            marks = ", ".join("?" * len(columns))
            text = f"INSERT INTO dbo.{table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - the tests' own names
            self._link.execute(text, list(map(_kept, columns.values())))

    def run(self, sql: str) -> None:
        """
        Let somebody change the tables.
        """
        with self._lock:
            self._link.execute(sql)

    def rows(self, sql: str) -> list[tuple[Value, ...]]:
        """
        Return what SQLite says.
        """
        with self._lock:
            return self._link.execute(sql).fetchall()

    def add_appointment(self, start: datetime, *, patient_id: int = 7, user_id: int = 1, minutes: int = 15, **more: Value) -> int:
        """
        Let the desk put an appointment in, and return its number.
        """
        number = self._next("APPOINTMENTS", "RECORDID")
        columns: dict[str, Value] = {
            "RECORDID": number,
            "INTERNALID": patient_id,
            "RECORDSTATUS": LIVE,
            "USERID": user_id,
            "LOCATIONID": 1,
            "APPOINTMENTDATE": start.date(),
            "APPOINTMENTTIME": start.hour * 3600 + start.minute * 60,
            "APPOINTMENTLENGTH": minutes * 60,
            "APPOINTMENTCODE": BOOKED,
            "APPOINTMENTTYPE": 1,
            "REASON": "",
            "ARRIVALTIME": 0,
            "CREATED": datetime(2026, 11, 1, 9),
        }
        self.insert("APPOINTMENTS", **{**columns, **more})
        return number

    def answer(self, sql: str, values: Sequence[Value]) -> list[Rows]:
        """
        Run one batch.
        """
        known = {f"P{number}": value for number, value in enumerate(values, 1)}
        results = []
        for tree, plain in _read(sql):
            if isinstance(tree, exp.Execute):
                told = self._run(tree, known)
                if returned := tree.args.get("return_status"):
                    known[returned.name] = told
            elif plain:
                results.append(self._select(plain, known))
            else:
                assert isinstance(tree, (exp.Set, exp.Declare, exp.Transaction, exp.Rollback, exp.Command)), sql
        return results

    def _select(self, plain: str, known: dict[str, Value]) -> Rows:
        with self._lock:
            try:
                cursor = self._link.execute(plain, {name: _kept(value) for name, value in known.items()})
            except sqlite3.OperationalError as error:
                kind, _, name = str(error).removeprefix("no such ").partition(": ")
                number, word = _MISSING[kind]
                raise ServerError(number, f"Invalid {word} name '{name.rpartition('.')[2]}'.") from None
            return Rows([column[0] for column in cursor.description], [list(map(_given, row)) for row in cursor.fetchall()])

    def _run(self, call: exp.Execute, known: dict[str, Value]) -> int:
        name = call.this.name
        given: dict[str, Value] = {}
        for each in call.expressions:
            value = each.expression
            given[each.this.name] = (
                known[value.name] if isinstance(value, exp.Parameter) else None if isinstance(value, exp.Null) else value.to_py()
            )
        if name not in PROCEDURES:
            raise ServerError(NO_PROCEDURE, f"Could not find stored procedure '{name}'.")
        assert set(PROCEDURES[name].split()) == given.keys(), name
        if name.startswith("sp_"):
            return -1 if self.is_locked else 0
        if not self.may_run:
            raise ServerError(
                NO_PERMISSION, f"The EXECUTE permission was denied on the object '{name}', database 'x', schema 'dbo'.", 14
            )
        procedures: dict[str, Callable[[dict[str, Value]], int]] = {
            "BP_AddPatient": self._add_patient,
            "BP_AddAppointmentEx": self._add,
            "BP_UpdateAppointment": self._update,
            "BP_CancelAppointment": self._cancel,
        }
        return procedures[name](given)

    def _add_patient(self, given: dict[str, Value]) -> int:
        number = self._next("PATIENTS", "INTERNALID")
        taken = {"SURNAME": "surname", "FIRSTNAME": "firstname", "DOB": "dob", "MOBILEPHONE": "mobilephone", "CITY": "city"}
        self.insert(
            "PATIENTS",
            INTERNALID=number,
            PATIENTSTATUS=1,
            RECORDSTATUS=LIVE,
            **{column: given[name] for column, name in taken.items()},
        )
        self.insert("EMAIL", INTERNALID=number, EMAIL=given["email"], RECORDSTATUS=LIVE)
        return number

    def _add(self, given: dict[str, Value]) -> int:
        alive = self.rows(f"SELECT INTERNALID FROM dbo.PATIENTS WHERE RECORDSTATUS = {LIVE}")  # noqa: S608 - a number of ours
        if (given["patientid"],) not in alive:
            return 0  # the patient is deleted: no error, and no appointment
        day, seconds, length = given["aptdate"], given["apttime"], given["aptlen"]
        assert isinstance(day, date)
        assert isinstance(seconds, int)
        assert isinstance(length, int)
        return self.add_appointment(
            datetime(day.year, day.month, day.day) + timedelta(seconds=seconds),
            minutes=length // 60,
            USERID=given["practitionerid"],
            INTERNALID=given["patientid"],
            APPOINTMENTTYPE=given["appointmenttype"],
            REASON=given["reason"],
            LOCATIONID=given["locationid"],
        )

    def _update(self, given: dict[str, Value]) -> int:
        self._change(given["aptid"], APPOINTMENTTYPE=given["apttype"], APPOINTMENTLENGTH=given["aptlen"], REASON=given["reason"])
        return 0

    def _cancel(self, given: dict[str, Value]) -> int:
        self._change(given["aptid"], RECORDSTATUS=CANCELLED)
        return 0

    def _change(self, number: Value, **columns: Value) -> None:
        with self._lock:
            text = f"UPDATE dbo.APPOINTMENTS SET {', '.join(f'{name} = ?' for name in columns)} WHERE RECORDID = ?"  # noqa: S608
            self._link.execute(text, [*columns.values(), number])

    def _next(self, table: str, column: str) -> int:
        return int(str(self.rows(f"SELECT COALESCE(MAX({column}), 100) + 1 FROM dbo.{table}")[0][0]))  # noqa: S608


@cache
def _read(sql: str) -> Sequence[tuple[exp.Expr, str]]:
    # Each statement of a batch, and a query's text for SQLite.
    found = []
    for tree in parse(sql, read="tsql", error_level=ErrorLevel.RAISE):
        assert tree is not None
        plain = tree.transform(_in_sqlite)
        plain.set("options", None)
        found.append((tree, plain.sql("sqlite") if isinstance(tree, exp.Query) else ""))
    return found


def _in_sqlite(node: exp.Expr) -> exp.Expr:
    if isinstance(node, (exp.DateAdd, exp.DateDiff)):
        name = "DATE_ADD" if isinstance(node, exp.DateAdd) else "DATE_DIFF"
        return exp.Anonymous(this=name, expressions=[exp.Literal.string(str(node.unit)), node.this, node.expression])
    if isinstance(node, exp.TimeStrToTime):
        return exp.Paren(this=node.this)
    if isinstance(node, exp.CurrentTimestamp):
        return exp.Anonymous(this="GETDATE")
    if isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.DATE:
        return exp.Anonymous(this="AS_DATE", expressions=[node.this])
    return node


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d") if len(text) == len("20261201") else datetime.fromisoformat(text)


def _date_add(unit: str, text: str | None, count: int | None) -> str | None:
    if text is None or count is None:
        return None
    moment = _moment(text)
    if unit == "SECOND":
        return (moment + timedelta(seconds=count)).isoformat(" ", "seconds")
    if unit == "DAY":
        return str(_kept(moment + timedelta(days=count)))
    years, month = divmod(moment.year * 12 + moment.month - 1 + count, 12)
    return str(_kept(moment.replace(year=years, month=month + 1, day=min(moment.day, monthrange(years, month + 1)[1]))))


_FUNCTIONS: dict[str, Callable[..., str | int | None]] = {
    "DATE_ADD": _date_add,
    "DATE_DIFF": lambda _, end, start: (_moment(end).date() - _moment(start).date()).days,
    "AS_DATE": lambda text: text and text[:10],
    "GETDATE": lambda: "2026-11-21 09:00:00",
    "SERVERPROPERTY": lambda _: "15.0.2000.5",
    "DB_ID": lambda: 5,
}


def _folded(text: str) -> str:
    return text.rstrip().casefold()  # spaces at the end count for nothing in T-SQL


def _kept(value: Value) -> Value:
    # Midnights are kept as dates alone, so that texts sort as moments do.
    if isinstance(value, datetime):
        text = value.isoformat(" ", "seconds")
        return text.removesuffix(" 00:00:00")
    return value.isoformat() if isinstance(value, date) else value


def _given(value: Value) -> Value:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return date.fromisoformat(value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value):
        return datetime.fromisoformat(value)
    return value
