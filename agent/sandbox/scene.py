"""
What the demo shows in the terminal while it runs.
"""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent.domain.status import ChannelState, EngineStatus
from agent.sandbox.installation import Installation

LINES = 12
"""How many bookings are shown."""

COLOURS = {
    "confirmed": "green",
    "rejected": "red",
    "cancelled": "yellow",
    "task": "bold red",
}


def scene(installation: Installation, *, left: float | None) -> RenderableType:
    """
    Return the present moment: channels on top, the newest bookings below.
    """
    status = installation.status()
    if status is None:
        return Text("The engine does not answer …", style="red")
    remaining = "Ctrl-C ends it" if left is None else f"{max(left, 0):.0f} s left"
    title = f"Frontdesk · {status.state.value} · {status.carrier} carrier · {remaining}"
    return Panel(Group(_channels(status), Text(), _bookings(status), Text(), _counts(installation)), title=title)


def _channels(status: EngineStatus) -> Table:
    table = Table(box=None, pad_edge=False, expand=True)
    for name in ("channel", "state", "last success", "what it did"):
        table.add_column(name, header_style="dim", no_wrap=True)
    for channel in status.channels:
        good = channel.state in (ChannelState.OK, ChannelState.WORKING)
        last = f"{channel.last_success:%H:%M:%S} UTC" if channel.last_success else "never"
        table.add_row(channel.name, Text(channel.state.value, style="green" if good else "yellow"), last, channel.detail)
    return table


def _bookings(status: EngineStatus) -> Table:
    table = Table(box=None, pad_edge=False, expand=True)
    for name in ("booking", "resource", "for", "state", "patient waited"):
        table.add_column(name, header_style="dim", no_wrap=True)
    for line in status.bookings[:LINES]:
        waited = f"{line.answer_seconds:.1f} s" if line.answer_seconds >= 0 else ""
        table.add_row(
            str(line.booking_id),
            line.resource_id,
            f"{line.start:%a %d %b %H:%M}",
            Text(line.state, style=COLOURS.get(line.state, "")),
            waited,
        )
    return table


def _counts(installation: Installation) -> Text:
    practice = installation.simulator.verdict().practices[0]
    published, bookings = practice.published, practice.bookings
    return Text(
        f"published: {published.resources} resources, {published.types} types, {published.days} days   "
        f"bookings: {bookings.requested} asked, {bookings.confirmed} confirmed, {bookings.unanswered} waiting   "
        f"polls: {practice.liveness.polls}",
        style="dim",
    )
