"""
What people do with tasks, for one practice: ending one also ends what the ledger and Healthengine have open about its booking.
"""

from __future__ import annotations

import logging

from agent.domain.booking import Booked, Booking, BookingState, Reply
from agent.domain.days import DateRange
from agent.domain.diary import Appointment
from agent.domain.errors import FrontdeskError, RecordRejected
from agent.domain.matching.decide import match
from agent.domain.matching.outcome import Matched
from agent.domain.tasks import (
    ADVICE,
    NOT_SEEN,
    BookingFacts,
    Task,
    TaskAction,
    TaskReport,
    follow,
    not_offered,
    offered,
    task_line,
    way_to_decline,
)
from agent.ports.ledger import LedgerBooking
from agent.sync.changes import REUSED, UNCLEAR
from agent.sync.context import Context

log = logging.getLogger(__name__)

S = BookingState

BY_HAND = "entered by hand"
SETTLED = "settled by a person"
DECLINED = "cancelled by the practice"
PHONE = "Phone the patient."
IN_THE_PORTAL = "Look the patient up in Healthengine's portal by the booking's number."


class TaskWork:
    """
    Carries out what people do with the tasks of one practice. Its methods may be called from any thread.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def act(self, task: Task, action: TaskAction, *, by: str) -> str:
        """
        Do *action*; return what was done, in plain words. What has to be told or looked for comes first: if that fails, the task
        stays as it is.

        Raises:
            FrontdeskError: if it is not offered (`task-...`), or the PMS or Healthengine is out of reach.
        """
        now = self._context.clock.now()
        entry = self._entry(task)
        facts = _facts(entry)
        if action not in offered(task, facts, now):
            raise not_offered(task, action, facts, now)
        follow(task, action, by=by, at=now)
        said = ""
        if entry is not None and facts is not None:
            match action:
                case TaskAction.ENTERED:
                    said = self._entered(entry)
                case TaskAction.CANCEL_BOOKING:
                    said = self._cancel(entry, facts)
                case TaskAction.DONE if entry.state is S.TASK:
                    self._context.step(entry, S.CANCELLED, reason=SETTLED)
        self._write(task, action, by)
        if action in (TaskAction.ENTERED, TaskAction.CANCEL_BOOKING):
            self._context.tasks.close_for(task.practice_id, task.booking_id, now)
        return " ".join(filter(None, (_DONE[action].format(id=task.id), said)))

    def report(self, task: Task) -> TaskReport:
        """
        Return a task with what can be done about it, and whom to phone: asked of the PMS now, kept nowhere.
        """
        entry = self._entry(task)
        facts = _facts(entry)
        name, phone, note = self._person(entry)
        return TaskReport(
            task=task_line(task),
            offered=offered(task, facts, self._context.clock.now()),
            advice=ADVICE[task.kind],
            patient_name=name,
            patient_phone=phone,
            patient_note=note,
        )

    def _entry(self, task: Task) -> LedgerBooking | None:
        return self._context.ledger.booking(task.practice_id, task.booking_id) if task.booking_id else None

    def _write(self, task: Task, action: TaskAction, by: str) -> None:
        tasks, at = self._context.tasks, self._context.clock.now()
        if tasks.replace(task, follow(task, action, by=by, at=at)):
            return
        now = tasks.task(task.id)
        if now is not None and not now.is_open and action not in (TaskAction.CLAIM, TaskAction.RELEASE, TaskAction.UNDO):
            return  # it ended meanwhile, and what it was about is settled
        raise FrontdeskError("task-changed", f"Task {task.id} has just changed.", remedy="Look at it again: frontdesk tasks")

    def _entered(self, entry: LedgerBooking) -> str:
        """
        A person has put it into the PMS: find it there, and let it be confirmed as if it had been ours.
        """
        context = self._context
        if entry.answered_at is not None:
            context.step(entry, S.CANCELLED, reason=BY_HAND)
            return f"Healthengine shows it as cancelled, as the practice had not entered it in time. {PHONE}"
        found = self._find(entry)
        context.step(entry, S.INSERTED, appointment_ids=found.appointment_ids, patient_id=found.patient_id, reason=BY_HAND)
        if context.has_catalogue:
            context.time_taken_or_freed(entry.practitioner_id, entry.start, entry.minutes)
        return "Its appointment was found, and Healthengine is told that it stands."

    def _find(self, entry: LedgerBooking) -> Booked:
        """
        Find it by its mark, or as that patient's only appointment with that practitioner at that time.

        Somebody else's appointment may well be there: the time was taken. So without the mark it counts only while Healthengine
        still says who booked.
        """
        context = self._context
        found = context.pms.find_booked(entry.booking_id)
        if isinstance(found, Booked):
            return found
        booking = self._waiting_booking(entry.booking_id)
        rows = self._rows_of(entry, booking) if booking is not None and entry.practitioner_id else []
        if len(rows) != 1:
            raise FrontdeskError(
                "task-not-found",
                f"No appointment can be found for certain that is booking {entry.booking_id}.",
                remedy=f"Write HE:{entry.booking_id}; at the end of the appointment's notes, and say it again.",
            )
        return Booked(appointment_ids=(rows[0].id,), patient_id=rows[0].patient_id)

    def _rows_of(self, entry: LedgerBooking, booking: Booking) -> list[Appointment]:
        context = self._context
        claimed = {
            appointment_id
            for other in context.ledger.bookings(context.practice.id, start_from=entry.start)
            if other.booking_id != entry.booking_id
            for appointment_id in other.appointment_ids
        }
        there = [
            row
            for row in context.pms.diary(DateRange.of_days(entry.start.date(), 1)).appointments
            if (row.practitioner_id, row.start, row.reference) == (entry.practitioner_id, entry.start, 0)
            and row.patient_id
            and row.id not in claimed
        ]
        if not there:
            return []
        people = {patient.id: patient for patient in context.pms.patients(sorted({row.patient_id for row in there}))}
        return [
            row
            for row in there
            if row.patient_id in people and isinstance(match(booking.patient, [people[row.patient_id]]), Matched)
        ]

    def _waiting_booking(self, booking_id: int) -> Booking | None:
        waiting = self._context.marketplace.booking_requests()
        return next((booking for booking in waiting.items if booking.id == booking_id), None)

    def _cancel(self, entry: LedgerBooking, facts: BookingFacts) -> str:
        """
        Say no while no may be said, else tell Healthengine that the practice cancelled.
        """
        context = self._context
        if context.guard is not None:
            context.guard.before_run(waits=False)
        is_reject = way_to_decline(facts, context.healthengine_time.now()) is Reply.REJECT
        send = context.marketplace.reject_booking if is_reject else context.marketplace.cancel_booking
        try:
            send(entry.booking_id, reason=DECLINED)
        except RecordRejected as error:
            log.warning("booking %s: Healthengine answered %s to a person's cancellation", entry.booking_id, error.status)
        if entry.state is S.CONFIRMED:
            context.step(entry, S.GONE, reason=DECLINED)
        elif is_reject:
            context.step(context.step(entry, S.REJECTING, reason=DECLINED), S.REJECTED, answered=True)
        else:
            context.step(entry, S.CANCELLED, reason=DECLINED, answered=True)
        context.availability_wanted()
        return NOT_SEEN

    def _person(self, entry: LedgerBooking | None) -> tuple[str, str, str]:
        """
        Return name and phone, or empty texts and why.
        """
        try:
            if entry is not None and entry.patient_id:
                for patient in self._context.pms.patients([entry.patient_id]):
                    return f"{patient.first_name} {patient.last_name}".strip(), patient.phone, ""
            elif entry is not None and entry.state is S.TASK and entry.answered_at is None:
                booking = self._waiting_booking(entry.booking_id)
                if booking is not None:
                    who = booking.patient
                    return f"{who.first_name} {who.last_name}".strip(), who.phone, ""
        except FrontdeskError as error:
            return "", "", f"The name cannot be looked up now ({error.code}). {IN_THE_PORTAL}"
        return "", "", IN_THE_PORTAL


def _facts(entry: LedgerBooking | None) -> BookingFacts | None:
    if entry is None:
        return None
    return BookingFacts(
        state=entry.state,
        booked_at=entry.booked_at,
        is_answered=entry.answered_at is not None,
        is_in_pms=bool(entry.appointment_ids) and entry.reason not in (REUSED, UNCLEAR),
    )


_DONE = {
    TaskAction.CLAIM: "Task {id} is yours.",
    TaskAction.RELEASE: "Task {id} waits for somebody again.",
    TaskAction.DONE: "Task {id} is done.",
    TaskAction.ENTERED: "Task {id} is done.",
    TaskAction.CANCEL_BOOKING: "Healthengine knows that the practice cancelled. Task {id} is done.",
    TaskAction.UNDO: "Task {id} waits for somebody again.",
}
