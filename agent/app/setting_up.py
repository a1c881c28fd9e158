"""
The steps of a set-up, from the first look at this computer to an engine that runs.

Until the last one nothing is written and nothing is sent but questions: what a person said stands in the `Answers`, and keys and
passwords come with each step and are kept in memory alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import available_timezones

from agent.app.adapters import open_pms, optional_credential
from agent.app.checking import check_credential, check_healthengine, check_operation
from agent.app.keys import store_credential, with_entered
from agent.app.previewing import preview_with
from agent.domain.days import DateRange, clock_text
from agent.domain.errors import AuthRequired, FrontdeskError, Misconfigured, Transient
from agent.domain.masked import Secret
from agent.domain.reports import CheckItem
from agent.domain.setting_up import (
    Answers,
    DataSource,
    KnownSystem,
    PmsTrial,
    PreviewLine,
    SetUpOutcome,
    SetUpPreview,
    Step,
    Surroundings,
    ToLink,
)
from agent.engine.clock import SystemClock
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.pms import SqlPms
from agent.pms.sql.profile import SETTINGS, builtin_profiles, load_profile, profile_folders
from agent.ports.pms import CheckLine, Pms
from agent.service import service_manager
from agent.service.service import ServiceManager, State
from agent.settings.config import AUTO, Settings, load_settings
from agent.settings.credentials import API_KEY, PMS_PASSWORD, Credentials, Source, practice_key
from agent.settings.paths import Home
from agent.settings.writing import exist_already, settings_of, write_settings

MARKS_WINDOW = timedelta(days=28)
"""How far ahead the diary is searched for marks of another connector."""

NOT_YET = Answers(practice_id="0", practice_name="-", vendor_name="-", vendor_email="-@-.au", live_hours=AUTO)
"""Stands in for what has not been asked when the practice system is tried."""


ASKED = {
    "identity": "Which database it is",
    "locations": "The practice's locations",
    "practitioners": "Who can be booked",
    "appointment_types": "Appointment types",
    "sessions": "When people work",
    "free_slots": "What is free",
    "absences": "Leave and breaks",
    "appointments": "Appointments in the diary",
    "markers": "Days that have changed",
    "states": "How appointments stand now",
    "patient_appointments": "The appointments of one patient",
    "find_booked": "Appointments by their booking's number",
    "links": "Links of video appointments",
    "patients": "Patients by their number",
    "find_patients": "Patients by what they say of themselves",
    "may_write": "The rights to write",
}
"""What each query asks, for somebody who is no database administrator."""


class SetUp:
    """
    The set-up of one home, step by step. Every step can be repeated; none remembers anything.

    Args:
        credentials: Of the home, with what a person has entered put first; by default those of this system.
        services: Starts the engine; by default this system's.
    """

    def __init__(
        self,
        home: Home,
        answers: Answers | None,
        secrets: Mapping[str, Secret],
        *,
        credentials: Credentials | None = None,
        services: ServiceManager | None = None,
    ) -> None:
        self._home = home
        self._answers = answers
        self._secrets = secrets
        self._stored = credentials or Credentials(home)
        self._services = services

    def do(self, step: Step) -> SetUpOutcome:
        """
        Carry out one step.

        Raises:
            FrontdeskError: if it cannot be done; `SettingsError` with every answer that cannot be.
        """
        match step:
            case Step.LOOK:
                return SetUpOutcome(surroundings=self._look())
            case Step.FIND:
                return SetUpOutcome(fits=self._find())
            case Step.PMS:
                return SetUpOutcome(trial=self._try_pms())
            case Step.CHECK:
                self._settings()
                return SetUpOutcome()
            case Step.KEYS:
                return SetUpOutcome(lines=self._try_keys())
            case Step.PREVIEW:
                return SetUpOutcome(preview=self._preview())
            case Step.FINISH:
                return SetUpOutcome(said=self._finish())

    def _look(self) -> Surroundings:
        drivers: list[str] = []
        sources: dict[str, str] = {}
        try:
            import pyodbc  # noqa: PLC0415 - fails to load where there is no ODBC driver manager

            drivers, sources = pyodbc.drivers(), pyodbc.dataSources()
        except ImportError:
            pass
        practices = [self._answers.practice_id] if self._answers and self._answers.practice_id.isdigit() else []
        return Surroundings(
            home=str(self._home.folder),
            is_set_up=self._home.config.exists(),
            may_write=self._home.may_be_changed(),
            drivers=tuple(sorted(drivers)),
            sources=tuple(DataSource(name=name, driver=driver) for name, driver in sorted(sources.items())),
            systems=self._systems(),
            zones=tuple(sorted(name for name in available_timezones() if name.startswith("Australia/"))),
            stored=tuple(line.name for line in self._stored.list(practices) if line.source is not Source.MISSING),
        )

    def _systems(self) -> tuple[KnownSystem, ...]:
        """
        Return every practice system that can be used, with its variants; one with a mistake is left to `frontdesk profiles`.
        """
        builtin = builtin_profiles()
        own = [path.name for path in self._home.profiles.iterdir() if path.is_dir()] if self._home.profiles.is_dir() else []
        found: list[KnownSystem] = []
        for name in sorted({*builtin, *own}):
            kinds = sorted(file.parent.name for file in builtin[name].glob(f"*/{SETTINGS}")) if name in builtin else []
            for dialect in ("", *kinds):
                try:
                    profile = load_profile(*profile_folders(name, dialect=dialect, home=self._home.profiles))
                except FrontdeskError:
                    continue
                found.append(
                    KnownSystem(
                        profile=name,
                        dialect=dialect,
                        title=f"{profile.title}, {profile.dialect.name}" if dialect else profile.title,
                        hint=profile.connection_hint,
                        carriers=profile.carriers,
                    )
                )
        return tuple(found)

    def _find(self) -> tuple[KnownSystem, ...]:
        """
        Return the systems whose identity and practitioners can be read over the connection.

        Raises:
            FrontdeskError: why the database cannot be reached, if none could reach it.
        """
        answers = self._answered()
        settings_of(replace(_whole(answers), profile="any", dialect=""), self._home.config)  # the connection text itself
        fits: list[KnownSystem] = []
        refused: FrontdeskError | None = None
        for system in self._systems():
            if answers.carrier not in system.carriers:
                continue
            profile = load_profile(*profile_folders(system.profile, dialect=system.dialect, home=self._home.profiles))
            pms = SqlPms(profile, connector(profile, answers.carrier, answers.connection, self._password()))
            try:
                pms.identity()
                pms.practitioners()
            except (AuthRequired, Transient, Misconfigured) as error:
                refused = refused or error
            except FrontdeskError:
                pass  # it answers, and is another system
            else:
                fits.append(system)
            finally:
                pms.close()
        if refused and not fits:
            raise refused
        return tuple(fits)

    def _try_pms(self) -> PmsTrial:
        settings, credentials = self._settings(is_whole=False), self._credentials()
        pms = open_pms(self._home, settings, credentials)
        try:
            lines = tuple(map(_in_plain_words, pms.check()))
            if not all(line.ok for line in lines):
                return PmsTrial(lines=lines)
            return PmsTrial(lines=lines, locations=tuple(pms.locations()), marked=self._marked(pms, settings))
        finally:
            pms.close()

    def _marked(self, pms: Pms, settings: Settings) -> int:
        if self._home.state_db.exists():
            return 0  # then they may well be this Frontdesk's own
        today = SystemClock().now().astimezone(settings.practices[0].zone).date()
        diary = pms.diary(DateRange.of_days(today, MARKS_WINDOW.days))
        return sum(appointment.reference > 0 for appointment in diary.appointments)

    def _try_keys(self) -> tuple[CheckItem, ...]:
        settings, credentials = self._settings(), self._credentials()
        names = (API_KEY, *(practice_key(practice.id) for practice in settings.practices))
        lines = tuple(check_credential(credentials, name) for name in names)
        if not all(line.ok for line in lines):
            return lines
        return (*lines, *(check_healthengine(practice, settings, credentials) for practice in settings.practices))

    def _preview(self) -> SetUpPreview:
        found = preview_with(self._home, self._settings(), self._credentials(), None).practices
        lines: list[PreviewLine] = []
        to_link: list[ToLink] = []
        for practice in found:
            names = {resource.id: resource.name for resource in practice.resources}
            lines += [
                PreviewLine(
                    practitioner=names.get(day.resource_id, day.resource_id),
                    day=f"{day.date:%a %d/%m}",
                    free=", ".join(f"{clock_text(o.start)}-{clock_text(o.end)}" for o in day.ranges),
                )
                for day in sorted(practice.days, key=lambda day: (names.get(day.resource_id, ""), day.resource_id, day.date))
            ]
            to_link += [ToLink(kind="practitioner", id=resource.id, name=resource.name) for resource in practice.resources]
            to_link += [ToLink(kind="appointment type", id=kind.id, name=kind.name) for kind in practice.types]
        return SetUpPreview(
            lines=tuple(lines),
            to_link=tuple(to_link),
            withheld=sum(len(practice.withheld) for practice in found),
            warnings=tuple(warning for practice in found for warning in practice.warnings),
        )

    def _finish(self) -> tuple[str, ...]:
        """
        Store the keys, write the settings, start the service, in this order: an engine that finds settings finds its keys too.
        """
        answers, home = self._answered(), self._home
        settings_of(answers, home.config)
        if home.config.exists():
            raise exist_already(home.config)
        home.create()
        home.refuse_if_others_may_write()
        said = [store_credential(home, self._stored, name, secret) for name, secret in self._secrets.items()]
        write_settings(answers, home.config)
        return (*said, f"The settings are in {home.config}.", self._start())

    def _start(self) -> str:
        services = self._services or service_manager()
        try:
            if services.state() is State.NOT_INSTALLED:
                return "There is no service on this computer: run 'frontdesk service install', or 'frontdesk engine'."
            services.start()
        except FrontdeskError as error:
            return f"The service could not be started: {error.message}. {error.remedy}".strip()
        return "The service Frontdesk is started."

    def _answered(self) -> Answers:
        if self._answers is None:
            raise Misconfigured("settings-missing", "nothing has been answered yet", remedy="begin with the first page")
        return self._answers

    def _settings(self, *, is_whole: bool = True) -> Settings:
        if self._answers is None:
            return load_settings(self._home.config)
        return settings_of(self._answers if is_whole else _whole(self._answers), self._home.config)

    def _credentials(self) -> Credentials:
        """
        Return what a person has entered before what is stored; in memory alone.
        """
        return with_entered(self._home, self._secrets) if self._secrets else self._stored

    def _password(self) -> Secret | None:
        return optional_credential(self._credentials(), PMS_PASSWORD)


def _in_plain_words(line: CheckLine) -> CheckItem:
    item = check_operation(line)
    asked = ASKED.get(line.operation, line.operation)
    return replace(item, name=asked, detail=f"{line.rows} found") if item.ok else replace(item, name=asked)


def _whole(answers: Answers) -> Answers:
    """
    Return *answers* with something for each that is asked later.
    """
    later = ("practice_id", "practice_name", "vendor_name", "vendor_email", "live_hours")
    return replace(answers, **{name: getattr(NOT_YET, name) for name in later})
