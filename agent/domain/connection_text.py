"""
What an ODBC connection text may say.

The driver manager obeys every word of it: it would load a library by its path, take settings from another file, or write the
password into one. So there are words that it may not have.
"""

from __future__ import annotations

import re

_PATH = re.compile(r"[/\\]|\.(?:so|dll|dylib)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def parts_of(text: str) -> tuple[tuple[str, str], ...]:
    """
    Return the keys, in small letters, with their values, in the order in which they stand.

    Braces are not looked at: driver managers differ in where they end, and whatever any of them takes for a key stands behind a
    semicolon. What stands between braces may so be taken for a key that it is not, but no key is overlooked.
    """
    pairs = (part.partition("=") for part in text.split(";"))
    return tuple((key.strip().casefold(), value.strip()) for key, _, value in pairs if key.strip())


def drivers_of(text: str) -> tuple[str, ...]:
    """
    Return every driver that *text* names, without braces; none if it names a data source instead.
    """
    return tuple(value.removeprefix("{").removesuffix("}") for key, value in parts_of(text) if key == "driver")


def fault_of(text: str) -> tuple[str, str] | None:
    """
    Return what is wrong with *text* and what to do, quoting nothing of it; None: nothing.
    """
    keys = {key for key, _ in parts_of(text)}
    if _CONTROL.search(text):
        return "has a line break or another control character in it", "write it in one line"
    if keys & {"pwd", "password"}:
        return "has a password in it", "take the password out, and store it by: frontdesk credentials set pms-password"
    if keys & {"filedsn", "savefile"}:
        return "names a file with settings of its own", "write the settings into the text itself, or use DSN="
    if any(_PATH.search(driver) for driver in drivers_of(text)):
        return (
            "names its driver by a path",
            "write the name under which the driver is registered, as 'frontdesk check' lists it: Driver={MariaDB Unicode}",
        )
    return None
