"""
A small sample practice, built once and copied for each test that changes it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from agent.sandbox.practice.build import create_sqlite
from agent.sandbox.practice.database import connect_sqlite
from agent.sandbox.practice.facts import PracticeFacts

NOW = datetime(2026, 11, 18, 10, 20)  # a Wednesday


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PracticeFacts]:
    path = tmp_path_factory.mktemp("practice") / "practice.db"
    return path, create_sqlite(path, today=NOW.date(), now=NOW, seed=7, patients=600)


@pytest.fixture(scope="session")
def facts(built: tuple[Path, PracticeFacts]) -> PracticeFacts:
    return built[1]


@pytest.fixture
def path(built: tuple[Path, PracticeFacts], tmp_path: Path) -> Path:
    return Path(shutil.copy(built[0], tmp_path / "practice.db"))


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect_sqlite(path)
    yield connection
    connection.close()
