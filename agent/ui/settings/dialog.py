"""
The window of the settings put together: which practice, its pages, and what came of a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QSettings, QSize, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from agent.domain.changing import ChangeOutcome, PracticeChange, SettingsShown
from agent.domain.masked import Secret
from agent.ui.background import Background
from agent.ui.settings.client import SettingsClient
from agent.ui.settings.keys_page import KeysPage
from agent.ui.settings.notifications_page import NotificationsPage
from agent.ui.settings.pages import ClosuresPage, PracticePage, RulesPage
from agent.ui.wizard.page import problem_text, text_label

SIZE = QSize(720, 560)
UNREADABLE = "settings-unreadable"


class SettingsDialog(QDialog):
    """
    Shows the settings, and has them changed by those who may. Closing it ends what is under way: a change is whole, or not made.

    Args:
        user: The user's own settings; None: this runs as somebody else, and does not offer them.

    Attributes:
        folder_wanted: The folder of the settings is to be opened.
        administrator_wanted: This window is to be opened with an administrator's rights.
    """

    folder_wanted = Signal()
    administrator_wanted = Signal()

    def __init__(self, client: SettingsClient, user: QSettings | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._work = Background(client.stop, self)
        self._shown: SettingsShown | None = None
        self._why_not = ""
        self._pages = (PracticePage(), ClosuresPage(), RulesPage(), KeysPage())
        self.notifications = NotificationsPage(user) if user is not None else None
        self._build()
        self._begin()
        self.resize(SIZE.boundedTo(self.screen().availableSize()))

    @property
    def is_busy(self) -> bool:
        """
        Whether something is under way.
        """
        return self.progress.isVisibleTo(self)

    def look(self) -> None:
        """
        Show the settings as they are now.
        """
        self._begin()
        self._work.begin(self._client.show, self._answered, "settings")

    def done(self, result: int) -> None:
        """
        End what is under way, and close.
        """
        self._work.close()
        super().done(result)

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Settings - Frontdesk"))
        self.choice = QComboBox(self)
        self.choice_label = QLabel(self.tr("Pract&ice"), self)
        self.choice_label.setBuddy(self.choice)
        self.choice.currentIndexChanged.connect(self._show_practice)
        top = QHBoxLayout()
        top.addWidget(self.choice_label)
        top.addWidget(self.choice, stretch=1)
        self.practice, self.closures, self.rules, self.keys = self._pages
        self.keys.entered.connect(self._replace_keys)
        self.tabs = QTabWidget(self)
        for page, title in (
            (self.practice, self.tr("&Practice")),
            (self.closures, self.tr("&Closures")),
            (self.rules, self.tr("&Rules")),
            (self.keys, self.tr("&Keys")),
        ):
            page.wanted.connect(self._change)
            self.tabs.addTab(page, title)
        if self.notifications is not None:
            self.tabs.addTab(self.notifications, self.tr("&Notifications"))
        outer = QVBoxLayout(self)
        outer.addLayout(top)
        outer.addWidget(self.tabs, stretch=1)
        outer.addLayout(self._build_message())
        outer.addLayout(self._build_buttons())
        self._show_choice()

    def _build_message(self) -> QHBoxLayout:
        self.message = text_label(self)
        self.message.setAccessibleName(self.tr("Result"))
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 0)
        self.progress.setFixedWidth(120)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Under way"))
        row = QHBoxLayout()
        row.addWidget(self.message, stretch=1)
        row.addWidget(self.progress)
        return row

    def _build_buttons(self) -> QHBoxLayout:
        self.folder = QPushButton(self.tr("&Open the folder"), self)
        self.folder.clicked.connect(self.folder_wanted)
        self.administrator = QPushButton(self.tr("Change as an &administrator"), self)
        self.administrator.clicked.connect(self.administrator_wanted)
        self.close_button = QPushButton(self.tr("Close"), self)
        self.close_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(self.folder)
        row.addWidget(self.administrator)
        row.addStretch(1)
        row.addWidget(self.close_button)
        for button in (self.folder, self.administrator, self.close_button):
            button.setAutoDefault(False)  # Return in a field is not meant for them
        return row

    def _change(self, change: PracticeChange) -> None:
        self._begin()
        self._work.begin(partial(self._client.change, change), self._answered, "settings-change")

    def _replace_keys(self, practice_id: str, keys: Mapping[str, Secret]) -> None:
        self._begin()
        self._work.begin(partial(self._client.replace_keys, practice_id, keys), self._answered, "settings-keys")

    def _begin(self) -> None:
        self.message.setText(self.tr("One moment…"))
        self.progress.setVisible(True)
        self.administrator.setVisible(False)
        self._show_why_not(self.tr("One moment…"))

    def _answered(self, outcome: ChangeOutcome) -> None:
        self.progress.setVisible(False)
        if outcome.shown is not None:
            self._shown = outcome.shown
            self._show_choice()
            self.keys.show_stored(outcome.shown.stored)
        self._why_not = self._refusal()
        self._show_why_not(self._why_not)
        self.administrator.setVisible(self._lacks_rights(outcome))
        self.message.setText(self._words(outcome))

    def _refusal(self) -> str:
        if self._shown is None:
            return self.tr("The settings could not be read.")
        return "" if self._shown.may_change else self.tr("Only an administrator of this computer changes these settings.")

    def _lacks_rights(self, outcome: ChangeOutcome) -> bool:
        if self._shown is not None:
            return not self._shown.may_change
        return outcome.problem is not None and outcome.problem.code == UNREADABLE

    def _words(self, outcome: ChangeOutcome) -> str:
        if outcome.problem is not None and outcome.problem.code == UNREADABLE:
            return self.tr("Only administrators of this computer see and change these settings.")
        return problem_text(outcome.problem) or outcome.said or self._why_not

    def _show_why_not(self, why_not: str) -> None:
        for page in self._pages:
            page.show_why_not(why_not)

    def _show_choice(self) -> None:
        """
        Offer the practices; where there is but one there is nothing to choose.
        """
        practices = self._shown.practices if self._shown is not None else ()
        chosen = self.choice.currentData()
        self.choice.blockSignals(True)  # the choice is made again below
        self.choice.clear()
        for practice in practices:
            self.choice.addItem(self.tr("{name} (id {id})").format(name=practice.name, id=practice.id), practice.id)
        self.choice.setCurrentIndex(max(self.choice.findData(chosen), 0) if practices else -1)
        self.choice.blockSignals(False)
        for widget in (self.choice, self.choice_label):
            widget.setVisible(len(practices) > 1)
        self._show_practice()

    def _show_practice(self) -> None:
        practice = next((p for p in (self._shown.practices if self._shown else ()) if p.id == self.choice.currentData()), None)
        if practice is not None:
            for page in self._pages:
                page.show_practice(practice)
