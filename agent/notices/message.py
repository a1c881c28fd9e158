"""
A message in the PMS, for practices whose people look there first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from agent.domain.tasks import Notice
from agent.notices.words import body, subject


class Messages(Protocol):
    """
    The part of `agent.ports.pms.Pms` that takes messages.
    """

    def leave_message(self, notice: Notice, subject: str, text: str) -> None:
        """
        Put one message there.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRoad:
    """
    Leaves notices as messages in the PMS: ids and times alone.
    """

    pms: Messages = field(repr=False)
    name: str = "message"

    def send(self, notice: Notice) -> None:
        """
        Leave one message.

        Raises:
            FrontdeskError: if the PMS is away, or has no messages (`pms-cannot`).
        """
        self.pms.leave_message(notice, subject(notice), body(notice))
