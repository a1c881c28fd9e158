"""
What a person sees of the settings and changes in them without an editor, as plain data. No key or password is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.rule import Closure
from agent.domain.setting_up import SetUpProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeShown:
    """
    One practice, as its settings have it.

    Attributes:
        locations: The PMS's location ids; empty: all.
        live_hours: In one line, or `auto`.
        closed_on_holidays: Whether nothing is published on public holidays, unless a rule for less than the practice says so.
        rules: Each publishing rule, in plain words.
    """

    id: str
    name: str
    timezone: str
    locations: tuple[str, ...]
    live_hours: str
    horizon_days: int
    minimum_notice_minutes: int
    closed_on_holidays: bool
    closures: tuple[Closure, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsShown:
    """
    The settings of one home.

    Attributes:
        file: Where they are.
        may_change: Whether whoever asks may change them, as an administrator.
        stored: Names of the keys and passwords that are there.
    """

    file: str
    may_change: bool
    practices: tuple[PracticeShown, ...]
    stored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeChange:
    """
    What is to be different in one practice; None leaves a setting as it is.

    Attributes:
        close: A closure to add.
        reopen: A closure to take out.
    """

    id: str
    live_hours: str | None = None
    horizon_days: int | None = None
    minimum_notice_minutes: int | None = None
    closed_on_holidays: bool | None = None
    close: Closure | None = None
    reopen: Closure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOutcome:
    """
    What came of a look at the settings or a change. Only what it gives is there.

    Attributes:
        said: What was done, in plain words.
    """

    shown: SettingsShown | None = None
    said: str = ""
    problem: SetUpProblem | None = None
