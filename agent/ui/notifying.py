"""
When the tray speaks up, and in which words. Plain Python: no Qt, no clock, no I/O.

It speaks of transitions alone, in one notification at a time, with counts and fixed words: nothing that came from the practice
or a patient is in them. A new task is always told, and again in live hours until somebody claims it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from agent.domain.status import ChannelState, EngineStatus, Severity
from agent.domain.tasks import TaskState
from agent.ui.presenters import Translate, counted_text, is_proven, untranslated

QUIET = timedelta(seconds=90)
"""After a start or a wake-up connections need this long to come back; what is wrong meanwhile is told only if it stays."""

SETTLED = timedelta(seconds=60)
"""A lost connection is told after this long: most come back sooner."""

ASLEEP = timedelta(minutes=1)
"""A longer time between two looks means that the machine slept or its clock was set."""

REMINDER = timedelta(minutes=10)
"""How often tasks that nobody claims are told again."""


class Place(StrEnum):
    """
    What a click on a notification opens.
    """

    WINDOW = "window"
    TO_DO = "to_do"


class Topic(StrEnum):
    """
    What a user may not want to be told. Tasks are none of it: a patient waits for them.
    """

    PROBLEM = "problem"
    CONNECTION = "connection"  # that it is lost, and that it is back


class Loss(StrEnum):
    """
    What can be missing.
    """

    ENGINE = "engine"
    CONNECTION = "connection"  # the PMS or Healthengine


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """
    One notification, in the user's language.
    """

    title: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """
    What matters for notifications in what the tray shows.

    Attributes:
        lost: What is missing; None: nothing, as far as is known.
        is_well: Every connection is proven to work.
        problems: The conditions that a person has to end.
        unclaimed: The ids of the tasks that nobody is at.
        is_live: Whether a practice is in its live hours: somebody is there to be reminded.
    """

    lost: Loss | None = None
    is_well: bool = False
    problems: frozenset[str] = frozenset()
    unclaimed: frozenset[int] = frozenset()
    is_live: bool = False

    @classmethod
    def of(cls, status: EngineStatus | None, *, is_reachable: bool) -> Seen:
        """
        Return what matters in the last known *status*.
        """
        if status is None:
            return cls(lost=Loss.ENGINE)
        failing = any(channel.state in {ChannelState.FAILING, ChannelState.STALE} for channel in status.channels)
        return cls(
            lost=Loss.ENGINE if not is_reachable else Loss.CONNECTION if failing else None,
            is_well=is_reachable and is_proven(status),
            problems=frozenset(f"{c.area} {c.code}" for c in status.conditions if c.severity is Severity.ERROR),
            unclaimed=frozenset(task.id for task in status.tasks if task.state in {TaskState.OPEN, TaskState.UNDONE}),
            is_live=any(practice.live_now for practice in status.practices),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """
    What is remembered from one look to the next.

    Attributes:
        looked_at: The last look.
        quiet_until: Nothing but tasks is told before.
        lost_since: Since when a connection is missing; None: none is.
        told_lost: Which loss was told; None: none, or its end was told too.
        told_problems, told_tasks: Those that were told and still are.
        tasks_at: When tasks were last told.
    """

    looked_at: datetime
    quiet_until: datetime
    lost_since: datetime | None = None
    told_lost: Loss | None = None
    told_problems: frozenset[str] = frozenset()
    told_tasks: frozenset[int] = frozenset()
    tasks_at: datetime | None = None

    @classmethod
    def at_start(cls, now: datetime) -> Memory:
        """
        Return what a tray remembers that has just been started.
        """
        return cls(looked_at=now, quiet_until=now + QUIET)


def look(
    memory: Memory,
    seen: Seen,
    now: datetime,
    tr: Translate = untranslated,
    *,
    muted: frozenset[Topic] = frozenset(),
) -> tuple[Memory, Notification | None]:
    """
    Return what is remembered from now on, and what is to be told now, if anything.

    Args:
        now: Aware. To be called at least every half `ASLEEP`, or it is taken for a wake-up.
        muted: What is not told; it counts as told, so that it does not come late when it is wanted again.
    """
    memory = _woken(memory, now)
    memory, tasks = _tasks(memory, seen, now)
    memory, problems = _problems(memory, seen, now)
    memory, told = _loss(memory, seen, now)
    memory = replace(memory, looked_at=now)
    if Topic.PROBLEM in muted:
        problems = 0
    if Topic.CONNECTION in muted:
        told = None
    lines: list[tuple[str, str]] = []
    if tasks:
        words = ("{count} task is waiting for somebody.", "{count} tasks are waiting for somebody.")
        lines.append((tr("Please look at Frontdesk"), counted_text(tasks, *words, tr)))
    if problems:
        words = ("{count} problem needs a person.", "{count} problems need a person.")
        lines.append((tr("Something needs your attention"), counted_text(problems, *words, tr)))
    if told is not None:
        lines.append((tr(told[0]), tr(told[1])))
    if not lines:
        return memory, None
    return memory, Notification(
        title=lines[0][0],
        text="\n".join(text for _, text in lines),
        place=Place.TO_DO if tasks or problems else Place.WINDOW,
    )


LOSSES = {
    Loss.ENGINE: ("Frontdesk does not answer", "Online bookings may have stopped. If this lasts, tell your IT support."),
    Loss.CONNECTION: ("No connection right now", "Online bookings wait. Frontdesk keeps trying by itself."),
}

FOUND = ("Frontdesk is connected again", "It is exchanging appointments with Healthengine.")


def _woken(memory: Memory, now: datetime) -> Memory:
    if abs(now - memory.looked_at) <= ASLEEP:
        return memory
    return replace(memory, quiet_until=now + QUIET, lost_since=None)


def _tasks(memory: Memory, seen: Seen, now: datetime) -> tuple[Memory, int]:
    """
    Return how many tasks to tell of now: the new ones, or all of them where it is time to remind.
    """
    new = seen.unclaimed - memory.told_tasks
    overdue = memory.tasks_at is None or abs(now - memory.tasks_at) >= REMINDER
    count = len(new) or (len(seen.unclaimed) if seen.is_live and overdue else 0)
    return replace(memory, told_tasks=seen.unclaimed, tasks_at=now if count else memory.tasks_at), count


def _problems(memory: Memory, seen: Seen, now: datetime) -> tuple[Memory, int]:
    """
    Return how many problems to tell of now: those that were not told before.
    """
    still = memory.told_problems & seen.problems
    if now < memory.quiet_until:
        return replace(memory, told_problems=still), 0
    return replace(memory, told_problems=seen.problems), len(seen.problems - still)


def _loss(memory: Memory, seen: Seen, now: datetime) -> tuple[Memory, tuple[str, str] | None]:
    """
    Return the words for a connection that has been lost for a while, or is back after that was told.
    """
    if seen.lost is None:
        memory = replace(memory, lost_since=None)
        if memory.told_lost is None or not seen.is_well:
            return memory, None
        return replace(memory, told_lost=None), FOUND
    since = memory.lost_since or now
    memory = replace(memory, lost_since=since)
    if seen.lost is memory.told_lost or now < memory.quiet_until or now - since < SETTLED:
        return memory, None
    return replace(memory, told_lost=seen.lost), LOSSES[seen.lost]
