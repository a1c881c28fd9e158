"""
The wizard's last pages: what would be published, going live, and what has to be linked at Healthengine.
"""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWizard

from agent.domain.setting_up import SetUpOutcome, SetUpPreview, Step
from agent.ui.board import Picture, StatusBoard
from agent.ui.link import EngineLink
from agent.ui.models import RowsTable
from agent.ui.presenters import counted_text
from agent.ui.rows import Row
from agent.ui.wizard.page import Draft, Page, PageId, problem_text, text_label


class PreviewPage(Page):
    """
    Shows exactly what patients would see.
    """

    step = Step.PREVIEW
    at_once = True

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            draft, "What patients would see", "The free times of the next seven days, by your rules. Nothing has been sent yet."
        )
        self.counts = text_label(self)
        self.table = RowsTable(("Practitioner", "Day", "Free"), self.tr("Free times"), stretched=2, wraps=False)
        self.content.addWidget(self.counts)
        self.content.addWidget(self.table)

    def fill(self) -> None:
        """
        Begin empty.
        """
        self.counts.clear()
        self.table.show_rows(())

    def show_outcome(self, outcome: SetUpOutcome) -> str:
        """
        Show the days that have free time, and how many have none.
        """
        preview = outcome.preview
        if preview is None:
            return problem_text(outcome.problem)
        self.draft.preview = preview
        self.table.show_rows(
            [
                Row(key=f"{line.practitioner} {line.day} {number}", cells=(line.practitioner, line.day, line.free))
                for number, line in enumerate(preview.lines)
                if line.free
            ]
        )
        self.counts.setText("\n".join((self._counted(preview), *preview.warnings)))
        if not preview.to_link:
            return self.tr("Nobody would be published. Look whether these are the right locations.")
        return ""

    def nextId(self) -> int:
        """
        Where there are settings already, nothing is to be written.
        """
        return PageId.LINKING if self.draft.is_set_up else PageId.LIVE

    def _counted(self, preview: SetUpPreview) -> str:
        people = sum(one.kind == "practitioner" for one in preview.to_link)
        days = sum(bool(line.free) for line in preview.lines)
        counts = (
            counted_text(people, "{count} practitioner", "{count} practitioners", self.tr),
            counted_text(len(preview.to_link) - people, "{count} appointment type", "{count} appointment types", self.tr),
            self.tr("{days} of {all} days have free time").format(days=days, all=len(preview.lines)),
            self.tr("the rules keep back {count} times").format(count=preview.withheld),
        )
        return "; ".join(counts) + "."


class LivePage(Page):
    """
    Says what will be done, and does it.
    """

    step = Step.FINISH

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft, "Go live", "Up to here nothing has been changed. This stores the keys and starts Frontdesk.")
        self.setCommitPage(True)
        self.setButtonText(QWizard.WizardButton.CommitButton, self.tr("&Go live"))
        self.words = text_label(self)
        self.content.addWidget(self.words)
        self.content.addStretch(1)

    def fill(self) -> None:
        """
        Sum up.
        """
        answers, found = self.draft.answers, self.draft.surroundings
        self.words.setText(
            self.tr(
                "{name} (practice {id}) goes online.\n\n"
                "  •  The settings are written to {home}.\n"
                "  •  The keys go into this computer's own store.\n"
                "  •  The service Frontdesk starts, and sends practitioners, appointment types and free times to "
                "Healthengine.\n\n"
                "Patients see the times of a practitioner as soon as somebody has linked them in Healthengine's portal: the next "
                "page has the list."
            ).format(name=answers.practice_name, id=answers.practice_id, home=found.home if found else "")
        )

    def show_outcome(self, outcome: SetUpOutcome) -> str:
        """
        Keep what was done for the next page.
        """
        self.draft.said = outcome.said
        return problem_text(outcome.problem)


class LinkingPage(Page):
    """
    Lists what somebody links in the portal, and says how the engine is doing meanwhile.
    """

    def __init__(self, draft: Draft, link: EngineLink) -> None:
        super().__init__(
            draft,
            "Link at Healthengine",
            "Somebody links each of these in the Healthengine Practice Admin portal. You can close this and come back.",
        )
        self._link = link
        self._is_started = False
        self.board = StatusBoard(parent=self)
        link.status_changed.connect(self.board.set_status)
        link.unreachable.connect(self.board.set_unreachable)
        self.board.changed.connect(self._show)
        self.said = text_label(self)
        self.engine = text_label(self)
        self.engine.setAccessibleName(self.tr("How Frontdesk is doing"))
        self.table = RowsTable(("What", "Id", "Name"), self.tr("To link"), stretched=2, wraps=False)
        self.copy = QPushButton(self.tr("&Copy the list"), self)
        self.copy.clicked.connect(self._copy)
        row = QHBoxLayout()
        row.addWidget(self.copy)
        row.addStretch(1)
        for widget in (self.engine, self.said, self.table):
            self.content.addWidget(widget)
        self.content.addLayout(row)

    def fill(self) -> None:
        """
        Show the list, and begin to ask the engine.
        """
        self.said.setText("\n".join(self.draft.said))
        self.said.setVisible(bool(self.draft.said))
        to_link = self.draft.preview.to_link if self.draft.preview else ()
        self.table.show_rows(
            [Row(key=f"{one.kind} {one.id}", cells=(one.kind.capitalize(), one.id, one.name)) for one in to_link]
        )
        self._show(self.board.picture)
        if not self._is_started:
            self._is_started = True
            self._link.start()

    def _show(self, picture: Picture) -> None:
        self.engine.setText(f"{picture.top.sentence} {picture.top.advice}".removesuffix(self.tr("Nothing")).strip())

    def _copy(self) -> None:
        lines = ("\t".join(row.cells) for row in self.table.rows_model.rows)
        QApplication.clipboard().setText("\n".join(lines))
        self.message.setText(self.tr("The list is copied."))
