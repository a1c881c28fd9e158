"""
What a person must do: what may follow what, what is offered, and when a task must leave by another road.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from agent.domain.booking import REJECT_WITHIN, Booking, BookingState, Reply
from agent.domain.errors import FrontdeskError
from agent.domain.status import TaskLine

UNDO_WITHIN = timedelta(days=1)
"""How long a task that was done by mistake may be taken up again."""

LOOKED_BACK = timedelta(days=1)
"""How far live minutes are counted back: a task that is older has waited long enough whatever came before."""

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(minutes=30)


class TaskKind(StrEnum):
    """
    The kinds of thing a person may be asked to do.
    """

    CONFLICT = "conflict"  # Healthengine told the patient yes, but the time is taken
    PAST = "past"  # the booking's time had passed before it could be entered
    CANCEL_BY_HAND = "cancel_by_hand"  # the appointment is no longer as expected
    UNREADABLE = "unreadable"  # Healthengine sent something that cannot be understood
    MOVED = "moved"  # the desk moved it; Healthengine still shows the old time
    REUSED = "reused"  # the desk gave the appointment to another patient; Healthengine still shows the first
    RESTORED = "restored"  # the desk put back what Healthengine was told is cancelled
    ENTER_BY_HAND = "enter_by_hand"  # reception enters it, and the agent will recognise it
    WHICH_APPOINTMENT = "which_appointment"  # an appointment may be one that reception was to enter: a person says
    CHOOSE_PATIENT = "choose_patient"  # the patient is not certain, or the record is not in use
    NOT_ENTERED = "not_entered"  # nobody entered it in time, and Healthengine was told that the practice cancelled


class TaskState(StrEnum):
    """
    Where a task is.
    """

    OPEN = "open"  # waits for somebody
    CLAIMED = "claimed"  # somebody is at it
    DONE = "done"
    UNDONE = "undone"  # was said to be done and is not: waits for somebody again


class TaskAction(StrEnum):
    """
    What a person can do with a task.
    """

    CLAIM = "claim"
    RELEASE = "release"
    DONE = "done"
    ENTERED = "entered"  # done: the booking was entered into the PMS by hand
    CANCEL_BOOKING = "cancel_booking"  # done: Healthengine is told that the practice cancelled
    UNDO = "undo"


class Ending(StrEnum):
    """
    How a task ended.
    """

    NOT_YET = ""
    BY_ITSELF = "by_itself"  # what it asked for is no longer needed
    DONE = "done"
    ENTERED = "entered"
    CANCELLED = "cancelled_with_healthengine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """
    One task: ids and times alone. *why* is plain words with ids and times, never patient data.

    Attributes:
        booking_id: 0 where there is none.
        location_id, resource_id, start: Of the booking when the task was opened, as far as they were known; *start* is local.
        since: When it was opened; aware UTC, like all instants here.
        changed_at: When it came into its present state.
        claimed_by, done_by: Operating system users; *done_by* is empty for one that ended by itself.
        candidates: The patients whom its booking may be for, the likeliest first.
    """

    id: int
    practice_id: str
    kind: TaskKind
    booking_id: int
    why: str
    since: datetime
    changed_at: datetime
    state: TaskState = TaskState.OPEN
    location_id: str = ""
    resource_id: str = ""
    start: datetime | None = None
    claimed_by: str = ""
    claimed_at: datetime | None = None
    done_by: str = ""
    done_at: datetime | None = None
    ending: Ending = Ending.NOT_YET
    candidates: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """
        Whether it is still to be done, claimed or not.
        """
        return self.state is not TaskState.DONE

    @property
    def waits(self) -> bool:
        """
        Whether nobody is at it.
        """
        return self.state in (TaskState.OPEN, TaskState.UNDONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFacts:
    """
    What matters about a task's booking.

    Attributes:
        is_answered: Healthengine has had an answer of ours.
        is_in_pms: An appointment in the PMS is it for certain, as far as is known.
    """

    state: BookingState
    booked_at: datetime
    is_answered: bool
    is_in_pms: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """
    What leaves by another road: ids alone.
    """

    task_id: int
    practice_id: str
    location_id: str
    kind: TaskKind
    booking_id: int
    since: datetime


_ENDINGS: Mapping[TaskAction, Ending] = {
    TaskAction.DONE: Ending.DONE,
    TaskAction.ENTERED: Ending.ENTERED,
    TaskAction.CANCEL_BOOKING: Ending.CANCELLED,
}

_TO_ENTER = (
    TaskKind.CONFLICT,
    TaskKind.PAST,
    TaskKind.ENTER_BY_HAND,
    TaskKind.WHICH_APPOINTMENT,
    TaskKind.NOT_ENTERED,
)

_UNDECIDED = (BookingState.TASK, BookingState.BY_HAND)

ADVICE: Mapping[TaskKind, str] = {
    TaskKind.CONFLICT: "Make room and enter it, or cancel it with Healthengine; then phone the patient.",
    TaskKind.PAST: "Phone the patient: the time had passed before the booking came through.",
    TaskKind.CANCEL_BY_HAND: "Look at the appointment, and cancel it in the appointment book if it still stands.",
    TaskKind.UNREADABLE: "Look it up in Healthengine's portal by its number, or phone Healthengine.",
    TaskKind.MOVED: "Tell the patient the new time: Healthengine still shows the old one.",
    TaskKind.REUSED: "Tell the patient, or cancel it with Healthengine: it still shows the first patient.",
    TaskKind.RESTORED: "Tell the patient: Healthengine shows it as cancelled, and that cannot be taken back.",
    TaskKind.ENTER_BY_HAND: "Enter it in the appointment book: it is recognised and confirmed by itself. Or cancel it with "
    "Healthengine, and phone the patient.",
    TaskKind.WHICH_APPOINTMENT: "Say which appointment it is by --appointment; if it is none of them, say done.",
    TaskKind.CHOOSE_PATIENT: "Look who it is; merge the records in the PMS, if they are one person's, and say done.",
    TaskKind.NOT_ENTERED: "Phone the patient: Healthengine shows it as cancelled. If it was entered meanwhile, take it out.",
}
"""What to do, by kind."""

GIVE_IT = "Look who it is, and give the appointment to that patient in the PMS."
"""Instead, where an appointment is held until the patient is chosen."""

NOT_SEEN = "The patient does not see the reason: phone the patient."


def follow(task: Task, action: TaskAction, *, by: str, at: datetime) -> Task:
    """
    Return *task* after *action*; what is offered for its booking is asked beforehand (`offered`).

    A claim may be taken over, and anybody may release one: colleagues go home.

    Raises:
        FrontdeskError: if it may not follow (`task-done`, `task-not-done`, `task-not-claimed`, `task-undo-too-late`).
    """
    match action:
        case TaskAction.CLAIM if task.is_open:
            return replace(task, state=TaskState.CLAIMED, changed_at=at, claimed_by=by, claimed_at=at)
        case TaskAction.RELEASE if task.state is TaskState.CLAIMED:
            return replace(task, state=TaskState.OPEN, changed_at=at, claimed_by="", claimed_at=None)
        case TaskAction.DONE | TaskAction.ENTERED | TaskAction.CANCEL_BOOKING if task.is_open:
            return replace(task, state=TaskState.DONE, changed_at=at, done_by=by, done_at=at, ending=_ENDINGS[action])
        case TaskAction.UNDO if may_undo(task, at):
            return replace(
                task,
                state=TaskState.UNDONE,
                changed_at=at,
                claimed_by="",
                claimed_at=None,
                done_by="",
                done_at=None,
                ending=Ending.NOT_YET,
            )
        case _:
            raise _not_now(task, action)


def may_undo(task: Task, now: datetime) -> bool:
    """
    Return whether a person's *done* may be taken back; what Healthengine was told may not, nor what ended by itself.
    """
    return task.ending is Ending.DONE and task.done_at is not None and now - task.done_at <= UNDO_WITHIN


def offered(task: Task, booking: BookingFacts | None, now: datetime) -> tuple[TaskAction, ...]:
    """
    Return what a person can do with *task* now.

    A booking that Healthengine waits for is not simply *done*: it was entered, or it is cancelled. One whose appointment is in
    the PMS is cancelled there, and Healthengine is told by itself.
    """
    if not task.is_open:
        return (TaskAction.UNDO,) if may_undo(task, now) else ()
    found = [TaskAction.CLAIM]
    if task.state is TaskState.CLAIMED:
        found.append(TaskAction.RELEASE)
    is_undecided = booking is not None and booking.state in _UNDECIDED
    if is_undecided and task.kind in _TO_ENTER:
        found.append(TaskAction.ENTERED)
    is_a_question = task.kind is TaskKind.WHICH_APPOINTMENT
    if booking is None or is_a_question or not (is_undecided and not booking.is_answered):
        found.append(TaskAction.DONE)
    if booking is not None and may_cancel_with_healthengine(booking):
        found.append(TaskAction.CANCEL_BOOKING)
    return tuple(found)


def may_cancel_with_healthengine(booking: BookingFacts) -> bool:
    """
    Return whether Healthengine may be told by hand that the practice cancelled.
    """
    if booking.is_in_pms:
        return False
    if booking.state is BookingState.TASK:
        return not booking.is_answered
    return booking.state in (BookingState.CONFIRMED, BookingState.BY_HAND)


def way_to_decline(booking: BookingFacts, healthengine_now: datetime) -> Reply:
    """
    Return whether a plain no may still be said (`REJECT`), or the practice has to cancel what the patient believes (`TASK`).
    """
    waits = booking.state in _UNDECIDED and not booking.is_answered
    return Reply.REJECT if waits and healthengine_now - booking.booked_at < REJECT_WITHIN else Reply.TASK


def must_leave(task: Task, now: datetime, *, after: timedelta, is_live: Callable[[datetime], bool]) -> bool:
    """
    Return whether nobody took *task* for so long, in live hours, that it must be told by another road; only ever in live hours.

    Args:
        after: How many live minutes it may wait.
        is_live: Whether an instant lies in the practice's live hours.
    """
    if not task.waits or not is_live(now):
        return False
    needed = max(1, -(-after // timedelta(minutes=1)))
    begin = max(task.changed_at, now - LOOKED_BACK)
    minutes = (now - begin) // timedelta(minutes=1)
    waited = 0
    for ago in range(1, minutes + 1):
        waited += is_live(now - timedelta(minutes=ago))
        if waited >= needed:
            return True
    return False


def retry_after(tries: int) -> timedelta:
    """
    Return how long to wait after *tries* failed ones (at least one): 1, 2, 4 minutes and so on up to half an hour.
    """
    return min(FIRST_RETRY * (1 << min(max(tries, 1) - 1, 10)), LONGEST_RETRY)


def notice_of(task: Task) -> Notice:
    """
    Return what may leave of *task*: its ids.
    """
    return Notice(
        task_id=task.id,
        practice_id=task.practice_id,
        location_id=task.location_id,
        kind=task.kind,
        booking_id=task.booking_id,
        since=task.since,
    )


def at_location(tasks: Iterable[Task], location_id: str) -> list[Task]:
    """
    Return the tasks of a location, with those whose location nobody knows; *location_id* empty: all.
    """
    return [task for task in tasks if not location_id or task.location_id in ("", location_id)]


def not_offered(task: Task, action: TaskAction, booking: BookingFacts | None, now: datetime) -> FrontdeskError:
    """
    Return why *action* is not offered, with what to do instead.
    """
    try:
        follow(task, action, by="", at=now)
    except FrontdeskError as error:
        return error
    if action is TaskAction.ENTERED:
        return FrontdeskError("task-nothing-to-enter", "This task's booking does not wait to be entered.")
    if action is TaskAction.CANCEL_BOOKING and booking is not None and booking.is_in_pms:
        return FrontdeskError(
            "task-in-pms",
            "Its appointment is in the appointment book.",
            remedy="Cancel it there: Healthengine is told within two minutes.",
        )
    if action is TaskAction.CANCEL_BOOKING:
        return FrontdeskError("task-nothing-to-cancel", "Healthengine does not wait for anything about this booking.")
    return FrontdeskError(
        "task-unanswered",
        "Healthengine still waits for an answer to this booking.",
        remedy=f"If you entered it: frontdesk tasks done {task.id} --entered; else: frontdesk tasks cancel-booking {task.id}",
    )


def _not_now(task: Task, action: TaskAction) -> FrontdeskError:
    if action is TaskAction.UNDO and task.is_open:
        return FrontdeskError("task-not-done", f"Task {task.id} is not done.")
    if action is TaskAction.UNDO:
        return FrontdeskError("task-undo-too-late", f"Task {task.id} can no longer be taken up again.")
    if action is TaskAction.RELEASE and task.is_open:
        return FrontdeskError("task-not-claimed", f"Nobody has claimed task {task.id}.")
    return FrontdeskError("task-done", f"Task {task.id} is done.", remedy="See: frontdesk tasks")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Detail:
    """
    One thing that reception enters with a booking. Its `repr` shows the label alone.
    """

    label: str
    text: str

    def __repr__(self) -> str:
        return f"Detail({self.label!r}, ***)"


def details_of(booking: Booking) -> tuple[Detail, ...]:
    """
    Return what a patient told Healthengine beside name and phone, as far as there is any, in the order of a PMS's form.
    """
    who = booking.patient
    born = f"{who.date_of_birth:%d/%m/%Y}" if who.date_of_birth else ""
    medicare = " ".join(filter(None, (who.medicare_number, who.medicare_irn and f"IRN {who.medicare_irn}", who.medicare_expiry)))
    told = {
        "born": born,
        "sex": who.sex,
        "e-mail": who.email,
        "address": ", ".join(filter(None, (who.address, who.suburb, f"{who.state} {who.postcode}".strip()))),
        "medicare": medicare,
        "new patient": "yes" if booking.is_new_patient else "",
        "length": f"{booking.minutes} min" if booking.minutes else "",
        "reason": booking.reason,
        "comments": booking.comments,
        "telehealth": booking.telehealth_url,
    }
    return tuple(Detail(label=label, text=text) for label, text in told.items() if text)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Candidate:
    """
    A record that a booking may be for. Its `repr` shows the id alone.

    Attributes:
        details: What tells it from the others.
    """

    patient_id: str
    name: str
    details: tuple[Detail, ...] = ()

    def __repr__(self) -> str:
        return f"Candidate({self.patient_id!r}, ***)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskReport:
    """
    A task as one person sees it. What is in it of a patient is in memory and in the answer alone; its `repr` shows the task's
    number.

    Attributes:
        patient_note: Why there is no name, and where to look; empty where there is one.
        details: What to enter with the booking, while Healthengine still says so.
        candidates: Whom it may be for, where a person has to choose.
        held_for: The patient who stands in the PMS for the one to be chosen; empty: it is not held for anybody.
    """

    task: TaskLine
    offered: tuple[TaskAction, ...]
    advice: str
    patient_name: str = ""
    patient_phone: str = ""
    patient_note: str = ""
    details: tuple[Detail, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    held_for: str = ""

    def __repr__(self) -> str:
        return f"TaskReport({self.task.id}, ***)"


def task_line(task: Task) -> TaskLine:
    """
    Return a task as it is shown.
    """
    return TaskLine(
        id=task.id,
        practice_id=task.practice_id,
        kind=task.kind.value,
        booking_id=task.booking_id,
        why=task.why,
        since=task.since,
        state=task.state.value,
        location_id=task.location_id,
        resource_id=task.resource_id,
        start=task.start,
        claimed_by=task.claimed_by,
        claimed_at=task.claimed_at,
        done_by=task.done_by,
        done_at=task.done_at,
        ending=task.ending.value,
    )
