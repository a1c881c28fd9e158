"""
What an installation without a person brings along: settings, and a file of keys that is consumed once.
"""

from __future__ import annotations

from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.domain.masked import Secret
from agent.settings.credentials import Credentials, Source, check_name, practice_key
from agent.settings.paths import Home

PRACTICE_ID = "{PRACTICEID}"
"""Stands for the practice's id in settings that many practices share."""

_OWN_KEY = "practice-key"


def take_settings(source: Path, home: Home, practice_id: str) -> bool:
    """
    Copy the settings from *source* into a home that has none, with the practice's id filled in; return whether that was needed.

    Raises:
        Misconfigured: `handover-settings`, if there is nothing at *source*, or the practice's id is wanted and not given.
    """
    if home.config.exists():
        return False
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(
            "handover-settings",
            f"the settings {source} cannot be read",
            remedy="name a file that the system's own account can read; a network drive of yours is not there for it",
        ) from None
    if PRACTICE_ID in text and not practice_id:
        raise Misconfigured(
            "handover-settings", f"the settings {source} leave the practice's id open", remedy="give it too, by PRACTICEID"
        )
    home.config.write_text(text.replace(PRACTICE_ID, practice_id), encoding="utf-8")
    return True


def take_keys(source: Path, credentials: Credentials, practice_id: str) -> tuple[str, ...]:
    """
    Store what the file *source* holds and delete it; return the names.

    Each line is `name = value`; `practice-key` alone is the key of *practice_id*. A file that is not there any more was consumed.

    Raises:
        Misconfigured: `handover-keys`, if a line is none, or the file is not there and no key is stored either; the codes of
            `Credentials.set`.
    """
    try:
        lines = source.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        if any(line.source is not Source.MISSING for line in credentials.list([practice_id] if practice_id else ())):
            return ()
        raise _bad(f"the file of keys {source} is not there, and no key is stored yet") from None
    except (OSError, UnicodeDecodeError):
        raise _bad(f"the file of keys {source} cannot be read") from None
    found = [_parse(line, number, practice_id) for number, line in enumerate(lines, 1) if line.strip() and line.strip()[0] != "#"]
    for name, value in found:
        credentials.set(name, value)
    try:
        source.unlink()
    except OSError:
        raise _bad(f"the keys are stored, but the file {source} cannot be deleted") from None
    return tuple(name for name, _ in found)


def _parse(line: str, number: int, practice_id: str) -> tuple[str, Secret]:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals or not value:
        raise _bad(f"line {number} of the file of keys is not of the form: name = value")
    if name == _OWN_KEY:
        if not practice_id:
            raise _bad(f"line {number} of the file of keys is a practice's key, and no practice's id is given")
        name = practice_key(practice_id)
    return check_name(name), Secret(value)


def _bad(message: str) -> Misconfigured:
    return Misconfigured("handover-keys", message, remedy="mend the file, or store the keys by: frontdesk credentials set")
