"""
The tab that shows when this machine was up.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from ui_values import NOW, ago, uptime_report

from agent.domain.days import Span
from agent.ui.questions import AdoptHours, Finding, UptimeQuestion
from agent.ui.uptime_bars import LegendRow, UptimeModel, paint_bar
from agent.ui.uptime_rows import LEGEND, DayBar, adopt_line, day_bars, hours_line
from agent.ui.uptime_view import UptimeView


@pytest.fixture
def view(qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory) -> UptimeView:
    """
    The tab, in sight, with one practice's four weeks.
    """
    made = UptimeView(QSettings(str(tmp_path_factory.mktemp("user") / "tray.ini"), QSettings.Format.IniFormat), now=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    made.show_finding(Finding(question=UptimeQuestion(), found=(uptime_report(),)))
    return made


def test_each_day_says_what_was_missed() -> None:
    """
    Today first; what has not happened yet and what nobody recorded is neither up nor missed.
    """
    bars = {bar.day: bar for bar in day_bars(uptime_report())}
    today, wednesday = bars["Mon 23 Nov 2026"], bars["Wed 18 Nov 2026"]

    assert "Mon 23 Nov 2026" == next(iter(bars))
    assert ("Up so far", (), (Span(845, 1440),)) == (today.words, today.missed, today.unknown)
    assert ("Not up 12:15–13:00 (45 min)", (Span(735, 780),)) == (wednesday.words, wednesday.missed)
    assert ["Always up", "No live hours", "Not recorded", "Always up"] == [
        bars[day].words for day in ("Fri 20 Nov 2026", "Sun 22 Nov 2026", "Mon 2 Nov 2026", "Tue 10 Nov 2026 (holiday)")
    ]


def test_it_says_which_hours_count_and_who_decided() -> None:
    """
    Learned hours are called so, and an answer of a person is told.
    """
    decided = uptime_report(is_learned=True, answered_at=ago(hours=2), answered_by="mel", adoptable="")

    assert "Live hours: Mon-Fri 08:00-18:00" == hours_line(uptime_report(), NOW)
    assert "Live hours, learned: Mon-Fri 08:00-18:00; last decided by mel, 12:05" == hours_line(decided, NOW)
    assert ("", True) == (adopt_line(decided), adopt_line(uptime_report()).startswith("Learned: Mon-Tue"))


def test_adopting_asks_once_more(view: UptimeView, qtbot: QtBot) -> None:
    """
    The button asks whether it is meant; a yes goes to the engine, whose words are shown.
    """
    QTest.mouseClick(view.adopt, Qt.MouseButton.LeftButton)
    assert view.box is not None
    asked = view.box.text()
    yes = next(b for b in view.box.findChildren(QPushButton) if "Adopt" in b.text())
    with qtbot.waitSignal(view.asked) as wanted:
        QTest.mouseClick(yes, Qt.MouseButton.LeftButton)
    view.show_finding(Finding(question=AdoptHours(practice_id="1001"), found="The live hours are now as learned."))

    assert "Wed 07:30-12:15" in asked
    assert [AdoptHours(practice_id="1001")] == wanted.args
    assert "The live hours are now as learned." == view.said.text()


def test_where_nothing_would_change_nothing_is_offered(view: UptimeView) -> None:
    """
    Neither button nor words; and a lost engine leaves what was known.
    """
    view.show_finding(Finding(question=UptimeQuestion(), found=(uptime_report(adoptable=""),)))
    offered = view.adopt.isVisible()
    view.show_finding(Finding(question=UptimeQuestion(), text="The engine does not answer."))

    assert not offered
    assert ("The engine does not answer.", 29) == (view.hours.text(), view.bars.rowCount())


def test_two_practices_have_a_choice(view: UptimeView) -> None:
    """
    Each practice has live hours of its own.
    """
    view.show_finding(Finding(question=UptimeQuestion(), found=(uptime_report(), uptime_report("1002", hours="Sat 09:00-12:00"))))
    view.practice.setCurrentIndex(1)
    view.practice.activated.emit(1)

    assert (True, "Live hours: Sat 09:00-12:00") == (view.practice.isVisible(), view.hours.text())


def test_the_signs_differ_without_their_colours(qtbot: QtBot) -> None:
    """
    In black and white the four signs of the legend are still four.
    """
    whole = (Span(0, 1440),)
    empty = DayBar(day="", up=(), live=(), missed=(), unknown=(), words="")
    shapes = set()
    for sign in ({"up": whole}, {"live": whole}, {"live": whole, "missed": whole}, {"unknown": whole}):
        image = QImage(60, 30, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.white)
        legend = LegendRow()
        qtbot.addWidget(legend)
        with QPainter(image) as painter:
            bar = DayBar(**{f: sign.get(f, getattr(empty, f)) for f in DayBar.__slots__})
            paint_bar(painter, image.rect().adjusted(5, 5, -5, -5), bar, legend.palette(), hours=())
        grey = image.convertToFormat(QImage.Format.Format_Mono, Qt.ImageConversionFlag.ThresholdDither)
        shapes.add(bytes(grey.constBits()))

    assert (4, 4) == (len(shapes), len(LEGEND))


def test_the_days_keep_the_rules_of_qt(view: UptimeView) -> None:
    """
    Qt's own checker finds nothing wrong, and a line can be read aloud.
    """
    model = UptimeModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(day_bars(uptime_report()))
    spoken = model.data(model.index(5, 1), Qt.ItemDataRole.AccessibleTextRole)
    model.show(())

    assert "Wed 18 Nov 2026: Not up 12:15–13:00 (45 min)" == spoken
    assert NOW.date() - timedelta(days=5) == uptime_report().days[-6].date
