"""
What a user does not want to be told, kept in the user's own settings.
"""

from __future__ import annotations

from PySide6.QtCore import QSettings

from agent.ui.notifying import Topic

KEY = "notifications/muted-{}"


def muted(user: QSettings) -> frozenset[Topic]:
    """
    Return what is not to be told; at first nothing.
    """
    return frozenset(topic for topic in Topic if user.value(KEY.format(topic.value), False, bool))


def mute(user: QSettings, topic: Topic, *, is_muted: bool) -> None:
    """
    Keep whether *topic* is to be told.
    """
    user.setValue(KEY.format(topic.value), is_muted)
