"""
The page about keys: entered, tried with Healthengine and stored; never shown.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QPushButton, QVBoxLayout

from agent.domain.changing import PracticeShown
from agent.domain.masked import Secret
from agent.ui.settings.pages import SettingsPage
from agent.ui.wizard.page import text_label

API_KEY = "api-key"


class KeysPage(SettingsPage):
    """
    Asks for keys that replace those that there are.

    Attributes:
        entered: The practice's id, and each key by its name.
    """

    entered = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._stored: tuple[str, ...] = ()
        self.vendor_key, self.practice_key = QLineEdit(self), QLineEdit(self)
        self.store = QPushButton(self.tr("&Try and store"), self)
        form = QFormLayout()
        for words, line in ((self.tr("&Vendor's key"), self.vendor_key), (self.tr("Practice's ke&y"), self.practice_key)):
            line.setEchoMode(QLineEdit.EchoMode.Password)
            form.addRow(words, line)
        about = self.tr(
            "They are tried with Healthengine first, and stored only if it accepts them: by the system itself, in no file that "
            "can be read. The practice's key comes from the Healthengine Practice Admin portal, under API Consumer Consent. A "
            "running Frontdesk uses a new key from the next call on."
        )
        outer = QVBoxLayout(self)
        outer.addLayout(form)
        outer.addWidget(text_label(self, about))
        outer.addStretch(1)
        outer.addLayout(self._add_button(self.store))
        self.controls = [self.vendor_key, self.practice_key, self.store]
        self.store.clicked.connect(self._store)

    def matter(self, practice: PracticeShown) -> object:
        """
        Return which practice it is.
        """
        return practice.id

    def fill(self, practice: PracticeShown) -> None:
        """
        Forget what was entered for another practice.
        """
        self._clear(practice.id)

    def show_stored(self, stored: tuple[str, ...]) -> None:
        """
        Say which keys are stored; what was entered has been dealt with.
        """
        self._stored = stored
        if self.practice is not None:
            self._clear(self.practice.id)

    def _clear(self, practice_id: str) -> None:
        for name, line in self._lines(practice_id):
            line.clear()
            line.setPlaceholderText(self.tr("stored; empty: keep it") if name in self._stored else self.tr("not stored yet"))

    def _lines(self, practice_id: str) -> list[tuple[str, QLineEdit]]:
        return [(API_KEY, self.vendor_key), (f"practice-key:{practice_id}", self.practice_key)]

    def _store(self) -> None:
        if self.practice is None:
            return
        practice_id = self.practice.id
        entered = {name: Secret(line.text().strip()) for name, line in self._lines(practice_id) if line.text().strip()}
        if entered:
            self.entered.emit(practice_id, entered)
