"""
What an ODBC connection text may say.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.connection_text import drivers_of, fault_of

PATHS = [
    "/srv/evil.so",
    "{/usr/lib/odbc/libsqlite3odbc.so}",
    r"C:\Public\evil.dll",
    r"{\\server\share\driver.dll}",
    "..\\driver",
    "libevil.so.1",
    "evil.DLL",
]


@pytest.mark.parametrize(
    "text",
    [
        "DSN=Practice;UID=frontdesk",
        "Driver={MariaDB Unicode};Server=127.0.0.1;Port=3306;Database=practice;UID=agent",
        "driver=SQLite3;database=/srv/practice.sqlite;Timeout=2000",
        "Driver={ODBC Driver 18 for SQL Server};Server=HOST\\NAME;Encrypt=yes;",
        "",
    ],
)
def test_what_may_be_said(text: str) -> None:
    """
    Drivers by name, data sources, and paths of what is no driver.
    """
    assert fault_of(text) is None


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "around", ["Driver={}", "DSN=a; DRIVER = {} ;UID=b", "Driver={{SQLite3}};driver={}", "x={{a}}}};driver={};y={{}}"]
)
def test_a_driver_by_its_path(around: str, path: str) -> None:
    """
    A library that anybody may have put somewhere is never loaded, wherever in the text it is named.
    """
    fault = fault_of(around.format(path))

    assert fault is not None
    assert "by a path" in fault[0]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("DSN=a;PWD=made-up", "password"),
        ("DSN=a; password = made-up", "password"),
        ("FILEDSN=/srv/practice.dsn", "file"),
        ("DSN=a;SaveFile=C:\\practice.dsn", "file"),
        ("DSN=a\nDriver=b", "control"),
        ("DSN=a\x00;", "control"),
    ],
)
def test_what_else_may_not_be_said(text: str, fault: str) -> None:
    """
    No passwords, no other files, one line; and the answer quotes nothing.
    """
    found = fault_of(text)

    assert found is not None
    assert fault in found[0]
    assert "made-up" not in "".join(found)


@given(before=st.text("ab={};' ", max_size=20), after=st.text("ab={};' ", max_size=20))
def test_no_driver_is_overlooked(before: str, after: str) -> None:
    """
    Whatever braces stand around it, a driver behind a semicolon is found.
    """
    assert "evil" in drivers_of(f"{before};Driver=evil;{after}")
