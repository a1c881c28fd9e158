"""
`check` and `preview`, and what is passed on by the commands that start something.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cli_engine import Cli

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.errors import Transient
from agent.domain.reports import CheckItem, CheckReport, PracticePreview, Preview
from agent.domain.resources import AppointmentType, Resource
from agent.settings.paths import Home

CONFIG = """\
[vendor]
name = "Frontdesk"
email = "support@example.com"
[pms]
profile = "sandbox"
connection = "DSN=Practice"
[[practices]]
id = "1001"
name = "Sample Practice"
timezone = "Australia/Sydney"
live_hours = "Mon-Fri 08:00-18:00"
"""

GOOD = CheckItem(area="pms", name="appointments", ok=True, detail="812 rows")
BAD = CheckItem(area="pms", name="sessions", ok=False, detail="sessions.sql, column start", remedy="Return minutes.")

PREVIEW = Preview(
    practices=(
        PracticePreview(
            practice_id="1001",
            name="Sample Practice",
            timezone="Australia/Sydney",
            resources=(Resource(id="5@1", name="Dr Ada Example", practitioner_id="5", location_id="1"),),
            types=(AppointmentType(id="2", name="Standard", pms_type_id="2", minutes=15),),
            days=(
                DayAvailability("5@1", date(2026, 4, 1), ()),
                DayAvailability("5@1", date(2026, 3, 31), (OpenRange(540, 720, 15), OpenRange(780, 1440, 0, ("2", "3")))),
            ),
        ),
    )
)


class Stand:
    """
    Puts a module in the place of one that a command imports when it is run.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.calls: list[tuple[Any, ...]] = []

    def put(self, module: str, name: str, answer: Callable[[], object]) -> None:
        def called(*args: Any, **kwargs: Any) -> object:
            self.calls.append((*args, kwargs) if kwargs else args)
            return answer()

        fake = ModuleType(module)
        setattr(fake, name, called)
        self._monkeypatch.setitem(sys.modules, module, fake)


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Stand:
    return Stand(monkeypatch)


@pytest.mark.parametrize(
    ("lines", "last"),
    [((GOOD,), "All is well."), ((GOOD, BAD), "1 of 2 checks went wrong.")],
)
def test_check_prints_every_line_with_its_remedy(
    stand: Stand, home: Path, cli: Cli, lines: tuple[CheckItem, ...], last: str
) -> None:
    """
    All is well or something is not.
    """
    (home / "config.toml").write_text(CONFIG)
    stand.put("agent.app.checking", "check", lambda: CheckReport(lines=lines))
    ran = cli("check")

    assert (len(lines) - 1, last) == (ran.code, ran.out.splitlines()[-1])
    assert "pms\tappointments\tok\t812 rows\t\n" in ran.out
    assert ("pms\tsessions\tWRONG\tsessions.sql, column start\tReturn minutes.\n" in ran.out) == (BAD in lines)
    assert [(Home(folder=home),)] == stand.calls


def test_check_as_json(stand: Stand, cli: Cli) -> None:
    """
    The same for programs.
    """
    stand.put("agent.app.checking", "check", lambda: CheckReport(lines=(GOOD, BAD)))
    ran = cli("check", "--json")
    data = json.loads(ran.out)

    assert (1, False, ["appointments", "sessions"]) == (ran.code, data["ok"], [line["name"] for line in data["lines"]])


def test_check_shows_a_wrong_file_mistake_by_mistake(home: Path, cli: Cli) -> None:
    """
    Each with its line and its remedy.
    """
    (home / "config.toml").write_text(CONFIG.replace("Sydney", "Sidney").replace('"1001"', "1001"))
    ran = cli("check")

    assert (2, "") == (ran.code, ran.out)
    assert f"the settings in {home / 'config.toml'} cannot be used [settings-invalid]" in ran.err
    assert "line 8, practices[1].id: " in ran.err
    assert "line 10, practices[1].timezone: is not a known time zone" in ran.err
    assert 'what to do: write timezone = "Australia/Sydney"' in ran.err


def test_preview_prints_free_time_by_day_and_resource(stand: Stand, home: Path, cli: Cli) -> None:
    """
    In the practice's own time, days in order.
    """
    stand.put("agent.app.previewing", "preview", lambda: PREVIEW)
    ran = cli("preview", "--date", "2026-03-31")

    assert 0 == ran.code
    assert [
        "Tue 2026-03-31\t5@1\tDr Ada Example\t09:00-12:00 (15 min), 13:00-24:00 (types 2 3)",
        "Wed 2026-04-01\t5@1\tDr Ada Example\t-",
    ] == ran.out.splitlines()[1:]
    assert [(Home(folder=home), date(2026, 3, 31))] == stand.calls


def test_preview_as_json(stand: Stand, cli: Cli) -> None:
    """
    The same for programs; without a date the days are the other side's choice.
    """
    stand.put("agent.app.previewing", "preview", lambda: PREVIEW)
    practice = json.loads(cli("preview", "--json").out)["practices"][0]

    assert ("1001", ["5@1"], [15]) == (
        practice["id"],
        [resource["id"] for resource in practice["resources"]],
        [kind["minutes"] for kind in practice["types"]],
    )
    assert {"start": "13:00", "end": "24:00", "slot_minutes": 0, "types": ["2", "3"]} == practice["days"][1]["free"][1]
    assert stand.calls[0][1] is None


def test_a_database_that_is_away_ends_a_preview(stand: Stand, cli: Cli) -> None:
    """
    Exit code 2, words and remedy.
    """

    def away() -> object:
        raise Transient("pms-connect", "The database does not answer.", remedy="Start it.")

    stand.put("agent.app.previewing", "preview", away)
    ran = cli("preview")

    assert (2, "") == (ran.code, ran.out)
    assert "frontdesk: The database does not answer. [pms-connect]\n  what to do: Start it.\n" == ran.err


def test_a_mistake_in_the_program_is_reported_without_its_words(stand: Stand, cli: Cli) -> None:
    """
    An unforeseen error may quote data.
    """
    words = "Zzyzx"

    def broken() -> object:
        raise KeyError(words)

    stand.put("agent.app.previewing", "preview", broken)
    ran = cli("preview")

    assert 4 == ran.code
    assert "KeyError" in ran.err
    assert "in broken" in ran.err
    assert words not in ran.err


def test_an_interrupted_command_ends_quietly(stand: Stand, cli: Cli) -> None:
    """
    Ctrl-C is no fault.
    """

    def interrupted() -> object:
        raise KeyboardInterrupt

    stand.put("agent.app.previewing", "preview", interrupted)
    ran = cli("preview")

    assert (130, "", "") == (ran.code, ran.out, ran.err)


@pytest.mark.parametrize(
    ("arguments", "called", "expected"),
    [
        (
            ("demo", "--headless", "--seconds", "2.5", "--json"),
            "agent.sandbox.demo:run_demo",
            ({"headless": True, "seconds": 2.5, "as_json": True, "home": "HOME"},),
        ),
        (("engine",), "agent.app.running:run_engine", (Home, {"time_scale": 1.0, "time_origin": None, "time_start": None})),
        (
            ("engine", "--time-scale", "60", "--time-origin", "1774918800.5", "--time-start", "1774918900"),
            "agent.app.running:run_engine",
            (Home, {"time_scale": 60.0, "time_origin": 1774918800.5, "time_start": 1774918900.0}),
        ),
        (("tray",), "agent.ui.main:main", (["--home", "HOME"],)),
    ],
)
def test_commands_pass_their_options_on(
    stand: Stand, cli: Cli, arguments: tuple[str, ...], called: str, expected: tuple[object, ...]
) -> None:
    """
    And their exit codes back.
    """
    home = cli.home
    module, _, name = called.partition(":")
    stand.put(module, name, lambda: 7)

    def told(value: object) -> object:
        if isinstance(value, dict):
            return {key: told(part) for key, part in value.items()}
        if isinstance(value, list):
            return [told(part) for part in value]
        return {str(home): "HOME", str(Home(folder=home)): Home}.get(str(value), value)

    assert 7 == cli(*arguments).code
    assert expected == tuple(told(part) for part in stand.calls[0])
