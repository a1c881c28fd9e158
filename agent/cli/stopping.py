"""
Commands that stop in good order: `stop-bookings`, `start-bookings`, `maintenance`, and the engine itself by `stop`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from agent.cli.arguments import Commands, add_command, home_of, later, positive, whole_minutes
from agent.cli.engine import NO_ENGINE, Engine, connect
from agent.cli.output import Exit, say
from agent.domain.errors import FrontdeskError, Transient
from agent.domain.status import EngineStatus
from agent.ipc.messages import Maintenance, StartBookings, Stop, StopBookings

USUAL_MINUTES = 60


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    stop = add_command(
        commands,
        "stop-bookings",
        _stop,
        summary="show patients no free times; answer what is outstanding",
        description="""
            Tell Healthengine that nothing is free, on any day, and wait until it has acknowledged that. What patients have
            booked stands; whatever waits for an answer still gets one. It outlives a restart of the engine. Do this before
            Frontdesk is uninstalled, so that no times are left on show.

            examples:
              frontdesk stop-bookings
              frontdesk stop-bookings --practice 1001 --until 14:30

            exit codes: 0 patients see no free times, 2 not acknowledged in time (the engine goes on trying).
            """,
    )
    stop.add_argument("--practice", metavar="ID", default="", help="one practice only (default: all)")
    stop.add_argument("--until", type=later, metavar="TIME", help="end by itself: 14:30, 2026-03-31 or 2026-03-31T14:30")
    stop.add_argument("--no-wait", action="store_true", help="return as soon as the engine has begun")
    stop.add_argument(
        "--timeout", type=positive, metavar="SECONDS", default=300.0, help="how long to wait (default: %(default).0f)"
    )
    start = add_command(
        commands,
        "start-bookings",
        _start,
        summary="show patients the free times again",
        description="End what 'frontdesk stop-bookings' began.",
    )
    start.add_argument("--practice", metavar="ID", default="", help="one practice only (default: all)")
    maintenance = add_command(
        commands,
        "maintenance",
        _maintenance,
        summary="let go of the database for a while",
        description="""
            Close every connection to the practice's database, for a backup, an upgrade or a restore. Nothing is read or
            written, and Healthengine is not polled. It ends by itself; 'frontdesk resume' ends it earlier.

            examples:
              frontdesk maintenance --minutes 30

            exit codes: 0 every connection is closed, 2 not closed in time.
            """,
    )
    maintenance.add_argument(
        "--minutes", type=whole_minutes, metavar="N", default=USUAL_MINUTES, help="how long (default: %(default)s)"
    )
    end = add_command(
        commands,
        "stop",
        _stop_engine,
        summary="stop the engine",
        description="""
            Stop the running engine in good order; for administrators and the engine's own account. It tells Healthengine that
            today's live hours end, and online bookings wait until an engine runs again. A service is not started again by the
            system until the machine restarts, or by: frontdesk service start.

            exit codes: 0 it has ended, 2 not in time, 3 no engine is running.
            """,
    )
    end.add_argument(
        "--timeout", type=positive, metavar="SECONDS", default=30.0, help="how long to wait (default: %(default).0f)"
    )


def _stop_engine(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        engine.follow()
        try:
            say(engine.do(Stop()))
            for _ in engine.statuses(args.timeout):
                pass
        except FrontdeskError as error:
            if error.code != NO_ENGINE:
                raise
            say("It has ended.")
            return Exit.OK
    raise _slow(args.timeout)


def _stop(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        say(engine.do(StopBookings(practice_id=args.practice, until=args.until)))
        if not args.no_wait:
            _follow(engine, lambda status: _is_empty(status, args.practice), args.timeout)
            say("Healthengine has acknowledged it: patients see no free times.")
    return Exit.OK


def _start(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        say(engine.do(StartBookings(practice_id=args.practice)))
    return Exit.OK


def _maintenance(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        say(engine.do(Maintenance(minutes=args.minutes)))
        _follow(engine, lambda status: not any(worker.pid for worker in status.workers), 60)
        say("Every connection to the database is closed.")
    return Exit.OK


def _is_empty(status: EngineStatus, practice_id: str) -> bool:
    return all(practice.is_empty for practice in status.practices if practice_id in ("", practice.id))


def _follow(engine: Engine, is_done: Callable[[EngineStatus], bool], seconds: float) -> None:
    """
    Wait until the engine's status shows that it is done.

    Raises:
        Transient: if that takes longer than *seconds* (`cli-stop-slow`).
    """
    engine.follow()
    if any(map(is_done, engine.statuses(seconds))):
        return
    raise _slow(seconds)


def _slow(seconds: float) -> Transient:
    return Transient(
        "cli-stop-slow",
        f"it is not done after {seconds:g} seconds; the engine goes on with it",
        remedy="look at: frontdesk status",
    )
