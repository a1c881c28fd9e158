"""
What is known of the engine right now, kept in one place for the tray and the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from PySide6.QtCore import QCoreApplication, QObject, Signal

from agent.domain.status import EngineState, EngineStatus
from agent.ui.notifying import Seen
from agent.ui.presenters import ResyncView, StatusView, moment_text, practice_line, resync_view
from agent.ui.rows import Row, channel_rows, condition_rows, task_rows
from agent.ui.top import SILENT, Top

SILENCE = timedelta(minutes=3)
"""An engine that is at work says something new every few seconds; after this long without, it hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    Everything shown, worked out once for each change.

    Attributes:
        can_ask: The engine can be reached.
    """

    view: StatusView
    top: Top
    can_ask: bool = False
    seen: Seen = field(default_factory=Seen)
    resync: ResyncView = field(default_factory=ResyncView)
    practices: tuple[str, ...] = ()
    version: str = ""
    vendor: str = ""
    channels: tuple[Row, ...] = ()
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
        self._now = now or local_now
        self._status: EngineStatus | None = None
        self._unreachable = self._code = ""
        self._heard_at = self._now()

    @property
    def picture(self) -> Picture:
        """
        What is to be shown now.
        """
        now = self._now()
        status = self._status
        unreachable, code = (self._unreachable, self._code) if self._unreachable else (self._silence(now), SILENT)
        view = StatusView.from_status(status, now, unreachable=unreachable, code=code, tr=translate)
        top = Top.from_status(status, now, unreachable=unreachable, code=code, tr=translate)
        seen = Seen.of(status, is_reachable=not unreachable)
        if status is None:
            return Picture(view=view, top=top, seen=seen)
        return Picture(
            view=view,
            top=top,
            can_ask=not unreachable,
            seen=seen,
            resync=ResyncView() if unreachable else resync_view(status.resync, now, translate),
            practices=tuple(practice_line(practice, translate) for practice in status.practices),
            version=status.version,
            vendor=status.vendor,
            channels=tuple(channel_rows(status, now, translate, current=not unreachable)),
            tasks=tuple(task_rows(status, now, translate)),
            conditions=tuple(condition_rows(status, now, translate)),
        )

    def set_status(self, status: EngineStatus) -> None:
        """
        Take a new status: the engine is there.
        """
        if self._status is None or status.at != self._status.at:
            self._heard_at = self._now()
        self._status = status
        self._unreachable = self._code = ""
        self.changed.emit(self.picture)

    def set_unreachable(self, reason: str, code: str = "") -> None:
        """
        Take note that the engine cannot be reached, and why; *code* is that of the error.
        """
        self._unreachable, self._code = reason, code
        self.changed.emit(self.picture)

    def _silence(self, now: datetime) -> str:
        """
        Return why an engine at work counts as hung although its side of the connection answers; empty: it does not.
        """
        working = self._status is not None and self._status.state in {EngineState.ONLINE, EngineState.WORKING}
        if not working or now - self._heard_at < SILENCE:
            return ""
        return translate("nothing new from it since {time}").format(time=moment_text(self._heard_at, now))


@cache
def translate(text: str) -> str:
    """
    Return a presenter's text in the user's language, as it is at the start: asking Qt for every cell would be slow.
    """
    return QCoreApplication.translate("presenters", text)


def local_now() -> datetime:
    """
    Return the time, in this computer's own zone.
    """
    return datetime.now().astimezone()
