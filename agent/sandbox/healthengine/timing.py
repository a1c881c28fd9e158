"""
The rules about time: live hours, ten minutes of silence, ten minutes without an answer.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from agent.sandbox.healthengine.config import UNHEALTHY_AFTER, LastMinute, OutsideContract
from agent.sandbox.healthengine.records import ViolationKind
from agent.sandbox.healthengine.state import PracticeState, World
from agent.sandbox.healthengine.wire import MINUTES_PER_DAY, LiveRange, minute_of

LIMIT = UNHEALTHY_AFTER.total_seconds()
_PUBLIC_HOLIDAYS = 7


def end_minute(text: str, reading: LastMinute) -> int:
    """
    Return an end as a minute of the day, `23:59` as the configuration reads it.
    """
    minute = minute_of(text)
    return MINUTES_PER_DAY if minute == MINUTES_PER_DAY - 1 and reading is LastMinute.END_OF_DAY else minute


def counted(world: World, practice: PracticeState, begin: datetime, end: datetime) -> float:
    """
    Return how many seconds between two instants count towards the ten minutes.
    """
    if end <= begin:
        return 0.0
    if practice.live_hours is None or world.config.outside_contract is OutsideContract.COUNTED:
        return (end - begin).total_seconds()
    total = 0.0
    day = practice.local(begin).date()
    last = practice.local(end).date()
    while day <= last:
        for start, stop in _live_instants(world, practice, practice.live_hours, day):
            total += max(0.0, (min(stop, end) - max(start, begin)).total_seconds())
        day += timedelta(days=1)
    return total


def is_live(world: World, practice: PracticeState, moment: datetime) -> bool:
    """
    Return whether the contract expects the agent at *moment*; without a contract it always does.
    """
    if practice.live_hours is None:
        return True
    day = practice.local(moment).date()
    return any(start <= moment < stop for start, stop in _live_instants(world, practice, practice.live_hours, day))


def _live_instants(
    world: World, practice: PracticeState, hours: tuple[tuple[LiveRange, ...], ...], day: date
) -> list[tuple[datetime, datetime]]:
    holiday = day in practice.account.public_holidays
    spans = sorted(
        (minute_of(live.start), end_minute(live.end, world.config.last_minute))
        for live in hours[_PUBLIC_HOLIDAYS if holiday else day.weekday()]
    )
    midnight = datetime(day.year, day.month, day.day, tzinfo=practice.account.zone)
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return [
        ((midnight + timedelta(minutes=start)).astimezone(UTC), (midnight + timedelta(minutes=end)).astimezone(UTC))
        for start, end in joined
    ]


def health(world: World, practice: PracticeState, now: datetime) -> tuple[str, ...]:
    """
    Return why the practice's times are hidden; nothing if they are shown.
    """
    reasons: list[str] = []
    if not practice.consent:
        reasons.append("no consent")
    if practice.last_poll is None:
        reasons.append("never polled")
    elif _over(world, practice, practice.last_poll, now):
        reasons.append("silent")
    waiting = [booking.booked_at for booking in practice.listed()]
    waiting += [update.updated_at for update in practice.pending_updates()]
    waiting += [ask.asked_at for ask in practice.availability_asks]
    if any(_over(world, practice, since, now) for since in waiting):
        reasons.append("requests unanswered")
    return tuple(reasons)


def note_poll(world: World, practice: PracticeState, now: datetime) -> None:
    """
    Take in a poll; the silence before it is judged by `note_overdue`, which goes first.
    """
    last = practice.last_poll
    practice.polls += 1
    practice.last_poll = now
    if last is None:
        return
    gap = (now - last).total_seconds()
    practice.largest_gap = max(practice.largest_gap, gap)
    if gap > LIMIT or gap > practice.largest_live_gap:
        live = counted(world, practice, last, now)
        practice.largest_live_gap = max(practice.largest_live_gap, live)
        practice.unhealthy_seconds += max(0.0, live - LIMIT)
    practice.silence_noted = False


def note_overdue(world: World, practice: PracticeState, now: datetime) -> None:
    """
    Judge everything that waits, and the silence that still lasts.
    """
    if not practice.expected_alive:
        return
    floor = practice.alive_since
    for booking in practice.listed():
        since = booking.booked_at if floor is None else max(booking.booked_at, floor)
        if not booking.overdue_noted and _over(world, practice, since, now):
            booking.overdue_noted = True
            _unanswered(world, practice, f"booking {booking.id}")
    for update in practice.pending_updates():
        since = update.updated_at if floor is None else max(update.updated_at, floor)
        if not update.overdue_noted and _over(world, practice, since, now):
            update.overdue_noted = True
            _unanswered(world, practice, f"update {update.request_id} of booking {update.booking_id}")
    for ask in practice.availability_asks:
        since = ask.asked_at if floor is None else max(ask.asked_at, floor)
        if not ask.overdue_noted and _over(world, practice, since, now):
            ask.overdue_noted = True
            _unanswered(world, practice, f"availability of {ask.day}")
    if practice.last_poll is not None:
        _note_silence(world, practice, practice.last_poll, now)


def expect_alive(world: World, practice: PracticeState, *, alive: bool) -> None:
    """
    Judge what went before, then say whether silence counts from here on.
    """
    now = world.now()
    note_overdue(world, practice, now)
    practice.expected_alive = alive
    practice.alive_since = now


def _note_silence(world: World, practice: PracticeState, last: datetime, now: datetime) -> None:
    if practice.silence_noted or not practice.expected_alive:
        return
    since = last if practice.alive_since is None else max(last, practice.alive_since)
    if _over(world, practice, since, now):
        practice.silence_noted = True
        world.violate(practice, ViolationKind.SILENCE, "pollRequests", "no poll for more than 10 minutes of live time")


def _unanswered(world: World, practice: PracticeState, what: str) -> None:
    world.violate(practice, ViolationKind.UNANSWERED, "", f"{what} unanswered for more than 10 minutes of live time")


def _over(world: World, practice: PracticeState, since: datetime, now: datetime) -> bool:
    return (now - since) > UNHEALTHY_AFTER and counted(world, practice, since, now) > LIMIT
