"""
Before an uninstall: nothing is left open, and a script can tell (rule 9).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support import an_opening, book, nothing_wrong, started

from agent.sandbox.installation import Installation

pytestmark = pytest.mark.slow

Install = Callable[..., Installation]


def test_frontdesk_goes_and_leaves_nothing_open(install: Install) -> None:
    """
    A patient who has just booked gets an answer, then nobody sees a time, and none comes back when the engine stops.
    """
    installation = started(install())
    booking_id = book(installation, an_opening(installation))
    ran = installation.run("before-uninstall")
    answer = installation.simulator.answer_of(booking_id)
    openings = installation.simulator.openings()
    installation.stop_engine()

    assert 0 == ran.returncode, ran.stdout + ran.stderr
    assert "When Frontdesk has gone" in ran.stdout
    assert answer is not None
    assert [] == list(openings)
    assert 3 == installation.run("before-uninstall").returncode
    nothing_wrong(installation)
