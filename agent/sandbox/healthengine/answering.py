"""
The operations under `/bookings`: the agent's answers, and what it says of its own accord.
"""

from __future__ import annotations

from agent.sandbox.healthengine.calls import Call, Reply, acknowledged, refused
from agent.sandbox.healthengine.config import LATE_AFTER, AnsweredAgain, LateReject
from agent.sandbox.healthengine.records import Answer, BookingRecord, UpdateRecord, ViolationKind
from agent.sandbox.healthengine.wire import ConfirmBookingInsert


def confirm_insert(call: Call) -> Reply:
    """
    Take a yes to a booking.
    """
    booking = _booking(call)
    if booking is None:
        return refused(404)
    said: ConfirmBookingInsert = call.body
    if booking.answer is not None or not booking.listed:
        return _confirmed_again(call, booking, said)
    if len(set(said.pmsAppointmentIds)) != len(said.pmsAppointmentIds):
        call.violate(ViolationKind.DEFINITION, "pmsAppointmentIds is not unique")
        return refused(400, "pmsAppointmentIds is not unique")
    _answer(call, booking, Answer.CONFIRMED)
    booking.answer_ids = said.pmsAppointmentIds
    booking.answer_patient = said.pmsPatientId
    if booking.cancelled_at is not None and not _updates_of(call, booking):
        call.world.add_update(call.practice, booking.id, "Cancelled")
    call.world.touch()
    return acknowledged()


def _confirmed_again(call: Call, booking: BookingRecord, said: ConfirmBookingInsert) -> Reply:
    if booking.answer is Answer.REJECTED:
        call.violate(ViolationKind.CONTRADICTION, f"booking {booking.id} was rejected before")
    elif booking.answer_ids and (booking.answer_ids, booking.answer_patient) != (said.pmsAppointmentIds, said.pmsPatientId):
        call.violate(ViolationKind.OTHER_IDS, f"booking {booking.id} was confirmed with other ids before")
    elif booking.answer is None:
        booking.answer = Answer.CONFIRMED
        booking.answered_at = call.now
        booking.answer_ids = said.pmsAppointmentIds
        booking.answer_patient = said.pmsPatientId
        call.world.touch()
    return _again(call)


def reject_insert(call: Call) -> Reply:
    """
    Take a no to a booking; the day's availability is wanted afterwards (R7).
    """
    booking = _booking(call)
    if booking is None:
        return refused(404)
    if booking.answer is Answer.CONFIRMED:
        call.violate(ViolationKind.CONTRADICTION, f"booking {booking.id} was confirmed before")
        return _again(call)
    if booking.answer is not None or not booking.listed:
        return _again(call)
    is_cancelled = booking.cancelled_at is not None or booking.practice_cancelled_at is not None
    excused = is_cancelled or booking.resource_gone or booking.resource_id is None
    if call.now - booking.booked_at >= LATE_AFTER and not excused:
        age = (call.now - booking.booked_at).total_seconds()
        call.violate(ViolationKind.LATE_REJECT, f"booking {booking.id} rejected after {age:.0f} s")
        if call.world.config.late_reject is LateReject.REFUSED:
            return refused(400, "the booking has progressed to confirmed")
        booking.stands_anyway = call.world.config.late_reject is LateReject.STANDS
    _answer(call, booking, Answer.REJECTED)
    if booking.resource_id is not None and not booking.resource_gone:
        day = booking.start.date()
        call.practice.blocked.setdefault((booking.resource_id, day), []).append((booking.start, booking.end))
        call.world.ask_availability(call.practice, day, booking.resource_id)
    call.world.touch()
    return acknowledged()


def confirm_update(call: Call) -> Reply:
    """
    Take a yes to a change.
    """
    return _answer_update(call, Answer.CONFIRMED)


def reject_update(call: Call) -> Reply:
    """
    Take a no to a change.
    """
    return _answer_update(call, Answer.REJECTED)


def _answer_update(call: Call, answer: Answer) -> Reply:
    update: UpdateRecord | None = call.practice.updates.get(call.numbers["requestId"])
    if update is None or update.booking_id != call.numbers["bookingId"]:
        return refused(404)
    if update.answer is not None:
        if update.answer is not answer:
            call.violate(ViolationKind.CONTRADICTION, f"update {update.request_id} was {update.answer} before")
        return _again(call)
    update.answer = answer
    update.answered_at = call.now
    call.world.touch()
    return acknowledged()


def cancel(call: Call) -> Reply:
    """
    Take the practice's own cancellation (R9).
    """
    booking = _booking(call)
    if booking is None:
        return refused(404)
    call.practice.change_asks.pop(booking.id, None)
    if booking.practice_cancelled_at is not None or booking.cancelled_at is not None:
        return _again(call)
    booking.practice_cancelled_at = call.now
    call.world.touch()
    return acknowledged()


def did_not_attend(call: Call) -> Reply:
    """
    Take the news that the patient did not come (R9).
    """
    booking = _booking(call)
    if booking is None:
        return refused(404)
    call.practice.change_asks.pop(booking.id, None)
    if booking.did_not_attend_at is not None:
        return _again(call)
    booking.did_not_attend_at = call.now
    call.world.touch()
    return acknowledged()


def no_appointment_change(call: Call) -> Reply:
    """
    Take the news that nothing has changed (R8).
    """
    booking_id = call.numbers["bookingId"]
    if call.practice.change_asks.pop(booking_id, None) is None:
        return _again(call) if booking_id in call.practice.bookings else refused(404)
    call.world.touch()
    return acknowledged()


def _booking(call: Call) -> BookingRecord | None:
    return call.practice.bookings.get(call.numbers["bookingId"])


def _answer(call: Call, booking: BookingRecord, answer: Answer) -> None:
    booking.answer = answer
    booking.answered_at = call.now
    booking.listed = False


def _updates_of(call: Call, booking: BookingRecord) -> list[UpdateRecord]:
    return [update for update in call.practice.updates.values() if update.booking_id == booking.id]


def _again(call: Call) -> Reply:
    status = call.world.config.answered_again
    return acknowledged() if status is AnsweredAgain.OK else refused(status.value, "already handled")
