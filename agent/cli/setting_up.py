"""
The command `set-up`: opens the wizard, or carries out one of its steps for a program.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

import msgspec

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.output import Exit, print_json
from agent.cli.running import open_tray
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.masked import Secret
from agent.domain.setting_up import Answers, SetUpOutcome, SetUpProblem, Step
from agent.settings.config import SettingsError
from agent.settings.writing import field_of


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a program gives on standard input.
    """

    answers: Answers | None = None
    secrets: Mapping[str, str] = {}


def add_commands(commands: Commands) -> None:
    """
    Add this module's command.
    """
    parser = add_command(
        commands,
        "set-up",
        _set_up,
        summary="the wizard: from the practice's database to online bookings",
        description="""
            Open the wizard that sets Frontdesk up, as an administrator. It changes nothing before its last page, and goes
            on where it was left.

            With a step it asks for nothing: it reads JSON from standard input ({"answers": {...}, "secrets": {...}}; without
            answers those are the settings that there are), carries the step out and prints what came of it as JSON.

            steps:
              look      what is on this computer: ODBC drivers and data sources, practice systems that are known
              find      which practice system answers over the connection
              pms       try each of its queries
              check     whether the answers can be
              keys      try the keys with Healthengine
              preview   what would be published; sends nothing
              finish    store the keys, write the settings, start the service

            exit codes of a step: 0 done, 2 not done (the JSON says why, and what to do).
            """,
    )
    parser.add_argument("step", nargs="?", choices=[step.value for step in Step], help="one step, for a program")


def _set_up(args: argparse.Namespace) -> int:
    if args.step is None:
        return open_tray("--home", str(home_of(args).folder), "--set-up")
    from agent.app.setting_up import SetUp  # noqa: PLC0415 - what builds the engine's parts is loaded only here

    try:
        asked = _read()
        secrets = {name: Secret(text) for name, text in asked.secrets.items()}
        print_json(SetUp(home_of(args), asked.answers, secrets).do(Step(args.step)))
    except SettingsError as error:
        print_json(SetUpOutcome(problem=_problem_of(error)))
        return Exit.FAILED
    except FrontdeskError as error:
        print_json(SetUpOutcome(problem=SetUpProblem(code=error.code, message=error.message, remedy=error.remedy)))
        return Exit.FAILED
    return Exit.OK


def _read() -> _Asked:
    text = sys.stdin.buffer.read() if sys.stdin is not None and not sys.stdin.isatty() else b""
    try:
        return msgspec.json.decode(text or b"{}", type=_Asked)
    except msgspec.MsgspecError:
        raise Misconfigured(
            "cli-set-up", "standard input is not what a step reads", remedy="see 'frontdesk set-up --help'"
        ) from None


def _problem_of(error: SettingsError) -> SetUpProblem:
    if not error.problems:
        return SetUpProblem(code=error.code, message=error.message, remedy=error.remedy)
    first = error.problems[0]
    name = field_of(first)
    return SetUpProblem(code=error.code, message=f"{name} {first.message}", remedy=first.remedy, field=name)
