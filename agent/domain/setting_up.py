"""
What is asked and found while Frontdesk is set up, as plain data. Nothing in it is a patient's, a key or a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.domain.diary import Location
from agent.domain.reports import CheckItem


class Step(StrEnum):
    """
    What can be asked for, in the order of the pages.
    """

    LOOK = "look"  # what is on this computer
    FIND = "find"  # which practice system answers
    PMS = "pms"  # try each of its queries
    CHECK = "check"  # whether the answers can be
    KEYS = "keys"  # try the keys with Healthengine
    PREVIEW = "preview"  # what would be published
    FINISH = "finish"  # write the settings, store the keys, start


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """
    What a person says; the names are those of the settings.

    Attributes:
        base_url: Empty: Healthengine's own.
        closed_on_holidays: Nothing is published on public holidays.
    """

    profile: str = ""
    dialect: str = ""
    carrier: str = "odbc"
    connection: str = ""
    read_only: bool = False
    practice_id: str = ""
    practice_name: str = ""
    timezone: str = "Australia/Sydney"
    locations: tuple[str, ...] = ()
    vendor_name: str = ""
    vendor_email: str = ""
    environment: str = "production"
    base_url: str = ""
    live_hours: str = "auto"
    horizon_days: int = 60
    minimum_notice_minutes: int = 60
    closed_on_holidays: bool = True


def carrier_of(connection: str) -> str:
    """
    Return what reaches a practice system: a connection text has keys and values, and what has none is the path of a file.
    """
    return "odbc" if "=" in connection else "sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """
    An ODBC data source that this computer knows.
    """

    name: str
    driver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSystem:
    """
    A practice system that there is a profile for.

    Attributes:
        dialect: The variant for one kind of database; empty: the profile's own.
        hint: What a connection text looks like.
        carriers: Ways to reach it, the product's own first.
    """

    profile: str
    dialect: str
    title: str
    hint: str
    carriers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """
    What is on this computer.

    Attributes:
        home: Where the settings will be.
        is_set_up: There are settings already.
        may_write: Whoever asks may write them, as an administrator.
        zones: Time zones to choose from.
        stored: Names of the keys and passwords that are there already.
    """

    home: str
    is_set_up: bool
    may_write: bool
    drivers: tuple[str, ...] = ()
    sources: tuple[DataSource, ...] = ()
    systems: tuple[KnownSystem, ...] = ()
    zones: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PmsTrial:
    """
    How each query of the practice system went.

    Attributes:
        lines: What was asked in plain words, with how many rows came.
        locations: The practice's places, where the system knows any.
        marked: Coming appointments that carry the mark of an online booking which this Frontdesk did not make.
    """

    lines: tuple[CheckItem, ...]
    locations: tuple[Location, ...] = ()
    marked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLine:
    """
    One practitioner's day: what patients would see, in words; empty: nothing.
    """

    practitioner: str
    day: str
    free: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToLink:
    """
    What somebody links in Healthengine's portal: a practitioner or an appointment type.
    """

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpPreview:
    """
    What would be published in the next seven days.

    Attributes:
        withheld: How many stretches of free time the practice's rules keep back.
    """

    lines: tuple[PreviewLine, ...]
    to_link: tuple[ToLink, ...]
    withheld: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpProblem:
    """
    Why a step was not done, and what to do. *field* names the answer that is wrong, where it is one.
    """

    code: str
    message: str
    remedy: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpOutcome:
    """
    What came of a step. Only what the step gives is there.

    Attributes:
        fits: Systems that answer over the connection.
        lines: Things that were tried.
        said: What was done, in plain words.
    """

    surroundings: Surroundings | None = None
    fits: tuple[KnownSystem, ...] = ()
    trial: PmsTrial | None = None
    lines: tuple[CheckItem, ...] = ()
    preview: SetUpPreview | None = None
    said: tuple[str, ...] = ()
    problem: SetUpProblem | None = None
