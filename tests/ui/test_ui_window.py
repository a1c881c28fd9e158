"""
The window and the tray, drawn without a screen.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect, QSettings, QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from ui_values import NOW, ago, condition, make_status, task

from agent import __version__
from agent.domain.status import EngineState, ResyncStatus
from agent.ui.board import Picture, StatusBoard
from agent.ui.commands import PAUSES, RESUME, RESYNC, TRY_AGAIN, Command, Reply
from agent.ui.icons import SIZES, render, state_icon
from agent.ui.models import RowsModel
from agent.ui.notifying import Notification, Place
from agent.ui.presenters import IconKey
from agent.ui.rows import CHANNEL_COLUMNS, Row, Tone
from agent.ui.top import TopAction
from agent.ui.tray import Tray
from agent.ui.window import StatusWindow


def picture(state: EngineState = EngineState.ONLINE, *, unreachable: str = "", **changes: object) -> Picture:
    board = StatusBoard(now=lambda: NOW)
    board.set_status(make_status(state, **changes))
    if unreachable:
        board.set_unreachable(unreachable, "ipc-no-engine")
    return board.picture


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> QSettings:
    """
    Settings of a user who has never opened the window.
    """
    return QSettings(str(tmp_path_factory.mktemp("user") / "tray.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def window(qtbot: QtBot, settings: QSettings) -> StatusWindow:
    """
    A window that has shown nothing yet.
    """
    made = StatusWindow(settings)
    qtbot.addWidget(made)
    return made


def test_a_name_with_a_tag_in_it_is_a_name(window: StatusWindow) -> None:
    """
    Nothing that is shown is taken for markup.
    """
    labels = window.findChildren(QLabel)

    assert len(labels) > 5
    assert {Qt.TextFormat.PlainText} == {label.textFormat() for label in labels if label.pixmap().isNull()}


def test_it_shows_the_headline_and_the_tables(window: StatusWindow) -> None:
    """
    What the picture says is on the window.
    """
    window.show_picture(picture(EngineState.ATTENTION, tasks=(task(),)))

    assert "Online bookings are working; 1 task waits for you." == window.top.sentence.text()
    assert (4, 1) == tuple(t.rows_model.rowCount() for t in (window.connections.table, window.to_do.table))


def test_it_is_drawn(window: StatusWindow) -> None:
    """
    A grab of the window has more than one colour.
    """
    window.show_picture(picture())
    window.show()
    image = window.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}

    assert len(colours) > 5


def test_resync_asks_once_and_shows_how_it_went(window: StatusWindow, qtbot: QtBot) -> None:
    """
    A click asks for the resync, blocks a second one, and ends in the engine's own words.
    """
    window.show_picture(picture())
    window.show()
    with qtbot.waitSignal(window.wanted) as asked:
        QTest.mouseClick(window.top.action, Qt.MouseButton.LeftButton)
    window.show_asked(RESYNC)
    waiting = (window.top.action.isEnabled(), window.top.progress.isVisible(), window.top.result.text())
    window.show_reply(Reply(command=RESYNC, ok=True, message="The resync has started."))
    answered = (window.top.progress.isVisible(), window.top.result.text())
    window.show_picture(picture(resync=ResyncStatus(scope="all", requested_at=ago(seconds=9), requested_by="anna")))
    running = (window.top.action.isEnabled(), window.top.progress.isVisible(), window.top.result.text())
    done = ResyncStatus(
        scope="all", requested_at=ago(seconds=9), requested_by="anna", finished_at=ago(), ok=True, result="360 days sent."
    )
    window.show_picture(picture(resync=done))

    assert [RESYNC] == asked.args
    assert (False, True, "Asking Frontdesk…") == waiting
    assert (False, "The resync has started.") == answered
    assert (False, True, "Sending everything to Healthengine again, since 14:04") == running
    assert (True, False) == (window.top.action.isEnabled(), window.top.progress.isVisible())
    assert "Resync finished at 14:05: 360 days sent." == window.top.result.text()


def test_an_engine_of_another_version_is_named(window: StatusWindow) -> None:
    """
    What may be missing has a reason that can be read.
    """
    window.show_picture(picture())
    same = window.footer.text()
    window.show_picture(picture(version="9.9.9"))

    assert same.endswith(f"Frontdesk {__version__}")
    assert f"Frontdesk 9.9.9; this window is version {__version__}" in window.footer.text()


def test_the_window_does_what_the_icons_menu_does(window: StatusWindow, qtbot: QtBot) -> None:
    """
    Where there is no notification area, settings, diagnostics and *about* are here.
    """
    needed: list[object] = []
    window.needed.connect(needed.append)
    settings, set_up, diagnostics, about = window.more.menu().actions()
    settings.trigger()
    set_up.trigger()
    diagnostics.trigger()
    with qtbot.waitSignal(window.about):
        about.trigger()

    assert [TopAction.SHOW_SETTINGS, TopAction.SET_UP, TopAction.SHOW_DIAGNOSTICS] == needed


def test_a_resync_shows_how_far_it_has_come(window: StatusWindow) -> None:
    """
    In parts where they are known, else only that something is under way.
    """
    asked = ResyncStatus(scope="availability", requested_at=ago(seconds=9), requested_by="anna", parts=4, done=1)
    window.show_picture(picture(resync=asked))
    shown = (window.top.progress.maximum(), window.top.progress.value(), window.top.result.text())
    window.show_picture(picture(resync=replace(asked, parts=0, done=0, scope="all")))

    assert (4, 1, "Sending free times to Healthengine again, since 14:04") == shown
    assert (0, "Sending everything to Healthengine again, since 14:04") == (
        window.top.progress.maximum(),
        window.top.result.text(),
    )


def test_a_refusal_is_shown(window: StatusWindow) -> None:
    """
    Where a command could not be given, the reason stands beside the buttons, which work again.
    """
    window.show_picture(picture())
    window.show_asked(RESYNC)
    window.show_reply(Reply(command=RESYNC, ok=False, message="Only an administrator may do this."))

    assert (True, "Only an administrator may do this.") == (window.top.action.isEnabled(), window.top.result.text())


def test_pause_offers_its_lengths_and_resume_takes_its_place(window: StatusWindow, qtbot: QtBot) -> None:
    """
    Pause is a menu of three lengths; while paused there is a resume button instead.
    """
    window.show()
    window.show_picture(picture())
    actions = window.connections.pause_button.menu().actions()
    with qtbot.waitSignal(window.wanted) as paused:
        actions[0].trigger()
    window.show_picture(picture(EngineState.PAUSED))
    connections = window.connections
    shown = [button.isVisible() for button in (connections.pause_button, connections.resume_button)]
    with qtbot.waitSignal(window.wanted) as resumed:
        QTest.mouseClick(window.connections.resume_button, Qt.MouseButton.LeftButton)

    assert [words for words, _ in PAUSES] == [action.text() for action in actions]
    assert ([PAUSES[0][1]], [RESUME]) == (paused.args, resumed.args)
    assert [False, True] == shown


def test_a_lost_engine_leaves_the_lists_and_disables_the_buttons(window: StatusWindow) -> None:
    """
    After a loss the window says so, keeps what it knew, and offers nothing that cannot be done.
    """
    window.show_picture(picture(unreachable="The engine is not running."))
    connections = window.connections
    assert "Frontdesk is not running: online bookings wait." == window.top.sentence.text()
    assert [False, False] == [b.isEnabled() for b in (connections.resync_button, connections.pause_button)]
    assert 4 == connections.table.rows_model.rowCount()


def test_something_to_do_comes_to_the_front_once(window: StatusWindow) -> None:
    """
    The list of what to do is opened when it begins to have entries, and not again while it has.
    """
    window.show_picture(picture())
    quiet = window.tabs.currentIndex()
    window.show_picture(picture(EngineState.ATTENTION, tasks=(task(),), conditions=(condition(),)))
    called = (window.tabs.currentIndex(), *map(window.tabs.tabText, (2, 3)))
    window.tabs.setCurrentIndex(0)
    window.show_picture(picture(EngineState.ATTENTION, tasks=(task(), task(4))))

    assert (0, (2, "&To do (1)", "Hea&lth (1)"), 0) == (quiet, called, window.tabs.currentIndex())


def test_it_remembers_its_size(window: StatusWindow, settings: QSettings, qtbot: QtBot) -> None:
    """
    The next window is as large as the last one was.
    """
    window.show()
    before = window.size()
    window.resize(before - QSize(37, 29))
    left = window.size()  # not smaller than its contents, which are as wide as the system's letters
    window.close()
    again = StatusWindow(settings)
    qtbot.addWidget(again)

    assert before != left == again.size()


def test_it_remembers_its_tab_by_name(window: StatusWindow, settings: QSettings, qtbot: QtBot) -> None:
    """
    The next window opens where the last one was left, whatever tabs there are by then; a name that is not known is no harm.
    """
    window.tabs.setCurrentWidget(window.health)
    window.close()
    again = StatusWindow(settings)
    qtbot.addWidget(again)
    kept = (settings.value("window/tab"), again.tabs.currentWidget())
    settings.setValue("window/tab", "2")
    other = StatusWindow(settings)
    qtbot.addWidget(other)

    assert ("health", again.health) == kept
    assert other.connections is other.tabs.currentWidget()


@pytest.mark.parametrize(
    ("shown", "tab"),
    [
        (picture(), "connections"),
        (picture(EngineState.ATTENTION, tasks=(task(),), conditions=(condition(),)), "tasks"),
        (picture(unreachable="The engine is not running."), "bookings"),
    ],
    ids=["well", "attention", "lost"],
)
def test_a_small_screen_answers_all_questions_without_scrolling(window: StatusWindow, shown: Picture, tab: str) -> None:
    """
    At 1366 x 768: is it working, when did it last work, what is waiting, what must I do, and the button for it; all unclipped.
    """
    window.resize(1366, 768)
    window.show_picture(shown)
    window._show_tab(tab)
    window.show()
    top = window.top
    answers = (top.sentence, top.success, top.waiting, top.advice)
    within = window.rect()

    assert [True] * 5 == [
        within.contains(QRect(widget.mapTo(window, QPoint()), widget.size())) for widget in (*answers, top.action)
    ]
    assert [] == [label.text() for label in answers if label.heightForWidth(label.width()) > label.height()]
    assert (shown.top.sentence, shown.top.last_success, shown.top.waiting, shown.top.advice) == tuple(
        label.text() for label in answers
    )
    assert all(label.text() and label.isVisible() for label in answers)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (picture(), RESYNC),
        (picture(EngineState.PAUSED), RESUME),
        (picture(EngineState.OFFLINE), TRY_AGAIN),
    ],
    ids=["resync", "resume", "try again"],
)
def test_the_one_button_asks_the_engine(window: StatusWindow, qtbot: QtBot, shown: Picture, wanted: Command) -> None:
    """
    Where a command helps most, a click gives it.
    """
    window.show_picture(shown)
    window.show()
    with qtbot.waitSignal(window.wanted) as asked:
        QTest.mouseClick(window.top.action, Qt.MouseButton.LeftButton)

    assert [wanted] == asked.args


@pytest.mark.parametrize(
    ("shown", "tab"),
    [
        (picture(EngineState.ATTENTION, tasks=(task(),)), "tasks"),
        (picture(EngineState.ATTENTION, conditions=(condition(),)), "health"),
        (picture(EngineState.STARTING, channels=()), "connections"),
    ],
    ids=["tasks", "problem", "starting"],
)
def test_the_one_button_shows_what_helps(window: StatusWindow, shown: Picture, tab: str) -> None:
    """
    Where somebody has to look or decide, a click brings it to the front.
    """
    window.show_picture(shown)
    window.show()
    window._show_tab("bookings")
    QTest.mouseClick(window.top.action, Qt.MouseButton.LeftButton)

    assert tab == window.tabs.currentWidget().objectName()


def test_every_control_has_a_name_for_screen_readers(window: StatusWindow) -> None:
    """
    Buttons and tables can be told apart without seeing them, and reached by keyboard.
    """
    window.show_picture(picture())
    connections = window.connections
    tables = (connections.table, window.bookings.table, window.to_do.table, window.health.table)
    buttons = (window.top.action, connections.resync_button, connections.pause_button, connections.resume_button)
    names = [QAccessible.queryAccessibleInterface(w).text(QAccessible.Text.Name) for w in (*tables, *buttons)]

    assert 8 == len(set(filter(None, names)))
    assert all(w.focusPolicy() & Qt.FocusPolicy.TabFocus for w in (*tables, *buttons))


def test_the_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    """
    Qt's own checker finds nothing wrong while rows come, change and go.
    """
    model = RowsModel(("a", "b"), marked=1)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    first = Row(key="1", cells=("x", "y"), tone=Tone.GOOD)
    model.set_rows([first, Row(key="2", cells=("p", "q"))])
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.set_rows([first, Row(key="2", cells=("p", "r"))])

    assert changed.args is not None
    assert (1, 1) == (changed.args[0].row(), changed.args[1].column())
    assert "r" == model.data(model.index(1, 1))
    assert model.data(model.index(0, 1), Qt.ItemDataRole.DecorationRole) is not None
    assert model.data(QModelIndex()) is None
    assert "b" == model.headerData(1, Qt.Orientation.Horizontal)


def test_the_chosen_line_stays_chosen(window: StatusWindow) -> None:
    """
    A new line above does not take the selection from the one the user reads.
    """
    window.show_picture(picture(EngineState.ATTENTION, tasks=(task(1), task(2))))
    window.to_do.table.selectRow(1)
    window.show_picture(picture(EngineState.ATTENTION, tasks=(task(1), task(2), task(3, since=ago(hours=2)))))

    assert 2 == window.to_do.table.currentIndex().row()


@pytest.mark.parametrize("key", list(IconKey))
def test_every_state_has_a_picture_at_every_size(key: IconKey, qtbot: QtBot) -> None:
    """
    Each picture fills its square at 16 pixels as at 64.
    """
    sizes = {size.width() for size in state_icon(key).availableSizes()}
    small = render(key.value, 16)
    drawn = sum(small.pixelColor(x, y).alpha() > 100 for x in range(16) for y in range(16))

    assert set(SIZES) == sizes
    assert drawn > 80


def test_the_pictures_differ_in_shape_and_not_only_in_colour() -> None:
    """
    In grey, at 16 pixels, on a light and on a dark ground, no two pictures look alike.
    """
    images = {key: render(key.value, 16) for key in IconKey}
    for key, image in images.items():
        for other, rival in images.items():
            differing = sum(
                abs(image.pixelColor(x, y).lightness() - rival.pixelColor(x, y).lightness()) > 60
                or abs(image.pixelColor(x, y).alpha() - rival.pixelColor(x, y).alpha()) > 90
                for x in range(16)
                for y in range(16)
            )

            assert key is other or differing > 50, (key, other, differing)


def test_the_menu_says_how_it_is_and_asks_for_commands(qtbot: QtBot) -> None:
    """
    The first two entries only inform; the others ask.
    """
    tray = Tray()
    tray.show_picture(picture())
    with qtbot.waitSignal(tray.wanted) as resync:
        tray.resync_menu.actions()[0].trigger()
    with qtbot.waitSignal(tray.wanted) as pause:
        tray.pause_menu.actions()[2].trigger()
    with qtbot.waitSignal(tray.open_window):
        tray.open_action.trigger()

    assert ("Online bookings are working", False) == (tray.status_action.text(), tray.status_action.isEnabled())
    assert ("Last checked for bookings at 14:04", False) == (tray.success_action.text(), tray.success_action.isEnabled())
    assert ([RESYNC], [PAUSES[2][1]]) == (resync.args, pause.args)
    assert "Close this icon (online bookings go on)" == tray.close_action.text()


def test_the_menu_offers_resume_while_paused(qtbot: QtBot) -> None:
    """
    Pause and resume are never there together.
    """
    tray = Tray()
    tray.show_picture(picture(EngineState.PAUSED))
    paused = (tray.pause_menu.menuAction().isVisible(), tray.resume_action.isVisible(), tray.resync_menu.isEnabled())
    tray.show_picture(picture())

    assert (False, True, False) == paused
    assert (True, False) == (tray.pause_menu.menuAction().isVisible(), tray.resume_action.isVisible())


def test_what_needs_a_person_has_an_entry_of_its_own(qtbot: QtBot) -> None:
    """
    It counts, opens the list, and is not there while there is nothing.
    """
    tray = Tray()
    tray.show_picture(picture())
    quiet = tray.to_do_action.isVisible()
    tray.show_picture(picture(EngineState.ATTENTION, tasks=(task(), task(4))))
    with qtbot.waitSignal(tray.open_window) as opened:
        tray.to_do_action.trigger()

    assert not quiet
    assert ("Needs attention (2)", True) == (tray.to_do_action.text(), tray.to_do_action.isVisible())
    assert [Place.TO_DO] == opened.args


def test_a_click_on_a_notification_opens_its_place(qtbot: QtBot) -> None:
    """
    The newest notification decides.
    """
    tray = Tray()
    tray.show_picture(picture())
    tray.notify(Notification(title="a", text="b", place=Place.TO_DO))
    with qtbot.waitSignal(tray.open_window) as opened:
        tray._icon.messageClicked.emit()

    assert [Place.TO_DO] == opened.args


def test_every_entry_of_the_menu_has_words(qtbot: QtBot) -> None:
    """
    A screen reader finds a name for each, also in the menus below.
    """
    tray = Tray()
    tray.show_picture(picture(EngineState.ATTENTION, tasks=(task(),)))
    menus = (tray.menu, tray.resync_menu, tray.pause_menu)

    assert [] == [a for menu in menus for a in menu.actions() if not a.isSeparator() and not a.text()]


def test_without_a_notification_area_the_tray_keeps_looking(qtbot: QtBot) -> None:
    """
    Where there is no place for the icon it is not shown, and nothing fails.
    """
    tray = Tray()
    tray.show_picture(picture())
    tray.start()
    visible = tray.visible
    tray.stop()

    assert not visible


def test_columns_have_titles(window: StatusWindow) -> None:
    """
    The titles of the table are those of its rows.
    """
    model = window.connections.table.rows_model

    assert CHANNEL_COLUMNS == tuple(model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount()))
