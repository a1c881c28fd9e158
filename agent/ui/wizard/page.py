"""
What the wizard's pages share: the draft that they fill, and a page that has something tried before it lets one go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget, QWizardPage

from agent.domain.masked import Secret
from agent.domain.setting_up import Answers, PmsTrial, SetUpOutcome, SetUpPreview, SetUpProblem, Step, Surroundings
from agent.ui.wizard.work import Work


class PageId(IntEnum):
    """
    The pages, in their order.
    """

    START = 0
    SYSTEM = 1
    TRIAL = 2
    PRACTICE = 3
    RULES = 4
    KEYS = 5
    PREVIEW = 6
    LIVE = 7
    LINKING = 8


FIELD_WORDS = {
    "connection": "Connection",
    "practice_id": "Practice id",
    "practice_name": "Name",
    "vendor_name": "Support's name",
    "vendor_email": "Support's e-mail",
    "timezone": "Time zone",
    "locations": "Locations",
    "live_hours": "Live hours",
}
"""What the pages call an answer that can be wrong."""


@dataclass(kw_only=True)
class Draft:
    """
    What has been said and found so far, shared by all pages. Keys and passwords are in memory alone.

    Attributes:
        is_set_up: There are settings already: the pages that ask are left out, and the others look at those.
        said: What *Go live* did.
    """

    work: Work
    answers: Answers = field(default_factory=Answers)
    secrets: dict[str, Secret] = field(default_factory=dict)
    surroundings: Surroundings | None = None
    trial: PmsTrial | None = None
    preview: SetUpPreview | None = None
    said: tuple[str, ...] = ()

    @property
    def is_set_up(self) -> bool:
        """
        Whether there were settings when the wizard was opened.
        """
        return self.surroundings is not None and self.surroundings.is_set_up

    def say(self, **changes: object) -> None:
        """
        Take down answers.
        """
        self.answers = replace(self.answers, **changes)  # type: ignore[arg-type]  # the pages name its fields

    def keep(self, name: str, text: str) -> None:
        """
        Keep a key or password, or forget it where nothing is entered.
        """
        if text:
            self.secrets[name] = Secret(text)
        else:
            self.secrets.pop(name, None)


class Page(QWizardPage):
    """
    One page. Where it has a step, that is carried out when the page is entered (*at_once*) or when one wants to go on.
    """

    step: Step | None = None
    at_once = False

    def __init__(self, draft: Draft, title: str, subtitle: str) -> None:
        super().__init__()
        self.draft = draft
        self.setTitle(self.tr(title))
        self.setSubTitle(self.tr(subtitle))
        self._is_busy = False
        self._passed: tuple[Answers, dict[str, Secret]] | None = None
        self.content = QVBoxLayout()
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 0)
        self.progress.setFixedWidth(120)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Under way"))
        self.message = text_label(self)
        self.message.setAccessibleName(self.tr("Result"))
        row = QHBoxLayout()
        row.addWidget(self.progress, alignment=Qt.AlignmentFlag.AlignTop)
        self.again = QPushButton(self.tr("Try a&gain"), self)
        self.again.setVisible(False)
        self.again.clicked.connect(self._ask)
        row.addWidget(self.message, stretch=1)
        row.addWidget(self.again, alignment=Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        outer.addLayout(self.content, stretch=1)
        outer.addLayout(row)
        self._show_busy(is_busy=False)

    @property
    def is_busy(self) -> bool:
        """
        Whether a step is under way.
        """
        return self._is_busy

    def fill(self) -> None:
        """
        Show what the draft says.
        """

    def read(self) -> None:
        """
        Take down in the draft what the page says.
        """

    def show_outcome(self, outcome: SetUpOutcome) -> str:
        """
        Show what came of the step, and return what keeps one from going on; empty: nothing.
        """
        return problem_text(outcome.problem)

    def initializePage(self) -> None:
        """
        Show the draft, and begin what is tried at once.
        """
        self.message.clear()
        self.fill()
        if self.at_once:
            self._ask()

    def cleanupPage(self) -> None:
        """
        End what is under way when one goes back.
        """
        self.read()
        self._stop()

    def isComplete(self) -> bool:
        """
        Return whether one may go on, or have it tried.
        """
        return not self._is_busy and (self._is_passed() or not self.at_once)

    def validatePage(self) -> bool:
        """
        Go on, if what is to be tried has been; otherwise try it, which goes on by itself.
        """
        self.read()
        if self.step is None or self._is_passed():
            return True
        self._ask()
        return False

    def _is_passed(self) -> bool:
        return self._passed == (self.draft.answers, self.draft.secrets)

    def _ask(self) -> None:
        if self.step is None:
            return
        self._passed = None
        self.again.setVisible(False)
        self._show_busy(is_busy=True)
        self.message.setText(self.tr("One moment…"))
        self.draft.work.ask(self.step, None if self.draft.is_set_up else self.draft.answers, self.draft.secrets, self._answered)

    def _stop(self) -> None:
        if self._is_busy:
            self.draft.work.stop()
            self._show_busy(is_busy=False)

    def _answered(self, outcome: SetUpOutcome) -> None:
        self._show_busy(is_busy=False)
        why_not = self.show_outcome(outcome)
        self.message.setText(why_not)
        self.again.setVisible(self.at_once and bool(why_not))
        if not why_not:
            self._passed = (self.draft.answers, dict(self.draft.secrets))
            if not self.at_once:
                self.wizard().next()
        self.completeChanged.emit()

    def _show_busy(self, *, is_busy: bool) -> None:
        self._is_busy = is_busy
        self.progress.setVisible(is_busy)
        self.completeChanged.emit()


def text_label(parent: QWidget, text: str = "") -> QLabel:
    """
    Return a label of plain text that takes several lines and can be copied from.
    """
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)  # a name with a tag in it is a name
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def problem_text(problem: SetUpProblem | None) -> str:
    """
    Say what is wrong and what to do, each a sentence.
    """
    if problem is None:
        return ""
    message = problem.message
    if problem.field in FIELD_WORDS:
        message = f"{FIELD_WORDS[problem.field]} {message.removeprefix(problem.field).strip()}"
    return " ".join(f"{text[0].upper()}{text[1:].rstrip('. ')}." for text in (message, problem.remedy) if text)
