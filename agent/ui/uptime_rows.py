"""
What the window says of when this machine was up. Plain Python: no Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.domain.days import MINUTES_PER_DAY, Span, clock_text
from agent.domain.reports import UptimeDay, UptimeReport
from agent.domain.uptime import without
from agent.ui.presenters import Translate, moment_text, untranslated
from agent.ui.sent_rows import day_text, length_text

UPTIME_COLUMNS = ("Day", "0 to 24 o'clock", "In live hours")

LEGEND = ("Up", "Live hours", "Not up in live hours", "Not recorded")
"""What the signs mean, in their order in `DayBar`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBar:
    """
    One day, to be painted; spans are minutes of the day.

    Attributes:
        missed: Live hours in which the machine was not up.
        unknown: What nobody recorded, or has not happened yet.
        words: The same in words.
    """

    day: str
    up: tuple[Span, ...]
    live: tuple[Span, ...]
    missed: tuple[Span, ...]
    unknown: tuple[Span, ...]
    words: str


def day_bars(report: UptimeReport, tr: Translate = untranslated) -> list[DayBar]:
    """
    Return a bar for each day, today first.
    """
    last = len(report.days) - 1
    return [_bar(day, report.minute if n == last else MINUTES_PER_DAY, tr) for n, day in reversed([*enumerate(report.days)])]


def hours_line(report: UptimeReport, now: datetime, tr: Translate = untranslated) -> str:
    """
    Say which live hours are in force; instants are shown in the zone of *now* (aware).
    """
    words = tr("Live hours, learned: {hours}") if report.is_learned else tr("Live hours: {hours}")
    line = words.format(hours=report.hours or tr("none"))
    if report.answered_at is None:
        return line
    when = moment_text(report.answered_at, now)
    return tr("{hours}; last decided by {name}, {time}").format(hours=line, name=report.answered_by, time=when)


def adopt_line(report: UptimeReport, tr: Translate = untranslated) -> str:
    """
    Say what would be adopted; empty: nothing would change.
    """
    return tr("Learned: {hours}").format(hours=report.adoptable) if report.adoptable else ""


def _bar(day: UptimeDay, until: int, tr: Translate) -> DayBar:
    unknown = (Span(until, MINUTES_PER_DAY),) if day.is_recorded else (Span(0, MINUTES_PER_DAY),)
    missed = without(day.live, sorted((*day.up, *unknown)))
    holiday = tr(" (holiday)") if day.is_holiday else ""
    return DayBar(
        day=day_text(day.date) + holiday,
        up=day.up,
        live=day.live,
        missed=missed,
        unknown=unknown if unknown[0].start < MINUTES_PER_DAY else (),
        words=_words(day, missed, tr, is_over=until == MINUTES_PER_DAY),
    )


def _words(day: UptimeDay, missed: Sequence[Span], tr: Translate, *, is_over: bool) -> str:
    if not day.is_recorded:
        return tr("Not recorded")
    if not day.live:
        return tr("No live hours")
    if not missed:
        return tr("Always up") if is_over else tr("Up so far")
    spans = ", ".join(f"{clock_text(span.start)}–{clock_text(span.end)}" for span in missed)
    length = length_text(sum(span.end - span.start for span in missed), tr)
    return tr("Not up {spans} ({length})").format(spans=spans, length=length)
