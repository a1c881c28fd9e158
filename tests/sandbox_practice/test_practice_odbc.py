"""
The sample practice through a real ODBC driver.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.sandbox.practice.audit import audit
from agent.sandbox.practice.build import build_practice, create_sqlite
from agent.sandbox.practice.desk import DeskStaff

NOW = datetime(2026, 11, 18, 23, 40)

pyodbc = pytest.importorskip("pyodbc", reason="no ODBC driver manager on this machine", exc_type=ImportError)
if "SQLite3" not in pyodbc.drivers():
    pytest.skip("no ODBC driver for SQLite on this machine", allow_module_level=True)


def connect(path: Path) -> Any:
    return pyodbc.connect(f"DRIVER={{SQLite3}};DATABASE={path};Timeout=5000")


def test_a_practice_built_through_odbc_is_the_same(tmp_path: Path) -> None:
    """
    Through ODBC the same rows get into the database, times in the same spelling.
    """
    with closing(connect(tmp_path / "odbc.db")) as connection:
        facts = build_practice(connection, today=NOW.date(), now=NOW, seed=5, patients=40)
    direct = create_sqlite(tmp_path / "direct.db", today=NOW.date(), now=NOW, seed=5, patients=40)
    dumps = []
    for name in ("odbc.db", "direct.db"):
        with closing(sqlite3.connect(tmp_path / name)) as built:
            dumps.append(list(built.iterdump()))

    assert direct == facts
    assert dumps[1] == dumps[0]


def test_the_desk_and_the_audit_work_through_odbc(tmp_path: Path) -> None:
    """
    The front desk books through ODBC too, and the audit reads what it left.
    """
    path = tmp_path / "practice.db"
    facts = create_sqlite(path, today=NOW.date(), now=NOW, seed=5, patients=40)
    desk = DeskStaff(lambda: connect(path), lambda: NOW, seed=2, errors=(pyodbc.Error,))
    for _ in range(20):
        desk.act()
    with closing(connect(path)) as connection:
        report = audit(connection, confirmed=())

    assert "failed" not in desk.counts
    assert facts.appointments + desk.counts["booked"] == report.appointments
    assert report.is_clean
