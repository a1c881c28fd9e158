"""
Settings that are made of values, and the window that shows them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QSettings
from PySide6.QtWidgets import QApplication

from agent.domain.changing import ChangeOutcome, PracticeChange, PracticeShown, SettingsShown
from agent.domain.masked import Secret
from agent.domain.rule import Closure
from agent.ui.settings.dialog import SIZE, SettingsDialog

CHRISTMAS = Closure(first=date(2036, 12, 24), last=date(2036, 12, 28), reason="Christmas")
PRACTICE = PracticeShown(
    id="1001",
    name="Example Street Clinic",
    timezone="Australia/Sydney",
    locations=("1", "2"),
    live_hours="Mon-Fri 08:00-18:00, Sat 09:00-12:00",
    horizon_days=60,
    minimum_notice_minutes=60,
    closed_on_holidays=True,
    closures=(CHRISTMAS, Closure(first=date(2036, 6, 9), last=date(2036, 6, 9))),
    rules=(
        "Skin checks (type 15): published on the day itself only; for existing patients only",
        "Resource 7@1: at most 4 online bookings a day; new patients are refused",
    ),
)
SHOWN = SettingsShown(
    file=r"C:\ProgramData\Frontdesk\config.toml",
    may_change=True,
    practices=(PRACTICE, replace(PRACTICE, id="1002", name="Beach Practice", live_hours="auto", closures=(), rules=())),
    stored=("api-key", "practice-key:1001"),
)


class FakeSettings:
    """
    A client whose answers the test gives; *hangs* keeps each waiting until it is stopped.
    """

    def __init__(self, shown: ChangeOutcome | None = None, changed: ChangeOutcome | None = None) -> None:
        self.shown = shown or ChangeOutcome(shown=SHOWN)
        self.changed = changed or ChangeOutcome(shown=SHOWN, said="The settings are changed.")
        self.changes: list[PracticeChange] = []
        self.keys: list[tuple[str, dict[str, str]]] = []
        self.hangs = False
        self.stopped = threading.Event()

    def show(self) -> ChangeOutcome:
        if self.hangs:
            self.stopped.clear()
            self.stopped.wait(30)
        return self.shown

    def change(self, change: PracticeChange) -> ChangeOutcome:
        self.changes.append(change)
        return self.changed

    def replace_keys(self, practice_id: str, keys: Mapping[str, Secret]) -> ChangeOutcome:
        self.keys.append((practice_id, {name: key.reveal() for name, key in keys.items()}))
        return self.changed

    def stop(self) -> None:
        self.stopped.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsScene:
    """
    One thing the window of the settings can show.

    Attributes:
        page: The place of the page.
    """

    name: str
    page: int
    shown: SettingsShown = SHOWN

    def window(self, folder: Path) -> SettingsDialog:
        """
        Return a window that shows it.

        Args:
            folder: Where the user's settings are.
        """
        user = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        made = SettingsDialog(FakeSettings(ChangeOutcome(shown=self.shown)), user)
        made.look()
        limit = QDeadlineTimer(10_000)
        while made.is_busy and not limit.hasExpired():
            QApplication.processEvents()
        made.tabs.setCurrentIndex(self.page)
        made.show()
        made.resize(SIZE)  # also where the screen is smaller
        return made


def settings_scenes() -> list[SettingsScene]:
    """
    Return every page, and what somebody sees who may not change it.
    """
    names = ("practice", "closures", "rules", "keys", "notifications")
    pages = [SettingsScene(name=f"settings-{name}", page=number) for number, name in enumerate(names)]
    return [*pages, SettingsScene(name="settings-read-only", page=1, shown=replace(SHOWN, may_change=False))]
