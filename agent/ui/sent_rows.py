"""
What the window says of the free time that Healthengine shows. Plain Python: no Qt.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from agent.domain.days import clock_text
from agent.domain.sent import (
    NOT_ACKNOWLEDGED,
    REFUSED,
    SUSPICIOUS_DAYS,
    DayStretch,
    InDiary,
    SentDayReport,
    SentMap,
    SentResource,
)
from agent.ui.presenters import Translate, moment_text, untranslated
from agent.ui.rows import Row, Tone

DAY_COLUMNS = ("Time", "Your appointment book", "Healthengine", "Why")

FULL_DAY_MINUTES = 8 * 60
"""From so many free minutes on a day has the full colour."""

LEGEND = "The number is how many hours are free.  – none   … not acknowledged yet   ! refused"

IN_DIARY = {InDiary.FREE: "Free", InDiary.APPOINTMENT: "Appointment", InDiary.OFF: "Not working"}


def cell_text(minutes: int) -> str:
    """
    Return a day in at most three characters: the hours that are free, in halves, or a sign.
    """
    if minutes == REFUSED:
        return "!"
    if minutes == NOT_ACKNOWLEDGED:
        return "…"
    if minutes == 0:
        return "–"
    whole, half = divmod((minutes + 15) // 30, 2)
    return f"{whole or ''}{'½' if half else ''}" or "<½"


def heat(minutes: int) -> float:
    """
    Return how strongly a day is coloured, from 0 to 1.
    """
    return 0.0 if minutes <= 0 else 0.25 + 0.75 * min(minutes / FULL_DAY_MINUTES, 1.0)


def day_text(day: date) -> str:
    """
    Return a date as people say it.
    """
    return f"{day:%a} {day.day} {day:%b %Y}"


def cell_words(resource: SentResource, day: date, minutes: int, tr: Translate = untranslated) -> str:
    """
    Say a day in a whole sentence, for a tooltip and a screen reader.
    """
    if minutes == REFUSED:
        words = tr("refused by Healthengine")
    elif minutes == NOT_ACKNOWLEDGED:
        words = tr("not acknowledged yet")
    elif minutes == 0:
        words = tr("nothing free")
    else:
        words = tr("{length} free").format(length=length_text(minutes, tr))
    return f"{resource.name}, {day_text(day)}: {words}"


def length_text(minutes: int, tr: Translate = untranslated) -> str:
    """
    Return a length in hours and minutes.
    """
    hours, rest = divmod(minutes, 60)
    parts = [tr("{hours} h").format(hours=hours)] if hours else []
    parts += [tr("{minutes} min").format(minutes=rest)] if rest or not hours else []
    return " ".join(parts)


def suspicion_lines(shown: SentMap, tr: Translate = untranslated) -> tuple[str, ...]:
    """
    Name whoever has been published for long and never booked.
    """
    words = tr("{name}: published for {days} days, never booked: is it linked at Healthengine?")
    return tuple(words.format(name=r.name, days=SUSPICIOUS_DAYS) for r in shown.resources if r.never_booked)


def map_line(shown: SentMap | None, tr: Translate = untranslated) -> str:
    """
    Say what the map as a whole has to say; empty: it speaks for itself.
    """
    if shown is None or not shown.resources:
        return tr("Nothing is published yet.")
    return tr("Online bookings are stopped: patients see no free times.") if shown.is_stopped else ""


def dates_of(shown: SentMap) -> tuple[date, ...]:
    """
    Return the days across.
    """
    count = max((len(resource.minutes) for resource in shown.resources), default=0)
    return tuple(shown.first + timedelta(days=n) for n in range(count))


def day_line(report: SentDayReport, now: datetime, tr: Translate = untranslated) -> str:
    """
    Say what Healthengine made of the last statement of a day; instants are shown in the zone of *now* (aware).
    """
    if report.refused:
        return tr("Healthengine refused what was sent last: {why}").format(why=report.refused)
    if report.acknowledged_at is None:
        return tr("Healthengine has not acknowledged this day yet.")
    return tr("Healthengine acknowledged this day, last at {time}.").format(time=moment_text(report.acknowledged_at, now))


def day_rows(report: SentDayReport, tr: Translate = untranslated) -> list[Row]:
    """
    Return a line for every part of a day.
    """
    return list(_lines(report, tr))


def _lines(report: SentDayReport, tr: Translate) -> Iterator[Row]:
    for part in report.stretches:
        time = f"{clock_text(part.start)}–{clock_text(part.end)}"
        yield Row(
            key=time,
            cells=(time, tr(IN_DIARY[part.diary]), tr("Offered") if part.is_offered else "", _why(part, report, tr)),
            tone=_tone(part),
        )


def _tone(part: DayStretch) -> Tone:
    if part.is_offered is not part.is_due:
        return Tone.BUSY
    return Tone.GOOD if part.is_offered else Tone.PLAIN


def _why(part: DayStretch, report: SentDayReport, tr: Translate) -> str:
    if part.is_offered:
        return "" if part.is_due else _joined(tr("Taken back with the next sending"), part, tr)
    if part.is_due:
        return tr("Offered with the next sending")
    if part.diary is not InDiary.FREE:
        return ""
    if report.is_stopped:
        return tr("Online bookings are stopped")
    return _joined("", part, tr) or tr("Too short for an appointment")


def _joined(words: str, part: DayStretch, tr: Translate) -> str:
    if part.cause is None:
        return words
    cause = f"{part.cause.detail} ({part.cause.source})"
    return tr("{what}: {why}").format(what=words, why=cause) if words else tr("Withheld: {why}").format(why=cause)
