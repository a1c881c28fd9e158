"""
What people look at in detail: what Healthengine shows, when this machine was up, and what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from agent.domain.activity import ActivityLine
from agent.domain.coming import BookingKey, BookingPatient, ComingBookings, soonest
from agent.domain.errors import FrontdeskError
from agent.domain.reports import UptimeReport
from agent.domain.sent import SentDayReport, SentMap
from agent.engine.desk import PracticeDesk
from agent.sync.coming import coming_bookings, patients_of
from agent.sync.sent import sent_day, sent_map


class Showing:
    """
    Answers what a window asks for when somebody looks. Its methods may be called from any thread.

    Args:
        desks: The practices at work, as they are now.
        activity: Returns the newest so many lines of the timeline, newest first.
    """

    def __init__(self, *, desks: Callable[[], Sequence[PracticeDesk]], activity: Callable[[int], Sequence[ActivityLine]]) -> None:
        self._desks = desks
        self._activity = activity

    def sent(self) -> tuple[SentMap, ...]:
        """
        Return what Healthengine has acknowledged, by practice.
        """
        return tuple(sent_map(desk.context) for desk in self._desks())

    def coming(self) -> ComingBookings:
        """
        Return the bookings of today and later, of all practices.
        """
        return soonest([coming_bookings(desk.context) for desk in self._desks()])

    def patients(self, bookings: Sequence[BookingKey]) -> tuple[BookingPatient, ...]:
        """
        Return whose these bookings are, as far as they have a patient in the PMS, which is asked now; nothing of it is kept.

        Raises:
            FrontdeskError: if the PMS does not say.
        """
        wanted: dict[str, list[int]] = {}
        for practice_id, booking_id in bookings:
            wanted.setdefault(practice_id, []).append(booking_id)
        return tuple(patient for desk in self._desks() for patient in patients_of(desk.context, wanted.get(desk.practice.id, ())))

    def sent_day(self, practice_id: str, resource_id: str, day: date) -> SentDayReport:
        """
        Return one day beside the PMS, which is asked for it.

        Raises:
            FrontdeskError: if there is no such practice or resource, or the PMS cannot be read.
        """
        for desk in self._desks():
            if desk.practice.id == practice_id:
                return sent_day(desk.context, resource_id, day)
        raise FrontdeskError("practice-unknown", "That practice is no longer set up here.", remedy="Open the list again.")

    def uptime(self) -> tuple[UptimeReport, ...]:
        """
        Return when this machine was up, by practice, beside its live hours.
        """
        return tuple(report for desk in self._desks() if (report := desk.uptime()) is not None)

    def activity(self, most: int) -> tuple[ActivityLine, ...]:
        """
        Return the newest lines of the timeline, newest first.
        """
        return tuple(self._activity(most))
