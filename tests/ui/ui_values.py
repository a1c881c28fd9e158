"""
Statuses and fakes that the user-interface tests share; importing it makes Qt draw without a screen.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from agent import __version__
from agent.domain.activity import ActivityLine
from agent.domain.coming import BookingKey, BookingPatient, ComingBooking, ComingBookings
from agent.domain.days import Span
from agent.domain.errors import FrontdeskError, Transient
from agent.domain.reports import UptimeDay, UptimeReport
from agent.domain.sent import (
    NOT_ACKNOWLEDGED,
    REFUSED,
    DayStretch,
    InDiary,
    SentDayReport,
    SentMap,
    SentResource,
)
from agent.domain.status import (
    BookingLine,
    ChannelState,
    ChannelStatus,
    Condition,
    EngineState,
    EngineStatus,
    PracticeStatus,
    PublishedCounts,
    Severity,
    TaskLine,
)
from agent.domain.tasks import Detail, TaskAction, TaskReport
from agent.domain.terms import Cause, RuleKind
from agent.ui.commands import Command
from agent.ui.questions import (
    ActivityQuestion,
    AdoptHours,
    BookingsQuestion,
    Found,
    PatientsQuestion,
    Question,
    SentDayQuestion,
    SentQuestion,
    UptimeQuestion,
)

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

BRISBANE = timezone(timedelta(hours=10))
NOW = datetime(2026, 11, 23, 14, 5, tzinfo=BRISBANE)


def ago(**span: float) -> datetime:
    """
    Return an instant before `NOW`, in UTC.
    """
    return NOW.astimezone(UTC) - timedelta(**span)


def make_status(state: EngineState = EngineState.ONLINE, **changes: Any) -> EngineStatus:
    """
    Return the status of one practice with all channels well, with *changes*.
    """
    fields: dict[str, Any] = {
        "state": state,
        "at": ago(),
        "since": ago(hours=5),
        "version": __version__,
        "pid": 4711,
        "profile": "sample",
        "carrier": "sqlite",
        "practices": (
            PracticeStatus(
                id="1001",
                name="Harbour Street Family Practice",
                live_now=True,
                liveness="Mon-Fri 08:00-18:00",
                published=PublishedCounts(resources=6, types=9, days=360),
            ),
        ),
        "channels": (
            channel("requests", last_success=ago(seconds=5), detail="nothing waiting"),
            channel("availability", last_success=ago(seconds=20), detail="360 days the same, 2 sent"),
            channel("changes", last_success=ago(seconds=25), detail="14 bookings looked at"),
            channel("configuration", last_success=ago(minutes=4), detail="6 practitioners, 9 types"),
        ),
    }
    return EngineStatus(**(fields | changes))


def channel(name: str, state: ChannelState = ChannelState.OK, **changes: Any) -> ChannelStatus:
    """
    Return one channel of practice 1001.
    """
    return ChannelStatus(practice_id="1001", name=name, state=state, **changes)


def condition(severity: Severity = Severity.ERROR, **changes: Any) -> Condition:
    """
    Return an open condition.
    """
    fields: dict[str, Any] = {
        "area": "healthengine:1001",
        "code": "he-consent",
        "severity": severity,
        "message": "The practice has not agreed to online bookings at Healthengine.",
        "remedy": "Ask the practice manager to give consent in Healthengine's own screens.",
        "since": ago(minutes=40),
    }
    return Condition(**(fields | changes))


def booking(booking_id: int, state: str = "confirmed", **changes: Any) -> BookingLine:
    """
    Return a booking of practice 1001.
    """
    fields: dict[str, Any] = {
        "practice_id": "1001",
        "booking_id": booking_id,
        "state": state,
        "resource_id": "7@2",
        "start": datetime(2026, 11, 24, 9, 30),
        "minutes": 15,
        "seen_at": ago(minutes=9),
        "updated_at": ago(minutes=9),
        "answer_seconds": 3.24,
    }
    return BookingLine(**(fields | changes))


def coming() -> ComingBookings:
    """
    Return one booking of today, one of tomorrow, and one that is to be entered and has no patient yet.
    """
    today = booking(88123, start=datetime(2026, 11, 23, 15, 30))
    by_hand = booking(88125, "by_hand", start=datetime(2026, 11, 25, 11, 0), answer_seconds=-1.0)
    return ComingBookings(
        bookings=(
            ComingBooking(line=today, resource_name="Dr Mia Tran", has_patient=True),
            ComingBooking(line=booking(88124), resource_name="Dr Mia Tran", has_patient=True),
            ComingBooking(line=by_hand),
        ),
        count=3,
        today=1,
    )


def patients(keys: Iterable[BookingKey]) -> tuple[BookingPatient, ...]:
    """
    Return whose bookings these are.
    """
    return tuple(
        BookingPatient(practice_id=practice_id, booking_id=number, name=f"Ada Sample {number % 10}")
        for practice_id, number in keys
    )


def task(task_id: int = 3, **changes: Any) -> TaskLine:
    """
    Return an open task of practice 1001.
    """
    fields: dict[str, Any] = {
        "id": task_id,
        "practice_id": "1001",
        "kind": "conflict",
        "booking_id": 88123,
        "why": "Healthengine has told the patient yes, but 24 Nov 09:30 is taken. Call the patient.",
        "since": ago(minutes=12),
    }
    return TaskLine(**(fields | changes))


def task_report(task_id: int = 3, **changes: Any) -> TaskReport:
    """
    Return what the engine says of an open task whose booking Healthengine waits for.
    """
    fields: dict[str, Any] = {
        "task": task(task_id, start=datetime(2026, 11, 24, 9, 30)),
        "offered": (TaskAction.CLAIM, TaskAction.ENTERED, TaskAction.CANCEL_BOOKING),
        "advice": "Make room and enter it, or cancel it with Healthengine; then phone the patient.",
        "patient_name": "Ada Sample",
        "patient_phone": "0400 000 001",
        "details": (Detail(label="reason", text="Cough\nand <b>fever</b>"),),
    }
    return TaskReport(**(fields | changes))


def sent_map(practice_id: str = "1001", *, rows: int = 6, days: int = 42, **changes: Any) -> SentMap:
    """
    Return what Healthengine shows of a practice, with every kind of day in it.
    """
    names = ("Dr Ada Sample", "Dr Grace Example", "Dr Alan Muster", "Dr Mary Specimen", "Nurse Joan Probe", "Dr Lin Instance")
    known = {9: NOT_ACKNOWLEDGED, 17: REFUSED}

    def minutes(row: int, column: int) -> int:
        is_weekend = (column % 7) in {5, 6}
        return known.get(column + 3 * row, 0 if is_weekend else (row * 97 + column * 41) % 500 // 15 * 15)

    fields: dict[str, Any] = {
        "practice_id": practice_id,
        "name": "Harbour Street Family Practice",
        "first": NOW.date(),
        "resources": tuple(
            SentResource(
                id=f"{row + 1}@1",
                name=names[row % len(names)] + ("" if row < len(names) else f" {row}"),
                minutes=tuple(minutes(row, column) for column in range(days)),
                never_booked=row == 4,
            )
            for row in range(rows)
        ),
    }
    return SentMap(**(fields | changes))


def sent_day(resource_id: str = "1@1", **changes: Any) -> SentDayReport:
    """
    Return one day with every kind of stretch in it.
    """
    lunch = Cause(RuleKind.DAILY_CAP, "at most 4 online bookings a day", "rule 2 (type 15)")
    fields: dict[str, Any] = {
        "practice_id": "1001",
        "resource_id": resource_id,
        "name": "Dr Ada Sample",
        "date": NOW.date() + timedelta(days=1),
        "stretches": (
            DayStretch(start=540, end=600, diary=InDiary.FREE, is_offered=True, is_due=True),
            DayStretch(start=600, end=615, diary=InDiary.APPOINTMENT),
            DayStretch(start=615, end=630, diary=InDiary.APPOINTMENT, is_offered=True),
            DayStretch(start=630, end=690, diary=InDiary.FREE, is_due=True),
            DayStretch(start=690, end=695, diary=InDiary.FREE),
            DayStretch(start=695, end=720, diary=InDiary.APPOINTMENT),
            DayStretch(start=780, end=1020, diary=InDiary.FREE, cause=lunch),
        ),
        "acknowledged_at": ago(minutes=3),
    }
    return SentDayReport(**(fields | changes))


def uptime_report(practice_id: str = "1001", **changes: Any) -> UptimeReport:
    """
    Return four weeks of a machine that is switched off at noon on Wednesdays, and was first installed 20 days ago.
    """
    office = (Span(480, 1080),)

    def day(back: int) -> UptimeDay:
        when = NOW.date() - timedelta(days=back)
        up = {2: (Span(450, 735), Span(780, 1110)), 5: (), 6: ()}.get(when.weekday(), (Span(450, 1110),))
        return UptimeDay(
            date=when,
            live=office if when.weekday() < 5 else (),
            up=() if back > 20 else (Span(465, 840),) if back == 0 else up,
            is_recorded=back < 20,
            is_holiday=back == 13,
        )

    fields: dict[str, Any] = {
        "practice_id": practice_id,
        "name": "Harbour Street Family Practice",
        "days": tuple(day(back) for back in range(28, -1, -1)),
        "minute": 14 * 60 + 5,
        "hours": "Mon-Fri 08:00-18:00",
        "is_learned": False,
        "adoptable": "Mon-Tue 07:30-18:30, Wed 07:30-12:15 13:00-18:30, Thu-Fri 07:30-18:30",
    }
    return UptimeReport(**(fields | changes))


def activity_lines() -> tuple[ActivityLine, ...]:
    """
    Return a timeline with a line of every kind, newest first.
    """
    return tuple(
        ActivityLine(at=ago(minutes=17 * n), area="engine", code=code, text=text, given_by=by)
        for n, (code, text, by) in enumerate(
            (
                ("task-claim", "Task 3 was claimed.", "anna"),
                ("resync-done", "Resync of all: 360 of 360 days acknowledged", ""),
                ("resync", "Resync of all asked for.", "anna"),
                ("booking-gone", "Booking 88120 was cancelled in the PMS; Healthengine knows.", ""),
                ("live-hours-learned", "The live hours of practice 1001 are now Mon-Fri 08:00-18:00.", ""),
                ("woke-up", "The machine slept for 3120 s: looking at everything again.", ""),
                ("engine-started", "The engine started.", ""),
            )
        )
    )


class FakeClient:
    """
    A client whose statuses and answers the test gives; each status may also be an error to raise.
    """

    def __init__(self, *, answer: str | FrontdeskError = "started") -> None:
        self.statuses: queue.SimpleQueue[EngineStatus | FrontdeskError] = queue.SimpleQueue()
        self.commands: list[Command] = []
        self.actions: list[tuple[int, TaskAction, str]] = []
        self.questions: list[Question] = []
        self.closed = threading.Event()
        self._answer = answer

    def next_status(self, timeout_seconds: float) -> EngineStatus | None:
        try:
            status = self.statuses.get(timeout=min(timeout_seconds, 0.05))
        except queue.Empty:
            if self.closed.is_set():
                raise Transient("ipc-closed", "closed") from None
            return None
        if isinstance(status, FrontdeskError):
            raise status
        return status

    def send(self, command: Command) -> str:
        self.commands.append(command)
        if isinstance(self._answer, FrontdeskError):
            raise self._answer
        return self._answer

    def show_task(self, task_id: int) -> TaskReport:
        if isinstance(self._answer, FrontdeskError):
            raise self._answer
        return task_report(task_id)

    def act_on_task(self, task_id: int, action: TaskAction, appointment_id: str) -> str:
        self.actions.append((task_id, action, appointment_id))
        if isinstance(self._answer, FrontdeskError):
            raise self._answer
        return self._answer

    def look_up(self, question: Question) -> Found:
        self.questions.append(question)
        if isinstance(self._answer, FrontdeskError):
            raise self._answer
        match question:
            case BookingsQuestion():
                return coming()
            case PatientsQuestion():
                return patients(question.bookings)
            case SentQuestion():
                return (sent_map(),)
            case SentDayQuestion():
                return sent_day(question.resource_id, date=question.day)
            case UptimeQuestion():
                return (uptime_report(),)
            case AdoptHours():
                return "The live hours are now as learned."
            case ActivityQuestion():
                return activity_lines()

    def diagnostics(self) -> Mapping[str, str]:
        if isinstance(self._answer, FrontdeskError):
            raise self._answer
        return {"engine.json": "{}"}

    def close(self) -> None:
        self.closed.set()
