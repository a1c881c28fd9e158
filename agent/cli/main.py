"""
The command `frontdesk`: finds the command, runs it, and turns errors into words and exit codes.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from textwrap import dedent

from agent.cli.arguments import Run, home_of
from agent.cli.engine import NO_ENGINE
from agent.cli.output import Exit, print_crash, print_error, print_problems
from agent.domain.errors import FrontdeskError
from agent.release import full_version
from agent.settings.config import SettingsError

MODULES: Mapping[str, str] = {
    "demo": "running",
    "engine": "running",
    "tray": "running",
    "set-up": "setting_up",
    "settings": "changing",
    "service": "serving",
    "status": "showing",
    "bookings": "showing",
    "tasks": "tasks",
    "history": "history",
    "resync": "control",
    "pause": "control",
    "resume": "control",
    "stop-bookings": "stopping",
    "start-bookings": "stopping",
    "maintenance": "stopping",
    "stop": "stopping",
    "before-uninstall": "uninstalling",
    "adopt": "answers",
    "release": "answers",
    "approve": "approving",
    "live-hours": "hours",
    "check": "checking",
    "preview": "checking",
    "profiles": "profiles",
    "diagnostics": "diagnosing",
    "credentials": "keys",
}
"""Every command, in the order of the help, with its module in this folder: to load all takes longer than most commands do."""

_DESCRIPTION = """
Frontdesk connects a practice's own server to the Healthengine booking marketplace.

The engine does the work, usually as a service; these commands look at it, steer it, or try things out.

examples:
  frontdesk demo                        see it work, with an invented practice and a simulated Healthengine
  frontdesk check                       try the settings, the database and Healthengine, and say what is wrong
  frontdesk preview --date 2026-03-31   what would be published for one day; sends nothing
  frontdesk status                      how the running engine is doing
"""

_EPILOG = """
exit codes:
  0    done, all is well
  1    done, but something needs a person
  2    wrong usage or settings, or the PMS or Healthengine cannot be reached
  3    no engine is running for this home
  4    a mistake in this program
  130  interrupted

The home folder holds settings, state and logs. It is named by --home, else by the variable FRONTDESK_HOME;
else it is the system's usual place. 'frontdesk COMMAND --help' says more about a command.
"""


def build_parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    """
    Return the parser of the whole command line; of the one command alone that *arguments* begin with, if they do.
    """
    parser = argparse.ArgumentParser(
        prog="frontdesk",
        description=dedent(_DESCRIPTION).strip(),
        epilog=dedent(_EPILOG).strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"frontdesk {full_version()}")
    parser.add_argument("--home", type=Path, metavar="FOLDER", default=None, help="the home folder")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    after_home = arguments[2:] if arguments[:1] == ["--home"] else arguments
    named = MODULES.get(after_home[0]) if after_home else None
    for module in dict.fromkeys(MODULES.values()) if named is None else (named,):
        import_module(f"agent.cli.{module}").add_commands(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run one command and return its exit code.

    Args:
        argv: Without the program's name; None: the process's own.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments == ["pms-worker"]:
        from agent.cli.worker import run_worker  # noqa: PLC0415 - loaded for itself alone

        return run_worker()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="replace")  # a pipe on Windows would else get an old code page
    args = build_parser(arguments).parse_args(arguments)
    run: Run = args.run
    try:
        return run(args)
    except SettingsError as error:
        if not error.problems:
            print_error(error)
        else:
            found = ((str(problem), problem.remedy) for problem in error.problems)
            print_problems(f"the settings in {home_of(args).config} cannot be used [{error.code}]", found)
        return Exit.FAILED
    except FrontdeskError as error:
        print_error(error)
        return Exit.NO_ENGINE if error.code == NO_ENGINE else Exit.FAILED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to fail at exit
        return Exit.OK
    except Exception as error:  # noqa: BLE001 - the top of the process
        print_crash(error)
        return Exit.UNEXPECTED
