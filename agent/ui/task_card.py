"""
What the window says of one task, worked out from the engine's report. Plain Python: no Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.domain.carrying import one_line
from agent.domain.status import TaskLine
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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskCard:
    """
    One task in words. A patient may be in it: its `repr` shows the task's number, and the window drops it when it is hidden.

    Attributes:
        lines: What is known, one thing in each.
        advice: What to do; empty if it is done.
        warning: What must be known before the booking is cancelled; empty where that is not offered.
        offered: What the person can do now.
        candidates: Whom the booking may be for, one in each line.
        choices: What to do if it is that one, in the same order.
    """

    task_id: int
    title: str
    advice: str
    lines: tuple[str, ...]
    warning: str
    offered: tuple[TaskAction, ...]
    candidates: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

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
        candidates=tuple(_candidate(candidate, tr) for candidate in report.candidates),
        choices=tuple(_choice(task, candidate, tr) for candidate in report.candidates),
    )


def _candidate(candidate: Candidate, tr: Translate) -> str:
    told = [f"{tr(detail.label)} {one_line(detail.text)}" for detail in candidate.details]
    return ", ".join([f"{candidate.patient_id}: {candidate.name}", *told])


def _choice(task: TaskLine, candidate: Candidate, tr: Translate) -> str:
    words = tr(
        "If it is patient {number}: give the appointment of {time} to that patient in your appointment program, or merge the "
        "records. This line then goes away by itself."
    )
    return words.format(number=candidate.patient_id, time=_time(task.start) if task.start else tr("this booking"))


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
