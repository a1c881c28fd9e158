"""
The timeline as the window shows it, and what is left of it by a filter. Plain Python: no Qt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from agent.domain.activity import ActivityLine
from agent.ui.presenters import Translate, moment_text, untranslated
from agent.ui.rows import Row

ACTIVITY_COLUMNS = ("When", "What happened", "By", "Code")


class ActivityKind(StrEnum):
    """
    What a line is about.
    """

    ALL = "all"
    PEOPLE = "people"  # somebody did it
    BOOKINGS = "bookings"  # bookings and tasks
    TIMES = "times"  # what is sent, and when
    ENGINE = "engine"  # everything else


KIND_WORDS = {
    ActivityKind.ALL: "Everything",
    ActivityKind.PEOPLE: "Done by somebody",
    ActivityKind.BOOKINGS: "Bookings and tasks",
    ActivityKind.TIMES: "Free times and live hours",
    ActivityKind.ENGINE: "Frontdesk itself",
}

_BEGINNINGS = {
    ActivityKind.BOOKINGS: ("task-", "booking-", "ledger-"),
    ActivityKind.TIMES: ("resync", "brake-", "roster-", "new-items", "approved", "live-hours", "bookings-", "linked-"),
}
"""How the codes of a kind begin."""


def kind_of(line: ActivityLine) -> ActivityKind:
    """
    Return what a line is about.
    """
    return next((kind for kind, starts in _BEGINNINGS.items() if line.code.startswith(starts)), ActivityKind.ENGINE)


def filtered(lines: Iterable[ActivityLine], kind: ActivityKind, text: str) -> list[ActivityLine]:
    """
    Return the lines of a kind in which *text* occurs, whatever its case.
    """
    wanted = text.strip().casefold()
    return [line for line in lines if _is_of(line, kind) and wanted in f"{line.text} {line.code} {line.given_by}".casefold()]


def activity_rows(lines: Sequence[ActivityLine], now: datetime, tr: Translate = untranslated) -> list[Row]:
    """
    Return a row for each line; instants are shown in the zone of *now* (aware).
    """
    return [
        Row(
            key=f"{line.at.isoformat()} {line.code} {line.text}",
            cells=(moment_text(line.at, now), line.text, line.given_by or tr("Frontdesk"), line.code),
        )
        for line in lines
    ]


def copied(lines: Iterable[ActivityLine], now: datetime) -> str:
    """
    Return lines as text for an e-mail: ids and counts, and nobody's name.
    """
    return "\n".join(f"{line.at.astimezone(now.tzinfo):%Y-%m-%d %H:%M:%S}\t{line.code}\t{line.text}" for line in lines)


def _is_of(line: ActivityLine, kind: ActivityKind) -> bool:
    if kind is ActivityKind.PEOPLE:
        return bool(line.given_by)
    return kind in (ActivityKind.ALL, kind_of(line))
