"""
Everything the window can look like, made of values: for pictures, and for tests that walk through all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
from PySide6.QtCore import QSettings
from ui_values import NOW, FakeClient, ago, booking, channel, condition, make_status, task, task_report

from agent.domain.errors import FrontdeskError
from agent.domain.identity import HELD, Doubt, question
from agent.domain.status import ChannelState, Condition, EngineState, EngineStatus, ResyncStatus, Severity
from agent.domain.stopping import Stop
from agent.domain.tasks import GIVE_IT, Candidate, Detail, TaskAction, TaskKind
from agent.healthengine.failures import link_failure, status_failure
from agent.pms.sql.carriers.odbc import _no_driver
from agent.ui.board import StatusBoard
from agent.ui.commands import TaskAnswer, TaskQuestion
from agent.ui.questions import Finding
from agent.ui.window import FIRST_SIZE, StatusWindow

BOOKINGS = tuple(
    booking(88123 + n, state, start=NOW.replace(tzinfo=None, hour=9 + n % 8, minute=15 * (n % 4)), updated_at=ago(minutes=7 * n))
    for n, state in enumerate(("confirmed", "task", "confirmed", "cancelled", "rejected", "by_hand", "confirmed", "gone"))
)


WHICH_PATIENT = 5
WHY = "Booking 88123 for 24/11 09:30: It may be for patient 12 or 45, or for somebody new."
HELD_FOR = (Detail(label="appointment", text="4711"), Detail(label="held for", text="patient 99"))
IN_THE_NOTES = "Who booked stands in the notes of its appointment."
CANDIDATES = tuple(
    Candidate(
        patient_id=number,
        name="Ada Sample",
        details=(Detail(label="born", text=born), Detail(label="phone", text=phone), Detail(label="address", text=address)),
    )
    for number, born, phone, address in (
        ("12", "03/02/1980", "0400 000 001", "3 Hill St, Ascot 4007"),
        ("45", "03/02/1981", "07 3300 0000", "19 Bay Rd, Nundah 4012"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    One thing the window can show.

    Attributes:
        status: What the engine said last; None: nothing yet.
        unreachable, code: Why it does not answer.
        tab: Which tab is open, by its words or their beginning; empty: the one that comes up by itself.
    """

    name: str
    status: EngineStatus | None
    unreachable: str = ""
    code: str = ""
    tab: str = ""

    def window(self, folder: Path) -> StatusWindow:
        """
        Return a window that shows it, and answers what its tabs ask. It is shown already, so that its tabs have asked.

        Args:
            folder: Where the user's settings are; nothing else may be there.
        """
        made = StatusWindow(QSettings(str(folder / f"{self.name}.ini"), QSettings.Format.IniFormat))
        board = StatusBoard(now=lambda: NOW)
        if self.status is not None:
            board.set_status(self.status)
        if self.unreachable:
            board.set_unreachable(self.unreachable, self.code)
        for view in (made.to_do, made.bookings, made.sent, made.uptime, made.activity):
            view._now = lambda: NOW  # they have no other way to be told the time by a window
        made.asked.connect(lambda question: made.show_finding(Finding(question=question, found=FakeClient().look_up(question))))
        made.to_do.asked.connect(lambda question: made.to_do.show_answer(task_answer(question)))
        made.show_picture(board.picture)
        made.show()
        made.resize(FIRST_SIZE)  # also where the screen is smaller
        show_tab(made, self.tab)
        return made


def task_answer(question: TaskQuestion) -> TaskAnswer:
    """
    Return what the engine says of a task.
    """
    report = task_report(question.task_id)
    if question.task_id == WHICH_PATIENT:
        asked = replace(report.task, kind=TaskKind.CHOOSE_PATIENT.value, why=WHY)
        report = replace(
            report, task=asked, advice=GIVE_IT, patient_name="", patient_phone="", patient_note=IN_THE_NOTES, details=HELD_FOR,
            candidates=CANDIDATES, held_for="99", offered=(TaskAction.CLAIM, TaskAction.DONE),
        )  # fmt: skip
    return TaskAnswer(question=question, text="", report=report)


def tab_names(window: StatusWindow) -> list[str]:
    """
    Return the words of the tabs, without counts and marks of keys.
    """
    tabs = window.tabs
    return [re.sub(r" \(\d+\)$", "", tabs.tabText(n).replace("&", "")) for n in range(tabs.count())]


def show_tab(window: StatusWindow, name: str) -> None:
    """
    Open a tab, and choose its first line or day, as somebody would who looks closer.
    """
    if name:
        (place,) = (n for n, words in enumerate(tab_names(window)) if words.startswith(name))
        window.tabs.setCurrentIndex(place)
    for table in (window.to_do.table, window.sent.map):
        if table.isVisible() and table.model().rowCount():
            table.setCurrentIndex(table.model().index(0, 1))
    window.sent._ask_day()  # instead of waiting until the choice has rested
    window.bookings._ask_names()


def states() -> Iterator[Scene]:
    """
    Return a scene for everything that the headline can say.
    """
    (practice,) = make_status().practices
    stopped = replace(practice, stop=Stop(since=NOW))
    failing = channel("requests", ChannelState.FAILING, last_success=ago(minutes=9), failures=12, detail="no answer")
    details: dict[EngineState, dict[str, Any]] = {
        EngineState.ATTENTION: {"conditions": (condition(),), "tasks": (task(),)},
        EngineState.OFFLINE: {
            "conditions": (
                condition(Severity.WARNING, code="he-unreachable", message="Healthengine cannot be reached.", remedy=""),
            ),
            "channels": (failing, *make_status().channels[1:]),
        },
        EngineState.STARTING: {
            "channels": tuple(replace(c, last_success=None, state=ChannelState.NEVER) for c in make_status().channels)
        },
        EngineState.WORKING: {"resync": ResyncStatus(scope="all", requested_at=ago(seconds=40), requested_by="anna")},
        EngineState.NOT_SET_UP: {"practices": (), "channels": ()},
    }
    for state in EngineState:
        yield Scene(name=f"state-{state.value}", status=make_status(state, **{"bookings": BOOKINGS, **details.get(state, {})}))
    yield Scene(name="state-stopped", status=make_status(practices=(stopped,), bookings=BOOKINGS))
    yield Scene(
        name="state-unreachable",
        status=make_status(bookings=BOOKINGS),
        unreachable="The engine is not running.",
        code="ipc-no-engine",
    )
    held = condition(code="brake-closings", area="brake:1001", message="312 free times are gone.", since=ago(minutes=6))
    yield Scene(name="state-held", status=make_status(EngineState.ATTENTION, conditions=(held,)), tab="Health")
    which = task(WHICH_PATIENT, kind="choose_patient", why=WHY)
    yield Scene(name="state-which-patient", status=make_status(EngineState.ATTENTION, tasks=(which,)), tab="To do")
    yield Scene(name="state-connecting", status=None)


def stories() -> Iterator[Scene]:
    """
    Return a scene for each of the stories that the page for the receptionist shows, in the words of the code.
    """
    refused = status_failure(403, posted=False)
    assert refused is not None
    moved, answer = question((Doubt.DATABASE,))
    wrong = {
        "database": condition(code=HELD, area="identity", message=moved, remedy=answer),
        "consent": from_error(refused),
        "internet": from_error(link_failure(requests.ConnectTimeout(), posted=False), Severity.WARNING),
        "clock": from_error(link_failure(requests.exceptions.SSLError(), posted=False), Severity.WARNING),
        "driver": from_error(_no_driver()),
    }
    for name, one in wrong.items():
        state = EngineState.ATTENTION if one.severity is Severity.ERROR else EngineState.OFFLINE
        yield Scene(name=f"story-{name}", status=make_status(state, conditions=(one,)), tab="Health")
    yield Scene(name="story-taken", status=make_status(EngineState.ATTENTION, tasks=(task(),)), tab="To do")
    yield Scene(name="story-paused", status=make_status(EngineState.PAUSED))
    yield Scene(name="story-killed", status=make_status(), unreachable="it is not running", code="ipc-no-engine")


def from_error(error: FrontdeskError, severity: Severity = Severity.ERROR) -> Condition:
    """
    Return the condition that the engine makes of an error.
    """
    return condition(severity, code=error.code, message=f"{error.message.removesuffix('.')}.", remedy=error.remedy)


def tabs(names: list[str]) -> Iterator[Scene]:
    """
    Return a scene for each tab of these names, with something in all of them.
    """
    full = make_status(
        EngineState.ATTENTION,
        bookings=BOOKINGS,
        tasks=(task(), task(4, kind="moved", booking_id=88124, since=ago(hours=2), claimed_by="anna")),
        conditions=(condition(), condition(Severity.WARNING, code="he-unreachable", area="healthengine:1002")),
    )
    for name in names:
        yield Scene(name=f"tab-{re.sub('[^a-z]+', '-', name.lower())}", status=full, tab=name)


def scenes(folder: Path) -> list[Scene]:
    """
    Return all of them.

    Args:
        folder: For the user's settings.
    """
    window = Scene(name="any", status=make_status()).window(folder)
    names = tab_names(window)
    window.close()
    return [*states(), *stories(), *tabs(names)]
