"""
Garbage collection on the thread of the windows alone.

Python collects on whichever thread happens to allocate. A closed window that lies in a circle of references would then be
destroyed on a thread of ours that talks to the engine, and Qt crashes over that.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1000


class Collector(QObject):
    """
    Collects in place of Python, on the thread that makes it, until `stop`.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """
        Collect the oldest generation that is due, as Python would have.
        """
        counts, limits = gc.get_count(), gc.get_threshold()
        due = [generation for generation in range(3) if counts[generation] > limits[generation]]
        if due:
            gc.collect(due[-1])

    def stop(self) -> None:
        """
        Leave it to Python again.
        """
        self._timer.stop()
        gc.enable()
