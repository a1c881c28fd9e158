"""
The lines of the window's tables, worked out from the engine's status. Plain Python: no Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.domain.status import ChannelState, ChannelStatus, Condition, EngineStatus, Severity, TaskLine
from agent.ui.presenters import Translate, moment_text, untranslated
from agent.ui.remedies import remedy_of


class Tone(StrEnum):
    """
    How a line is to be taken; each has a mark as well as a colour.
    """

    PLAIN = "plain"
    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One line of a table.

    Attributes:
        key: Identifies the line from one status to the next.
        cells: The texts, in the order of the table's columns.
        location_id: Which location of the PMS it belongs to; empty: nobody knows, or it does not matter.
    """

    key: str
    cells: tuple[str, ...]
    tone: Tone = Tone.PLAIN
    location_id: str = ""


CHANNEL_COLUMNS = ("Practice", "Connection", "State", "Last success", "Next", "Last run")
TASK_COLUMNS = ("Practice", "What", "Booking", "Why", "Since", "At it")
CONDITION_COLUMNS = ("What is wrong", "What to do", "Since", "Code")

CHANNEL_NAMES = {
    "requests": "Bookings from Healthengine",
    "availability": "Free times to Healthengine",
    "changes": "Changes made at the practice",
    "configuration": "Practitioners and types",
}

CHANNEL_STATES: dict[ChannelState, tuple[str, Tone]] = {
    ChannelState.NEVER: ("Not run yet", Tone.PLAIN),
    ChannelState.OK: ("Working", Tone.GOOD),
    ChannelState.WORKING: ("Busy now", Tone.BUSY),
    ChannelState.FAILING: ("Failing, trying again", Tone.BAD),
    ChannelState.STALE: ("No recent success", Tone.BAD),
    ChannelState.PAUSED: ("Paused", Tone.PLAIN),
}

UNKNOWN = ("Not known", Tone.PLAIN)

TASK_KINDS = {
    "conflict": "The time is already taken",
    "past": "The time had passed",
    "cancel_by_hand": "Cancel by hand",
    "unreadable": "Could not be read",
    "moved": "Moved by the practice",
    "reused": "Given to another patient",
    "restored": "Put back by the practice",
    "enter_by_hand": "Enter by hand",
    "which_appointment": "Which appointment?",
    "choose_patient": "Which patient?",
    "not_entered": "Not entered in time",
}


def channel_rows(status: EngineStatus, now: datetime, tr: Translate = untranslated, *, current: bool = True) -> list[Row]:
    """
    Return a line for every channel of every practice; not *current*: the engine has been lost since.
    """
    names = practice_names(status)
    return [_channel_row(channel, names, now, tr, current=current) for channel in status.channels]


def task_rows(status: EngineStatus, now: datetime, tr: Translate = untranslated) -> list[Row]:
    """
    Return a line for every open task, the oldest first.
    """
    names = practice_names(status)
    return [_task_row(task, names, now, tr) for task in sorted(status.tasks, key=lambda t: (t.since, t.id))]


def condition_rows(status: EngineStatus, now: datetime, tr: Translate = untranslated) -> list[Row]:
    """
    Return a line for every open condition, what needs a person first.
    """
    ranked = sorted(status.conditions, key=lambda c: (c.severity is not Severity.ERROR, c.since))
    return [_condition_row(condition, now, tr) for condition in ranked]


def practice_names(status: EngineStatus) -> dict[str, str]:
    """
    Return the practices' names by id.
    """
    return {practice.id: practice.name or practice.id for practice in status.practices}


def _channel_row(channel: ChannelStatus, names: dict[str, str], now: datetime, tr: Translate, *, current: bool) -> Row:
    words, tone = CHANNEL_STATES[channel.state] if current else UNKNOWN
    state = tr(words)
    if current and channel.failures > 1:
        state = tr("{state} ({count} failures)").format(state=state, count=channel.failures)
    return Row(
        key=f"{channel.practice_id}/{channel.name}",
        cells=(
            names.get(channel.practice_id, channel.practice_id),
            tr(CHANNEL_NAMES.get(channel.name, channel.name)),
            state,
            moment_text(channel.last_success, now) if channel.last_success is not None else tr("never"),
            moment_text(channel.next_due, now) if channel.next_due is not None and current else "",
            channel.detail,
        ),
        tone=tone,
    )


def _task_row(task: TaskLine, names: dict[str, str], now: datetime, tr: Translate) -> Row:
    return Row(
        key=str(task.id),
        cells=(
            names.get(task.practice_id, task.practice_id),
            tr(TASK_KINDS.get(task.kind, task.kind)),
            str(task.booking_id) if task.booking_id else "",
            task.why,
            moment_text(task.since, now),
            task.claimed_by,
        ),
        tone=Tone.BUSY if task.claimed_by else Tone.BAD,
        location_id=task.location_id,
    )


def _condition_row(condition: Condition, now: datetime, tr: Translate) -> Row:
    return Row(
        key=f"{condition.area}/{condition.code}",
        cells=(
            condition.message,
            remedy_of(condition, tr),
            moment_text(condition.since, now),
            condition.code,
        ),
        tone=Tone.BAD if condition.severity is Severity.ERROR else Tone.BUSY,
    )
