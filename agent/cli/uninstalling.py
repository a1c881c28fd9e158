"""
The command that an uninstaller runs first: `before-uninstall`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime

from agent.cli.arguments import Commands, add_command, home_of, positive
from agent.cli.engine import Engine, connect
from agent.cli.output import Exit, say
from agent.domain.errors import Transient
from agent.domain.status import EngineStatus
from agent.domain.stopping import Way, what_patients_see
from agent.domain.uninstalling import is_emptied, waits_for
from agent.domain.words import counted
from agent.ipc.messages import StopBookings


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    before = add_command(
        commands,
        "before-uninstall",
        _before_uninstall,
        summary="leave nothing open when Frontdesk is uninstalled",
        description="""
            Stop online bookings of every practice, answer what is outstanding, and wait until Healthengine has acknowledged
            that nothing is free; then the engine may be stopped and the program removed. The uninstaller runs this; to take
            it back: frontdesk start-bookings.

            examples:
              frontdesk before-uninstall
              frontdesk before-uninstall --timeout 120

            exit codes: 0 nothing is left open, 1 the same but tasks wait for a person, 2 not done in time (patients may
            still see times: the engine goes on trying), 3 no engine is running, so that Healthengine cannot be told.
            """,
    )
    before.add_argument(
        "--timeout", type=positive, metavar="SECONDS", default=300.0, help="how long to wait (default: %(default).0f)"
    )


def _before_uninstall(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        say(engine.do(StopBookings()))
        status = _follow(engine, args.timeout)
    say("Healthengine has acknowledged it, and nothing is outstanding.")
    say(f"When Frontdesk has gone: {what_patients_see(Way.UNINSTALLED)}")
    if not status.tasks:
        return Exit.OK
    say(f"{counted(len(status.tasks), 'task')} still waiting for a person; look at them first: frontdesk tasks")
    return Exit.ATTENTION


def _follow(engine: Engine, seconds: float) -> EngineStatus:
    """
    Say what is waited for, whenever that changes, until it is nothing; returns the last status.

    Raises:
        Transient: if that takes longer than *seconds* (`cli-uninstall-slow`).
    """
    engine.follow()
    emptied_at: datetime | None = None
    told: Sequence[str] = ()
    for status in engine.statuses(seconds):
        if emptied_at is None and is_emptied(status):
            emptied_at = status.at
        waiting = waits_for(status, emptied_at)
        if not waiting:
            return status
        for line in waiting:
            if line not in told:
                say(f"  waits: {line}")
        told = waiting
    raise Transient(
        "cli-uninstall-slow",
        f"it is not done after {seconds:g} seconds ({'; '.join(told) or 'the engine says nothing'}). If Frontdesk goes now, "
        "patients see the times until Healthengine notices the silence, after ten minutes of live hours, and what they book "
        "meanwhile is not entered",
        remedy="look at: frontdesk status; then run it again",
    )
