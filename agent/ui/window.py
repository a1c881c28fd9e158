"""
The status window: is it working, when did it last work, what is waiting, what must I do.
"""

from __future__ import annotations

from PySide6.QtCore import QSettings, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QTabWidget, QVBoxLayout, QWidget

from agent import __version__
from agent.ui.activity_view import ActivityView
from agent.ui.board import Picture
from agent.ui.bookings_view import BookingsView
from agent.ui.commands import RESUME, RESYNC, START_BOOKINGS, TRY_AGAIN, Command, CommandKind, Reply
from agent.ui.connections_view import ConnectionsView
from agent.ui.health_view import HealthView
from agent.ui.icons import state_icon
from agent.ui.questions import Finding
from agent.ui.sent_view import SentView
from agent.ui.tasks_view import TasksView
from agent.ui.top import TopAction
from agent.ui.top_view import TopView
from agent.ui.uptime_view import UptimeView

GEOMETRY = "window/geometry"
TAB = "window/tab"
FIRST_SIZE = QSize(1040, 640)

COMMANDS = {
    TopAction.RESYNC: RESYNC,
    TopAction.RESUME: RESUME,
    TopAction.TRY_AGAIN: TRY_AGAIN,
    TopAction.START_BOOKINGS: START_BOOKINGS,
}
"""What the one button at the top asks of the engine; the others show something, or need no engine."""


class StatusWindow(QWidget):
    """
    Shows a `Picture` and asks for commands; it knows neither the engine nor the link.

    Attributes:
        wanted: The `Command` that the user asked for.
        needed: A `TopAction` that needs no engine: start it, set it up, show the settings or the diagnostics, save them.
        asked: A `Question` of a tab that somebody looks at.
        about: The user asked what this is.
        closed: The user closed the window.
    """

    wanted = Signal(object)
    needed = Signal(object)
    asked = Signal(object)
    about = Signal()
    closed = Signal()

    def __init__(self, settings: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._picture: Picture | None = None
        self._asked: CommandKind | None = None
        self._notice = ""
        self._build()
        self._show_tab(str(settings.value(TAB, "")))
        self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize()))
        saved = settings.value(GEOMETRY)
        if saved is not None:
            self.restoreGeometry(saved)

    def show_picture(self, picture: Picture) -> None:
        """
        Show how things are.
        """
        before, self._picture = self._picture, picture
        self.setWindowIcon(state_icon(picture.view.icon))
        self.top.show_picture(picture)
        self.to_do.show_rows(picture.tasks)
        self.to_do.table.setColumnHidden(0, len(picture.practices) <= 1)
        self.bookings.look_again()
        self.footer.setText("\n".join(filter(None, (*picture.practices, self._versions(picture.version)))))
        self._show_counts(picture)
        if picture.view.to_do and (before is None or not before.view.to_do):
            self.show_to_do()  # once, when there begins to be something to do
        if before is None or before.resync != picture.resync:
            self._notice = ""  # the engine's own word is newer
        self._show_actions()

    def show_reply(self, reply: Reply) -> None:
        """
        Show the engine's answer to a command.
        """
        self._asked = None
        already_shown = reply.ok and self._picture is not None and self._picture.resync.running
        self._notice = "" if already_shown else reply.message
        self._show_actions()

    def show_asked(self, command: Command) -> None:
        """
        Show that a command is on its way, whoever gave it.
        """
        self._asked = command.kind
        self._notice = ""
        self._show_actions()

    def show_notice(self, text: str) -> None:
        """
        Say something beside the buttons, until there is something newer.
        """
        self._notice = text
        self._show_actions()

    def show_finding(self, finding: Finding) -> None:
        """
        Show the engine's answer to what a tab asked.
        """
        for view in (self.bookings, self.sent, self.uptime, self.activity):
            view.show_finding(finding)

    def show_to_do(self) -> None:
        """
        Bring what a person must do to the front: the tasks, or what is wrong where there are none.
        """
        is_problem = self._picture is not None and not self._picture.tasks and bool(self._picture.conditions)
        self._show_tab("health" if is_problem else "tasks")

    def closeEvent(self, event: QCloseEvent) -> None:
        """
        Remember size, place and tab.
        """
        self._settings.setValue(TAB, self.tabs.currentWidget().objectName())
        self._settings.setValue(GEOMETRY, self.saveGeometry())
        super().closeEvent(event)
        self.closed.emit()

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Online bookings"))
        self.top = TopView(self)
        self.top.chosen.connect(self._do)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addWidget(self.top)
        outer.addWidget(self._build_tabs(), stretch=1)
        outer.addLayout(self._build_footer())
        for label in self.findChildren(QLabel):
            label.setTextFormat(Qt.TextFormat.PlainText)  # a name with a tag in it is a name

    def _build_tabs(self) -> QTabWidget:
        self.connections = ConnectionsView()
        self.connections.wanted.connect(self.wanted)
        self.bookings = BookingsView()
        self.bookings.asked.connect(self.asked)
        self.to_do = TasksView(self._settings)
        self.health = HealthView()
        self.health.wanted.connect(self.wanted)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.sent = SentView(self._settings)
        self.uptime = UptimeView(self._settings)
        self.activity = ActivityView()
        for view in (self.sent, self.uptime, self.activity):
            view.asked.connect(self.asked)
        for name, shown, title in (
            ("connections", self.connections, self.tr("&Connections")),
            ("bookings", self.bookings, self.tr("&Bookings")),
            ("tasks", self.to_do, self.tr("&To do")),
            ("health", self.health, self.tr("Hea&lth")),
            ("sent", self.sent, self.tr("&What we sent")),
            ("uptime", self.uptime, self.tr("&Uptime")),
            ("activity", self.activity, self.tr("&Activity")),
        ):
            shown.setObjectName(name)  # under which the tab is remembered
            self.tabs.addTab(shown, title)
        return self.tabs

    def _build_footer(self) -> QHBoxLayout:
        self.footer = QLabel(self)
        self.footer.setWordWrap(True)
        self.footer.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.more = QPushButton(self.tr("&More"), self)  # where there is no icon, its menu is here
        menu = QMenu(self.more)
        for words, action in (
            (self.tr("Settings"), TopAction.SHOW_SETTINGS),
            (self.tr("Set-up (for administrators)"), TopAction.SET_UP),
            (self.tr("Diagnostics"), TopAction.SHOW_DIAGNOSTICS),
        ):
            menu.addAction(words).setData(action)
        menu.triggered.connect(self._more_chosen)
        menu.addAction(self.tr("About Frontdesk")).triggered.connect(self.about)
        self.more.setMenu(menu)
        row = QHBoxLayout()
        row.addWidget(self.footer, stretch=1)
        row.addWidget(self.more, alignment=Qt.AlignmentFlag.AlignBottom)
        return row

    def _versions(self, engine: str) -> str:
        if engine in ("", __version__):
            return self.tr("Frontdesk {version}").format(version=engine) if engine else ""
        words = self.tr("Frontdesk {engine}; this window is version {window} and may show less: start it again.")
        return words.format(engine=engine, window=__version__)

    def _show_tab(self, name: str) -> None:
        shown = self.tabs.findChild(QWidget, name)
        if name and shown is not None:
            self.tabs.setCurrentWidget(shown)

    def _show_counts(self, picture: Picture) -> None:
        for shown, count, words, counted in (
            (self.to_do, len(picture.tasks), self.tr("&To do"), self.tr("&To do ({count})")),
            (self.health, len(picture.conditions), self.tr("Hea&lth"), self.tr("Hea&lth ({count})")),
        ):
            self.tabs.setTabText(self.tabs.indexOf(shown), counted.format(count=count) if count else words)

    def _show_actions(self) -> None:
        if self._picture is None:
            return
        is_free, resync, top = self._asked is None, self._picture.resync, self._picture.top
        self.connections.show_picture(self._picture, is_free=is_free)
        self.health.show_rows(self._picture.conditions, can_ask=is_free and self._picture.can_ask)
        self.top.show_progress(
            self._notice or resync.text if is_free else self.tr("Asking Frontdesk…"),
            is_busy=resync.running or not is_free,
            parts=resync.parts if resync.running else 0,
            done=resync.done,
            is_free=is_free and (top.action is not TopAction.RESYNC or self._picture.view.can_resync),
        )

    def _more_chosen(self, action: QAction) -> None:
        if action.data() is not None:
            self.needed.emit(action.data())

    def _do(self, action: TopAction) -> None:
        if action in COMMANDS:
            self.wanted.emit(COMMANDS[action])
        elif action is TopAction.SHOW_TASKS:
            self._show_tab("tasks")
        elif action is TopAction.SHOW_HEALTH:
            self._show_tab("health")
        elif action is TopAction.SHOW_CONNECTIONS:
            self._show_tab("connections")
        else:
            self.needed.emit(action)
