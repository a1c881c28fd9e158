"""
Commands that show what the running engine knows: `status` and `bookings`.
"""

from __future__ import annotations

import argparse
import sys

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.engine import connect
from agent.cli.output import Exit, moment, print_error, print_json, print_table, say
from agent.domain.errors import Transient
from agent.domain.status import BookingLine, EngineState, EngineStatus, PracticeStatus, TaskLine

WORDS = {
    EngineState.ATTENTION: "something needs a person",
    EngineState.OFFLINE: "the PMS or Healthengine cannot be reached; the engine keeps trying",
    EngineState.STARTING: "starting: not everything has worked once yet",
    EngineState.WORKING: "online bookings are working; something is under way",
    EngineState.PAUSED: "paused",
    EngineState.NOT_SET_UP: "not set up yet",
    EngineState.ONLINE: "online bookings are working",
}

EXITS = {
    EngineState.ONLINE: Exit.OK,
    EngineState.WORKING: Exit.OK,
    EngineState.STARTING: Exit.ATTENTION,
    EngineState.PAUSED: Exit.ATTENTION,
    EngineState.NOT_SET_UP: Exit.ATTENTION,
    EngineState.ATTENTION: Exit.ATTENTION,
    EngineState.OFFLINE: Exit.FAILED,
}


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    add_command(
        commands,
        "status",
        _status,
        summary="how the running engine is doing",
        description="""
            Show how the engine is doing: its practices, what is published, each channel's last success, what is wrong
            and what to do about it. Times are this computer's.

            exit codes (for monitoring):
              0  healthy: a recent proven success in every channel
              1  needs attention: an open task or condition, paused, starting, or not set up
              2  down: the PMS or Healthengine cannot be reached
              3  no engine is running for this home
            """,
        json=True,
    )
    add_command(
        commands,
        "bookings",
        _bookings,
        summary="the latest bookings, and what needs a person",
        description="""
            Show the latest online bookings with their state, and the open tasks. Ids and times only: the engine keeps
            nothing about patients. A booking's time is the practice's own, the others are this computer's.
            """,
        json=True,
    )


def exit_code(status: EngineStatus) -> Exit:
    """
    Return the exit code that tells a monitor how the engine is doing.
    """
    return EXITS[status.state]


def _status(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        try:
            status = engine.status()
        except Transient as error:
            if error.code != "ipc-starting":
                raise
            print_error(error)  # it runs, and will have a status in a moment
            return Exit.ATTENTION
    if args.as_json:
        print_json(status)
    else:
        _show(status)
    return exit_code(status)


def _bookings(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        status = engine.status()
    if args.as_json:
        print_json({"bookings": status.bookings, "counts": status.booking_counts or {}, "tasks": status.tasks})
        return Exit.OK
    columns = ("booking", "practice", "resource", "time", "minutes", "state", "answered after", "seen", "why")
    print_table("Bookings", columns, map(_booking_row, status.bookings), empty="No bookings yet.")
    if sys.stdout.isatty():
        _show_tasks(status.tasks)
    return Exit.OK


def _show(status: EngineStatus) -> None:
    words = WORDS[status.state]
    if status.in_maintenance:
        words = f"maintenance: the database is let go of until {moment(status.paused_until)}"
    elif status.state is EngineState.PAUSED:
        words += f" until {moment(status.paused_until)}" if status.paused_until else " until somebody resumes"
    say(f"Frontdesk: {words} [{status.state}]")
    speed = f", time runs {status.time_scale:g} times as fast" if status.time_scale != 1 else ""
    say(f"version {status.version}, process {status.pid}, PMS {status.profile} by {status.carrier}{speed}")
    say(f"so since {moment(status.since)}, as of {moment(status.at)}")
    _show_problems(status)
    practice_columns = ("practice", "name", "live now", "live hours", "resources", "types", "days", "refused")
    print_table("Practices", practice_columns, map(_practice_row, status.practices), one_of_several=True)
    print_table(
        "Channels",
        ("practice", "channel", "state", "last success", "next", "failures", "last run"),
        (
            (c.practice_id, c.name, c.state, moment(c.last_success), moment(c.next_due), str(c.failures), c.detail)
            for c in status.channels
        ),
        one_of_several=True,
    )
    workers = ((w.name, str(w.pid or "-"), w.state) for w in status.workers)
    print_table("PMS workers", ("worker", "process", "state"), workers, one_of_several=True)
    if counts := status.booking_counts:
        say("bookings: " + ", ".join(f"{count} {state}" for state, count in sorted(counts.items())))
    if resync := status.resync:
        outcome = ("done: " if resync.ok else "failed: ") + resync.result if resync.finished_at else "under way"
        say(f"last resync ({resync.scope}, {moment(resync.requested_at)}): {outcome}")


def _show_problems(status: EngineStatus) -> None:
    for condition in status.conditions:
        times = f", {condition.count} times" if condition.count > 1 else ""
        where = f"[{condition.code}, {condition.area}, since {moment(condition.since)}{times}]"
        say(f"{condition.severity}: {condition.message} {where}")
        if condition.remedy:
            say(f"  what to do: {condition.remedy}")
    _show_tasks(status.tasks)


def _show_tasks(tasks: tuple[TaskLine, ...]) -> None:
    print_table(
        "To do",
        ("task", "practice", "booking", "kind", "since", "why"),
        ((str(t.id), t.practice_id, str(t.booking_id), t.kind, moment(t.since), t.why) for t in tasks),
        one_of_several=True,
    )


def _practice_row(practice: PracticeStatus) -> tuple[str, ...]:
    published = practice.published
    counts = (published.resources, published.types, published.days, published.failed)
    live = "yes" if practice.live_now else "no"
    return (practice.id, practice.name, live, practice.liveness or "not sent yet", *map(str, counts))


def _booking_row(line: BookingLine) -> tuple[str, ...]:
    answered = f"{line.answer_seconds:.1f} s" if line.answer_seconds >= 0 else "-"
    time = f"{line.start:%Y-%m-%d %H:%M}"
    return (
        str(line.booking_id),
        line.practice_id,
        line.resource_id,
        time,
        str(line.minutes),
        line.state,
        answered,
        moment(line.seen_at),
        line.reason,
    )
