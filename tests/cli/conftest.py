"""
A home, an engine in it, and the command line run in this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_engine import Cli, FakeEngine, status_of


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """
    An empty home folder.
    """
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def engine(home: Path) -> Iterator[FakeEngine]:
    """
    A running engine in that home, with a status.
    """
    fake = FakeEngine(home)
    fake.server.start()
    fake.server.publish(status_of())
    yield fake
    fake.server.stop()


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """
    The command line, for that home.
    """
    return Cli(home, capsys)
