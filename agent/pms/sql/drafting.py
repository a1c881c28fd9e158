"""
A new profile to be filled in: a folder with a commented `profile.toml` and a commented file for each operation.
"""

from __future__ import annotations

import re
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.pms.sql import meanings
from agent.pms.sql.dialects import DIALECTS
from agent.pms.sql.operations import ALWAYS, OPERATIONS, Operation
from agent.pms.sql.profile import SETTINGS, builtin_profiles

OPTIONAL = "optional"
"""The folder of the operations that a reading profile can do without; it is not read. A file that is wanted is moved up."""

FIRST = (*ALWAYS, "locations", "sessions", "absences")
"""What a draft begins with: a profile that reads."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

_SETTINGS = """\
# What this system is, and how its data is to be read. docs/profiles.md explains each line.
format = 1
name = "{name}"
title = "{name}"  # what people read
dialect = "{dialect}"  # {dialects}
carriers = {carriers}

[connection]
hint = "Driver={{...}};Server=...;Database=...;UID=frontdesk"  # what it looks like; never with a password

# Begin with reading alone: reception enters the bookings. "transaction" needs find_booked, book and withdraw.
[capabilities]
booking = "none"
create_patients = false
cancel = false

# "sessions": working time less absences and appointments. "free_slots": the system works out what is free.
[free_time]
shape = "sessions"

# How long the free text of an appointment is that can carry a booking's reference.
[notes]
limit = 250

# What bare numbers count: "minutes" or "seconds".
[units]
length = "minutes"
time_of_day = "minutes"

# Each status code: "booked", "arrived" (seen and paid too), "cancelled" (moved elsewhere too) or "did_not_attend". "cancelled"
# alone sets the time free. "*" stands for every other code.
[status]
# B = "booked"

# Healthengine's word for a sex to the system's code; "*" stands for every other word.
[sex]
# Female = "F"
# Male = "M"
# "*" = ""

# Parameters that are numbers in this system; the others are texts.
[parameters]
# practitioner_id = "integer"
# appointment_id = "integer"
# patient_id = "integer"

# The widths of columns that are written, so that a long text is cut and not refused.
[lengths]
# first_name = 40
"""


def draft(profiles: Path, name: str, *, dialect: str) -> list[Path]:
    """
    Make the folder *name* in *profiles* and return its files.

    Args:
        dialect: The kind of database, one of `agent.pms.sql.dialects.DIALECTS`.

    Raises:
        Misconfigured: `pms-profile`, if the name cannot be one or is taken, or the folder cannot be made.
    """
    if not _NAME.fullmatch(name):
        raise _cannot(
            f"{name!r} cannot be a profile's name.", "Use up to 40 small letters, digits and underscores, a letter first."
        )
    if name in builtin_profiles():
        raise _cannot(f"A profile called {name} comes with the program.", "Choose another name.")
    folder = profiles / name
    try:
        folder.mkdir(parents=True, mode=0o755)
        (folder / OPTIONAL).mkdir(mode=0o755)
        written = [folder / SETTINGS]
        carriers = '["odbc", "sqlite"]' if dialect == "sqlite" else '["odbc"]'
        text = _SETTINGS.format(name=name, dialect=dialect, dialects=", ".join(DIALECTS), carriers=carriers)
        written[0].write_text(text, "utf-8")
        for each, operation in OPERATIONS.items():
            written.append((folder if each in FIRST else folder / OPTIONAL) / f"{each}.sql")
            written[-1].write_text(comments(each, operation), "utf-8")
    except FileExistsError:
        raise _cannot(f"{folder} is there already.", "Choose another name, or take that folder away.") from None
    except OSError:
        raise _cannot(f"{folder} cannot be made.", "Use an account that may write there, such as an administrator's.") from None
    return written


def comments(name: str, operation: Operation) -> str:
    """
    Return what a draft says of an operation: SQL comments, to be followed by the statement.
    """
    lines = [f"{meanings.ABOUT[name]}.", f"Needed: {meanings.needed(name)}."]
    if operation.steps:
        lines += [
            "",
            f"May have steps, each below a line -- step: NAME expects=none|one|rows|count (without: {operation.expects})",
        ]
    if operation.parameters:
        lines += ["", "Parameters, written with a colon before the name and never inside quotes or comments:"]
        lines += [_line(each, meanings.parameter(each)) for each in operation.parameters]
    if operation.columns:
        lines += ["", "Columns, every one of them" + (" and any others:" if operation.any_columns else " and no others:")]
        lines += [_line(each, meanings.COLUMNS[each]) for each in operation.columns]
    if operation.more_columns:
        lines += ["", "and of these what there is:"]
        lines += [_line(each, meanings.COLUMNS[each]) for each in operation.more_columns]
    if operation.columns:
        lines += [
            "",
            "SELECT",
            *(f"    ... AS {each}," for each in operation.columns[:-1]),
            f"    ... AS {operation.columns[-1]}",
        ]
        lines += ["FROM ..."]
    return "".join(f"-- {line}".rstrip() + "\n" for line in lines)


def _line(name: str, meaning: meanings.Meaning) -> str:
    return f"  {name:<24} {meaning.what}; for example {meaning.example}"


def _cannot(message: str, remedy: str) -> Misconfigured:
    return Misconfigured("pms-profile", message, remedy=remedy)
