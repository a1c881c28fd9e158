"""
The command `live-hours`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
import pytest
from cli_engine import Cli, FakeEngine

from agent.domain.reports import LiveHoursReport
from agent.ipc.messages import AnswerLiveHours, Done

SET = LiveHoursReport(practice_id="1001", name="Main Street", in_force="Mon-Fri 08:00-18:00", is_learned=False)
ASKS = LiveHoursReport(
    practice_id="1002",
    name="Side Street",
    in_force="Mon 08:00-18:00",
    is_learned=True,
    learned_at=datetime(2026, 11, 20, tzinfo=UTC),
    question="Mon 08:00-08:30",
    learned_from=((date(2026, 11, 9), date(2026, 11, 16)), *((),) * 7),
    answered_at=datetime(2026, 11, 20, tzinfo=UTC),
    answered_by="mel",
)


def knows(engine: FakeEngine, *reports: LiveHoursReport) -> None:
    engine.answer = lambda _: Done(data={"live_hours": msgspec.to_builtins(reports)})


def test_a_question_is_shown_with_its_answers(engine: FakeEngine, cli: Cli) -> None:
    """
    The hours, what they were learned from, and what a person has to decide; the exit code tells a monitor.
    """
    knows(engine, SET, ASKS)
    ran = cli("live-hours")

    assert 1 == ran.code
    assert "1001 Main Street: Mon-Fri 08:00-18:00\n  as set in config.toml\n" in ran.out
    assert "days lived through (Monday 2)" in ran.out
    assert "by mel" in ran.out
    assert "not up: Mon 08:00-08:30" in ran.out


def test_without_a_question_all_is_well(engine: FakeEngine, cli: Cli) -> None:
    """
    At first the rosters' hours are what is known.
    """
    knows(engine, replace(ASKS, question="", learned_from=((),) * 8, answered_by=""))
    ran = cli("live-hours", "show")

    assert (0, True) == (ran.code, "from the rosters" in ran.out)


def test_one_practice_as_json(engine: FakeEngine, cli: Cli) -> None:
    """
    For programs.
    """
    knows(engine, SET, ASKS)
    ran = cli("live-hours", "--practice", "1001", "--json")

    assert 0 == ran.code
    assert ["Mon-Fri 08:00-18:00"] == [practice["in_force"] for practice in json.loads(ran.out)]


@pytest.mark.parametrize(("action", "adopt"), [("adopt", True), ("keep", False)])
def test_an_answer_is_passed_on(engine: FakeEngine, cli: Cli, action: str, *, adopt: bool) -> None:
    """
    The engine does it and says what it did.
    """
    ran = cli("live-hours", action, "--practice", "1002")

    assert (0, "It is done.\n") == (ran.code, ran.out)
    assert [(adopt, "1002")] == [(c.adopt, c.practice_id) for c in engine.commands if isinstance(c, AnswerLiveHours)]


def test_an_answer_that_is_no_report_is_refused(engine: FakeEngine, cli: Cli) -> None:
    """
    A newer or broken engine.
    """
    engine.answer = lambda _: Done(data={"live_hours": 5})
    ran = cli("live-hours")

    assert 2 == ran.code
    assert "[ipc-bad-message]" in ran.err
