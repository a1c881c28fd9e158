"""
How the command line prints: tables for a person, plain columns for a pipe, JSON for a program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.domain.errors import FrontdeskError
from agent.domain.texts import visible
from agent.settings.logs import QuietFormatter


class Exit(IntEnum):
    """
    Exit codes, as the help lists them.
    """

    OK = 0
    ATTENTION = 1  # done, but something needs a person
    FAILED = 2  # wrong usage, wrong settings, or the other side is down
    NO_ENGINE = 3
    UNEXPECTED = 4  # a mistake in the program
    INTERRUPTED = 130


def say(text: str = "") -> None:
    """
    Print one line; what the terminal's encoding lacks is replaced, for a Windows console may know little, and what would begin
    another line or steer the terminal is made visible.
    """
    print(_printable(text, sys.stdout.encoding), flush=True)


def print_json(value: Any) -> None:
    """
    Print *value* as indented JSON, readable by any program: ASCII only.
    """
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    print("".join(char if char.isascii() else _escaped(char) for char in text), flush=True)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str = "", one_of_several: bool = False
) -> None:
    """
    Print a table: ruled on a terminal, tab-separated in a pipe. Without rows, *empty* is said instead.

    Args:
        one_of_several: Print the title in a pipe too, which a program that reads a single table does not want.
    """
    lines = list(rows)
    if not lines:
        if empty:
            say(empty)
        return
    if not sys.stdout.isatty():
        if one_of_several:
            say()
            say(title)
        for line in (columns, *lines):
            print("\t".join(_printable(cell, sys.stdout.encoding) for cell in line), flush=True)
        return
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*(Text(visible(cell)) for cell in line))  # as Text: brackets in a cell are not markup
    Console().print(table)


def print_error(error: FrontdeskError) -> None:
    """
    Print what is wrong, with its code, and what to do, to standard error.
    """
    _complain(f"frontdesk: {error.message} [{error.code}]")
    if error.remedy:
        _complain(f"  what to do: {error.remedy}")


def print_crash(error: Exception) -> None:
    """
    Print where a mistake in the program happened, without the error's own words: they may quote data.
    """
    for line in QuietFormatter().formatException((type(error), error, error.__traceback__)).splitlines():
        _complain(line)
    _complain("frontdesk: a mistake in this program [cli-unexpected]")
    _complain("  what to do: send the lines above to support; they hold nothing about patients")


def print_problems(title: str, problems: Iterable[tuple[str, str]]) -> None:
    """
    Print *title* and below it each problem with its remedy, to standard error.
    """
    _complain(f"frontdesk: {title}")
    for problem, remedy in problems:
        _complain(f"  {problem}")
        _complain(f"    what to do: {remedy}")


def moment(instant: datetime | None) -> str:
    """
    Return an instant in this machine's own zone, or a dash.
    """
    return f"{instant.astimezone():%Y-%m-%d %H:%M:%S}" if instant else "-"


def _complain(text: str) -> None:
    print(_printable(text, sys.stderr.encoding), file=sys.stderr, flush=True)


def _printable(text: str, encoding: str | None) -> str:
    return visible(text).encode(encoding or "utf-8", "replace").decode(encoding or "utf-8")


def _escaped(char: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in memoryview(char.encode("utf-16-le")).cast("H"))
