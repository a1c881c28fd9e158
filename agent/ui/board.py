"""
What is known of the engine right now, kept in one place for the tray and the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject, Signal

from agent.domain.status import EngineStatus
from agent.ui.presenters import ResyncView, StatusView, practice_line, resync_view
from agent.ui.rows import Row, booking_rows, channel_rows, condition_rows, task_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    Everything shown, worked out once for each change.
    """

    view: StatusView
    resync: ResyncView = field(default_factory=ResyncView)
    practices: tuple[str, ...] = ()
    version: str = ""
    channels: tuple[Row, ...] = ()
    bookings: tuple[Row, ...] = ()
    tasks: tuple[Row, ...] = ()
    conditions: tuple[Row, ...] = ()


class StatusBoard(QObject):
    """
    Turns what the link says into a `Picture`. After a loss the last known lists stay, and the headline says so.

    Attributes:
        changed: The new `Picture`.
    """

    changed = Signal(object)

    def __init__(self, *, now: Callable[[], datetime] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._now = now or _local_now
        self._status: EngineStatus | None = None
        self._unreachable = ""

    @property
    def picture(self) -> Picture:
        """
        What is to be shown now.
        """
        now = self._now()
        status = self._status
        view = StatusView.from_status(status, now, unreachable=self._unreachable, tr=translate)
        if status is None:
            return Picture(view=view)
        return Picture(
            view=view,
            resync=ResyncView() if self._unreachable else resync_view(status.resync, now, translate),
            practices=tuple(practice_line(practice, translate) for practice in status.practices),
            version=status.version,
            channels=tuple(channel_rows(status, now, translate, current=not self._unreachable)),
            bookings=tuple(booking_rows(status, translate)),
            tasks=tuple(task_rows(status, now, translate)),
            conditions=tuple(condition_rows(status, now, translate)),
        )

    def set_status(self, status: EngineStatus) -> None:
        """
        Take a new status: the engine is there.
        """
        self._status = status
        self._unreachable = ""
        self.changed.emit(self.picture)

    def set_unreachable(self, reason: str) -> None:
        """
        Take note that the engine cannot be reached, and why.
        """
        self._unreachable = reason
        self.changed.emit(self.picture)


def translate(text: str) -> str:
    """
    Return a presenter's text in the user's language.
    """
    return QCoreApplication.translate("presenters", text)


def _local_now() -> datetime:
    return datetime.now().astimezone()
