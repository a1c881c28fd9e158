"""
Commands that start something: `demo`, `engine`, `tray`.

What they start is imported when it is needed: `frontdesk status` must not load Qt.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from agent.cli.arguments import Commands, add_command, home_of, positive
from agent.cli.output import say
from agent.domain.errors import Misconfigured


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    demo = add_command(
        commands,
        "demo",
        _demo,
        summary="see it work: an invented practice, a simulated Healthengine",
        description="""
            Start an engine between an invented practice and a simulated Healthengine, both on this computer only, with
            the tray. Nothing is installed and nothing leaves the computer.

            examples:
              frontdesk demo
              frontdesk demo --headless --seconds 30 --json
            """,
        json=True,
    )
    demo.add_argument("--headless", action="store_true", help="without tray and window")
    demo.add_argument("--seconds", type=positive, metavar="N", help="end after this long (default: when interrupted)")
    engine = add_command(
        commands,
        "engine",
        _engine,
        summary="run the engine in the foreground",
        description="""
            Run the engine here until it is interrupted. As a service it runs by itself; this is for trying things out,
            and for systems with their own way to keep programs running.

            examples:
              frontdesk engine
              frontdesk --home /srv/frontdesk engine

            exit codes: 0 after an orderly stop, 2 if it cannot start.
            """,
    )
    engine.add_argument(
        "--time-scale", type=positive, metavar="N", default=1.0, help="let time run N times as fast, against a simulator only"
    )
    engine.add_argument("--time-origin", type=float, metavar="EPOCH", help=argparse.SUPPRESS)
    engine.add_argument("--time-start", type=float, metavar="EPOCH", help=argparse.SUPPRESS)
    tray = add_command(
        commands,
        "tray",
        _tray,
        summary="show the icon in the notification area",
        description="""
            Show the icon and its window. Closing it never stops bookings: the engine goes on.
            """,
    )
    tray.add_argument("--window", action="store_true", help="open the window at once")


def _demo(args: argparse.Namespace) -> int:
    from agent.sandbox.demo import run_demo  # noqa: PLC0415 - as the module says

    return run_demo(headless=args.headless, seconds=args.seconds, as_json=args.as_json, home=args.home)


def _engine(args: argparse.Namespace) -> int:
    from agent.app.running import run_engine  # noqa: PLC0415 - as the module says

    home = home_of(args)
    say(f"Running the engine of {home.folder}; Ctrl-C stops it, and its log is in {home.logs}.")
    return run_engine(home, time_scale=args.time_scale, time_origin=args.time_origin, time_start=args.time_start)


def _tray(args: argparse.Namespace) -> int:
    return open_tray("--home", str(home_of(args).folder), *(["--window"] if args.window else []))


def open_tray(*arguments: str) -> int:
    """
    Run the program that draws until it ends, and return its exit code.

    Raises:
        Misconfigured: if it is not installed (`cli-no-tray`).
    """
    if getattr(sys, "frozen", False):  # there the tray is a program of its own, and this one is built without Qt
        return subprocess.call([str(Path(sys.executable).with_stem("frontdesk-tray")), *arguments])
    try:
        from agent.ui.main import main  # noqa: PLC0415 - as the module says
    except ImportError:
        raise Misconfigured(
            "cli-no-tray",
            "the part that draws the tray (PySide6) is missing or does not work here",
            remedy="install Frontdesk with its tray; the engine and the other commands do not need it",
        ) from None
    return main(list(arguments))
