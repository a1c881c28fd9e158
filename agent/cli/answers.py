"""
Commands with which a person answers what the engine asks: `adopt`, `release`.
"""

from __future__ import annotations

import argparse

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.engine import connect
from agent.cli.output import Exit, say
from agent.domain.identity import HELD, Answer
from agent.ipc.messages import Adopt, Release


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    adopt = add_command(
        commands,
        "adopt",
        _adopt,
        summary="say which server or database is the practice's real one",
        description="""
            After a restored backup, on a cloned or replaced server, or with another database, nothing is polled, published
            or written until a person has said which is the real one. Without an answer the question is shown.

              this-machine   this machine has taken the other one's place, which is switched off for good
              this-database  this is the database the practice works in now
              restored       the database was put back from a backup, and the practice works on with it

            examples:
              frontdesk adopt
              frontdesk adopt restored

            exit codes: 0 answered, or nothing is asked; 1 a question waits for an answer.
            """,
    )
    adopt.add_argument("answer", nargs="?", choices=[answer.value for answer in Answer], help="default: show the question")
    add_command(
        commands,
        "release",
        _release,
        summary="let a large sudden change pass that is held",
        description="""
            When much changes at once (many free times, doctors, appointment types or our own bookings), it is held until
            somebody has looked. If what the PMS shows is right, this lets it pass.
            """,
    )


def _adopt(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        if args.answer is not None:
            say(engine.do(Adopt(answer=Answer(args.answer))))
            return Exit.OK
        asked = [condition for condition in engine.status().conditions if condition.code == HELD]
    for condition in asked:
        say(condition.message)
        say(condition.remedy)
    if not asked:
        say("Nothing is in doubt: this machine and its database are the known ones.")
    return Exit.ATTENTION if asked else Exit.OK


def _release(args: argparse.Namespace) -> int:
    with connect(home_of(args)) as engine:
        say(engine.do(Release()))
    return Exit.OK
