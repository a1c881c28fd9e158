"""
The wizard's first pages: what is here, how the practice system is reached, and whether each of its queries works.
"""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QPushButton

from agent.domain.setting_up import Answers, KnownSystem, SetUpOutcome, Step, carrier_of
from agent.ui.models import RowsTable
from agent.ui.presenters import counted_text
from agent.ui.rows import Row, Tone
from agent.ui.wizard.page import Draft, Page, PageId, problem_text, text_label

PASSWORD = "pms-password"  # noqa: S105 - the name of a password, not one

CHECKLIST = """\
Frontdesk connects this practice to Healthengine. For its set-up we need from you, on the server {home}:

1. The 64-bit ODBC driver of the practice system's database. Installed now: {drivers}.
2. A login of its own for Frontdesk in that database, with the rights that the page of the practice system in Frontdesk's
   documentation lists, and no others: it reads diary, rosters and patients, and writes what patients book where it can.
3. Server, database and login name, or the name of an ODBC system data source (64-bit) that has them; and the login's password.
4. HTTPS (443) from this server to healthengine.com.au. Nothing has to be opened from outside.
5. The clock in step with a time server, and no sleep in the hours in which patients may book.
"""


class StartPage(Page):
    """
    Looks at this computer, and says what is ahead.
    """

    step = Step.LOOK
    at_once = True

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            draft,
            "Set up online bookings",
            "From the practice's appointment book to Healthengine. Nothing is changed before the page Go live.",
        )
        self.words = text_label(self)
        self.content.addWidget(self.words)
        self.content.addStretch(1)

    def show_outcome(self, outcome: SetUpOutcome) -> str:
        """
        Say where things are, and refuse those who may not set up.
        """
        found = outcome.surroundings
        if found is None:
            return problem_text(outcome.problem)
        self.draft.surroundings = found
        if found.is_set_up:
            self.words.setText(
                self.tr(
                    "Frontdesk is set up already; its settings are in {home}.\n\n"
                    "The next pages try them, and show what is published and what has to be linked at Healthengine. They change "
                    "nothing. What can be changed is under Settings in the icon's menu."
                ).format(home=found.home)
            )
            return ""
        self.words.setText(
            self.tr(
                "You need:\n"
                "  •  how the appointment program's database is reached, and a login for it (the next page has a checklist for "
                "your IT support)\n"
                "  •  the practice's id and key, from the Healthengine Practice Admin portal: API Consumer Consent, Grant new "
                "consent\n"
                "  •  the key of your integration's vendor\n\n"
                "You can stop at any page. When you come back, what you have entered is there again, but for keys and "
                "passwords.\n\n"
                "The settings will be in {home}."
            ).format(home=found.home)
        )
        if not found.may_write:
            return self.tr("This needs an administrator of this computer. Open the set-up as one.")
        return ""

    def nextId(self) -> int:
        """
        Ask nothing where there are settings already.
        """
        return PageId.TRIAL if self.draft.is_set_up else PageId.SYSTEM


class SystemPage(Page):
    """
    Finds the practice system: by what is chosen, or by what answers.
    """

    step = Step.FIND

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            draft,
            "The practice's appointment program",
            "Choose a data source of this computer, or write how its database is reached. Which system it is can be found out.",
        )
        self.system, self.source = QComboBox(self), QComboBox(self)
        self.connection, self.password = QLineEdit(self), QLineEdit(self)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.read_only = QCheckBox(self.tr("&Only read: reception enters what patients book"), self)
        self.drivers = text_label(self)
        self.copy = QPushButton(self.tr("Copy a &checklist for IT"), self)
        form = QFormLayout()
        form.addRow(self.tr("S&ystem"), self.system)
        form.addRow(self.tr("&Data source"), self.source)
        form.addRow(self.tr("Conn&ection"), self.connection)
        form.addRow(self.tr("&Password"), self.password)
        form.addRow("", self.read_only)
        form.addRow(self.tr("ODBC drivers here"), self.drivers)
        row = QHBoxLayout()
        row.addWidget(self.copy)
        row.addStretch(1)
        self.content.addLayout(form)
        self.content.addStretch(1)
        self.content.addLayout(row)
        self.system.activated.connect(self._system_chosen)
        self.source.activated.connect(self._source_chosen)
        self.copy.clicked.connect(self._copy_checklist)

    def fill(self) -> None:
        """
        Offer what there is.
        """
        found, answers = self.draft.surroundings, self.draft.answers
        if found is None:
            return
        self._offer(found.systems, answers)
        self.source.clear()
        self.source.addItem(self.tr("None: by its driver"), "")
        for source in found.sources:
            self.source.addItem(f"{source.name} ({source.driver})", source.name)
        self.connection.setText(answers.connection)
        self.read_only.setChecked(answers.read_only)
        self.drivers.setText(", ".join(found.drivers) or self.tr("none: the database's driver has to be installed first"))
        stored = PASSWORD in found.stored
        self.password.setPlaceholderText(self.tr("stored already; empty: keep it") if stored else "")

    def read(self) -> None:
        """
        Take down the connection; the password in memory alone.
        """
        system: KnownSystem | None = self.system.currentData()
        connection = self.connection.text().strip()
        self.draft.say(
            profile=system.profile if system else "",
            dialect=system.dialect if system else "",
            connection=connection,
            carrier=carrier_of(connection),
            read_only=self.read_only.isChecked(),
        )
        self.draft.keep(PASSWORD, self.password.text())

    def show_outcome(self, outcome: SetUpOutcome) -> str:
        """
        Take the system that was chosen, or the only one that answers.
        """
        if outcome.problem is not None:
            return problem_text(outcome.problem)
        fits, answers = outcome.fits, self.draft.answers
        if not fits:
            return self.tr("The database answers, but it is of no system that Frontdesk knows. Look whether it is the right one.")
        if any((answers.profile, answers.dialect) == (system.profile, system.dialect) for system in fits):
            return ""
        if answers.profile:
            names = ", ".join(system.title for system in fits)
            return self.tr("That is not the system that was chosen. What answers is: {names}.").format(names=names)
        if len(fits) > 1:
            self._offer(fits, answers)
            return self.tr("Several fit. Choose one above, and go on.")
        self.draft.say(profile=fits[0].profile, dialect=fits[0].dialect)
        self._offer(fits, self.draft.answers)
        return ""

    def _offer(self, systems: tuple[KnownSystem, ...], answers: Answers) -> None:
        self.system.clear()
        self.system.addItem(self.tr("Find out which it is"), None)
        for system in systems:
            self.system.addItem(system.title, system)
            if (system.profile, system.dialect) == (answers.profile, answers.dialect):
                self.system.setCurrentIndex(self.system.count() - 1)

    def _system_chosen(self) -> None:
        system: KnownSystem | None = self.system.currentData()
        self.connection.setPlaceholderText(system.hint if system else "")
        self.connection.setToolTip(system.hint if system else "")

    def _source_chosen(self) -> None:
        name = self.source.currentData()
        if name:
            self.connection.setText(f"DSN={name}")

    def _copy_checklist(self) -> None:
        found = self.draft.surroundings
        if found is not None:
            text = self.tr(CHECKLIST).format(home=found.home, drivers=", ".join(found.drivers) or "none")
            QApplication.clipboard().setText(text)
            self.message.setText(self.tr("The checklist is copied: paste it into an e-mail."))


class TrialPage(Page):
    """
    Tries each query, and looks for the marks of another connector in the diary.
    """

    step = Step.PMS
    at_once = True

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft, "What Frontdesk reads", "Each query was tried once. Nothing was changed, and no name was kept.")
        self.table = RowsTable(("What is asked", "Found", "What to do"), self.tr("Queries"))
        self.others = text_label(self)
        self.stopped = QCheckBox(self.tr("The other connector is &stopped"), self)
        self.stopped.toggled.connect(self.completeChanged)
        for widget in (self.table, self.others, self.stopped):
            self.content.addWidget(widget)

    def fill(self) -> None:
        """
        Begin empty.
        """
        self.table.show_rows(())
        self.others.clear()
        self.stopped.setVisible(False)

    def show_outcome(self, outcome: SetUpOutcome) -> str:
        """
        Show how each went.
        """
        trial = outcome.trial
        if trial is None:
            return problem_text(outcome.problem)
        self.draft.trial = trial
        self.table.show_rows(
            [
                Row(
                    key=str(number),
                    cells=(line.name, line.detail, line.remedy),
                    tone=Tone.GOOD if line.ok else Tone.BAD,
                )
                for number, line in enumerate(trial.lines)
            ]
        )
        self.stopped.setVisible(bool(trial.marked))
        if trial.marked:
            words = self.tr(
                "{count} appointments of the next four weeks carry the mark of an online booking that this Frontdesk did not "
                "make. If another connector still works on this appointment book, stop it first: two would answer the same "
                "bookings. What else it did stops with it, such as reminders, recalls or new-patient forms."
            )
            self.others.setText(words.format(count=trial.marked))
        wrong = sum(not line.ok for line in trial.lines)
        one, many = "{count} of these does not work yet.", "{count} of these do not work yet."
        return counted_text(wrong, one, many, self.tr) if wrong else ""

    def isComplete(self) -> bool:
        """
        Return whether all work, and no other connector does.
        """
        return super().isComplete() and (not self.stopped.isVisibleTo(self) or self.stopped.isChecked())

    def nextId(self) -> int:
        """
        Ask nothing where there are settings already.
        """
        return PageId.PREVIEW if self.draft.is_set_up else PageId.PRACTICE
