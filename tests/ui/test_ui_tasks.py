"""
The list of tasks: what it says of the one that is chosen, what it asks for, and what it forgets.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from ui_values import NOW, FakeClient, ago, make_status, task, task_report

from agent.domain.errors import FrontdeskError
from agent.domain.tasks import NOT_SEEN, Candidate, Detail, TaskAction
from agent.ui.commands import TaskAnswer, TaskQuestion
from agent.ui.errands import TaskErrands
from agent.ui.rows import Row, task_rows
from agent.ui.task_card import WHICH_ONE, locations_of, rows_at, task_card
from agent.ui.tasks_view import TasksView

TOO_OLD = FrontdeskError("ipc-unknown-message", "It does not know that command.", remedy="Update the program.")


def rows(*tasks: object) -> tuple[Row, ...]:
    return tuple(task_rows(make_status(tasks=tasks), NOW))


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> QSettings:
    """
    Settings of a user who has never opened the window.
    """
    return QSettings(str(tmp_path_factory.mktemp("user") / "tray.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def view(qtbot: QtBot, settings: QSettings) -> TasksView:
    """
    Two tasks of two locations, on the screen.
    """
    made = TasksView(settings, now=lambda: NOW)
    qtbot.addWidget(made)
    made.show_rows(rows(task(3, location_id="1"), task(4, location_id="2")))
    made.show()
    return made


@pytest.fixture
def chosen(view: TasksView) -> TasksView:
    """
    The first task is chosen, and the engine has answered.
    """
    view.table.selectRow(0)
    view.show_answer(TaskAnswer(question=TaskQuestion(task_id=3), text="", report=task_report(3)))
    return view


def texts(view: TasksView) -> str:
    return "\n".join(label.text() for label in view.findChildren(QLabel))


def test_a_card_says_whom_to_phone_and_masks_it() -> None:
    """
    Name, phone, time and details are in the lines, one line each; the `repr` has none of them.
    """
    card = task_card(task_report(), NOW)

    assert "Patient: Ada Sample 0400 000 001" in card.lines
    assert "Booked for: Tue 24 Nov 2026, 09:30" in card.lines
    assert "Reason: Cough / and <b>fever</b>" in card.lines
    assert NOT_SEEN == card.warning
    assert "TaskCard(3, ***)" == repr(card)


def test_a_done_task_says_who_did_it_and_asks_for_nothing() -> None:
    """
    There is no advice any more, and the warning goes with what it warned of.
    """
    done = task(state="done", done_by="anna", done_at=ago(), ending="done")
    card = task_card(task_report(task=done, offered=(TaskAction.UNDO,)), NOW)

    assert ("", "", (TaskAction.UNDO,)) == (card.advice, card.warning, card.offered)
    assert "Done by anna, 14:05" in card.lines


def test_which_appointment_is_explained_without_the_command_line() -> None:
    """
    The engine's advice names an option of the command; the window names its own field.
    """
    assert WHICH_ONE == task_card(task_report(task=task(kind="which_appointment")), NOW).advice


def test_a_location_keeps_what_nobody_knows_the_location_of() -> None:
    """
    Nothing is lost by a filter.
    """
    made = rows(task(3, location_id="1"), task(4, location_id="2"), task(5))

    assert ("1", "2") == locations_of(made)
    assert ["4", "5"] == [row.key for row in rows_at(made, "2")]
    assert made == rows_at(made, "")


def test_choosing_asks_and_shows(view: TasksView, qtbot: QtBot) -> None:
    """
    The task is asked for when it is chosen, and only what is offered can be clicked: a plain no is not.
    """
    with qtbot.waitSignal(view.asked) as asked:
        view.table.selectRow(0)
    view.show_answer(TaskAnswer(question=TaskQuestion(task_id=3), text="", report=task_report(3)))

    assert [TaskQuestion(task_id=3)] == asked.args
    assert "Ada Sample 0400 000 001" in view.details.text()
    assert [TaskAction.CLAIM, TaskAction.ENTERED, TaskAction.CANCEL_BOOKING] == [
        action for action, button in view.buttons.items() if button.isVisible()
    ]


def test_a_patient_is_forgotten_when_hidden_and_asked_for_again(chosen: TasksView, qtbot: QtBot) -> None:
    """
    Also an answer that comes late finds nobody who looks.
    """
    chosen.hide()
    chosen.show_answer(TaskAnswer(question=TaskQuestion(task_id=3), text="", report=task_report(3)))
    hidden = texts(chosen)
    with qtbot.waitSignal(chosen.asked) as asked:
        chosen.show()

    assert "Ada" not in hidden
    assert [TaskQuestion(task_id=3)] == asked.args


def test_an_answer_about_another_task_is_not_shown(chosen: TasksView) -> None:
    """
    Whose phone number stands there is never in doubt.
    """
    chosen.table.selectRow(1)
    chosen.show_answer(TaskAnswer(question=TaskQuestion(task_id=3), text="", report=task_report(3)))

    assert "Ada" not in texts(chosen)


def test_candidates_are_told_apart_and_a_choice_says_what_to_do(chosen: TasksView) -> None:
    """
    Each stands in a line with what tells it from the others; the appointment is given to one in the appointment program.
    """
    candidates = tuple(
        Candidate(patient_id=number, name="Ann Lee", details=(Detail(label="born", text=f"03/02/{year}"),))
        for number, year in (("7", 1980), ("17", 1981))
    )
    asked = task(kind="choose_patient", start=datetime(2026, 11, 24, 9, 30))
    report = task_report(task=asked, candidates=candidates, held_for="99")
    listed = chosen.candidates.list
    chosen.show_answer(TaskAnswer(question=TaskQuestion(task_id=3), text="", report=report))
    QTest.keyClick(listed, Qt.Key.Key_Down)
    QTest.keyClick(listed, Qt.Key.Key_Down)
    shown = [listed.item(n).text() for n in range(listed.count())]
    said = chosen.said.text()
    chosen.hide()

    assert ["7: Ann Lee, born 03/02/1980", "17: Ann Lee, born 03/02/1981"] == shown
    assert "give the appointment of Tue 24 Nov 2026, 09:30 from patient 99 to patient 17." in said
    assert (0, "") == (listed.count(), chosen.said.text())


def test_only_a_candidates_number_is_copied(chosen: TasksView) -> None:
    """
    By the button and by the usual key, and nothing while none is chosen: other programs read the clipboard, so no name is on it.
    """
    candidates = tuple(Candidate(patient_id=number, name="Ann Lee") for number in ("7", "17"))
    report = task_report(task=task(kind="choose_patient"), candidates=candidates)
    chosen.show_answer(TaskAnswer(question=TaskQuestion(task_id=3), text="", report=report))
    chosen.activateWindow()
    view, clipboard = chosen.candidates, QApplication.clipboard()
    clipboard.setText("before")
    QTest.mouseClick(view.copy_button, Qt.MouseButton.LeftButton)
    before = clipboard.text()
    view.list.setFocus()
    view.list.setCurrentRow(1)
    merging = chosen.said.text()
    QTest.keySequence(view.list, QKeySequence(QKeySequence.StandardKey.Copy))
    by_key = clipboard.text()
    view.list.setCurrentRow(0)
    QTest.mouseClick(view.copy_button, Qt.MouseButton.LeftButton)

    assert ("before", "17", "7") == (before, by_key, clipboard.text())
    assert "Copied: 7" == chosen.said.text()
    assert "merge the new record of this booking into that one" in merging
    assert "Choice('7', ***)" == repr(task_card(report, NOW).choices[0])


def test_a_task_without_candidates_shows_no_list(chosen: TasksView) -> None:
    """
    There is nothing to choose from.
    """
    assert not chosen.candidates.isVisible()


def test_entered_carries_the_number(chosen: TasksView, qtbot: QtBot) -> None:
    """
    One click asks once: until the answer no button can be clicked.
    """
    chosen.appointment.setText(" 4711 ")
    with qtbot.waitSignal(chosen.asked) as asked:
        QTest.mouseClick(chosen.buttons[TaskAction.ENTERED], Qt.MouseButton.LeftButton)

    assert [TaskQuestion(task_id=3, action=TaskAction.ENTERED, appointment_id="4711")] == asked.args
    assert not any(button.isEnabled() for button in chosen.buttons.values())


def test_cancelling_asks_first(chosen: TasksView, qtbot: QtBot) -> None:
    """
    The question says that the patient does not see the reason; only its own button cancels.
    """
    with qtbot.assertNotEmitted(chosen.asked):
        chosen.buttons[TaskAction.CANCEL_BOOKING].click()
    box = chosen.box
    assert box is not None
    assert NOT_SEEN == box.informativeText()
    with qtbot.waitSignal(chosen.asked) as asked:
        next(button for button in box.buttons() if button.text() == "&Cancel the booking").click()

    assert [TaskQuestion(task_id=3, action=TaskAction.CANCEL_BOOKING)] == asked.args


def test_a_refusal_stands_beside_the_task(chosen: TasksView) -> None:
    """
    The reason is shown and the buttons work again.
    """
    chosen.buttons[TaskAction.CLAIM].click()
    chosen.show_answer(TaskAnswer(question=TaskQuestion(task_id=3, action=TaskAction.CLAIM), text="Not now."))

    assert "Not now." == chosen.said.text()
    assert chosen.buttons[TaskAction.CLAIM].isEnabled()


def test_a_task_that_is_done_can_be_undone(chosen: TasksView) -> None:
    """
    Its line goes, and it stays beside the list with its one button.
    """
    chosen.show_rows(rows(task(4, location_id="2")))
    done = task_report(task=task(3, state="done", done_by="anna", done_at=datetime.now(NOW.tzinfo)), offered=(TaskAction.UNDO,))
    chosen.show_answer(TaskAnswer(question=TaskQuestion(task_id=3, action=TaskAction.DONE), text="Done.", report=done))

    assert chosen.buttons[TaskAction.UNDO].isVisible()
    assert 1 == chosen.table.rows_model.rowCount()


def test_the_location_is_remembered(view: TasksView, settings: QSettings, qtbot: QtBot) -> None:
    """
    The next window shows the same location's tasks.
    """
    view.location.setCurrentIndex(view.location.findData("2"))
    view.location.activated.emit(view.location.currentIndex())
    again = TasksView(settings)
    qtbot.addWidget(again)
    again.show_rows(rows(task(3, location_id="1"), task(4, location_id="2")))

    assert ["4"] == [row.key for row in again.table.rows_model.rows]


@pytest.fixture
def client() -> FakeClient:
    """
    An engine that does what it is asked.
    """
    return FakeClient(answer="Claimed.")


@pytest.fixture
def errands(qtbot: QtBot, client: FakeClient) -> Iterator[TaskErrands]:
    """
    Errands to that engine, not started.
    """
    made = TaskErrands(lambda: client)
    yield made
    made.stop()


def test_an_errand_acts_and_looks_again(errands: TaskErrands, client: FakeClient, qtbot: QtBot) -> None:
    """
    The answer has what was done and the task as it is now; a look that was overtaken is left out.
    """
    question = TaskQuestion(task_id=4, action=TaskAction.CLAIM)
    errands.ask(TaskQuestion(task_id=3))
    errands.ask(question)
    with qtbot.waitSignal(errands.answered) as answered:
        errands.start()

    assert [TaskAnswer(question=question, text="Claimed.", report=task_report(4))] == answered.args
    assert [(4, TaskAction.CLAIM, "")] == client.actions
    assert client.closed.is_set()


@pytest.mark.parametrize("failure", [TOO_OLD, RuntimeError("Ada Sample")], ids=["older engine", "unexpected"])
def test_an_errand_that_fails_is_answered(qtbot: QtBot, failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """
    An older engine's word is passed on; what nobody expected is answered too, and its text goes nowhere.
    """

    def connect() -> FakeClient:
        raise failure

    errands = TaskErrands(connect)
    errands.ask(TaskQuestion(task_id=3))
    with qtbot.waitSignal(errands.answered) as answered:
        errands.start()
    errands.stop()

    assert answered.args is not None
    assert answered.args[0].report is None
    assert answered.args[0].text
    assert "Ada" not in answered.args[0].text + caplog.text
