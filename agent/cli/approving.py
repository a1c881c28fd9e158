"""
The command `approve`: new doctors and appointment types that wait for a tick.
"""

from __future__ import annotations

import argparse

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.engine import connect
from agent.cli.output import Exit, moment, print_json, print_table, say
from agent.domain.newcomers import Newcomer
from agent.ipc.messages import Approve, ListNewcomers


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    approve = add_command(
        commands,
        "approve",
        _approve,
        summary="tick off new doctors and appointment types",
        description="""
            Show the doctors and appointment types that are new in the PMS and wait for a tick before they are published
            (settings: new_doctors and new_types), or tick some off by their numbers.

            examples:
              frontdesk approve list
              frontdesk approve 12 13

            exit codes: 0 done, 2 one of the numbers does not wait, 3 no engine is running.
            """,
        json=True,
    )
    approve.add_argument(
        "ids", nargs="*", type=_number, metavar="ID", help="the numbers to tick off; 'list' or nothing: show what waits"
    )


def _number(text: str) -> int:
    """
    Parse a number from the list, which is never 0; the word `list` is 0.
    """
    if text == "list":
        return 0
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from the list")
    return int(text)


def _approve(args: argparse.Namespace) -> int:
    ids = [number for number in args.ids if number]
    with connect(home_of(args)) as engine:
        if ids:
            say(engine.do(Approve(ids=tuple(ids))))
            return Exit.OK
        waiting = engine.ask(ListNewcomers(), "waiting", tuple[Newcomer, ...])
    if args.as_json:
        print_json({"waiting": waiting})
        return Exit.OK
    print_table(
        "Waiting for a tick",
        ("number", "practice", "kind", "id", "name", "since"),
        ((str(n.id), n.practice_id, n.item.kind, n.item.id, n.name, moment(n.since)) for n in waiting),
        empty="Nothing waits for a tick.",
    )
    return Exit.OK
