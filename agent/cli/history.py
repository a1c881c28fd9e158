"""
The command `history`: what Healthengine was told, when, and why. Read from the state file, with or without an engine.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agent.cli.arguments import Commands, add_command, calendar_date, home_of
from agent.cli.output import Exit, moment, print_json, print_table, say
from agent.domain.booking import BookingState, CancellationState
from agent.domain.history import HistoryLine, lines_of_booking, lines_of_cancellation
from agent.ports.history import SentDay
from agent.ports.ledger import LedgerBooking
from agent.store.looking import look_at
from agent.store.store import Store

OUTCOMES = {"acknowledged": "acknowledged", "refused": "refused", "no_answer": "no answer"}

REASONS = {
    "first": "never sent before",
    "changed": "it changed",
    "booked": "a booking came or went, or the last answer was lost",
    "asked": "Healthengine asked",
    "everything": "everything was due",
    "refused_before": "the last one was refused",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingHistory:
    """
    One booking with its steps, ids and times only.
    """

    booking: LedgerBooking
    lines: tuple[HistoryLine, ...]


def add_commands(commands: Commands) -> None:
    """
    Add this module's command.
    """
    parser = add_command(
        commands,
        "history",
        _history,
        summary="what Healthengine was told, when, and why",
        description="""
            Show what Healthengine was told of a booking, or of a doctor's day, when, and why: ids and times only, for 24
            months. It is read from the state file, which administrators and the engine's account may read; no engine has to
            be running. Times of day are the practice's own, the others are this computer's.

            examples:
              frontdesk history --booking 123456
              frontdesk history --date 2026-03-31                      the bookings of a day
              frontdesk history --date 2026-03-31 --resource 12@1:gp   and the free times that were sent for it

            exit codes: 0 found, 1 nothing is kept about it.
            """,
        json=True,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--booking", type=int, metavar="N", help="a booking's number at Healthengine")
    what.add_argument("--date", type=calendar_date, metavar="DATE", help="a day, such as 2026-03-31")
    parser.add_argument("--resource", default="", metavar="ID", help="with --date: only this resource, and what was sent of it")
    parser.add_argument("--practice", default="", metavar="ID", help="only this practice")


def _history(args: argparse.Namespace) -> int:
    sent: list[SentDay] = []
    with look_at(home_of(args).state_db) as store:
        practices = [args.practice] if args.practice else store.history.practices()
        if args.booking is not None:
            found = [entry for p in practices if (entry := _booking(store, p, args.booking)) is not None]
        else:
            found = [entry for p in practices for entry in _bookings_on(store, p, args.date, args.resource)]
            if args.resource:
                sent = [day for p in practices for day in store.history.of_day(p, args.resource, args.date)]
    if args.as_json:
        print_json({"bookings": found, "sent": sent})
    else:
        _show(found, sent)
    return Exit.OK if found or sent else Exit.ATTENTION


def _bookings_on(store: Store, practice_id: str, day: date, resource_id: str) -> Iterable[BookingHistory]:
    for booking_id in store.history.bookings_on(practice_id, day):
        found = _booking(store, practice_id, booking_id)
        if found is not None and resource_id in ("", found.booking.resource_id):
            yield found


def _booking(store: Store, practice_id: str, booking_id: int) -> BookingHistory | None:
    entry = store.ledger.booking(practice_id, booking_id)
    if entry is None:
        return None
    steps = store.ledger.steps(practice_id, booking_id)
    lines = list(lines_of_booking((BookingState(s.state), s.at, s.reason) for s in steps))
    for request_id in store.history.requests_of(practice_id, booking_id):
        asked = store.ledger.cancellation_steps(practice_id, request_id)
        lines += lines_of_cancellation(request_id, ((CancellationState(s.state), s.at, s.reason) for s in asked))
    return BookingHistory(booking=entry, lines=tuple(sorted(lines, key=lambda line: line.at)))


def _show(found: list[BookingHistory], sent: list[SentDay]) -> None:
    if not found and not sent:
        say("Nothing is kept about it.")
    for history in found:
        entry = history.booking
        say(f"booking {entry.booking_id}, practice {entry.practice_id}, resource {entry.resource_id}")
        say(f"  booked for {entry.start:%Y-%m-%d %H:%M}, {entry.minutes} minutes; patient booked at {moment(entry.booked_at)}")
        if entry.present is not None:
            now = entry.present
            say(f"  now at {now.start:%Y-%m-%d %H:%M}, {now.minutes} minutes, practitioner {now.practitioner_id}")
        say(f"  appointments {', '.join(entry.appointment_ids) or '-'}, patient {entry.patient_id or '-'}")
        step_columns = ("at", "request", "state", "Healthengine was told", "why")
        print_table("Steps", step_columns, map(_step_row, history.lines), one_of_several=True)
    sent_columns = ("at", "until", "times", "free times", "why", "outcome")
    print_table("Free times sent", sent_columns, map(_sent_row, sent), one_of_several=True)


def _step_row(line: HistoryLine) -> tuple[str, ...]:
    return (moment(line.at), str(line.request_id or "-"), line.state, line.told or "-", line.reason)


def _sent_row(day: SentDay) -> tuple[str, ...]:
    outcome = OUTCOMES[day.outcome] + (f": {day.detail}" if day.detail else "")
    until = moment(day.last_at) if day.times > 1 else "-"
    return (moment(day.at), until, str(day.times), day.ranges or "none", REASONS[day.why], outcome)
