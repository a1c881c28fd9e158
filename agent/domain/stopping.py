"""
Stopping in good order (rule 9): what is stopped, until when, and what patients will see meanwhile, in plain words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SILENCE = timedelta(minutes=10)
"""How long Healthengine waits inside live hours before it hides the times of a practice that has fallen silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """
    A person's word that a practice takes no new bookings online.

    Attributes:
        since: Aware UTC.
        until: When it ends by itself, aware UTC; None: when somebody says so.
        by: Who gave the word.
    """

    since: datetime
    until: datetime | None = None
    by: str = ""

    def is_over(self, now: datetime) -> bool:
        """
        Return whether it has ended by itself by *now* (aware UTC).
        """
        return self.until is not None and self.until <= now


class Way(StrEnum):
    """
    The ways in which online bookings come to rest.
    """

    STOPPED = "stopped"  # nothing is published; what is outstanding is answered
    STARTED = "started"  # that is over
    MAINTENANCE = "maintenance"  # the database is let go of, for a while
    REMOVED = "removed"  # the practice was taken out of the settings, or has another id now
    UNINSTALLED = "uninstalled"  # the program goes from this machine
    NEW_KEY = "new_key"  # the practice's key was replaced; its id is the same


def what_patients_see(
    way: Way, *, until: datetime | None = None, lasts: timedelta = timedelta(), touches_live_hours: bool = True
) -> str:
    """
    Return what patients will see and for how long, in plain words.

    Args:
        until: When it ends, in the practice's own time; None: when somebody says so.
        lasts: How long maintenance takes.
        touches_live_hours: Whether any of it lies in the practice's live hours.
    """
    match way:
        case Way.STOPPED:
            end = f"until {moment(until)}" if until else "until somebody starts online bookings again"
            return (
                f"Within a minute patients see no free times, {end}. Bookings they have made already stand; whatever waits "
                "for an answer gets one, and cancellations are taken as usual."
            )
        case Way.STARTED:
            return "Within a minute patients see the practice's free times again."
        case Way.MAINTENANCE:
            return _maintenance(until, lasts, touches_live_hours=touches_live_hours)
        case Way.REMOVED:
            return (
                "Patients see no free times of this practice any more. Bookings they have made already stay in the diary, but "
                "cancellations made with Healthengine no longer reach it."
            )
        case Way.UNINSTALLED:
            return (
                "Patients see no free times until Frontdesk works here again and somebody starts online bookings, or another "
                "program takes its place. Bookings they have made already stay in the diary, but cancellations made with "
                "Healthengine no longer reach it."
            )
        case Way.NEW_KEY:
            return "Patients see the same free times as before; a booking made in these seconds waits for its answer."


def moment(when: datetime) -> str:
    """
    Return a local time as people write it.
    """
    return f"{when:%H:%M} on {when:%A %d/%m/%Y}"


def _maintenance(until: datetime | None, lasts: timedelta, *, touches_live_hours: bool) -> str:
    end = moment(until) if until else "it ends"
    waits = f"what they book or cancel waits and is entered when it ends, at the latest at {end}"
    if not touches_live_hours:
        return f"It lies outside the live hours, so patients go on seeing the free times as they are now; {waits}."
    if lasts <= SILENCE:
        return f"It is short, so patients go on seeing the free times as they are now; {waits}."
    return (
        "For ten minutes of live hours patients go on seeing the free times as they are now, then Healthengine hides them until "
        f"it ends; {waits}. For a longer one stop online bookings first."
    )
