"""
The wizard's pages about the practice: who it is, when it publishes, and its keys.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QListWidget, QListWidgetItem, QSpinBox

from agent.domain.setting_up import SetUpOutcome, Step
from agent.ui.wizard.page import Draft, Page, problem_text, text_label

API_KEY = "api-key"
LEARNT = "auto"
USUAL_HOURS = "Mon-Fri 08:00-18:00"


class PracticePage(Page):
    """
    Asks who the practice is at Healthengine, and which of the PMS's places belong to it.
    """

    step = Step.CHECK

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            draft,
            "The practice",
            "The practice id is on the page API Consumer Consent of the Healthengine Practice Admin portal.",
        )
        self.practice_id, self.name = QLineEdit(self), QLineEdit(self)
        self.zone = QComboBox(self)
        self.locations = QListWidget(self)
        self.vendor, self.email = QLineEdit(self), QLineEdit(self)
        form = QFormLayout()
        form.addRow(self.tr("Practice &id"), self.practice_id)
        form.addRow(self.tr("Na&me"), self.name)
        form.addRow(self.tr("Time &zone"), self.zone)
        form.addRow(self.tr("&Locations"), self.locations)
        form.addRow(self.tr("&Support's name"), self.vendor)
        form.addRow(self.tr("Support's &e-mail"), self.email)
        self.content.addLayout(form)

    def fill(self) -> None:
        """
        Show the answers, and the places that the practice system named.
        """
        found, answers = self.draft.surroundings, self.draft.answers
        self.practice_id.setText(answers.practice_id)
        self.name.setText(answers.practice_name)
        self.vendor.setText(answers.vendor_name)
        self.email.setText(answers.vendor_email)
        self.zone.clear()
        self.zone.addItems(found.zones if found else [])
        self.zone.setCurrentText(answers.timezone)
        self.locations.clear()
        for place in self.draft.trial.locations if self.draft.trial else ():
            item = QListWidgetItem(f"{place.name} ({place.id})", self.locations)
            item.setData(Qt.ItemDataRole.UserRole, place.id)
            is_chosen = not answers.locations or place.id in answers.locations
            item.setCheckState(Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked)
        self.locations.setEnabled(self.locations.count() > 0)

    def read(self) -> None:
        """
        Take down the answers.
        """
        items = [self.locations.item(row) for row in range(self.locations.count())]
        self.draft.say(
            practice_id=self.practice_id.text().strip(),
            practice_name=self.name.text().strip(),
            timezone=self.zone.currentText(),
            locations=tuple(
                str(item.data(Qt.ItemDataRole.UserRole)) for item in items if item.checkState() is Qt.CheckState.Checked
            ),
            vendor_name=self.vendor.text().strip(),
            vendor_email=self.email.text().strip(),
        )

    def show_outcome(self, outcome: SetUpOutcome) -> str:
        """
        Refuse a practice without a place, if there are any.
        """
        if self.locations.count() and not self.draft.answers.locations:
            return self.tr("Tick at least one location.")
        return super().show_outcome(outcome)


class RulesPage(Page):
    """
    Asks when this computer is up, and how far ahead patients may book.
    """

    step = Step.CHECK

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            draft,
            "Hours and rules",
            "More rules, closures and further practices can be written into the settings later; the documentation has them.",
        )
        self.learns = QCheckBox(self.tr("&Learn the live hours from when this computer is up"), self)
        self.hours = QLineEdit(self)
        self.horizon, self.notice = QSpinBox(self), QSpinBox(self)
        self.horizon.setRange(1, 365)
        self.notice.setRange(0, 7 * 24 * 60)
        self.notice.setSingleStep(15)
        self.holidays = QCheckBox(self.tr("&Closed on public holidays"), self)
        form = QFormLayout()
        form.addRow("", self.learns)
        form.addRow(self.tr("Li&ve hours"), self.hours)
        form.addRow(self.tr("&Days that are published"), self.horizon)
        form.addRow(self.tr("Notice in &minutes"), self.notice)
        form.addRow("", self.holidays)
        self.content.addLayout(form)
        self.content.addWidget(
            text_label(
                self,
                self.tr(
                    "Inside the live hours Healthengine hides the practice's times when this computer falls silent, so that "
                    "nobody books what cannot be entered. Outside them bookings wait until it is up again. Let it not sleep in "
                    "these hours."
                ),
            )
        )
        self.content.addStretch(1)
        self.learns.toggled.connect(self.hours.setDisabled)

    def fill(self) -> None:
        """
        Show the answers.
        """
        answers = self.draft.answers
        learns = answers.live_hours == LEARNT
        self.hours.setText(USUAL_HOURS if learns else answers.live_hours)
        self.learns.setChecked(learns)
        self.hours.setDisabled(learns)
        self.horizon.setValue(answers.horizon_days)
        self.notice.setValue(answers.minimum_notice_minutes)
        self.holidays.setChecked(answers.closed_on_holidays)

    def read(self) -> None:
        """
        Take down the answers.
        """
        self.draft.say(
            live_hours=LEARNT if self.learns.isChecked() else self.hours.text().strip(),
            horizon_days=self.horizon.value(),
            minimum_notice_minutes=self.notice.value(),
            closed_on_holidays=self.holidays.isChecked(),
        )


class KeysPage(Page):
    """
    Asks for the keys, and tries them with Healthengine.
    """

    step = Step.KEYS

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            draft,
            "Keys",
            "They are tried with Healthengine, and stored by the system itself: in no file that can be read, and in no log.",
        )
        self.vendor_key, self.practice_key = QLineEdit(self), QLineEdit(self)
        form = QFormLayout()
        for words, line in ((self.tr("&Vendor's key"), self.vendor_key), (self.tr("&Practice's key"), self.practice_key)):
            line.setEchoMode(QLineEdit.EchoMode.Password)
            form.addRow(words, line)
        self.content.addLayout(form)
        self.content.addWidget(
            text_label(
                self,
                self.tr(
                    "The practice's key comes from the Healthengine Practice Admin portal: somebody who administers the practice "
                    "there opens API Consumer Consent, chooses Grant new consent and this integration, and copies the id and the "
                    "key that are shown then."
                ),
            )
        )
        self.content.addStretch(1)

    def fill(self) -> None:
        """
        Say which keys are there already; none is ever shown.
        """
        stored = self.draft.surroundings.stored if self.draft.surroundings else ()
        keep = self.tr("stored already; empty: keep it")
        self.vendor_key.setPlaceholderText(keep if API_KEY in stored else "")
        self.practice_key.setPlaceholderText(keep if self._practice_key in stored else "")

    def read(self) -> None:
        """
        Keep the keys in memory.
        """
        for name in [name for name in self.draft.secrets if name.startswith("practice-key:")]:
            del self.draft.secrets[name]  # of an id that was entered before
        self.draft.keep(API_KEY, self.vendor_key.text().strip())
        self.draft.keep(self._practice_key, self.practice_key.text().strip())

    def show_outcome(self, outcome: SetUpOutcome) -> str:
        """
        Say which key does not do, and what to do.
        """
        wrong = next((line for line in outcome.lines if not line.ok), None)
        if wrong is None:
            return problem_text(outcome.problem)
        if wrong.area == "credentials":
            return self.tr("A key is missing. Enter both.")
        return f"{wrong.detail.rstrip('. ')}. {wrong.remedy}".strip()

    @property
    def _practice_key(self) -> str:
        return f"practice-key:{self.draft.answers.practice_id}"
