"""
The set-up wizard, worked by keyboard and mouse, with a set-up that answers what the test says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
    QWizard,
)
from pytestqt.qtbot import QtBot
from wizard_scenes import HERE, NO_CONSENT, OPEN_DENTAL, OPEN_EMR, OUTCOMES, TRIED, FakeSetUp, enter, page, wizard

from agent.domain.setting_up import Answers, SetUpOutcome, SetUpProblem, Step
from agent.ui.wizard.live_pages import LinkingPage
from agent.ui.wizard.page import PageId
from agent.ui.wizard.pms_pages import SystemPage, TrialPage
from agent.ui.wizard.practice_pages import KeysPage, PracticePage
from agent.ui.wizard.wizard import SetUpWizard

Open = Callable[[FakeSetUp], SetUpWizard]

BUTTONS = QWizard.WizardButton
CONTROLS = (QPushButton, QComboBox, QLineEdit, QCheckBox, QAbstractSpinBox, QAbstractItemView, QProgressBar)


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """
    Open the wizard; each time in the same user's settings. They are closed in good order, before Qt takes them away.
    """
    kept: list[SetUpWizard] = []

    def made(set_up: FakeSetUp) -> SetUpWizard:
        kept.append(wizard(set_up, tmp_path))
        qtbot.addWidget(kept[-1])
        return kept[-1]

    yield made
    for shown in kept:
        shown.close()


def go_on(made: SetUpWizard, qtbot: QtBot) -> None:
    """
    Enter what is asked and press the button that goes on, once it can be pressed.
    """
    before = made.currentId()
    forward = made.button(BUTTONS.CommitButton if made.currentPage().isCommitPage() else BUTTONS.NextButton)
    qtbot.waitUntil(forward.isEnabled)
    enter(made)
    QTest.mouseClick(forward, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: made.currentId() != before or (bool(page(made).message.text()) and not page(made).is_busy))


def go_to(made: SetUpWizard, place: PageId, qtbot: QtBot) -> None:
    while made.currentId() != place:
        before = made.currentId()
        go_on(made, qtbot)

        assert before != made.currentId()


def test_it_leads_from_the_database_to_a_running_frontdesk(opened: Open, qtbot: QtBot, tmp_path: Path) -> None:
    """
    Nine pages; each thing that is entered arrives, and what is remembered is forgotten once it is live.
    """
    set_up = FakeSetUp()
    made = opened(set_up)
    go_to(made, PageId.LINKING, qtbot)
    linking = page(made)
    assert isinstance(linking, LinkingPage)
    qtbot.waitUntil(lambda: linking.engine.text() == "Online bookings are working.")
    step, answers, secrets = set_up.asked[-1]
    linked = [row.cells for row in linking.table.rows_model.rows]
    QTest.mouseClick(made.button(BUTTONS.FinishButton), Qt.MouseButton.LeftButton)

    assert Step.FINISH is step
    assert answers is not None
    assert ("opendental", "odbc", "DSN=Practice;UID=frontdesk") == (answers.profile, answers.carrier, answers.connection)
    assert ("1001", ("1", "2"), "auto") == (answers.practice_id, answers.locations, answers.live_hours)
    assert {"pms-password": "s3cret", "api-key": "vendor-key", "practice-key:1001": "key-of-1001"} == secrets
    assert ("Practitioner", "5@1", "Dr Ada Example") == linked[0]
    assert not made.isVisible()
    assert Answers() == opened(FakeSetUp()).draft.answers


def test_it_is_worked_by_the_keyboard_alone(opened: Open, qtbot: QtBot) -> None:
    """
    Return goes on, and every field has its letter.
    """
    made = opened(FakeSetUp())
    made.activateWindow()
    qtbot.waitUntil(made.button(BUTTONS.NextButton).isEnabled)
    QTest.keyClick(made, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: made.currentId() == PageId.SYSTEM)
    system = page(made)
    assert isinstance(system, SystemPage)
    QTest.keyClick(made, Qt.Key.Key_E, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(system.connection.hasFocus)
    QTest.keyClicks(system.connection, "DSN=Practice")
    QTest.keyClick(made, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: made.currentId() == PageId.TRIAL)

    assert "DSN=Practice" == made.draft.answers.connection


def test_what_was_entered_is_there_again_but_no_password(opened: Open, qtbot: QtBot, tmp_path: Path) -> None:
    """
    Whoever stops halfway has changed nothing, and goes on later; keys and passwords are in no file.
    """
    set_up = FakeSetUp()
    made = opened(set_up)
    go_to(made, PageId.KEYS, qtbot)
    enter(made)
    QTest.mouseClick(made.button(BUTTONS.CancelButton), Qt.MouseButton.LeftButton)
    again = opened(FakeSetUp())
    written = (tmp_path / "wizard.ini").read_text()

    assert Step.FINISH not in [step for step, _, _ in set_up.asked]
    assert "1001" == again.draft.answers.practice_id
    assert {} == again.draft.secrets
    assert not [secret for secret in ("s3cret", "vendor-key", "key-of-1001") if secret in written]


def test_only_an_administrator_goes_on(opened: Open, qtbot: QtBot) -> None:
    """
    Others read why, at once.
    """
    made = opened(FakeSetUp(look=SetUpOutcome(surroundings=replace(HERE, may_write=False))))
    qtbot.waitUntil(lambda: "administrator" in page(made).message.text())

    assert not made.button(BUTTONS.NextButton).isEnabled()


def test_where_there_are_settings_it_only_looks(opened: Open, qtbot: QtBot) -> None:
    """
    It asks for nothing and writes nothing, but shows what is to be linked.
    """
    set_up = FakeSetUp(look=SetUpOutcome(surroundings=replace(HERE, is_set_up=True, may_write=False)))
    made = opened(set_up)
    go_to(made, PageId.LINKING, qtbot)

    assert [(Step.LOOK, False), (Step.PMS, True), (Step.PREVIEW, True)] == [(step, a is None) for step, a, _ in set_up.asked]


REFUSED = SetUpOutcome(
    problem=SetUpProblem(code="pms-login", message="the database refuses the login", remedy="look at name and password")
)


@pytest.mark.parametrize(
    ("chosen", "outcome", "said"),
    [
        pytest.param("", REFUSED, "The database refuses the login. Look at name and password.", id="refused"),
        pytest.param("", SetUpOutcome(), "The database answers, but it is of no system that Frontdesk knows.", id="unknown"),
        pytest.param("", SetUpOutcome(fits=(OPEN_DENTAL, OPEN_EMR)), "Several fit. Choose one above, and go on.", id="several"),
        pytest.param("OpenEMR", SetUpOutcome(fits=(OPEN_DENTAL,)), "That is not the system that was chosen.", id="another"),
    ],
)
def test_a_system_that_is_not_found_says_why(opened: Open, qtbot: QtBot, chosen: str, outcome: SetUpOutcome, said: str) -> None:
    """
    One stays on the page, and reads what to do.
    """
    made = opened(FakeSetUp(find=outcome))
    go_to(made, PageId.SYSTEM, qtbot)
    system = page(made)
    assert isinstance(system, SystemPage)
    if chosen:
        system.system.setCurrentText(chosen)
    go_on(made, qtbot)

    assert system is page(made)
    assert system.message.text().startswith(said)


def test_a_query_that_fails_keeps_one_from_going_on(opened: Open, qtbot: QtBot) -> None:
    """
    It stands in the list with what to do, and can be tried again once that is done.
    """
    bad = replace(TRIED[2], ok=False, detail="a right is missing (practitioners.sql)", remedy="Grant it: docs/pms-opendental.md.")
    trial = OUTCOMES[Step.PMS].trial
    assert trial is not None
    set_up = FakeSetUp(pms=SetUpOutcome(trial=replace(trial, lines=(*TRIED[:2], bad))))
    made = opened(set_up)
    go_to(made, PageId.TRIAL, qtbot)
    qtbot.waitUntil(lambda: page(made).message.text() == "1 of these does not work yet.")
    was_enabled = made.button(BUTTONS.NextButton).isEnabled()
    set_up.outcomes[Step.PMS] = OUTCOMES[Step.PMS]
    QTest.mouseClick(page(made).again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(made.button(BUTTONS.NextButton).isEnabled)

    assert not was_enabled
    assert not page(made).again.isVisible()


def test_another_connector_has_to_be_stopped_first(opened: Open, qtbot: QtBot) -> None:
    """
    Its marks in the diary are told of, and a person says that it is stopped.
    """
    trial = OUTCOMES[Step.PMS].trial
    assert trial is not None
    made = opened(FakeSetUp(pms=SetUpOutcome(trial=replace(trial, marked=12))))
    go_to(made, PageId.TRIAL, qtbot)
    shown = page(made)
    assert isinstance(shown, TrialPage)
    qtbot.waitUntil(shown.stopped.isVisible)
    before = made.button(BUTTONS.NextButton).isEnabled()
    shown.stopped.setChecked(True)

    assert "12 appointments" in shown.others.text()
    assert not before
    assert made.button(BUTTONS.NextButton).isEnabled()


def test_a_wrong_answer_is_named_as_the_page_calls_it(opened: Open, qtbot: QtBot) -> None:
    """
    Not by the name that the settings file has for it.
    """
    problem = SetUpProblem(
        code="settings-invalid", message="practice_id is not a practice id", remedy='write id = "1001"', field="practice_id"
    )
    made = opened(FakeSetUp(check=SetUpOutcome(problem=problem)))
    go_to(made, PageId.PRACTICE, qtbot)
    go_on(made, qtbot)

    assert 'Practice id is not a practice id. Write id = "1001".' == page(made).message.text()


def test_a_practice_has_a_place(opened: Open, qtbot: QtBot) -> None:
    """
    Without a tick nothing could be published.
    """
    made = opened(FakeSetUp())
    go_to(made, PageId.PRACTICE, qtbot)
    shown = page(made)
    assert isinstance(shown, PracticePage)
    for row in range(shown.locations.count()):
        shown.locations.item(row).setCheckState(Qt.CheckState.Unchecked)
    go_on(made, qtbot)

    assert "Tick at least one location." == shown.message.text()


def test_a_missing_consent_says_how_it_is_given(opened: Open, qtbot: QtBot) -> None:
    """
    The page stays, and another key can be tried.
    """
    set_up = FakeSetUp(keys=SetUpOutcome(lines=(NO_CONSENT,)))
    made = opened(set_up)
    go_to(made, PageId.KEYS, qtbot)
    go_on(made, qtbot)
    refused = page(made)
    assert isinstance(refused, KeysPage)
    said = refused.message.text()
    set_up.outcomes[Step.KEYS] = OUTCOMES[Step.KEYS]
    go_on(made, qtbot)

    assert "has not given consent" in said
    assert "Grant new consent" in said
    assert PageId.PREVIEW == made.currentId()


def test_going_back_ends_what_hangs(opened: Open, qtbot: QtBot) -> None:
    """
    A driver that hangs keeps nobody on a page, and its late answer changes nothing.
    """
    set_up = FakeSetUp()
    made = opened(set_up)
    go_to(made, PageId.SYSTEM, qtbot)
    set_up.hangs = True
    enter(made)
    QTest.mouseClick(made.button(BUTTONS.NextButton), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: set_up.asked[-1][0] is Step.FIND)
    QTest.mouseClick(made.button(BUTTONS.BackButton), Qt.MouseButton.LeftButton)

    assert set_up.stopped.is_set()
    assert PageId.START == made.currentId()


def test_going_live_is_not_broken_off(opened: Open, qtbot: QtBot) -> None:
    """
    Closing waits until it is done, wholly or not at all.
    """
    set_up = FakeSetUp()
    made = opened(set_up)
    go_to(made, PageId.LIVE, qtbot)
    set_up.hangs = True
    QTest.mouseClick(made.button(BUTTONS.CommitButton), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: set_up.asked[-1][0] is Step.FINISH)
    made.close()
    still_there = made.isVisible()
    set_up.stopped.set()
    qtbot.waitUntil(lambda: not page(made).is_busy)

    assert still_there


def test_it_can_be_given_a_checklist(opened: Open, qtbot: QtBot) -> None:
    """
    For whoever knows the database: it names this computer's drivers.
    """
    made = opened(FakeSetUp())
    go_to(made, PageId.SYSTEM, qtbot)
    system = page(made)
    assert isinstance(system, SystemPage)
    QTest.mouseClick(system.copy, Qt.MouseButton.LeftButton)

    assert "MariaDB ODBC 3.2 Driver, SQL Server" in QApplication.clipboard().text()


def test_every_control_of_every_page_has_a_name_and_a_letter_of_its_own(opened: Open, qtbot: QtBot) -> None:
    """
    A screen reader says what each is, and Alt with a letter finds no two.
    """
    made = opened(FakeSetUp())
    nameless: list[str] = []
    clashes: list[str] = []
    for place in PageId:
        go_to(made, place, qtbot)
        shown = [widget for widget in made.findChildren(QWidget) if widget.isVisible()]
        for widget in shown:
            is_part = isinstance(widget.parent(), (QAbstractSpinBox, QComboBox))
            if isinstance(widget, CONTROLS) and not is_part and type(widget).__name__ != "QHeaderView":
                name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
                nameless += [] if name else [f"{place.name}: {type(widget).__name__}"]
        words = [
            w.text()
            for w in shown
            if isinstance(w, (QPushButton, QCheckBox)) or (isinstance(w, QLabel) and w.buddy() is not None)
        ]
        letters = [text[text.index("&") + 1].lower() for text in words if "&" in text]
        clashes += [f"{place.name}: {letter}" for letter in set(letters) if letters.count(letter) > 1]

    assert [] == nameless
    assert [] == clashes
