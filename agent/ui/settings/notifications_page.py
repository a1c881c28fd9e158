"""
The page about notifications: what this user wants to be told.
"""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from agent.ui.muting import mute, muted
from agent.ui.notifying import Topic
from agent.ui.wizard.page import text_label


class NotificationsPage(QWidget):
    """
    Takes down each choice at once; the tray goes by it from then on. It needs no rights: it is the user's own.
    """

    def __init__(self, user: QSettings) -> None:
        super().__init__()
        self._user = user
        words = {
            Topic.PROBLEM: self.tr("Tell me of pro&blems that need a person"),
            Topic.CONNECTION: self.tr("Tell me when the connection is &lost for longer, and when it is back"),
        }
        self.choices = {topic: QCheckBox(text, self) for topic, text in words.items()}
        outer = QVBoxLayout(self)
        for topic, choice in self.choices.items():
            choice.setChecked(topic not in muted(user))
            choice.toggled.connect(self._keep)
            outer.addWidget(choice)
        about = self.tr(
            "These are your own: other users of this computer have theirs. A new task is always told, and again until somebody "
            "claims it: a patient waits for it. The icon and the window show everything in any case."
        )
        outer.addWidget(text_label(self, about))
        outer.addStretch(1)

    def _keep(self) -> None:
        for topic, choice in self.choices.items():
            mute(self._user, topic, is_muted=not choice.isChecked())
