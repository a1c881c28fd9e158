"""
The commands `service ...`: the engine as a service of the system.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.output import Exit, print_json, say
from agent.cli.upgrading import add_actions, bring_up
from agent.service import service_manager
from agent.service.service import Service, ServiceManager, State
from agent.settings.credentials import Credentials
from agent.settings.handover import take_keys, take_settings
from agent.settings.paths import Home


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    service = add_command(
        commands,
        "service",
        _status,
        summary="install, remove, start and stop the engine as a service",
        description="""
            Keep the engine running with nobody logged in: as a Windows service, or as a systemd unit. Give these commands as
            an administrator (root). They can be repeated without harm.

            examples:
              frontdesk service install                      under an account of its own, with few rights
              frontdesk service configure --account CLINIC\\\\frontdesk$
              frontdesk service status
            """,
    )
    actions = service.add_subparsers(title="actions", metavar="ACTION", required=True)
    install = add_command(
        actions, "install", _install, summary="make it known to the system", description="Make the service, and configure it."
    )
    configure = add_command(
        actions,
        "configure",
        _configure,
        summary="account, restarts, rights of its folders",
        description="""
            Set account, delayed start, restarts after a failure and the rights of the home folder, for a service that is
            there. An option with an empty text counts as not given.
            """,
    )
    for parser in (install, configure):
        parser.add_argument(
            "--account", metavar="NAME", default="", help="run under this account (default: as before, at first one of its own)"
        )
        parser.add_argument("--settings", type=_path, metavar="FILE", help="copied to config.toml if there is none")
        parser.add_argument("--practice", metavar="ID", default="", help="the practice's id, for {PRACTICEID} in the settings")
        parser.add_argument("--keys", type=_path, metavar="FILE", help="lines 'name = value'; stored, then the file is deleted")
        parser.add_argument(
            "--start", choices=("", "0", "1"), default="", help="1: start it, if there are settings, and see that it works"
        )
    remove = add_command(
        actions,
        "remove",
        _remove,
        summary="stop it and forget it",
        description="Stop the service and forget it. Give 'frontdesk before-uninstall' first.",
    )
    remove.add_argument(
        "--data", choices=("", "0", "1"), default="", help="1: delete the home folder too, with all that is in it"
    )
    for name, run, text in (
        ("start", _start, "start it"),
        ("stop", _stop, "stop it in good order"),
    ):
        add_command(actions, name, run, summary=text, description=f"{text.capitalize()}.")
    add_command(
        actions,
        "status",
        _status,
        summary="what the system says of it",
        description="Exit codes: 0 running, 1 starting or stopping, 3 stopped, failed or not installed.",
        json=True,
    )
    add_actions(actions)
    if sys.platform == "win32":
        add_command(actions, "run", _run, summary=None, description="Given by Windows alone, when it starts the service.")


def _install(args: argparse.Namespace) -> int:
    home = home_of(args)
    manager = service_manager()
    manager.install(Service.of(home, args.account))
    say(f"The service is installed for the home {home.folder}; it starts with the system, or by: frontdesk service start")
    return _hand_over(args, home, manager)


def _configure(args: argparse.Namespace) -> int:
    home = home_of(args)
    manager = service_manager()
    manager.configure(Service.of(home, args.account))
    say(f"The service and the folder {home.folder} are configured.")
    return _hand_over(args, home, manager)


def _hand_over(args: argparse.Namespace, home: Home, manager: ServiceManager) -> int:
    if args.settings and take_settings(args.settings, home, args.practice):
        say(f"The settings are in {home.config}.")
    if args.keys:
        say(f"Stored: {', '.join(take_keys(args.keys, Credentials(home), args.practice)) or 'nothing new'}.")
    if args.start == "1" and home.config.exists():
        bring_up(home, manager)  # what has not worked yet is said; it is no reason to take an installation back
    return Exit.OK


def _remove(args: argparse.Namespace) -> int:
    service_manager().remove()
    say("The service is removed.")
    if args.data == "1":
        home_of(args).delete()
        say(f"The folder {home_of(args).folder} is deleted.")
    return Exit.OK


def _start(_args: argparse.Namespace) -> int:
    service_manager().start()
    say("It runs.")
    return Exit.OK


def _stop(_args: argparse.Namespace) -> int:
    service_manager().stop()
    say("It has stopped.")
    return Exit.OK


def _status(args: argparse.Namespace) -> int:
    state = service_manager().state()
    if args.as_json:
        print_json({"service": state})
    else:
        say(state)
    return {State.RUNNING: Exit.OK, State.STARTING: Exit.ATTENTION, State.STOPPING: Exit.ATTENTION}.get(state, Exit.NO_ENGINE)


def _path(text: str) -> Path | None:
    return Path(text) if text else None


if sys.platform == "win32":

    def _run(args: argparse.Namespace) -> int:
        from agent.service.hosting import host  # noqa: PLC0415 - Windows only

        home = home_of(args)

        def run(stop: threading.Event, on_start: Callable[[], None]) -> None:
            # imported when Windows knows that we are starting: it takes a second or two
            from agent.app.running import run_engine  # noqa: PLC0415

            run_engine(home, stop=stop, on_start=on_start)

        host(run)
        return Exit.OK
