"""
The command `live-hours`: shows the live hours, and answers the question whether they may be narrowed.
"""

from __future__ import annotations

import argparse
from datetime import date

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.engine import connect
from agent.cli.output import Exit, moment, print_json, say
from agent.domain.practice import WEEKDAYS
from agent.domain.reports import LiveHoursReport
from agent.ipc.messages import AnswerLiveHours, ShowLiveHours

SHOW, ADOPT, KEEP = "show", "adopt", "keep"


def add_commands(commands: Commands) -> None:
    """
    Add this module's command.
    """
    parser = add_command(
        commands,
        "live-hours",
        _live_hours,
        summary="when Healthengine expects this machine to be up",
        description="""
            Show the practices' live hours. With live_hours = "auto" they follow the hours in which this machine really is
            up; whether they may be narrowed inside the rosters' hours is for a person to say. In place of hours that are
            set, adopt takes what was learned, until others are set:

              adopt   take the narrower hours: outside them silence is forgiven, and bookings wait until the machine is up
              keep    leave them as they are: while the machine is off, Healthengine hides the practice's times

            examples:
              frontdesk live-hours
              frontdesk live-hours adopt --practice 1001

            exit codes: 0 nothing is asked, or it is answered; 1 a question waits for an answer.
            """,
        json=True,
    )
    parser.add_argument("action", nargs="?", choices=(SHOW, ADOPT, KEEP), default=SHOW, help="default: show")
    parser.add_argument("--practice", metavar="ID", default="", help="one practice only (default: all)")


def _live_hours(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        if args.action != SHOW:
            say(engine.do(AnswerLiveHours(practice_id=args.practice, adopt=args.action == ADOPT)))
            return Exit.OK
        reports = engine.ask(ShowLiveHours(), "live_hours", tuple[LiveHoursReport, ...])
        found = [report for report in reports if args.practice in {"", report.practice_id}]
    if args.as_json:
        print_json(found)
    else:
        for report in found:
            _show(report)
    return Exit.ATTENTION if any(report.question for report in found) else Exit.OK


def _show(report: LiveHoursReport) -> None:
    say(f"{report.practice_id} {report.name}: {report.in_force or 'no live hours'}")
    if not report.is_learned:
        say("  as set in config.toml")
        return
    if report.learned_at:
        say(f"  learned {moment(report.learned_at)} from {_days(report.learned_from)}")
    if report.answered_by:
        say(f"  answered {moment(report.answered_at)} by {report.answered_by}")
    if report.question:
        say(f"  on most days this machine is not up: {report.question}")
        say("  what to do: leave it on in these hours, or answer: frontdesk live-hours adopt, or: frontdesk live-hours keep")


def _days(learned_from: tuple[tuple[date, ...], ...]) -> str:
    names = (*(day.capitalize() for day in WEEKDAYS), "public holidays")
    counts = [f"{name} {len(days)}" for name, days in zip(names, learned_from, strict=True) if days]
    return f"days lived through ({', '.join(counts)})" if counts else "the rosters"
