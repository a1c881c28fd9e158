"""
What the demo shows in the terminal while it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent.domain.status import BookingLine, ChannelState, ChannelStatus, EngineState, EngineStatus
from agent.sandbox.healthengine.verdict import PracticeVerdict

MOST_LINES, FEWEST_LINES = 14, 3
"""How many bookings are shown, as the terminal's height allows."""

AROUND_THE_LINES = 16
"""How many lines of the terminal everything else takes."""

SECONDS_PER_MINUTE = 60

COLOURS = {
    "confirmed": "green",
    "rejected": "red",
    "cancelled": "yellow",
    "gone": "yellow",
    "task": "bold red",
}

STATE_COLOURS = {
    EngineState.ONLINE: "green",
    EngineState.WORKING: "green",
    EngineState.STARTING: "cyan",
}

REASONS = {
    "not-free": "the desk was quicker",
    "cancelled by the patient": "by the patient",
    "cancelled by the patient before it was answered": "by the patient, early",
}

CHANNEL_WORDS = {
    "requests": "bookings and cancellations",
    "configuration": "doctors, types, live hours",
    "availability": "free time",
    "changes": "what the front desk changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """
    What is known of one moment.

    Attributes:
        status: The engine's own; None: it does not answer.
        practice: How Healthengine sees the practice.
        desk: What the front desk did so far, by the names in `DeskStaff.counts`.
        names: The resources' names by id.
        phase: What is going on, in a few words.
        height: Of the terminal, in lines.
    """

    status: EngineStatus | None
    practice: PracticeVerdict
    desk: Mapping[str, int]
    names: Mapping[str, str]
    phase: str
    height: int


def scene(moment: Moment) -> RenderableType:
    """
    Return the moment as a picture: channels on top, the newest bookings, and both sides' counts below.
    """
    status = moment.status
    if status is None:
        return Panel(Text("The engine does not answer …", style="red"), title="Frontdesk", title_align="left")
    lines = max(FEWEST_LINES, min(MOST_LINES, moment.height - AROUND_THE_LINES))
    top = _channels(status), Text(), _bookings(status, moment.names, lines), Text(), _counts(moment)
    parts: list[RenderableType] = [*top, *_troubles(status)]
    return Panel(Group(*parts), title=_title(status), title_align="left", subtitle=moment.phase, subtitle_align="right")


def _title(status: EngineStatus) -> Text:
    colour = STATE_COLOURS.get(status.state, "yellow")
    return Text.assemble(
        ("Frontdesk ", "bold"), ("● ", colour), (status.state.value.replace("_", " "), colour), f"  over {status.carrier} "
    )


def _table(**columns: int) -> Table:
    """
    Return a table with these columns, each so wide or, where it says 0, sharing what is left.
    """
    table = Table(box=None, pad_edge=False, expand=True)
    for name, width in columns.items():
        table.add_column(
            name.replace("_", " "),
            header_style="dim",
            no_wrap=True,
            overflow="ellipsis",
            width=width or None,
            ratio=None if width else 1,
        )
    return table


def _channels(status: EngineStatus) -> Table:
    table = _table(channel=27, state=8, proven=10, what_it_did_last=0)
    for channel in status.channels:
        good = channel.state in (ChannelState.OK, ChannelState.WORKING)
        table.add_row(
            CHANNEL_WORDS.get(channel.name, channel.name),
            Text(channel.state.value, style="green" if good else "yellow"),
            _ago(channel, status.at),
            channel.detail,
        )
    return table


def _ago(channel: ChannelStatus, now: datetime) -> str:
    if channel.last_success is None:
        return "not yet"
    seconds = max(0, round((now - channel.last_success).total_seconds()))
    return f"{seconds} s ago" if seconds < 2 * SECONDS_PER_MINUTE else f"{seconds // SECONDS_PER_MINUTE} min ago"


def _bookings(status: EngineStatus, names: Mapping[str, str], lines: int) -> Table:
    table = _table(booking=7, doctor=0, time=16, answer=9, after=6, why=23)
    newest = sorted(status.bookings, key=lambda line: line.booking_id, reverse=True)[:lines]
    for line in newest:
        table.add_row(
            str(line.booking_id),
            names.get(line.resource_id, line.resource_id),
            f"{line.start:%a %d %b %H:%M}",
            Text(line.state, style=COLOURS.get(line.state, "cyan")),
            f"{line.answer_seconds:.1f} s" if line.answer_seconds >= 0 else "",
            _why(line),
        )
    for _ in range(lines - len(newest)):
        table.add_row()
    return table


def _why(line: BookingLine) -> str:
    return REASONS.get(line.reason, line.reason)


def _counts(moment: Moment) -> Table:
    practice, desk = moment.practice, moment.desk
    bookings, cancellations, published = practice.bookings, practice.cancellations, practice.published
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row(
        "patients",
        f"{bookings.requested} booked: {bookings.confirmed} confirmed, {bookings.rejected} rejected, {bookings.unanswered} "
        f"waiting; {cancellations.asked} cancelled",
    )
    table.add_row(
        "front desk",
        ", ".join(f"{desk.get(name, 0)} {name}" for name in ("booked", "moved", "cancelled", "arrived")),
    )
    table.add_row(
        "published",
        f"{published.resources} resources, {published.types} appointment types, {published.days} resource-days; "
        f"{practice.liveness.polls} polls",
    )
    return table


def _troubles(status: EngineStatus) -> list[Text]:
    found = [f"{c.message} {c.remedy}" for c in status.conditions] + [task.why for task in status.tasks]
    return [Text(f"! {text}", style="yellow") for text in found[:3]]
