"""
A short year: some weeks of the simulated practices, and proof that whoever looks would see what is wrong.

The whole year is one command: `python -m agent.sandbox.year`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from agent.sandbox.year.__main__ import main
from agent.sandbox.year.outcome import TARGET, live_through
from agent.sandbox.year.room import quiet_logs
from agent.sandbox.year.world import Fault

BEFORE_DAYLIGHT_SAVING = date(2026, 9, 28)  # begins on 4 October 2026
BEFORE_CHRISTMAS = date(2026, 12, 16)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet_logs():
        yield


def test_a_gp_from_spring_into_summer_time() -> None:
    """
    Eleven days of three doctors and a server that is off at night: nothing is lost, doubled, or shown wrongly.
    """
    life = live_through("gp", seed=7, days=11, first=BEFORE_DAYLIGHT_SAVING)

    assert [] == life.violations.found
    assert life.figures.checks["check points"] >= 3
    assert life.figures.counts["online bookings"] >= 20
    assert TARGET > life.figures.share


def test_a_dentist_over_christmas() -> None:
    """
    Three weeks of one dentist with a closure in the middle: the times are right, and nobody expects the machine to be on.
    """
    life = live_through("solo", seed=7, days=21, first=BEFORE_CHRISTMAS)

    assert [] == life.violations.found
    assert life.figures.events["machine off"] >= 5
    assert TARGET > life.figures.share


@pytest.mark.parametrize(
    ("fault", "seed", "days", "kind"),
    [
        (Fault.ONE_LOOK, 2, 4, "cancellation of a living appointment"),
        (Fault.STALE_DIARY, 1, 5, "published time is wrong"),
    ],
)
def test_what_is_broken_is_seen(fault: Fault, seed: int, days: int, kind: str) -> None:
    """
    With a part broken on purpose the same days do not pass.
    """
    life = live_through("gp", seed=seed, days=days, first=BEFORE_DAYLIGHT_SAVING, fault=fault)

    assert kind in {violation.kind for violation in life.violations.found}


def test_the_command_fails_with_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The command says what happened and ends with 1.
    """
    code = main(["--practice", "solo", "--days", "5", "--seed", "4", "--fault", "stale-diary"])

    assert 1 == code
    assert "published time is wrong" in capsys.readouterr().out
