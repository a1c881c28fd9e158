"""
The status window: is it working, when did it last work, what is waiting, what must I do.
"""

from __future__ import annotations

from PySide6.QtCore import QSettings, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QFont, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from agent.ui.board import Picture, translate
from agent.ui.commands import PAUSES, RESUME, RESYNC, Command, CommandKind, Reply
from agent.ui.icons import state_icon
from agent.ui.models import RowsTable
from agent.ui.questions import Finding
from agent.ui.rows import BOOKING_COLUMNS, CHANNEL_COLUMNS, CONDITION_COLUMNS
from agent.ui.sent_view import SentView
from agent.ui.tasks_view import TasksView

GEOMETRY = "window/geometry"
TAB = "window/tab"
FIRST_SIZE = QSize(1040, 640)
HEADER_ICON = 48


class StatusWindow(QWidget):
    """
    Shows a `Picture` and asks for commands; it knows neither the engine nor the link.

    Attributes:
        wanted: The `Command` that the user asked for.
        asked: A `Question` of a tab that somebody looks at.
        closed: The user closed the window.
    """

    wanted = Signal(object)
    asked = Signal(object)
    closed = Signal()

    def __init__(self, settings: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._picture: Picture | None = None
        self._asked: CommandKind | None = None
        self._notice = ""
        self._build()
        self.tabs.setCurrentIndex(int(str(settings.value(TAB, "0"))) if str(settings.value(TAB, "0")).isdecimal() else 0)
        self.resize(FIRST_SIZE)
        saved = settings.value(GEOMETRY)
        if saved is not None:
            self.restoreGeometry(saved)

    def show_picture(self, picture: Picture) -> None:
        """
        Show how things are.
        """
        before, self._picture = self._picture, picture
        view = picture.view
        icon = state_icon(view.icon)
        self.setWindowIcon(icon)
        self.icon.setPixmap(icon.pixmap(QSize(HEADER_ICON, HEADER_ICON), self.devicePixelRatioF()))
        self.icon.setAccessibleName(view.headline)
        self.headline.setText(view.headline)
        self.line.setText(view.line)
        self.success.setText(view.last_success)
        self.success.setVisible(view.last_success not in view.line)
        for table, rows in (
            (self.channels, picture.channels),
            (self.bookings, picture.bookings),
            (self.conditions, picture.conditions),
        ):
            table.show_rows(rows)
        self.to_do.show_rows(picture.tasks)
        for table in (self.channels, self.bookings, self.tasks):
            table.setColumnHidden(0, len(picture.practices) <= 1)
        version = (self.tr("Frontdesk {version}").format(version=picture.version),) if picture.version else ()
        self.footer.setText("\n".join(picture.practices + version))
        self._show_to_do(picture, first=before is None or not before.view.to_do)
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

    def show_finding(self, finding: Finding) -> None:
        """
        Show the engine's answer to what a tab asked.
        """
        self.sent.show_finding(finding)

    def show_to_do(self) -> None:
        """
        Bring what a person must do to the front.
        """
        self.tabs.setCurrentIndex(self._to_do_tab)

    def closeEvent(self, event: QCloseEvent) -> None:
        """
        Remember size, place and tab.
        """
        self._settings.setValue(TAB, self.tabs.currentIndex())
        self._settings.setValue(GEOMETRY, self.saveGeometry())
        super().closeEvent(event)
        self.closed.emit()

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Online bookings"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addLayout(self._build_header())
        outer.addLayout(self._build_actions())
        outer.addWidget(self._build_tabs(), stretch=1)
        self.footer = QLabel(self)
        self.footer.setWordWrap(True)
        self.footer.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        outer.addWidget(self.footer)
        for label in self.findChildren(QLabel):
            label.setTextFormat(Qt.TextFormat.PlainText)  # a name with a tag in it is a name

    def _build_header(self) -> QHBoxLayout:
        self.icon = QLabel(self)
        self.icon.setFixedSize(HEADER_ICON, HEADER_ICON)
        self.headline = QLabel(self)
        font = QFont(self.headline.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        self.headline.setFont(font)
        self.line = QLabel(self)
        self.success = QLabel(self)
        for label in (self.line, self.success):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(4)
        for label in (self.headline, self.line, self.success):
            words.addWidget(label)
        header = QHBoxLayout()
        header.setSpacing(14)
        header.addWidget(self.icon, alignment=Qt.AlignmentFlag.AlignTop)
        header.addLayout(words, stretch=1)
        return header

    def _build_actions(self) -> QHBoxLayout:
        self.resync_button = QPushButton(self.tr("&Resync now"), self)
        self.resync_button.setToolTip(self.tr("Sends practitioners, appointment types and all free times to Healthengine again."))
        self.resync_button.clicked.connect(self._want_resync)
        self.pause_button = QPushButton(self.tr("&Pause"), self)
        self.pause_button.setToolTip(self.tr("While it is paused, online bookings wait and Healthengine may hide your times."))
        menu = QMenu(self.pause_button)
        for words, command in PAUSES:
            action = menu.addAction(translate(words))
            action.setData(command)
        menu.triggered.connect(self._want_pause)
        self.pause_button.setMenu(menu)
        self.resume_button = QPushButton(self.tr("R&esume"), self)
        self.resume_button.clicked.connect(self._want_resume)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 0)
        self.progress.setFixedWidth(120)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Under way"))
        self.result = QLabel(self)
        self.result.setWordWrap(True)
        self.result.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.result.setAccessibleName(self.tr("Result"))
        row = QHBoxLayout()
        for widget in (self.resync_button, self.pause_button, self.resume_button, self.progress):
            row.addWidget(widget)
        row.addWidget(self.result, stretch=1)
        return row

    def _build_tabs(self) -> QTabWidget:
        self.channels = RowsTable(CHANNEL_COLUMNS, self.tr("Connections"), marked=2)
        self.bookings = RowsTable(BOOKING_COLUMNS, self.tr("Bookings"), marked=5)
        self.to_do = TasksView(self._settings)
        self.tasks = self.to_do.table
        self.conditions = RowsTable(CONDITION_COLUMNS, self.tr("What is wrong"), stretched=1)
        to_do = QSplitter(Qt.Orientation.Vertical)
        to_do.setChildrenCollapsible(False)
        for title, shown, table in (
            (self.tr("Tasks"), self.to_do, self.tasks),
            (self.tr("Problems"), self.conditions, self.conditions),
        ):
            part = QWidget()
            column = QVBoxLayout(part)
            column.setContentsMargins(8, 8, 8, 8)
            label = QLabel(title)
            label.setBuddy(table)
            column.addWidget(label)
            column.addWidget(shown)
            to_do.addWidget(part)
        to_do.setStretchFactor(0, 3)
        to_do.setStretchFactor(1, 1)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.channels, self.tr("&Connections"))
        self.tabs.addTab(self.bookings, self.tr("&Bookings"))
        self.tabs.addTab(to_do, self.tr("&To do"))
        self._to_do_tab = self.tabs.indexOf(to_do)
        self.sent = SentView(self._settings)
        self.sent.asked.connect(self.asked)
        self.tabs.addTab(self.sent, self.tr("&What we sent"))
        return self.tabs

    def _show_to_do(self, picture: Picture, *, first: bool) -> None:
        count = picture.view.to_do
        words = self.tr("&To do ({count})").format(count=count) if count else self.tr("&To do")
        self.tabs.setTabText(self._to_do_tab, words)
        if count and first:
            self.tabs.setCurrentIndex(self._to_do_tab)  # once, when there begins to be something to do

    def _show_actions(self) -> None:
        if self._picture is None:
            return
        view, resync = self._picture.view, self._picture.resync
        idle = self._asked is None
        self.resync_button.setEnabled(view.can_resync and idle)
        self.pause_button.setEnabled(view.can_pause and idle)
        self.pause_button.setVisible(not view.can_resume)
        self.resume_button.setEnabled(view.can_resume and idle)
        self.resume_button.setVisible(view.can_resume)
        self.progress.setVisible(resync.running or not idle)
        self.result.setText(self.tr("Asking Frontdesk…") if not idle else self._notice or resync.text)

    def _want_resync(self) -> None:
        self.wanted.emit(RESYNC)

    def _want_resume(self) -> None:
        self.wanted.emit(RESUME)

    def _want_pause(self, action: QAction) -> None:
        self.wanted.emit(action.data())
