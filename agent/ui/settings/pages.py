"""
The pages about a practice: its hours, its closures and its publishing rules.
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from agent.domain.changing import PracticeChange, PracticeShown
from agent.domain.rule import Closure
from agent.domain.rule_words import closure_text
from agent.ui.wizard.page import text_label

LEARNT = "auto"
DATE_FORMAT = "ddd dd/MM/yyyy"


class SettingsPage(QWidget):
    """
    One page. What is typed in stays when another page changes something.

    Attributes:
        wanted: A `PracticeChange`.
        controls: What only those may use who may change something.
    """

    wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.practice: PracticeShown | None = None
        self.controls: list[QWidget] = []
        self._filled_with: object = None

    def show_practice(self, practice: PracticeShown) -> None:
        """
        Show a practice, if something that the page shows of it is new.
        """
        self.practice = practice
        matter = (practice.id, self.matter(practice))
        if matter != self._filled_with:
            self._filled_with = matter
            self.fill(practice)

    def show_why_not(self, why_not: str) -> None:
        """
        Let the controls be used, or say why they cannot.
        """
        for control in self.controls:
            control.setEnabled(not why_not)
            control.setToolTip(why_not)
            control.setAccessibleDescription(why_not)

    def matter(self, practice: PracticeShown) -> object:
        """
        Return what the page shows of a practice.
        """
        raise NotImplementedError

    def fill(self, practice: PracticeShown) -> None:
        """
        Show it.
        """
        raise NotImplementedError

    def _add_button(self, button: QPushButton) -> QHBoxLayout:
        button.setAutoDefault(False)  # Return in a field is not meant for it
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button)
        return row


class PracticePage(SettingsPage):
    """
    Who the practice is, and its live hours.
    """

    def __init__(self) -> None:
        super().__init__()
        self.name, self.zone, self.locations = text_label(self), text_label(self), text_label(self)
        self.learns = QCheckBox(self.tr("&Learn the live hours from when this computer is up"), self)
        self.hours = QLineEdit(self)
        self.hours.setPlaceholderText("Mon-Fri 08:00-18:00")
        self.save = QPushButton(self.tr("&Save"), self)
        form = QFormLayout()
        for words, label in (
            (self.tr("Practice"), self.name),
            (self.tr("Time zone"), self.zone),
            (self.tr("Locations"), self.locations),
        ):
            label.setAccessibleName(words)
            form.addRow(QLabel(words, self), label)
        form.addRow("", self.learns)
        form.addRow(self.tr("Li&ve hours"), self.hours)
        about = self.tr(
            "Inside the live hours Healthengine hides the practice's times when this computer falls silent. Write them as "
            "Mon-Fri 08:00-18:00, Sat 09:00-12:00."
        )
        outer = QVBoxLayout(self)
        outer.addLayout(form)
        outer.addWidget(text_label(self, about))
        outer.addStretch(1)
        outer.addLayout(self._add_button(self.save))
        self.controls = [self.learns, self.hours, self.save]
        self.learns.toggled.connect(self.hours.setReadOnly)
        self.save.clicked.connect(self._save)

    def matter(self, practice: PracticeShown) -> object:
        """
        Return who it is and its hours.
        """
        return practice.name, practice.timezone, practice.locations, practice.live_hours

    def fill(self, practice: PracticeShown) -> None:
        """
        Show who it is and its hours.
        """
        self.name.setText(self.tr("{name} (id {id})").format(name=practice.name, id=practice.id))
        self.zone.setText(practice.timezone)
        self.locations.setText(", ".join(practice.locations) or self.tr("all"))
        learns = practice.live_hours == LEARNT
        self.hours.setText("" if learns else practice.live_hours)
        self.learns.setChecked(learns)

    def _save(self) -> None:
        if self.practice is not None:
            hours = LEARNT if self.learns.isChecked() else self.hours.text().strip()
            self.wanted.emit(PracticeChange(id=self.practice.id, live_hours=hours))


class ClosuresPage(SettingsPage):
    """
    Planned closures: a list, one to add, and one to take out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Planned closures"))
        self.remove = QPushButton(self.tr("Re&move"), self)
        self.first, self.last = QDateEdit(self), QDateEdit(self)
        for edit in (self.first, self.last):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat(DATE_FORMAT)
            edit.setMinimumDate(QDate.currentDate())
        self.reason = QLineEdit(self)
        self.add = QPushButton(self.tr("Add clos&ure"), self)
        form = QFormLayout()
        form.addRow(self.tr("&First day"), self.first)
        form.addRow(self.tr("Last &day"), self.last)
        form.addRow(self.tr("R&eason"), self.reason)
        about = self.tr(
            "On these days nothing is published, and nobody expects this computer to be up. Patients do not see the reason."
        )
        outer = QVBoxLayout(self)
        outer.addWidget(text_label(self, about))
        outer.addWidget(self.list, stretch=1)
        outer.addLayout(self._add_button(self.remove))
        outer.addLayout(form)
        outer.addLayout(self._add_button(self.add))
        self.controls = [self.remove, self.first, self.last, self.reason, self.add]
        self.first.dateChanged.connect(self.last.setMinimumDate)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)

    def matter(self, practice: PracticeShown) -> object:
        """
        Return its closures.
        """
        return practice.closures

    def fill(self, practice: PracticeShown) -> None:
        """
        List the closures in the order of their days.
        """
        self.list.clear()
        for closure in sorted(practice.closures, key=lambda closure: closure.first):
            QListWidgetItem(closure_text(closure), self.list).setData(Qt.ItemDataRole.UserRole, closure)
        self.list.setCurrentRow(0)
        self.reason.clear()

    def _add(self) -> None:
        if self.practice is not None:
            closure = Closure(first=_day(self.first), last=_day(self.last), reason=self.reason.text().strip())
            self.wanted.emit(PracticeChange(id=self.practice.id, close=closure))

    def _remove(self) -> None:
        chosen = self.list.currentItem()
        if self.practice is not None and chosen is not None:
            self.wanted.emit(PracticeChange(id=self.practice.id, reopen=chosen.data(Qt.ItemDataRole.UserRole)))


class RulesPage(SettingsPage):
    """
    What is published: the practice's own terms, and a list of its rules.
    """

    def __init__(self) -> None:
        super().__init__()
        self.horizon, self.notice = QSpinBox(self), QSpinBox(self)
        self.horizon.setRange(1, 365)
        self.notice.setRange(0, 365 * 24 * 60)
        self.notice.setSingleStep(15)
        self.holidays = QCheckBox(self.tr("Closed on public &holidays"), self)
        self.save = QPushButton(self.tr("&Save"), self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Publishing rules"))
        self.list.setWordWrap(True)
        form = QFormLayout()
        form.addRow(self.tr("&Days that are published"), self.horizon)
        form.addRow(self.tr("Notice in &minutes"), self.notice)
        form.addRow("", self.holidays)
        about = self.tr(
            "The rules in the settings file, of which the more exact one wins. They are written in the file itself; the "
            "documentation has them."
        )
        outer = QVBoxLayout(self)
        outer.addLayout(form)
        outer.addLayout(self._add_button(self.save))
        outer.addWidget(text_label(self, about))
        outer.addWidget(self.list, stretch=1)
        self.controls = [self.horizon, self.notice, self.holidays, self.save]
        self.save.clicked.connect(self._save)

    def matter(self, practice: PracticeShown) -> object:
        """
        Return its terms and rules.
        """
        return practice.horizon_days, practice.minimum_notice_minutes, practice.closed_on_holidays, practice.rules

    def fill(self, practice: PracticeShown) -> None:
        """
        Show its terms and list its rules.
        """
        self.horizon.setValue(practice.horizon_days)
        self.notice.setValue(practice.minimum_notice_minutes)
        self.holidays.setChecked(practice.closed_on_holidays)
        self.list.clear()
        self.list.addItems(practice.rules or [self.tr("There are none: what the practice system has free is published.")])

    def _save(self) -> None:
        """
        Ask for what differs alone: a file that says nothing of a matter is not made to.
        """
        practice = self.practice
        if practice is None:
            return
        horizon, notice, closed = self.horizon.value(), self.notice.value(), self.holidays.isChecked()
        self.wanted.emit(
            PracticeChange(
                id=practice.id,
                horizon_days=horizon if horizon != practice.horizon_days else None,
                minimum_notice_minutes=notice if notice != practice.minimum_notice_minutes else None,
                closed_on_holidays=closed if closed != practice.closed_on_holidays else None,
            )
        )


def _day(edit: QDateEdit) -> date:
    shown = edit.date()
    return date(shown.year(), shown.month(), shown.day())
