"""
What the commands' parsers share.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from textwrap import dedent
from typing import TypeAlias

from agent.settings.paths import Home, find_home

Run: TypeAlias = Callable[[argparse.Namespace], int]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it


def add_command(
    commands: Commands, name: str, run: Run, *, summary: str | None, description: str, json: bool = False
) -> argparse.ArgumentParser:
    """
    Add a command with the options that all have.

    Args:
        summary: Its line in the list of commands; None hides it there.
        description: Its own help: what it does, examples, exit codes.
        json: Whether it can print JSON.
    """
    text = dedent(description).strip()
    plain = argparse.RawDescriptionHelpFormatter
    if summary is None:
        parser = commands.add_parser(name, description=text, formatter_class=plain)
    else:
        parser = commands.add_parser(name, help=summary, description=text, formatter_class=plain)
    # without a default of its own, so that `frontdesk --home X status` is not overwritten
    parser.add_argument("--home", type=Path, metavar="FOLDER", default=argparse.SUPPRESS, help="the home folder")
    if json:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON for programs")
    parser.set_defaults(run=run)
    return parser


def home_of(args: argparse.Namespace) -> Home:
    """
    Return the home that the command line or the environment names.
    """
    folder: Path | None = args.home
    return find_home(folder)


def positive(text: str) -> float:
    """
    Parse a number above zero.
    """
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def whole_minutes(text: str) -> int:
    """
    Parse a pause's length: a whole number of minutes up to a week.
    """
    longest = 7 * 24 * 60
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= longest):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of minutes from 1 to {longest}")
    return int(text)


def later(text: str) -> datetime:
    """
    Parse a moment in this computer's time: `14:30` (today), `2026-03-31` (when that day begins) or `2026-03-31T14:30`.
    """
    today = datetime.now().astimezone()
    try:
        if ":" in text and "-" not in text:
            return datetime.combine(today.date(), time.fromisoformat(text)).astimezone()
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 14:30, 2026-03-31 or 2026-03-31T14:30") from None


def calendar_date(text: str) -> date:
    """
    Parse a date written as 2026-03-31.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-03-31") from None
