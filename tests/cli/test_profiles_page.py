"""
`docs/profiles.md` taken at its word: its example is built from its blocks, passes `profiles test` over ODBC, and is then broken.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyodbc
import pytest
from cli_engine import Cli

from agent.cli.output import Exit
from agent.pms.sql import meanings
from agent.pms.sql.operations import OPERATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text("utf-8")
EXAMPLE = PAGE[PAGE.index("## A worked example") :]
FILES = dict(re.findall(r"`([a-z_]+\.(?:sql|toml))`[^`]*?(?:`TRIM`[^`]*)?:\n\n```(?:sql|toml)\n(.*?)```", EXAMPLE, re.DOTALL))
TABLES = re.search(r"The system's tables:\n\n```sql\n(.*?)```", EXAMPLE, re.DOTALL)
MONDAY = date(2126, 12, 2)
SECRET = "Zzyzxname"

pytestmark = pytest.mark.skipif("SQLite3" not in pyodbc.drivers(), reason="the ODBC driver {SQLite3} is not installed")


class Molar:
    """
    The invented system's database, with two dentists' four weeks, and its profile in home.
    """

    def __init__(self, cli: Cli, home: Path, file: Path) -> None:
        self._cli = cli
        self.file = file
        self.folder = home / "profiles" / "molar"
        assert Exit.OK == cli("profiles", "new", "molar", "--database", "sqlite").code
        for name, text in FILES.items():
            (self.folder / name).write_text(text, "utf-8")
        assert TABLES is not None
        self.run(TABLES[1])
        with sqlite3.connect(file) as desk:
            _seed(desk)
        desk.close()

    def run(self, script: str) -> None:
        """
        Do something at the system's own desk.
        """
        desk = sqlite3.connect(self.file)
        desk.executescript(script)
        desk.close()

    def dump(self) -> list[str]:
        """
        Everything that is in it.
        """
        desk = sqlite3.connect(self.file)
        lines = list(desk.iterdump())
        desk.close()
        return lines

    def test(self, *more: str, connection: str = "") -> dict[str, Any]:
        """
        Run `profiles test`, and make sure that it names nobody.
        """
        ran = self._cli(
            "profiles",
            "test",
            "molar",
            "--connection",
            connection or f"Driver={{SQLite3}};Database={self.file}",
            "--date",
            str(MONDAY),
            "--json",
            *more,
        )
        assert SECRET not in ran.out + ran.err
        assert "" == ran.err
        report: dict[str, Any] = json.loads(ran.out)
        assert (Exit.OK if report["ok"] else Exit.ATTENTION) == ran.code
        return report

    def change(self, file: str, old: str, new: str) -> None:
        """
        Change one thing in a file of the profile.
        """
        text = (self.folder / file).read_text("utf-8")
        assert old in text
        (self.folder / file).write_text(text.replace(old, new), "utf-8")


def _seed(desk: sqlite3.Connection) -> None:
    def insert(table: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        desk.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - the tables are named below

    insert("clinic", "molar-1", "4.2")
    insert("site", 1, "Main Street   ")
    insert("dentist", "D1   ", "Dr", "Ada       ", "Example   ", 1, "N")
    insert("dentist", "D2   ", "", "Bo", "Other", 1, "N")
    insert("kind", "C", "Check-up  ", 20, "N")
    insert("person", 1, "Ann", SECRET, "1980-02-03", "F", "0400 111 222   ", "", "", "A")
    insert("person", 2, "Ben", SECRET, "1971-05-06", "M", "", "b@example.com", "", "I")
    for week, dentist in itertools.product(range(4), ("D1   ", "D2   ")):
        day = str(MONDAY + timedelta(days=7 * week))
        insert("shift", None, dentist, 1, day, 540, 779, 20, "N")
        insert("away", None, dentist, day, 720, 739, "N")
        for number, (state, gone) in enumerate((("B", "N"), ("X", "N"), ("A", "N"), ("N", "N"), ("B", "Y"))):
            start = 540 + 20 * number
            insert("visit", None, dentist, 1, 1 + number % 2, "C", day, start, start + 19, state, "private", gone)


@pytest.fixture
def molar(cli: Cli, home: Path, tmp_path: Path) -> Molar:
    """
    The example as the page has it.
    """
    return Molar(cli, home, tmp_path / "molar.sqlite")


def test_the_reference_is_the_code() -> None:
    """
    The page's tables are what `agent.pms.sql.meanings` says.
    """
    assert meanings.reference() in PAGE


def test_the_example_passes_and_leaves_nothing(molar: Molar) -> None:
    """
    Reading and writing pass over ODBC, every operation is told, and the database is as it was.
    """
    before = molar.dump()
    report = molar.test("--write")

    assert [] == [line for line in report["lines"] if not line["ok"]]
    told = {line["operation"] for line in report["lines"]} | set(report["left_out"])
    assert set(OPERATIONS) == told | {"create_patient"}  # which is part of booking
    assert {"book", "find_booked", "cancel", "withdraw"} <= {line["operation"] for line in report["lines"]}
    assert before == molar.dump()


@pytest.mark.parametrize(
    ("change", "operation", "told"),
    [
        (
            ("profile.toml", 'time_of_day = "minutes"', 'time_of_day = "seconds"'),
            "sessions",
            "end_time, row 1: lies within minutes",
        ),
        (("profile.toml", 'length = "minutes"', 'length = "seconds"'), "appointments", "length, row 1: is one minute"),
        (("profile.toml", 'N = "did_not_attend"\n', ""), "appointments", "status, row 4: is a status code"),
        (("profile.toml", "cancel = true", 'cancel = "yes"'), "profile.toml", "cancel"),
        (("sessions.sql", "to_min + 1", "to_min"), "sessions", "end_time, row 1: is a minute short"),
        (("sessions.sql", "from_min AS", "from_min + 120 AS"), "appointments", "start, row 1: lies outside its practitioner's"),
        (
            ("appointment_types.sql", "mins AS", "mins / 5 AS"),
            "appointments",
            "length, row 1: does not fit",
        ),
        (("book.sql", "expects=count", "expects=none"), "profile.toml", "no step says how many rows it puts in"),
        (("sessions.sql", "from_min AS", "from_min * 60 AS"), "sessions", "start_time, row 1: is no time of day"),
        (("absences.sql", "to_min + 1", "to_min"), "absences", "end_time, row 1: is a minute short"),
        (("appointments.sql", "gone = 'N' AND", ""), "states", "row 5: is an appointment that states.sql does not give"),
        (("appointments.sql", "% 60) AS", "% 60) || 'Z' AS"), "appointments", "start, row 1: is no date and time without"),
        (("appointments.sql", "< :end", "< :end LIMIT 3"), "appointments", "the window gives 3 rows, its two halves 6"),
        (("appointments.sql", "< :end", "< DATE(:end, '+7 days')"), "appointments", "its two halves"),
        (("appointments.sql", "kind AS type_id,", ""), "appointments", "there is no column type_id"),
        (("practitioners.sql", "gone = 'N'", "code = 'D1'"), "practitioners", "there are no rows"),
        (("practitioners.sql", "gone = 'N'", "code = 'D1   '"), "sessions", "is an id that practitioners.sql does not give"),
        (("patients.sql", "WHERE", "WHERE state = 'A' AND"), "patients", "is a patient that patients.sql does not give"),
        (("find_patients.sql", "TRIM(tel)", "tel"), "find_patients", "does not find by phone"),
        (("markers.sql", "AND day < :end\n\n-- step: leave", "AND day < :end AND 1 = 0\n\n-- step: leave"), "", ""),
        (
            ("markers.sql", "from_min, to_min, state", "from_min, to_min, :first AS w"),
            "markers",
            "another window gives a date another",
        ),
        (("find_booked.sql", "AND memo LIKE :reference_pattern", ""), "find_booked", ""),
        (
            ("states.sql", "person AS patient_id", "NULL AS patient_id"),
            "states",
            "patient_id, row 1: differs from what states.sql",
        ),
        (
            ("patient_appointments.sql", "day >= SUBSTR(:since, 1, 10)", "day > '2999-01-01'"),
            "patient_appointments",
            "does not give",
        ),
    ],
)
def test_a_mistake_is_named(molar: Molar, change: tuple[str, str, str], operation: str, told: str) -> None:
    """
    Operation, column and row of the first thing that is wrong in it, with what to do; nothing of the patient's.
    """
    molar.change(*change)
    report = molar.test()

    wrong = {line["operation"]: line for line in report["lines"] if not line["ok"]}
    if not told:
        assert report["ok"]  # only writing, or another table's step, can tell
        return
    assert told in wrong[operation]["message"]
    assert wrong[operation]["remedy"]


@pytest.mark.parametrize(
    ("change", "operation", "told"),
    [
        (("book.sql", ":date, :time,", "DATE(:date, '+7 days'), :time,"), "book", "another start"),
        (("book.sql", ":date, :time,", ":date, :time + 60,"), "book", "cannot be read again"),
        (("book.sql", "'B', :note", "'B', ''"), "book", "find"),
        (("cancel.sql", "SET state = 'X'", "SET state = 'B'"), "cancel", "still takes time"),
        (("cancel.sql", "AND state = 'B'", "AND state = 'Q'"), "cancel", "was not cancelled"),
        (("withdraw.sql", "memo = ''", "memo = memo"), "withdraw", "passes: gone = 'Y'"),
        (("withdraw.sql", "SET gone = 'Y', person = NULL, memo = ''", "SET state = 'X'"), "withdraw", "is still there"),
        (("markers.sql", "FROM visit\nWHERE gone = 'N'", "FROM visit\nWHERE gone = 'N' AND id <= 40"), "book", "marker"),
        (("create_patient.sql", ":date_of_birth", "NULL"), "book", "just created is not found"),
        (("patients.sql", "gname AS first_name, sname AS", "sname AS first_name, gname AS"), "book", "another first_name"),
        (("markers.sql", "to_min, state\n", "to_min\n"), "cancel", "does not change its date's marker"),
        (("cancel.sql", "AND day = SUBSTR(:start, 1, 10)", "AND 10 = LENGTH(SUBSTR(:start, 1, 10))"), "cancel", "desk has moved"),
        (("cancel.sql", "AND state = 'B'", ""), "cancel", "cancelled already"),
        (("withdraw.sql", "AND memo LIKE :reference_pattern", ""), "withdraw", "not that booking's"),
    ],
)
def test_a_mistake_in_writing_is_named_and_taken_back(
    molar: Molar, change: tuple[str, str, str], operation: str, told: str
) -> None:
    """
    What the rehearsal finds; whatever it was, the database is as before.
    """
    before = molar.dump()
    molar.change(*change)
    report = molar.test("--write")

    wrong = {line["operation"]: line["message"] for line in report["lines"] if not line["ok"]}
    if told.startswith("passes"):
        assert report["ok"]
    else:
        assert told in wrong[operation]
    assert before == molar.dump()


def test_what_is_missing_or_unwritten_is_named_all_at_once(molar: Molar) -> None:
    """
    Each file that is not there, or has no statement yet.
    """
    (molar.folder / "markers.sql").unlink()
    (molar.folder / "states.sql").write_text("-- to be written\n")
    (molar.folder / "book.sql").write_text("INSERT INTO visit VALUES (:nobody)")

    wrong = {line["operation"]: line["message"] for line in molar.test()["lines"]}

    assert {"markers", "states", "book"} == set(wrong)
    assert "has no markers.sql" in wrong["markers"]
    assert ":nobody is no parameter" in wrong["book"]


def test_another_database_is_named(molar: Molar, cli: Cli, tmp_path: Path) -> None:
    """
    An older version's column, an empty database, one without the tables, and none at all.
    """
    molar.run("ALTER TABLE visit RENAME COLUMN memo TO remarks")
    wrong = {line["operation"]: line for line in molar.test()["lines"] if not line["ok"]}
    assert "appointments.sql" in wrong["appointments"]["message"]
    assert "fits this version" in wrong["appointments"]["remedy"]
    molar.run("ALTER TABLE visit RENAME COLUMN remarks TO memo; DELETE FROM shift; DELETE FROM dentist; DELETE FROM visit")
    wrong = {line["operation"]: line for line in molar.test()["lines"] if not line["ok"]}
    assert {"practitioners", "sessions", "appointments"} == set(wrong)
    assert "right database" in wrong["practitioners"]["remedy"]

    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE t (a)").connection.close()
    report = molar.test(connection=f"Driver={{SQLite3}};Database={tmp_path / 'other.sqlite'}")
    assert not any(line["ok"] for line in report["lines"] if line["rows"] == 0)
    assert all("does not accept" in line["message"] for line in report["lines"])
    ran = cli("profiles", "test", "molar", "--connection", "Driver={SQLite3};Database=/nowhere/at.all")
    assert Exit.FAILED == ran.code
