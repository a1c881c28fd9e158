"""
The lines of the tab *Bookings*. Plain Python: no Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from agent.domain.booking import BookingState
from agent.domain.coming import BookingKey, ComingBooking, ComingBookings
from agent.ui.presenters import Translate, counted_text, untranslated
from agent.ui.rows import Row, Tone

BOOKING_COLUMNS = ("Practice", "Appointment", "Length", "Patient", "With", "State", "Answered in", "Booking", "Note")
STATE_COLUMN = BOOKING_COLUMNS.index("State")

BOOKING_STATES: dict[str, tuple[str, Tone]] = {
    BookingState.REQUESTED: ("Received", Tone.BUSY),
    BookingState.INSERTING: ("Being entered", Tone.BUSY),
    BookingState.INSERTED: ("Entered, telling Healthengine", Tone.BUSY),
    BookingState.CONFIRMING: ("Entered, telling Healthengine", Tone.BUSY),
    BookingState.CONFIRMED: ("Confirmed", Tone.GOOD),
    BookingState.REJECTING: ("Being declined", Tone.BUSY),
    BookingState.REJECTED: ("Declined", Tone.PLAIN),
    BookingState.TASK: ("Needs you", Tone.BAD),
    BookingState.CANCELLED: ("Cancelled", Tone.PLAIN),
    BookingState.BY_HAND: ("To be entered", Tone.BAD),
    BookingState.GONE: ("Cancelled by the practice", Tone.PLAIN),
    BookingState.DID_NOT_ATTEND: ("Did not attend", Tone.PLAIN),
}


def booking_rows(
    coming: ComingBookings, names: Mapping[BookingKey, str], now: datetime, tr: Translate = untranslated
) -> list[Row]:
    """
    Return a line for every booking, the soonest first.

    Args:
        names: Of the patients, as far as they have been asked for.
    """
    return [_booking_row(booking, names.get(booking.key), now, tr) for booking in coming.bookings]


def bookings_line(coming: ComingBookings, tr: Translate = untranslated) -> str:
    """
    Say how many bookings there are, and how many of them are not in the list.
    """
    if not coming.count:
        return tr("Nothing has been booked online for today or later.")
    later = coming.count - coming.today
    words = tr("{today} today, {later} later.").format(
        today=counted_text(coming.today, "{count} online booking", "{count} online bookings", tr), later=later
    )
    if coming.count > len(coming.bookings):
        words += " " + tr("The next {count} are shown.").format(count=len(coming.bookings))
    return words


def _booking_row(booking: ComingBooking, name: str | None, now: datetime, tr: Translate) -> Row:
    line = booking.line
    words, tone = BOOKING_STATES.get(line.state, (line.state, Tone.PLAIN))
    start = line.start
    patient = (tr("not on your books any more") if name == "" else name or "…") if booking.has_patient else ""
    return Row(
        key=f"{line.practice_id}/{line.booking_id}",
        cells=(
            booking.practice_name or line.practice_id,
            tr("Today, {time}").format(time=f"{start:%H:%M}")
            if start.date() == now.date()
            else f"{start:%a} {start.day} {start:%b %Y, %H:%M}",
            tr("{minutes} min").format(minutes=line.minutes) if line.minutes else "",
            patient,
            booking.resource_name or line.resource_id,
            tr(words),
            tr("{seconds} s").format(seconds=f"{line.answer_seconds:.1f}") if line.answer_seconds >= 0 else "",
            str(line.booking_id),
            line.reason,
        ),
        tone=tone,
    )
