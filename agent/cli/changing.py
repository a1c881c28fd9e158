"""
The command `settings`: opens their window, or shows and changes them for a program.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.keys import credential_places
from agent.cli.output import Exit, print_json
from agent.cli.running import open_tray
from agent.domain.changing import ChangeOutcome, PracticeChange, SettingsShown
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.masked import Secret
from agent.domain.setting_up import SetUpProblem
from agent.settings.changing import change_settings, shown
from agent.settings.config import SettingsError, load_settings
from agent.settings.credentials import Source, check_name
from agent.settings.paths import Home

T = TypeVar("T")

CHANGED = "The settings are changed. A running Frontdesk uses them at once; nothing has to be restarted."


class _NewKeys(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a program gives on standard input to replace keys.
    """

    id: str
    keys: Mapping[str, str]


def add_commands(commands: Commands) -> None:
    """
    Add this module's command.
    """
    parser = add_command(
        commands,
        "settings",
        _settings,
        summary="see and change practices, closures and rules",
        description="""
            Open the window of the settings. As an administrator one changes them in it; others see them, where they may read
            the file.

            With an action it is for programs and prints JSON. A change keeps comments and the order of config.toml; one that
            cannot be leaves the file as it is.

            actions:
              show      the practices with hours, closures and rules in plain words, and which keys are stored
              keys      read a practice's new keys from standard input, try them with Healthengine, and store what it accepts:
                        {"id": "1001", "keys": {"practice-key:1001": "..."}}
              change    read one practice's change from standard input:
                        {"id": "1001", "horizon_days": 30, "close": {"first": "2026-12-24", "last": "2026-12-28"}}
                        may be there: live_hours, horizon_days, minimum_notice_minutes, closed_on_holidays, close, reopen

            exit codes of an action: 0 done, 2 not done (the JSON says why, and what to do).
            """,
    )
    parser.add_argument("action", nargs="?", choices=["show", "change", "keys"], help="for a program")


def _settings(args: argparse.Namespace) -> int:
    home = home_of(args)
    if args.action is None:
        return open_tray("--home", str(home.folder), "--settings")
    said = ""
    try:
        if args.action == "change":
            change_settings(home.config, _read(PracticeChange))
            said = CHANGED
        elif args.action == "keys":
            said = _replace_keys(home, _read(_NewKeys))
        print_json(ChangeOutcome(shown=_shown(home), said=said))
    except FrontdeskError as error:
        print_json(ChangeOutcome(problem=_problem_of(error)))
        return Exit.FAILED
    return Exit.OK


def _shown(home: Home) -> SettingsShown:
    settings = load_settings(home.config)
    return SettingsShown(
        file=str(home.config),
        may_change=home.may_be_changed(),
        practices=tuple(map(shown, settings.practices)),
        stored=tuple(name for name, where in credential_places(home) if where != Source.MISSING),
    )


def _replace_keys(home: Home, new: _NewKeys) -> str:
    from agent.app.keys import replace_keys  # noqa: PLC0415 - what builds the engine's parts is loaded only here

    entered = {check_name(name): Secret(text) for name, text in new.keys.items()}
    return " ".join(("Healthengine accepts the keys.", *replace_keys(home, new.id, entered)))


def _read(kind: type[T]) -> T:
    text = sys.stdin.buffer.read() if sys.stdin is not None and not sys.stdin.isatty() else b""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError:
        raise Misconfigured(
            "cli-settings", "standard input is not what is read", remedy="see 'frontdesk settings --help'"
        ) from None


def _problem_of(error: FrontdeskError) -> SetUpProblem:
    message = str(error.problems[0]) if isinstance(error, SettingsError) and error.problems else error.message
    return SetUpProblem(code=error.code, message=message, remedy=error.remedy)
