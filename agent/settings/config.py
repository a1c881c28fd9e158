"""
The settings file: read, checked as a whole, and turned into typed values.

Every mistake is reported at once with its file, line, key and remedy. Unknown keys are warned about and otherwise left alone,
so that a file written for a newer version still works. No secret is ever in it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import Meta

from agent.domain.connection_text import fault_of
from agent.domain.errors import Misconfigured
from agent.domain.practice import WEEKDAYS, LiveHours, Practice
from agent.settings.bookings import BookingSettings, read_bookings
from agent.settings.hours import parse_hours, parse_table
from agent.settings.matching import MatchingSettings, read_matching
from agent.settings.paths import Home
from agent.settings.places import KeyPath, Places
from agent.settings.rules import read_closures, read_rules
from agent.settings.tables import Problem, TableReader
from agent.settings.tasks import TaskSettings, is_safe_address, read_tasks
from agent.settings.zones import read_location_zones, read_zone, with_others_zones

DEFAULT_BASE_URL = "https://healthengine.com.au/pms-api/v1"
HEALTHENGINE_HOST = "healthengine.com.au"
LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")

AUTO = "auto"
"""Live hours that follow the hours in which this machine really is up."""

NO_HOURS = LiveHours(days=((),) * len(WEEKDAYS))

Text = Annotated[str, Meta(min_length=1, pattern=r"\S", description="a text that is not empty")]


class SettingsError(Misconfigured):
    """
    The settings file cannot be used.

    Attributes:
        problems: Every mistake in it, in the order of its lines; empty if the file as a whole is missing or no TOML.
    """

    def __init__(self, code: str, message: str, *, remedy: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(code, message, remedy=remedy)
        self.problems = problems


class CarrierName(StrEnum):
    """
    What runs the SQL.
    """

    ODBC = "odbc"
    SQLITE = "sqlite"


class LogLevel(StrEnum):
    """
    How much goes into the logs.
    """

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """
    Who runs this integration; Healthengine reads it in every call's `User-Agent: NAME (EMAIL) ENVIRONMENT`.
    """

    name: Annotated[
        str,
        Meta(
            pattern=r"^[!-'*-~]+( [!-'*-~]+)*$",
            description="a name in plain ASCII without brackets",
            examples=['"Frontdesk"'],
        ),
    ]
    email: Annotated[
        str,
        Meta(
            pattern=r"^[!-'*-?A-~]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+$",
            description="an e-mail address",
            examples=['"support@example.com"'],
        ),
    ]
    environment: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+$", description="one word", examples=['"production"'])] = (
        "production"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthengine:
    """
    Where the marketplace is.

    Attributes:
        staging_hosts: Hosts beside Healthengine's own that *base_url* may name: those of its test systems. Keys and patients'
            bookings go wherever the address leads, so each has to be named on purpose.
    """

    base_url: Annotated[
        str, Meta(pattern=r"^[!-\[\]-~]+$", description="a plain web address", examples=[f'"{DEFAULT_BASE_URL}"'])
    ] = DEFAULT_BASE_URL
    staging_hosts: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")], ...],
        Meta(description="a list of host names in small letters", examples=['["pms-api.staging.example.com"]']),
    ] = ()

    @property
    def is_loopback(self) -> bool:
        """
        Whether it is a simulator on this machine: only then may time run faster.
        """
        return urlsplit(self.base_url).hostname in LOOPBACK_HOSTS


@dataclass(frozen=True, slots=True, kw_only=True)
class PmsSettings:
    """
    How the practice database is reached.

    Attributes:
        profile: The name of a SQL profile, built in or in the home folder.
        connection: An ODBC connection string without its password; for the sqlite carrier the path of the file.
        dialect: The kind of database, where the profile has variants for several; empty: the profile's own.
        read_only: Nothing is ever written: reception enters and cancels bookings by hand.
        api_url: The vendor's API, for a profile that writes through one; empty: reception enters what patients book.
        read_timeout_seconds: After how long a read counts as hung; None leaves it to the adapter.
    """

    profile: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+$", description="the name of a profile", examples=['"sample"'])]
    connection: Annotated[Text, Meta(description="an ODBC connection string", examples=["'DSN=Practice;UID=frontdesk'"])]
    dialect: Annotated[
        str, Meta(pattern=r"^[a-z]*$", description="the kind of database, in small letters", examples=['"mariadb"'])
    ] = ""
    carrier: Annotated[CarrierName, Meta(description='"odbc" or "sqlite"', examples=['"odbc"'])] = CarrierName.ODBC
    read_only: Annotated[bool, Meta(description="true or false", examples=["true"])] = False
    api_url: Annotated[
        str, Meta(pattern=r"^[!-~]*$", description="a web address", examples=['"http://localhost:30223/api/v1"'])
    ] = ""
    read_timeout_seconds: (
        Annotated[int, Meta(ge=1, le=600, description="a whole number of seconds from 1 to 600", examples=["30"])] | None
    ) = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingSettings:
    """
    How much is logged.
    """

    level: Annotated[LogLevel, Meta(description='"debug", "info", "warning" or "error"', examples=['"info"'])] = LogLevel.INFO


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    Everything that is configured.

    Attributes:
        practices: At least one; no two share an id or a location.
        warnings: What was odd but could be lived with, each with its line.
    """

    vendor: Vendor
    healthengine: Healthengine
    pms: PmsSettings
    practices: tuple[Practice, ...]
    logging: LoggingSettings
    tasks: TaskSettings = field(default_factory=TaskSettings)
    warnings: tuple[Problem, ...] = ()

    def practice(self, practice_id: str) -> Practice | None:
        """
        Return the practice with that id, or None.
        """
        return next((practice for practice in self.practices if practice.id == practice_id), None)


def load_settings(path: Path) -> Settings:
    """
    Read and check the settings file.

    Raises:
        SettingsError: if it is missing (`settings-missing`), unreadable (`settings-unreadable`), not TOML
            (`settings-syntax`) or says something that cannot be (`settings-invalid`).
        Misconfigured: if others than administrators may change it or its home (`settings-home-writable`).
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Windows' own editor begins files with a byte order mark
    except FileNotFoundError:
        raise SettingsError(
            "settings-missing",
            f"there is no settings file {path}",
            remedy="create it as docs/configuration.md shows, or name another home by --home",
        ) from None
    except OSError:
        raise SettingsError(
            "settings-unreadable",
            f"the settings file {path} cannot be read",
            remedy="let the engine's account read it",
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(
            "settings-unreadable", f"the settings file {path} is not UTF-8 text", remedy="save it with the encoding UTF-8"
        ) from None
    Home(folder=path.parent).refuse_if_others_may_write()
    return parse_settings(text, path)


def parse_settings(text: str, path: Path) -> Settings:
    """
    Check the *text* of a settings file.

    Args:
        path: Only named in messages.

    Raises:
        SettingsError: as `load_settings`.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at (?:line (\d+)|end of document)", str(error))
        line = int(where[1]) if where and where[1] else text.count("\n") + 1
        raise SettingsError(
            "settings-syntax",
            f"{path}, line {line}: this is not TOML",  # TOML's own words may quote what stands there
            remedy="put texts in quotes, and texts with a backslash in single quotes: connection = 'SERVER=HOST\\NAME'",
        ) from None
    return _Checker(raw, path, Places.of(text)).settings()


@dataclass(frozen=True, slots=True, kw_only=True)
class _PracticeTable:
    id: Annotated[
        str,
        Meta(pattern=r"^[0-9]+$", description="a Healthengine practice id, which is digits in quotes", examples=['"1001"']),
    ]
    name: Text
    timezone: Annotated[Text, Meta(description="a time zone", examples=['"Australia/Sydney"'])]
    live_hours: Annotated[
        str | dict[str, list[str]],
        Meta(
            description="hours in one line, or a table with a list of hours for each day",
            examples=['"Mon-Fri 08:00-18:00, Sat 09:00-12:00"'],
        ),
    ]
    locations: Annotated[
        tuple[Text, ...],
        Meta(description="a list of the PMS's location ids, each in quotes", examples=['["1", "2"]']),
    ] = ()
    location_zones: (
        Annotated[
            dict[str, str],
            Meta(description="a table of locations with their time zones", examples=['{ "2" = "Australia/Brisbane" }']),
        ]
        | None
    ) = None
    horizon_days: Annotated[int, Meta(ge=1, le=365, description="a whole number of days from 1 to 365", examples=["60"])] = 60
    minimum_notice_minutes: Annotated[
        int, Meta(ge=0, le=525_600, description="a whole number of minutes, 0 or more", examples=["60"])
    ] = 60
    closures: Annotated[
        tuple[dict[str, Any], ...],
        Meta(description="a list of tables", examples=["[{ first = 2026-12-24, last = 2026-12-28 }]"]),
    ] = ()
    rules: Annotated[
        tuple[dict[str, Any], ...],
        Meta(description="a list of tables", examples=['[{ public_holidays = "closed" }]']),
    ] = ()


class _Checker:
    """
    Goes through one file and gathers everything that is wrong with it.
    """

    def __init__(self, raw: dict[str, Any], path: Path, places: Places) -> None:
        self._raw = raw
        self._path = path
        self._reader = TableReader(places)
        self._bookings = BookingSettings()
        self._matching = MatchingSettings()

    def settings(self) -> Settings:
        reader, raw = self._reader, self._raw
        reader.unknown(raw, ("vendor", "healthengine", "pms", "practices", "bookings", "matching", "tasks", "logging"), ())
        vendor = reader.values(Vendor, raw.get("vendor"), ("vendor",))
        healthengine = reader.values(Healthengine, raw.get("healthengine", {}), ("healthengine",))
        pms = reader.values(PmsSettings, raw.get("pms"), ("pms",))
        logging = reader.values(LoggingSettings, raw.get("logging", {}), ("logging",))
        tasks = read_tasks(reader, raw.get("tasks", {}))
        self._bookings = read_bookings(reader, raw.get("bookings", {}))
        self._matching = read_matching(reader, raw.get("matching", {}))
        self._check_url(healthengine.get("base_url", DEFAULT_BASE_URL), healthengine.get("staging_hosts", ()))
        self._check_connection(pms)
        practices = self._practices()
        if reader.problems:
            raise self._error()
        return Settings(
            vendor=Vendor(**vendor),
            healthengine=Healthengine(**healthengine),
            pms=PmsSettings(**pms),
            practices=tuple(practices),
            logging=LoggingSettings(**logging),
            tasks=TaskSettings(**tasks),
            warnings=tuple(reader.warnings),
        )

    def _error(self) -> SettingsError:
        problems = tuple(sorted(self._reader.problems, key=lambda problem: problem.line))
        count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        details = "; ".join(str(problem) for problem in problems)
        return SettingsError(
            "settings-invalid", f"{self._path} has {count}: {details}", remedy=problems[0].remedy, problems=problems
        )

    def _check_url(self, url: str, staging_hosts: tuple[str, ...]) -> None:
        path: KeyPath = ("healthengine", "base_url")
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            is_plain = bool(host) and parts.port != 0 and not (parts.username is not None or parts.query or parts.fragment)
        except ValueError:
            is_plain = False
        if not is_plain:
            self._reader.problem(path, "is not a plain web address", f'write base_url = "{DEFAULT_BASE_URL}"')
        elif host in LOOPBACK_HOSTS and parts.scheme in {"http", "https"}:
            return
        elif parts.scheme != "https":
            self._reader.problem(path, "does not begin with https://", "plain http is for a simulator on 127.0.0.1 only")
        elif host != HEALTHENGINE_HOST and not host.endswith(f".{HEALTHENGINE_HOST}") and host not in staging_hosts:
            self._reader.problem(
                path,
                "is not one of Healthengine's",
                f'write base_url = "{DEFAULT_BASE_URL}"; for a test system of Healthengine name its host in staging_hosts too',
            )

    def _check_connection(self, pms: dict[str, Any]) -> None:
        is_odbc = pms.get("carrier", CarrierName.ODBC) is CarrierName.ODBC
        if is_odbc and (fault := fault_of(pms.get("connection", ""))):
            self._reader.problem(("pms", "connection"), *fault)
        url: str = pms.get("api_url", "")
        if url and not is_safe_address(url):
            self._reader.problem(
                ("pms", "api_url"),
                "is not a web address that begins with https://",
                "plain http is for an API on 127.0.0.1 only; its keys go into the credential pms-api-keys",
            )

    def _practices(self) -> list[Practice]:
        raw = self._raw.get("practices")
        if not raw or not isinstance(raw, list):
            self._reader.problem(
                ("practices",),
                "is not a list of tables" if raw else "is missing: there is no practice",
                "begin each practice with a line [[practices]]",
            )
            return []
        tables = [self._reader.values(_PracticeTable, entry, ("practices", index)) for index, entry in enumerate(raw)]
        self._check_ids(tables)
        self._check_locations(tables)
        made = [self._practice(table, index) for index, table in enumerate(tables)]
        return with_others_zones([practice for practice in made if practice])

    def _practice(self, values: dict[str, Any], index: int) -> Practice | None:
        zone = self._zone(values["timezone"], index) if "timezone" in values else None
        hours = self._hours(values["live_hours"], index) if "live_hours" in values else None
        path: KeyPath = ("practices", index)
        closures = read_closures(self._reader, values.get("closures", ()), (*path, "closures"))
        rules = read_rules(self._reader, values.get("rules", ()), (*path, "rules"), values.get("locations", ()))
        zones = read_location_zones(self._reader, values.get("location_zones"), path, values.get("locations", ()))
        if self._reader.problems or not (zone and hours):
            return None
        table = _PracticeTable(**values)
        return Practice(
            id=table.id,
            name=table.name,
            locations=table.locations,
            zone=zone,
            location_zones=tuple((place, there) for place, there in zones if there != zone),
            live_hours=hours,
            learns_live_hours=hours is NO_HOURS,
            closures=closures,
            rules=rules,
            horizon_days=table.horizon_days,
            minimum_notice=timedelta(minutes=table.minimum_notice_minutes),
            unanswered=self._bookings.unanswered,
            staffed_hours=self._bookings.staffed,
            placeholder_patient=self._matching.placeholder_patient,
            on_doubt=self._matching.ambiguous,
        )

    def _zone(self, name: str, index: int) -> ZoneInfo | None:
        return read_zone(self._reader, name, ("practices", index, "timezone"), 'write timezone = "Australia/Sydney"')

    def _hours(self, value: str | dict[str, list[str]], index: int) -> LiveHours | None:
        path: KeyPath = ("practices", index, "live_hours")
        remedy = 'write live_hours = "auto", or live_hours = "Mon-Fri 08:00-18:00, Sat 09:00-12:00"'
        if isinstance(value, str) and value.strip().casefold() == AUTO:
            return NO_HOURS
        try:
            return parse_hours(value) if isinstance(value, str) else parse_table(value)
        except ValueError as error:  # ours: it quotes only what stands in live_hours
            self._reader.problem(path, str(error), remedy)
            return None

    def _check_ids(self, tables: list[dict[str, Any]]) -> None:
        seen: set[str] = set()
        for index, table in enumerate(tables):
            practice_id = table.get("id", "")
            if practice_id in seen:
                self._reader.problem(
                    ("practices", index, "id"), "is the id of another practice too", "give each practice its own id"
                )
            elif practice_id:
                seen.add(practice_id)

    def _check_locations(self, tables: list[dict[str, Any]]) -> None:
        taken: set[str] = set()
        for index, table in enumerate(tables):
            path: KeyPath = ("practices", index, "locations")
            locations: tuple[str, ...] = table.get("locations", ())
            if len(tables) > 1 and not (isinstance(raw := self._raw["practices"][index], dict) and raw.get("locations")):
                self._reader.problem(path, "is missing, and there are several practices", 'write locations = ["1", "2"]')
            if taken.intersection(locations) or len(set(locations)) < len(locations):
                self._reader.problem(path, "names a location twice", "give each location to one practice, once")
            taken.update(locations)
