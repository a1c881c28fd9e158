"""
What the window says of one task, worked out from the engine's report. Plain Python: no Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.domain.carrying import one_line
from agent.domain.tasks import NOT_SEEN, Candidate, TaskAction, TaskKind, TaskReport
from agent.ui.presenters import Translate, moment_text, untranslated
from agent.ui.rows import TASK_KINDS, Row

ACTION_WORDS: dict[TaskAction, str] = {
    TaskAction.CLAIM: "&I do it",
    TaskAction.RELEASE: "Lea&ve it to others",
    TaskAction.ENTERED: "I e&ntered it",
    TaskAction.DONE: "&Done",
    TaskAction.CANCEL_BOOKING: "Cancel with &Healthengine and phone the patient…",
    TaskAction.UNDO: "&Undo",
}
"""The buttons, in their order."""

WHICH_ONE = "Write the number of its appointment below; if it is none of them, say Done."
"""Instead of the advice that speaks of the command line."""

GIVE = (
    "If it is patient {number}: in your appointment program, give the appointment of {time} from patient {held_for} to patient "
    "{number}. This line then goes away by itself; Done looks at once whether it is so."
)
MERGE = "If it is patient {number}: in your appointment program, merge the new record of {time} into that one. Then say Done."
"""What to do about the one that is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Choice:
    """
    One whom a booking may be for. A patient is in it: its `repr` shows the id alone.

    Attributes:
        text: Who that is, in one line.
        what_to_do: If it is that one.
    """

    patient_id: str
    text: str
    what_to_do: str

    def __repr__(self) -> str:
        return f"Choice({self.patient_id!r}, ***)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskCard:
    """
    One task in words. A patient may be in it: its `repr` shows the task's number, and the window drops it when it is hidden.

    Attributes:
        lines: What is known, one thing in each.
        advice: What to do; empty if it is done.
        warning: What must be known before the booking is cancelled; empty where that is not offered.
        offered: What the person can do now.
        choices: Whom the booking may be for.
    """

    task_id: int
    title: str
    advice: str
    lines: tuple[str, ...]
    warning: str
    offered: tuple[TaskAction, ...]
    choices: tuple[Choice, ...] = ()

    def __repr__(self) -> str:
        return f"TaskCard({self.task_id}, ***)"


def task_card(report: TaskReport, now: datetime, tr: Translate = untranslated) -> TaskCard:
    """
    Say what a task asks for; instants are shown in the zone of *now* (aware), the booking's time is the practice's own.
    """
    task = report.task
    is_done = task.state == "done"
    advice = WHICH_ONE if task.kind == TaskKind.WHICH_APPOINTMENT else report.advice
    patient = " ".join(filter(None, (report.patient_name, report.patient_phone))) or report.patient_note
    lines = [task.why, tr("Patient: {patient}").format(patient=patient)]
    if task.start is not None:
        lines.append(tr("Booked for: {time}").format(time=_time(task.start)))
    lines += [f"{tr(detail.label).capitalize()}: {one_line(detail.text)}" for detail in report.details]
    if is_done and task.done_at is not None:
        done = tr("Done by {name}, {time}") if task.done_by else tr("No longer needed, {time}")
        lines.append(done.format(name=task.done_by, time=moment_text(task.done_at, now)))
    elif task.claimed_by:
        lines.append(tr("{name} is at it").format(name=task.claimed_by))
    return TaskCard(
        task_id=task.id,
        title=tr(TASK_KINDS.get(task.kind, task.kind)),
        advice="" if is_done else tr(advice),
        lines=tuple(lines),
        warning=tr(NOT_SEEN) if TaskAction.CANCEL_BOOKING in report.offered else "",
        offered=tuple(action for action in ACTION_WORDS if action in report.offered),
        choices=tuple(_choice(report, candidate, tr) for candidate in report.candidates),
    )


def _choice(report: TaskReport, candidate: Candidate, tr: Translate) -> Choice:
    told = [f"{tr(detail.label)} {one_line(detail.text)}" for detail in candidate.details]
    start = report.task.start
    what_to_do = tr(GIVE if report.held_for else MERGE).format(
        number=candidate.patient_id, held_for=report.held_for, time=_time(start) if start else tr("this booking")
    )
    text = ", ".join([f"{candidate.patient_id}: {candidate.name}", *told])
    return Choice(patient_id=candidate.patient_id, text=text, what_to_do=what_to_do)


def _time(start: datetime) -> str:
    return f"{start:%a} {start.day} {start:%b %Y, %H:%M}"


def locations_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """
    Return the locations that tasks are known to belong to, in order.
    """
    return tuple(sorted({row.location_id for row in rows if row.location_id}))


def rows_at(rows: Sequence[Row], location_id: str) -> tuple[Row, ...]:
    """
    Return the tasks of a location, with those whose location nobody knows; *location_id* empty: all.
    """
    return tuple(row for row in rows if not location_id or row.location_id in ("", location_id))
