"""
What waits to be sent to one client.
"""

from __future__ import annotations

from collections import deque
from threading import Condition


class Outbox:
    """
    A bounded queue of frames. Safe for any threads; nobody who puts something in ever waits.

    Every status is a whole one, so when the queue is full the statuses in it give way to the newest.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._frames: deque[tuple[bytes, bool]] = deque()  # the frame, and whether it is a status
        self._ended = False
        self._changed = Condition()

    def put_status(self, frame: bytes) -> None:
        """
        Queue a status; on overflow it replaces those that wait.
        """
        with self._changed:
            if self._ended:
                return
            if len(self._frames) >= self._limit:
                self._drop_statuses()
            self._frames.append((frame, True))
            self._changed.notify()

    def put_reply(self, frame: bytes) -> bool:
        """
        Queue an answer, and return False if the client has left too many of them unread.
        """
        with self._changed:
            if len(self._frames) >= self._limit:
                self._drop_statuses(all_but_newest=True)
            answers = sum(1 for _, is_status in self._frames if not is_status)
            if self._ended or answers >= self._limit:
                return False
            self._frames.append((frame, False))
            self._changed.notify()
            return True

    def next(self) -> bytes | None:
        """
        Wait for the next frame; None: there will be no more.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._ended)
            return self._frames.popleft()[0] if self._frames else None

    def end(self) -> None:
        """
        Take nothing more; what is queued is still given out.
        """
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def drop(self) -> None:
        """
        Take nothing more and give nothing more out.
        """
        with self._changed:
            self._frames.clear()
            self.end()

    def _drop_statuses(self, *, all_but_newest: bool = False) -> None:
        statuses = [entry for entry in self._frames if entry[1]]
        kept = statuses[-1] if statuses and all_but_newest else None
        self._frames = deque(entry for entry in self._frames if not entry[1] or entry is kept)
