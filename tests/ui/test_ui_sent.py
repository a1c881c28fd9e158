"""
The tab that shows what was sent: its words, its map, and what it asks.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot
from ui_values import NOW, FakeClient, sent_day, sent_map

from agent.domain.errors import Transient
from agent.domain.sent import NOT_ACKNOWLEDGED, REFUSED
from agent.ui.errands import Lookups
from agent.ui.questions import Finding, SentDayQuestion, SentQuestion
from agent.ui.sent_map import SentModel
from agent.ui.sent_rows import cell_text, cell_words, day_line, day_rows, heat, map_line, suspicion_lines
from agent.ui.sent_view import SentView

TOMORROW = NOW.date() + timedelta(days=1)


@pytest.fixture
def view(qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory) -> SentView:
    """
    The tab, in sight, with one practice's map.
    """
    made = SentView(QSettings(str(tmp_path_factory.mktemp("user") / "tray.ini"), QSettings.Format.IniFormat), now=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    made.show_finding(Finding(question=SentQuestion(), found=(sent_map(),)))
    return made


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "–"), (10, "<½"), (15, "½"), (30, "½"), (60, "1"), (210, "3½"), (480, "8"), (REFUSED, "!"), (NOT_ACKNOWLEDGED, "…")],
)
def test_a_cell_says_its_hours_or_its_sign(minutes: int, text: str) -> None:
    """
    Nothing rests on the colour alone.
    """
    assert text == cell_text(minutes)


def test_the_more_is_free_the_warmer() -> None:
    """
    Nothing free has no colour, a little has some, a whole day has all of it.
    """
    assert [0.0, 0.0, 1.0, 1.0] == [heat(n) for n in (0, REFUSED, 480, 900)]
    assert 0.2 < heat(15) < heat(240) < 1


def test_a_cell_can_be_read_aloud() -> None:
    """
    The sentence names practitioner, day and length.
    """
    resource = sent_map().resources[0]

    assert "Dr Ada Sample, Tue 24 Nov 2026: 3 h 30 min free" == cell_words(resource, TOMORROW, 210)
    assert "Dr Ada Sample, Tue 24 Nov 2026: refused by Healthengine" == cell_words(resource, TOMORROW, REFUSED)


def test_a_day_says_why(view: SentView) -> None:
    """
    Each part of a day says what it is in the diary, at Healthengine, and why they differ.
    """
    assert [
        ("09:00–10:00", "Free", "Offered", ""),
        ("10:00–10:15", "Appointment", "", ""),
        ("10:15–10:30", "Appointment", "Offered", "Taken back with the next sending"),
        ("10:30–11:30", "Free", "", "Offered with the next sending"),
        ("11:30–11:35", "Free", "", "Too short for an appointment"),
        ("11:35–12:00", "Appointment", "", ""),
        ("13:00–17:00", "Free", "", "Withheld: at most 4 online bookings a day (rule 2 (type 15))"),
    ] == [row.cells for row in day_rows(sent_day())]
    assert "Healthengine acknowledged this day, last at 14:02." == day_line(sent_day(), NOW)
    assert "refused" in day_line(sent_day(refused="no such type"), NOW)
    assert "not acknowledged" in day_line(sent_day(acknowledged_at=None), NOW)


def test_whoever_was_never_booked_is_named(view: SentView) -> None:
    """
    The hint stands below the map, and a mark beside the name.
    """
    assert "Nurse Joan Probe: published for 30 days, never booked: is it linked at Healthengine?" == view.suspicion.text()
    assert "Nurse Joan Probe  ?" == view.map.sent.headerData(4, Qt.Orientation.Vertical)
    assert () == suspicion_lines(sent_map(rows=3))
    assert "Nothing is published yet." == map_line(None)
    assert "stopped" in map_line(sent_map(is_stopped=True))


def test_a_click_asks_for_the_day_once(view: SentView, qtbot: QtBot) -> None:
    """
    A click on a cell asks for that day and shows it; other days' answers are left alone.
    """
    cell = view.map.visualRect(view.map.model().index(0, 1)).center()
    with qtbot.waitSignal(view.asked) as asked:
        QTest.mouseClick(view.map.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    wanted = SentDayQuestion(practice_id="1001", resource_id="1@1", day=TOMORROW)
    waiting = view.day_line.text()
    view.show_finding(
        Finding(question=SentDayQuestion(practice_id="1001", resource_id="2@1", day=TOMORROW), found=sent_day("2@1"))
    )
    not_mine = view.day.rows_model.rowCount()
    view.show_finding(Finding(question=wanted, found=sent_day()))

    assert [wanted] == asked.args
    assert ("Asking Frontdesk…", 0) == (waiting, not_mine)
    assert ("Dr Ada Sample, Tue 24 Nov 2026", 7) == (view.day_title.text(), view.day.rows_model.rowCount())


def test_the_arrow_keys_ask_when_they_rest(view: SentView, qtbot: QtBot) -> None:
    """
    Passing over three days asks for the last of them alone.
    """
    view.map.setCurrentIndex(view.map.model().index(0, 0))
    asked: list[object] = []
    view.asked.connect(asked.append)
    for _ in range(3):
        QTest.keyClick(view.map, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: bool(asked))

    assert [SentDayQuestion(practice_id="1001", resource_id="1@1", day=NOW.date() + timedelta(days=3))] == asked


def test_a_new_map_keeps_the_chosen_day(view: SentView) -> None:
    """
    Also where the lines have come in another order.
    """
    view.map.setCurrentIndex(view.map.model().index(1, 2))
    first, *others = sent_map(rows=7).resources
    view.show_finding(Finding(question=SentQuestion(), found=(sent_map(resources=(*others, first)),)))
    resource, day = view.map.sent.at(view.map.currentIndex())

    assert ("2@1", NOW.date() + timedelta(days=2)) == (resource.id, day)


def test_several_practices_have_a_choice(view: SentView) -> None:
    """
    With two practices one is chosen, and remembered.
    """
    both = (sent_map(), sent_map("1002", name="Hill", rows=2))
    view.show_finding(Finding(question=SentQuestion(), found=both))
    shown = view.practice.isVisible()
    view.practice.setCurrentIndex(1)
    view.practice.activated.emit(1)
    view.show_finding(Finding(question=SentQuestion(), found=both))

    assert (True, 2, "1002") == (shown, view.map.sent.rowCount(), view.practice.currentData())


def test_an_engine_that_does_not_answer_leaves_the_map(view: SentView) -> None:
    """
    The reason stands above what was known.
    """
    view.show_finding(Finding(question=SentQuestion(), text="The engine does not answer."))

    assert ("The engine does not answer.", 6) == (view.line.text(), view.map.sent.rowCount())


def test_the_model_keeps_the_rules_of_qt_models() -> None:
    """
    Qt's own checker finds nothing wrong while maps come, change and go.
    """
    model = SentModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for shown in (sent_map(), sent_map(rows=2), sent_map(rows=2, days=3), None):
        model.show(shown)

    assert (0, 0) == (model.rowCount(), model.columnCount())


def test_of_several_questions_the_last_is_asked(qtbot: QtBot) -> None:
    """
    While one waits for the engine, newer ones of its kind take its place; a refusal is said in its words.
    """
    client = FakeClient()
    lookups = Lookups(lambda: client)
    found: list[Finding] = []
    lookups.answered.connect(found.append)
    for number in range(3):
        lookups.ask(SentDayQuestion(practice_id="1001", resource_id=str(number), day=TOMORROW))
    lookups.ask(SentQuestion())
    lookups.start()
    qtbot.waitUntil(lambda: len(found) == 2)
    lookups.stop()
    silent = Lookups(lambda: FakeClient(answer=Transient("ipc-silent", "No answer.", remedy="Wait.")))
    silent.ask(SentQuestion())
    with qtbot.waitSignal(silent.answered) as answered:
        silent.start()
    silent.stop()

    assert ["2", SentQuestion()] == [getattr(q, "resource_id", q) for q in client.questions]
    assert answered.args == [Finding(question=SentQuestion(), text="No answer. Wait.")]
