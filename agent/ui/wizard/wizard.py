"""
The wizard put together: its pages, what it remembers, and the program that shows it alone.
"""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QSettings, QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget, QWizard

from agent.domain.setting_up import Answers
from agent.ui.commands import Connect
from agent.ui.icons import state_icon
from agent.ui.link import EngineLink
from agent.ui.presenters import IconKey
from agent.ui.wizard.live_pages import LinkingPage, LivePage, PreviewPage
from agent.ui.wizard.page import Draft, Page, PageId
from agent.ui.wizard.pms_pages import StartPage, SystemPage, TrialPage
from agent.ui.wizard.practice_pages import KeysPage, PracticePage, RulesPage
from agent.ui.wizard.work import SetUpClient, Work

ANSWERS = "set-up/answers"
"""Where the user's own settings keep what was said, until it is live; no key or password is in it."""

SIZE = QSize(860, 600)


class SetUpWizard(QWizard):
    """
    Leads through the set-up. Closing it ends what is under way, and keeps the answers for the next time.

    Args:
        client: Carries out the steps.
        connect: Opens a connection to the engine, once it runs.
        settings: The user's own.
    """

    def __init__(self, client: SetUpClient, connect: Connect, settings: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.draft = Draft(work=Work(client, self), answers=_remembered(settings))
        self.link = EngineLink(connect, parent=self)
        self.setWindowIcon(QIcon(state_icon(IconKey.NOT_SET_UP)))
        self.setWizardStyle(QWizard.WizardStyle.ModernStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        self.setOption(QWizard.WizardOption.NoCancelButtonOnLastPage)
        for place, page in (
            (PageId.START, StartPage(self.draft)),
            (PageId.SYSTEM, SystemPage(self.draft)),
            (PageId.TRIAL, TrialPage(self.draft)),
            (PageId.PRACTICE, PracticePage(self.draft)),
            (PageId.RULES, RulesPage(self.draft)),
            (PageId.KEYS, KeysPage(self.draft)),
            (PageId.PREVIEW, PreviewPage(self.draft)),
            (PageId.LIVE, LivePage(self.draft)),
            (PageId.LINKING, LinkingPage(self.draft, self.link)),
        ):
            self.setPage(place, page)
        self.setStartId(PageId.START)
        self.currentIdChanged.connect(self._turned)
        self.resize(SIZE.boundedTo(self.screen().availableSize()))

    def done(self, result: int) -> None:
        """
        End what is under way, keep the answers, and close; but not while it goes live, which is done wholly or not at all.
        """
        page = self.currentPage()
        if isinstance(page, LivePage) and page.is_busy:
            return
        if isinstance(page, Page):
            page.read()
        self._keep()
        self.draft.work.close()
        self.link.stop()
        super().done(result)

    def _turned(self) -> None:
        """
        Name the page in the window's title, which a screen reader says, and keep the answers.
        """
        if self.currentPage() is not None:
            self.setWindowTitle(self.tr("{page} - Frontdesk").format(page=self.currentPage().title()))
        self._keep()

    def _keep(self) -> None:
        """
        Keep the answers for the next time, or forget them once they are the settings.
        """
        if self.draft.said:
            self._settings.remove(ANSWERS)
        elif self.draft.answers != Answers():
            self._settings.setValue(ANSWERS, msgspec.json.encode(self.draft.answers).decode())


def _remembered(settings: QSettings) -> Answers:
    try:
        return msgspec.json.decode(str(settings.value(ANSWERS, "")), type=Answers)
    except msgspec.MsgspecError:
        return Answers()
