"""
What the command line prints of texts that others wrote.
"""

from __future__ import annotations

import json

import pytest

from agent.cli import output
from agent.domain.errors import Transient

HOSTILE = "Ann\x1b[2J\x1b]0;x\x07\u202e\r\nforged\tline\u2028 [bold]李 {0} %s"
SHOWN = r"Ann\x1b[2J\x1b]0;x\x07\u202e\x0d\x0aforged\x09line\u2028 [bold]李 {0} %s"


@pytest.mark.parametrize("is_terminal", [False, True])
def test_nothing_steers_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_terminal: bool
) -> None:
    """
    Tables, lines and errors show it, on a terminal and in a pipe; a cell stays a cell and a line a line.
    """
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    output.say(HOSTILE)
    output.print_table("People", ("name",), [(HOSTILE,)])
    output.print_error(Transient("x", HOSTILE, remedy=HOSTILE))
    printed = capsys.readouterr()

    assert [2, 2] == [printed.out.count(SHOWN), printed.err.count(SHOWN)]
    assert 2 == len(printed.err.splitlines())


def test_json_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A program reads back what was written, from ASCII without control characters.
    """
    output.print_json({"name": HOSTILE})
    printed = capsys.readouterr().out

    assert {"name": HOSTILE} == json.loads(printed)
    assert all(char == "\n" or (char.isascii() and char.isprintable()) for char in printed)
