"""
The command `diagnostics`.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.engine import connect
from agent.cli.output import Exit, say
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.status import EngineStatus
from agent.settings.paths import Home


def add_commands(commands: Commands) -> None:
    """
    Add this module's command.
    """
    parser = add_command(
        commands,
        "diagnostics",
        _diagnostics,
        summary="a support bundle without patients and secrets",
        description="""
            Write a zip file for support: versions, settings with what is private masked, the state of the engine, open
            conditions, what happened lately, counts of bookings by state, and the last lines of the engine's log. No
            patient, no key, no password and no person's name is in it: what goes in is named one by one.

            It works with and without a running engine, for whoever may read the home folder.

            examples:
              frontdesk diagnostics
              frontdesk diagnostics --output bundle.zip
            """,
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="the zip file (default: here, named by the time)")


def _diagnostics(args: argparse.Namespace) -> int:
    from agent.app.diagnostics import write_bundle  # noqa: PLC0415 - what builds the engine's parts is loaded only here

    home = home_of(args)
    file: Path = args.output or Path(f"frontdesk-{datetime.now().astimezone():%Y%m%d-%H%M%S}.zip")
    try:
        names = write_bundle(home, _status(home), file)
    except OSError:
        raise Misconfigured(
            "cli-output",
            f"{file} cannot be written",
            remedy="name a file that you may write: frontdesk diagnostics --output FILE",
        ) from None
    say(f"{file} is written: {', '.join(names)}.")
    return Exit.OK


def _status(home: Home) -> EngineStatus | None:
    try:
        with connect(home) as engine:
            return engine.status()
    except FrontdeskError:
        return None
