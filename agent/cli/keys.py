"""
The commands `credentials set`, `list` and `remove`.
"""

from __future__ import annotations

import argparse
import getpass
import sys

from agent.cli.arguments import Commands, add_command, home_of
from agent.cli.engine import NoEngine, connect
from agent.cli.output import Exit, print_json, print_table, say
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.masked import Secret
from agent.ipc.messages import ListCredentials, RemoveCredential, SetCredential
from agent.settings.config import load_settings
from agent.settings.credentials import Credentials, Source, check_name, credential_names
from agent.settings.paths import Home

_NAMES = "api-key, api-key-next, practice-key:ID, pms-password, pms-api-keys, smtp-password or webhook-secret"


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    parser = add_command(
        commands,
        "credentials",
        _list,
        summary="set, list or remove keys and passwords",
        description=f"""
            Keep the keys and passwords that the engine needs in the system's own store, never in a file that can be read.
            Names: {_NAMES}. A running engine stores them itself, under its own account; without one this account does.

            An environment variable comes before what is stored: FRONTDESK_API_KEY, FRONTDESK_API_KEY_NEXT,
            FRONTDESK_PRACTICE_KEY_ID, FRONTDESK_PMS_PASSWORD, FRONTDESK_PMS_API_KEYS, FRONTDESK_SMTP_PASSWORD,
            FRONTDESK_WEBHOOK_SECRET.

            examples:
              frontdesk credentials set practice-key:1001        asks for the value, without showing it
              frontdesk credentials set api-key < key.txt        reads the first line; never give it as an argument
              frontdesk credentials list                         names, and where each is; no values
            """,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = add_command(actions, "set", _set, summary="store one", description="Ask for a value, or read a line of standard input.")
    add.add_argument("name", metavar="NAME", help=_NAMES)
    add_command(
        actions, "list", _list, summary="names, and where each is", description="List names and places, no values.", json=True
    )
    remove = add_command(
        actions, "remove", _remove, summary="delete one", description="Delete a stored value; variables stay as they are."
    )
    remove.add_argument("name", metavar="NAME", help=_NAMES)


def _set(args: argparse.Namespace) -> int:
    name, home = check_name(args.name), home_of(args)
    secret = _ask(name)
    try:
        with connect(home) as engine:
            say(engine.do(SetCredential(name=name, value=secret)))
    except NoEngine:
        say(f"{name} is stored: {Credentials(home).set(name, secret)}")
    return Exit.OK


def _remove(args: argparse.Namespace) -> int:
    name, home = check_name(args.name), home_of(args)
    try:
        with connect(home) as engine:
            say(engine.do(RemoveCredential(name=name)))
    except NoEngine:
        say(f"{name} is removed" if Credentials(home).remove(name) else f"{name} was not stored")
    return Exit.OK


def _list(args: argparse.Namespace) -> int:
    places = credential_places(home_of(args))
    if args.as_json:
        print_json([{"name": name, "where": where} for name, where in places])
    else:
        print_table("Credentials", ("name", "where"), places)
    return Exit.OK


def credential_places(home: Home) -> list[tuple[str, str]]:
    """
    Return every name with where its value is, as the engine sees it, or without an engine as this account does.
    """
    practice_ids = _practice_ids(home)
    try:
        with connect(home) as engine:
            there = engine.ask(ListCredentials(), "names", frozenset[str])
    except NoEngine:
        return [(line.name, line.source.value) for line in Credentials(home).list(practice_ids)]
    names = dict.fromkeys((*credential_names(practice_ids), *sorted(there)))
    return [(name, "engine" if name in there else Source.MISSING.value) for name in names]


def _practice_ids(home: Home) -> list[str]:
    try:
        return [practice.id for practice in load_settings(home.config).practices]
    except FrontdeskError:  # credentials may be set before the settings are written
        return []


def _ask(name: str) -> Secret:
    if sys.stdin is not None and sys.stdin.isatty():
        return Secret(getpass.getpass(f"{name} (not shown): ").strip())
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line.strip():
        raise Misconfigured("cli-no-value", "there is no value on standard input", remedy="enter it when asked, or pipe it in")
    return Secret(line.strip())
