"""
A whole Frontdesk for each test: an engine of its own process between a sample practice and a simulated Healthengine.

Time runs faster; deadlines are those of the simulator's time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.sandbox.installation import Installation, sqlite_driver

Install = Callable[..., Installation]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """
    Make an installation whose engine is not running yet; everything of it ends with the test.
    """
    with ExitStack() as stack:

        def make(**changes: object) -> Installation:
            if not sqlite_driver():
                pytest.skip("there is no ODBC driver for SQLite here (Debian: libsqliteodbc)")
            values: dict[str, object] = {"scale": 5.0, "patients": 60, "horizon_days": 14, "carrier": "odbc", **changes}
            return stack.enter_context(Installation.create(tmp_path / "sandbox", **values))  # type: ignore[arg-type] # as the tests name them

        yield make
