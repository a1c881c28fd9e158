"""
Commands that steer the running engine: `resync`, `pause`, `resume`.
"""

from __future__ import annotations

import argparse

from agent.cli.arguments import Commands, add_command, home_of, positive, whole_minutes
from agent.cli.engine import Engine, connect
from agent.cli.output import Exit, say
from agent.domain.errors import Misconfigured, Transient
from agent.domain.status import ChannelState, EngineState, EngineStatus, ResyncStatus
from agent.ipc.messages import Pause, Resume, Resync, Scope

SCOPES = ("all", "configuration", "availability")


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    resync = add_command(
        commands,
        "resync",
        _resync,
        summary="send everything to Healthengine again",
        description="""
            Send the practices' configuration (live hours, resources, appointment types), their availability, or all of
            it to Healthengine again, and wait until it is done.

            examples:
              frontdesk resync
              frontdesk resync configuration

            exit codes: 0 sent and acknowledged, 1 something was refused, 2 not done in time, 3 no engine is running.
            """,
    )
    resync.add_argument("scope", nargs="?", choices=SCOPES, default="all", help="what is sent again (default: all)")
    resync.add_argument("--no-wait", action="store_true", help="return as soon as the engine has begun")
    resync.add_argument(
        "--timeout", type=positive, metavar="SECONDS", default=1800.0, help="how long to wait (default: %(default).0f)"
    )
    pause = add_command(
        commands,
        "pause",
        _pause,
        summary="let online bookings wait for a while",
        description="""
            Let the engine rest, for example during work on the database. Online bookings wait meanwhile, and if it lasts
            Healthengine hides the practice's times.

            examples:
              frontdesk pause --minutes 30
            """,
    )
    pause.add_argument("--minutes", type=whole_minutes, metavar="N", help="end by itself after N minutes")
    add_command(commands, "resume", _resume, summary="end a pause", description="End a pause at once.")


def _pause(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        say(engine.do(Pause(minutes=args.minutes)))
    return Exit.OK


def _resume(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        say(engine.do(Resume()))
    return Exit.OK


def _resync(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        status = engine.status()
        if _is_paused(status):
            raise Misconfigured("cli-paused", "the engine is paused", remedy="end the pause first: frontdesk resume")
        engine.follow()
        say(engine.do(Resync(scope=Scope(args.scope))))
        if args.no_wait:
            return Exit.OK
        result = _follow(engine, status.resync, args.timeout)
    say(result.result or ("done" if result.ok else "not done"))
    return Exit.OK if result.ok else Exit.ATTENTION


def _is_paused(status: EngineStatus) -> bool:
    return status.state is EngineState.PAUSED or any(channel.state is ChannelState.PAUSED for channel in status.channels)


def _follow(engine: Engine, before: ResyncStatus | None, seconds: float) -> ResyncStatus:
    """
    Print what the channels are doing until the resync has ended that came after *before*.

    Raises:
        Transient: if that takes longer than *seconds* (`cli-resync-slow`).
    """
    told: dict[tuple[str, str], str] = {}
    for status in engine.statuses(seconds):
        _tell(status, told)
        now = status.resync
        if now and now.finished_at and (before is None or now.requested_at != before.requested_at or not before.finished_at):
            return now
    raise Transient(
        "cli-resync-slow",
        f"the resync has not ended within {seconds:g} seconds; the engine goes on with it",
        remedy="look at: frontdesk status",
    )


def _tell(status: EngineStatus, told: dict[tuple[str, str], str]) -> None:
    """
    Print the details that are new; what the channels said before the resync began is not.
    """
    first = not told
    for channel in status.channels:
        key = (channel.practice_id, channel.name)
        if told.get(key) != channel.detail:
            told[key] = channel.detail
            if not first and channel.detail:
                say(f"  {channel.practice_id} {channel.name}: {channel.detail}")
