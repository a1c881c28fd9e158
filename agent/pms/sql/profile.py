"""
Profiles: what the agent knows about one practice management system that is reached by SQL.

A profile is a folder of data: `profile.toml` and one `.sql` file per operation (`agent.pms.sql.operations`). Folders are
layered: a later one adds or replaces single settings and whole `.sql` files, for another kind of database or for one practice's
own needs.
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from agent.access import remedy, writable_by_others
from agent.domain.carrying import Goal, Item, Rule, TooLong
from agent.domain.diary import AppointmentState
from agent.domain.errors import Misconfigured
from agent.pms.sql.dialects import DIALECTS, Dialect
from agent.pms.sql.modules import Finish
from agent.pms.sql.modules.registry import MODULES
from agent.pms.sql.normalise import Unit
from agent.pms.sql.operations import ALWAYS, OPERATIONS, WRITING
from agent.pms.sql.statements import Expects, Statement, parse
from agent.ports.pms import BookingWay, Capabilities

PROFILES = Path(__file__).with_name("profiles")
"""The folder of the profiles that come with the program."""

SETTINGS = "profile.toml"

_CONVERTING = threading.Lock()
"""Held while settings are read: msgspec crashes the process where two threads meet nested types for the first time at once."""

GRANTS = "grants.sql"
"""What the agent's login has to be allowed: for the database's administrator, never run by the agent."""


class FreeTime(StrEnum):
    """
    Where free time comes from.
    """

    SESSIONS = "sessions"  # working time less absences and appointments
    SLOTS = "free_slots"  # the PMS works it out


class Per(StrEnum):
    """
    What one free-slot query covers.
    """

    WINDOW = "window"
    PRACTITIONER_DAY = "practitioner_day"


class Kind(StrEnum):
    """
    How a parameter is bound.
    """

    TEXT = "text"
    INTEGER = "integer"  # the empty text is NULL


_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Length = Annotated[int, msgspec.Meta(ge=1)]


class _Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    pass


class _Connection(_Strict):
    hint: str = ""
    password_key: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]+$")] = "PWD"  # noqa: S105  # the name of a keyword


class _CapabilitiesTable(_Strict):
    booking: Literal["transaction", "steps", "none"]
    create_patients: bool
    cancel: bool


class _Api(_Strict):
    name: Literal["opendental"]


class _FreeTimeTable(_Strict):
    shape: FreeTime
    per: Per = Per.WINDOW


class _Notes(_Strict):
    limit: Annotated[int, msgspec.Meta(ge=30)]
    lines: bool = True


class _Carried(_Strict):
    field: Goal
    limit: Annotated[int, msgspec.Meta(ge=0)] = 0
    fallback: TooLong = TooLong.CUT
    lines: bool = True


class _CarriedFlag(_Strict):
    field: Goal


class _CarriedType(_Strict):
    fallback: str = ""


class _Carries(_Strict):
    new_patient: _CarriedFlag | None = None
    details: _Carried | None = None
    telehealth: _Carried | None = None
    reason: _Carried | None = None
    comments: _Carried | None = None
    type: _CarriedType = msgspec.field(default_factory=_CarriedType)


class _Units(_Strict):
    length: Unit = Unit.MINUTES
    time_of_day: Unit = Unit.MINUTES


class _Session(_Strict):
    read: list[str] = []
    write: list[str] = []


class _Settings(_Strict):
    format: Literal[1]
    name: _Name
    title: _Name
    dialect: Literal["sqlite", "mariadb", "mysql", "postgresql", "sqlserver"]
    carriers: Annotated[list[Literal["odbc", "sqlite"]], msgspec.Meta(min_length=1)]
    capabilities: _CapabilitiesTable
    free_time: _FreeTimeTable
    notes: _Notes
    status: dict[str, AppointmentState]
    carries: _Carries = msgspec.field(default_factory=_Carries)
    connection: _Connection = msgspec.field(default_factory=_Connection)
    units: _Units = msgspec.field(default_factory=_Units)
    sex: dict[str, str] = {}
    parameters: dict[str, Kind] = {}
    lengths: dict[str, _Length] = {}
    session: _Session = msgspec.field(default_factory=_Session)
    module: str = ""
    api: _Api | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """
    A complete, checked profile.

    Attributes:
        folders: Where it was loaded from, first to last.
        connection_hint: What a connection text looks like.
        password_key: Under which name a driver takes the password.
        note_limit, note_lines: How long the note field is, and whether it holds several lines.
        carries: Where what a booking carries goes, as far as the profile says.
        type_fallback: The type of a booking that has none; empty: none.
        length_unit, time_unit: What bare numbers of lengths and times of day count.
        status: Status code -> state; `*` stands for every other code.
        sex: Healthengine's word -> the PMS's code; `*` stands for every other word.
        kinds: How parameters are bound that are not plain texts.
        lengths: The longest text that fits, by parameter.
        read_setup, write_setup: What every new connection is told first.
        finish: What a module makes of the rows of some operations.
        api: What writes where the practice has configured it; empty: there is none.
    """

    folders: tuple[Path, ...]
    name: str
    title: str
    dialect: Dialect
    carriers: tuple[str, ...]
    connection_hint: str
    password_key: str
    capabilities: Capabilities
    free_time: FreeTime
    per: Per
    note_limit: int
    note_lines: bool
    carries: Mapping[Item, Rule]
    type_fallback: str
    length_unit: Unit
    time_unit: Unit
    status: Mapping[str, AppointmentState]
    sex: Mapping[str, str]
    kinds: Mapping[str, Kind]
    lengths: Mapping[str, int]
    read_setup: tuple[str, ...]
    write_setup: tuple[str, ...]
    statements: Mapping[str, tuple[Statement, ...]]
    finish: Mapping[str, Finish]
    api: str

    def read_only(self) -> Profile:
        """
        Return the profile for a practice whose database is only to be read: without anything that writes.
        """
        reading = replace(self.capabilities, booking=BookingWay.NONE, create_patients=False, cancel=False)
        kept = {name: steps for name, steps in self.statements.items() if name not in WRITING}
        return replace(self, capabilities=reading, statements=kept)

    def over_api(self) -> Profile:
        """
        Return the profile for a practice that has configured the vendor's API, which books in steps.
        """
        able = replace(self.capabilities, booking=BookingWay.STEPS, create_patients=True, cancel=True)
        return replace(self, capabilities=able)

    @property
    def writes(self) -> bool:
        """
        Whether anything of it writes.
        """
        return self.capabilities.booking is not BookingWay.NONE or self.capabilities.cancel or self.has("message")

    def has(self, operation: str) -> bool:
        """
        Return whether the profile defines *operation*.
        """
        return operation in self.statements


def builtin_profiles() -> Mapping[str, Path]:
    """
    Return the profiles that come with the program, by name.
    """
    return {path.name: path for path in sorted(PROFILES.iterdir()) if (path / SETTINGS).is_file()}


def profile_folders(name: str, *, dialect: str = "", home: Path | None = None) -> tuple[Path, ...]:
    """
    Return the folders to give to `load_profile` for the built-in profile *name*.

    Args:
        dialect: The kind of database, where the profile has a variant for it in a folder of that name.
        home: The practice's own profiles; its folder *name*, if there is one, comes last.

    Raises:
        Misconfigured: `pms-profile`, if there is no such profile or variant.
    """
    own = home / name if home else None
    base = builtin_profiles().get(name)
    if base is None:
        if own is None or not own.is_dir():
            raise _wrong(f"There is no profile called {name!r}.", f"Choose one of: {', '.join(builtin_profiles())}.")
        return (own,)
    folders = [base]
    if dialect and (base / dialect).is_dir():
        folders.append(base / dialect)
    elif dialect and _read_settings(base).get("dialect") != dialect:
        raise _wrong(f"The profile {name} has no variant for {dialect!r}.", "Leave the kind of database out, or choose another.")
    if own is not None and own.is_dir():
        folders.append(own)
    return tuple(folders)


def load_profile(*folders: Path) -> Profile:
    """
    Read, layer and check a profile.

    Raises:
        Misconfigured: `pms-profile` with file, line and column where there is one;
            `pms-profile-writable` if a folder outside the program may be changed by others.
    """
    for folder in folders:
        if not folder.is_dir():
            raise _wrong(f"There is no folder {folder}.", "Check the profile's name.")
        if PROFILES.resolve() not in folder.resolve().parents:
            _refuse_if_others_may_write(folder)
    settings, sources = _settings(folders)
    statements = _statements(folders)
    _check_operations(settings, statements)
    return _profile(folders, settings, sources, statements)


def unfinished(*folders: Path) -> tuple[Profile | None, Mapping[str, Misconfigured]]:
    """
    Return what a profile says that somebody is still writing, and its `mistakes`; nothing may be run by it.

    The profile has the operations that can be read; it is None while `profile.toml` cannot.
    """
    found = dict(mistakes(*folders))
    if SETTINGS in found:
        return None, found
    statements = {file.stem: _operation(file) for file in _sql_files(folders) if file.stem not in found}
    try:
        return _profile(folders, *_settings(folders), statements), found
    except Misconfigured as error:
        return None, {SETTINGS: error, **found}


def mistakes(*folders: Path) -> Mapping[str, Misconfigured]:
    """
    Return everything that keeps a profile from being loaded, by operation or by `profile.toml`; `load_profile` names the first.
    """
    found: dict[str, Misconfigured] = {}
    files = _sql_files(folders)
    for file in files:
        try:
            _operation(file)
        except Misconfigured as error:
            found[file.stem] = error
    try:
        settings, _ = _settings(folders)
    except Misconfigured as error:
        return {SETTINGS: error, **found}
    found |= {name: _no_file(settings.name, name) for name in _missing(settings, {file.stem for file in files})}
    if not found:
        try:
            load_profile(*folders)
        except Misconfigured as error:
            found[SETTINGS] = error
    return found


def _profile(
    folders: Sequence[Path], settings: _Settings, sources: str, statements: Mapping[str, tuple[Statement, ...]]
) -> Profile:
    dialect = DIALECTS[settings.dialect]
    return Profile(
        folders=tuple(folders),
        name=settings.name,
        title=settings.title,
        dialect=dialect,
        carriers=tuple(settings.carriers),
        connection_hint=settings.connection.hint,
        password_key=settings.connection.password_key,
        capabilities=Capabilities(
            booking=BookingWay(settings.capabilities.booking),
            create_patients=settings.capabilities.create_patients,
            cancel=settings.capabilities.cancel,
            links="links" in statements,
            engine_lock="engine_lock" in statements,
        ),
        free_time=settings.free_time.shape,
        per=settings.free_time.per,
        note_limit=settings.notes.limit,
        note_lines=settings.notes.lines,
        carries=_carries(settings, statements),
        type_fallback=settings.carries.type.fallback,
        length_unit=settings.units.length,
        time_unit=settings.units.time_of_day,
        status=settings.status,
        sex=settings.sex,
        kinds=_known(settings.parameters, sources),
        lengths=_known(settings.lengths, sources),
        read_setup=(*dialect.read_setup, *settings.session.read),
        write_setup=(*dialect.write_setup, *settings.session.write),
        statements=statements,
        finish=_finish(settings.module, sources),
        api=settings.api.name if settings.api else "",
    )


def _refuse_if_others_may_write(folder: Path) -> None:
    if found := writable_by_others(folder, sorted(folder.rglob("*"))):
        raise Misconfigured(
            "pms-profile-writable",
            f"{found} may be changed by others than administrators and the engine's account, so the profile is not used.",
            remedy=remedy(found, folder),
        )


def _settings(folders: Sequence[Path]) -> tuple[_Settings, str]:
    merged: dict[str, Any] = {}
    files = [folder / SETTINGS for folder in folders if (folder / SETTINGS).is_file()]
    if not files:
        raise _wrong(f"{SETTINGS} is missing in {folders[0] if folders else 'the profile'}.", "Put one there.")
    for folder in folders:
        _merge(merged, _read_settings(folder))
    names = " + ".join(str(f) for f in files)
    try:
        with _CONVERTING:
            return msgspec.convert(merged, _Settings), names
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        key = path.rstrip("`").strip(".").replace("[...]", "") or _quoted(message)
        raise _wrong(
            f"{_line_of(files, key, message)}{key}: {message}.", f"Correct {key or 'it'} as the documentation of profiles says."
        ) from None


def _read_settings(folder: Path) -> dict[str, Any]:
    file = folder / SETTINGS
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"{file}: {error}.", "Correct the TOML at that place.") from None
    except (OSError, UnicodeDecodeError):
        raise _wrong(f"{file} cannot be read as UTF-8 text.", "Save it as UTF-8 and allow the service to read it.") from None


def _merge(onto: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(onto.get(key), dict):
            _merge(onto[key], value)
        else:
            onto[key] = value


def _quoted(message: str) -> str:
    found = re.search(r"`([^`]+)`", message)
    return found[1] if found else ""


def _line_of(files: Sequence[Path], key: str, message: str) -> str:
    # By the value that the message quotes, else by the key: TOML's own reader keeps no places.
    last = key.rsplit(".", maxsplit=1)[-1].split("[", maxsplit=1)[0]
    value = re.search(r"'([^']+)'", message)
    patterns = [rf"""^[^#]*=.*["']{re.escape(value[1])}["']"""] if value else []
    patterns += [rf"""\s*(\[)?\s*["']?{re.escape(last)}\b"""] if last else []
    for pattern in patterns:
        for file in reversed(files):
            for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
                if re.match(pattern, line):
                    return f"{file}, line {number}: "
    return f"{files[-1]}: "


def _statements(folders: Sequence[Path]) -> dict[str, tuple[Statement, ...]]:
    return {file.stem: _operation(file) for file in _sql_files(folders)}


def _sql_files(folders: Sequence[Path]) -> list[Path]:
    return [file for folder in folders for file in sorted(folder.glob("*.sql")) if file.name != GRANTS]


def _operation(file: Path) -> tuple[Statement, ...]:
    operation = OPERATIONS.get(file.stem)
    if operation is None:
        raise _wrong(f"{file}: there is no operation of that name.", f"Name it after one of: {', '.join(OPERATIONS)}.")
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise _wrong(f"{file} cannot be read as UTF-8 text.", "Save it as UTF-8 and allow the service to read it.") from None
    statements = parse(text, file=str(file), operation=file.stem, expects=operation.expects, known=operation.parameters)
    if len(statements) > 1 and not operation.steps:
        raise _wrong(f"{file}: this operation is a single statement.", "Leave one step.")
    return statements


def _check_operations(settings: _Settings, statements: Mapping[str, tuple[Statement, ...]]) -> None:
    for name in _missing(settings, statements):
        raise _no_file(settings.name, name)
    book = statements.get("book")
    in_steps = settings.api is not None or settings.capabilities.booking == "steps"
    if book and not in_steps and not any(step.expects is Expects.COUNT for step in book):
        raise _wrong(
            f"{book[0].place}: no step says how many rows it puts in.",
            "Let the step that inserts expect count, and one before or after it, that expects one, give the new appointment_id.",
        )


def _no_file(profile: str, operation: str) -> Misconfigured:
    return _wrong(f"The profile {profile} has no {operation}.sql.", "Add the file, or change what profile.toml promises.")


def _missing(settings: _Settings, there: Collection[str]) -> list[str]:
    needed = [*ALWAYS, "sessions" if settings.free_time.shape is FreeTime.SESSIONS else "free_slots"]
    if settings.capabilities.booking != "none":
        needed += ["find_booked", "book", "withdraw"]
    if settings.capabilities.create_patients:
        needed.append("create_patient")
    if settings.capabilities.cancel:
        needed.append("cancel")
    if "lock" in there:
        needed.append("unlock")
    return [name for name in needed if name not in there]


_OWN_FIELDS = {
    Item.NEW_PATIENT: "is_new_patient",
    Item.DETAILS: "details",
    Item.TELEHEALTH: "telehealth_url",
    Item.REASON: "reason",
    Item.COMMENTS: "comments",
}
"""The parameter of `book` that takes what goes into a field of its own."""


def _carries(settings: _Settings, statements: Mapping[str, tuple[Statement, ...]]) -> Mapping[Item, Rule]:
    carries = settings.carries
    rules: dict[Item, Rule] = {}
    if carries.new_patient is not None:
        rules[Item.NEW_PATIENT] = Rule(goal=carries.new_patient.field)
    for item, said in (
        (Item.DETAILS, carries.details),
        (Item.TELEHEALTH, carries.telehealth),
        (Item.REASON, carries.reason),
        (Item.COMMENTS, carries.comments),
    ):
        if said is not None:
            rules[item] = Rule(goal=said.field, limit=said.limit, fallback=said.fallback, lines=said.lines)
    used = {name for statement in statements.get("book", ()) for name in statement.names}
    for item, rule in rules.items():
        if rule.goal is Goal.OWN and settings.api is None and _OWN_FIELDS[item] not in used:
            raise _wrong(
                f"[carries] {item} has a field of its own, but book.sql does not use :{_OWN_FIELDS[item]}.",
                "Use it there, or let it go into the note.",
            )
    return rules


def _finish(module: str, sources: str) -> Mapping[str, Finish]:
    if module and module not in MODULES:
        raise _wrong(f"{sources}: there is no module {module!r}.", f"Leave it out, or use one of: {', '.join(MODULES)}.")
    return MODULES[module] if module else {}


def _known(table: Mapping[str, Any], sources: str) -> Mapping[str, Any]:
    known = {name for operation in OPERATIONS.values() for name in operation.parameters}
    for name in table:
        if name not in known:
            raise _wrong(f"{sources}: {name!r} is no parameter of any operation.", "Correct it in [parameters] or [lengths].")
    return table


def _wrong(message: str, remedy: str) -> Misconfigured:
    return Misconfigured("pms-profile", message, remedy=remedy)
