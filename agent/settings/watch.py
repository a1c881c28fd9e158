"""
Notices when the settings file changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from agent.domain.practice import Practice
from agent.settings.config import Settings, load_settings


class SettingsWatch:
    """
    Notices when the settings file changes.

    Args:
        on_change: Called with the settings as they now are.
    """

    def __init__(self, path: Path, settings: Settings, on_change: Callable[[Settings], None]) -> None:
        self._path = path
        self._on_change = on_change
        self._known = {p.id: p for p in settings.practices}
        self._stamp = self._now()

    def changed_practices(self) -> Mapping[str, Practice] | None:
        """
        Return the practices as they now are if the file was written since the last call, else None.

        Raises:
            SettingsError: if the file is wrong now; what was read before goes on.
        """
        stamp = self._now()
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        settings = load_settings(self._path)
        self._on_change(settings)
        self._known = {p.id: p for p in settings.practices}
        return self._known

    def _now(self) -> tuple[int, int]:
        try:
            info = self._path.stat()
        except OSError:
            return (0, 0)
        return (info.st_mtime_ns, info.st_size)
