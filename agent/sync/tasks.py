"""
What people do with tasks, for one practice: ending one also ends what the ledger and Healthengine have open about its booking.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from agent.domain.booking import Booked, Booking, BookingState, Reply
from agent.domain.by_hand import Recognised
from agent.domain.candidates import tell_apart
from agent.domain.diary import AppointmentState
from agent.domain.errors import FrontdeskError, RecordRejected
from agent.domain.tasks import (
    ADVICE,
    GIVE_IT,
    NOT_SEEN,
    BookingFacts,
    Candidate,
    Detail,
    Task,
    TaskAction,
    TaskKind,
    TaskReport,
    details_of,
    follow,
    not_offered,
    offered,
    task_line,
    way_to_decline,
)
from agent.ports.ledger import LedgerBooking
from agent.sync.by_hand import ENTERED, adopt, none_of_them, pointed_out, read_day, sight
from agent.sync.changes import REUSED, UNCLEAR
from agent.sync.context import Context

log = logging.getLogger(__name__)

S = BookingState

SETTLED = "settled by a person"
DECLINED = "cancelled by the practice"
PHONE = "Phone the patient."
IN_THE_NOTES = "Who booked stands in the notes of its appointment."
IN_THE_PORTAL = "Look the patient up in Healthengine's portal by the booking's number."

_EXPECTED = (AppointmentState.BOOKED, AppointmentState.ARRIVED)
"""Somebody has been or will be seen, and it matters who."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Person:
    name: str = ""
    phone: str = ""
    note: str = ""
    details: tuple[Detail, ...] = ()
    candidates: tuple[Candidate, ...] = ()


class TaskWork:
    """
    Carries out what people do with the tasks of one practice. Its methods may be called from any thread.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def act(self, task: Task, action: TaskAction, *, by: str, appointment_id: str = "") -> str:
        """
        Do *action*; return what was done, in plain words. What has to be told or looked for comes first: if that fails, the task
        stays as it is.

        Args:
            appointment_id: Which appointment of the PMS was entered, if the person says so.

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
                    said = self._entered(entry, appointment_id)
                case TaskAction.CANCEL_BOOKING:
                    said = self._cancel(entry, facts)
                case TaskAction.DONE if entry.state is S.TASK:
                    self._context.step(entry, S.CANCELLED, reason=SETTLED)
                case TaskAction.DONE if task.kind is TaskKind.CHOOSE_PATIENT:
                    said = self._chosen(entry)
                case TaskAction.DONE if task.kind is TaskKind.WHICH_APPOINTMENT:
                    none_of_them(self._context, entry)
                case TaskAction.DONE if entry.state is S.BY_HAND:
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
        who = self._person(task, entry)
        held_for = self._held_for(entry) if entry is not None and task.kind is TaskKind.CHOOSE_PATIENT else ""
        return TaskReport(
            task=task_line(task),
            offered=offered(task, facts, self._context.clock.now()),
            advice=GIVE_IT if held_for else ADVICE[task.kind],
            patient_name=who.name,
            patient_phone=who.phone,
            patient_note=who.note,
            details=who.details,
            candidates=who.candidates,
            held_for=held_for,
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

    def _entered(self, entry: LedgerBooking, appointment_id: str) -> str:
        """
        A person has put it into the PMS: find it there, and let it be confirmed as if it had been ours.
        """
        context = self._context
        if entry.answered_at is not None and not entry.own_ids:
            context.step(entry, S.CANCELLED, reason=ENTERED)
            return f"Healthengine shows it as cancelled, as the practice had not entered it in time. {PHONE}"
        found = pointed_out(context, entry, appointment_id) if appointment_id else self._find(entry)
        is_withheld = entry.state is S.BY_HAND  # then the step itself sends the day again
        adopt(context, entry, found)
        if context.has_catalogue and not is_withheld:
            context.time_taken_or_freed(entry.practitioner_id, entry.start, entry.minutes)
        return "Its appointment was found, and Healthengine is told that it stands."

    def _find(self, entry: LedgerBooking) -> Booked | Recognised:
        """
        Find it by its mark, or as that patient's only appointment with that practitioner at that time.

        Somebody else's appointment may well be there: the time was taken. So without the mark it counts only while it is known
        who booked.
        """
        context = self._context
        found = context.pms.find_booked(entry.booking_id)
        if isinstance(found, Booked):
            return found
        booking = self._waiting_booking(entry.booking_id)
        if booking is not None and entry.practitioner_id:
            seen = sight(context, entry, booking, read_day(context, entry).appointments)
            if isinstance(seen, Recognised):
                return seen
        raise FrontdeskError(
            "task-not-found",
            f"No appointment can be found for certain that is booking {entry.booking_id}.",
            remedy=f"Write HE:{entry.booking_id}; at the end of the appointment's notes, and say it again; or name it "
            "by --appointment ID.",
        )

    def _waiting_booking(self, booking_id: int) -> Booking | None:
        known = self._context.at_reception.booking(booking_id)
        if known is not None:
            return known
        waiting = self._context.marketplace.booking_requests()
        return next((booking for booking in waiting.items if booking.id == booking_id), None)

    def _chosen(self, entry: LedgerBooking) -> str:
        """
        Look in the PMS whether reception has given the appointment to somebody; `ChangeWatch` then follows in the ledger.
        """
        held_for = self._held_for(entry)
        if not held_for or not entry.appointment_ids:
            return ""
        rows = [row for row in self._context.pms.states(entry.appointment_ids).values() if row.state in _EXPECTED]
        for row in rows:
            if row.patient_id == held_for:
                raise FrontdeskError(
                    "task-not-chosen",
                    f"Appointment {row.id} is still for patient {held_for}, who stands for the one to be chosen.",
                    remedy="Give it to the right patient in the appointment book, and say it again.",
                )
        return f"Its appointment is for patient {rows[0].patient_id} now." if rows else ""

    def _held_for(self, entry: LedgerBooking) -> str:
        placeholder = self._context.practice.placeholder_patient
        return placeholder if entry.patient_id == placeholder else ""

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

    def _person(self, task: Task, entry: LedgerBooking | None) -> _Person:
        """
        Return whom to phone, what to enter, and whom to choose from.
        """
        try:
            return replace(self._booker(entry), candidates=self._candidates(task))
        except FrontdeskError as error:
            return _Person(note=f"The name cannot be looked up now ({error.code}). {IN_THE_PORTAL}")

    def _booker(self, entry: LedgerBooking | None) -> _Person:
        if entry is not None and entry.patient_id:
            if held_for := self._held_for(entry):
                numbers = Detail(label="appointment", text=", ".join(entry.appointment_ids))
                return _Person(note=IN_THE_NOTES, details=(numbers, Detail(label="held for", text=f"patient {held_for}")))
            for patient in self._context.pms.patients([entry.patient_id]):
                return _Person(name=f"{patient.first_name} {patient.last_name}".strip(), phone=patient.phone)
        elif entry is not None and (entry.state is S.BY_HAND or (entry.state is S.TASK and entry.answered_at is None)):
            booking = self._waiting_booking(entry.booking_id)
            if booking is not None:
                who = booking.patient
                name = f"{who.first_name} {who.last_name}".strip()
                return _Person(name=name, phone=who.phone, details=(*self._where(entry), *details_of(booking)))
        return _Person(note=IN_THE_PORTAL)

    def _candidates(self, task: Task) -> tuple[Candidate, ...]:
        if not task.candidates:
            return ()
        known = {patient.id: patient for patient in self._context.pms.patients(task.candidates)}
        return tell_apart([known[patient_id] for patient_id in task.candidates if patient_id in known])

    def _where(self, entry: LedgerBooking) -> tuple[Detail, ...]:
        catalogue = self._context.catalogue if self._context.has_catalogue else None
        resource = catalogue.resource(entry.resource_id) if catalogue else None
        kind = catalogue.type(entry.type_id) if catalogue and entry.type_id else None
        told = (("with", resource.name if resource else entry.resource_id), ("type", kind.name if kind else entry.type_id))
        return (Detail(label="at", text=f"{entry.start:%d/%m/%Y %H:%M}"), *(Detail(label=a, text=b) for a, b in told if b))


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
