"""
Commands about profiles: `profiles` lists them; `profiles new`, `profiles explain` and `profiles test` help to write one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from agent.cli.arguments import Commands, add_command, calendar_date, home_of
from agent.cli.output import Exit, print_json, print_table, say
from agent.domain.days import DateRange
from agent.domain.errors import FrontdeskError
from agent.pms.sql import meanings
from agent.pms.sql.carriers.registry import connector
from agent.pms.sql.dialects import DIALECTS
from agent.pms.sql.drafting import OPTIONAL, draft
from agent.pms.sql.explaining import explain
from agent.pms.sql.operations import OPERATIONS
from agent.pms.sql.profile import SETTINGS, Profile, builtin_profiles, load_profile, mistakes, profile_folders, unfinished
from agent.pms.sql.proving import Proof
from agent.ports.pms import CheckLine
from agent.settings.credentials import PMS_PASSWORD, Credentials
from agent.settings.paths import Home

DAYS = 28
"""How many days `profiles test` reads."""


def add_commands(commands: Commands) -> None:
    """
    Add this module's commands.
    """
    profiles = add_command(
        commands,
        "profiles",
        _list,
        summary="the practice systems that are known; new, explain, test: to add one",
        description="""
            List the SQL profiles that come with Frontdesk and those in this home's folder 'profiles', with what each
            can do. A profile's variants for other kinds of database are listed on lines of their own.
            The commands below help to write a profile for another system.

            exit codes: 0 all can be used, 1 one of them has a mistake.
            """,
        json=True,
    )
    kit = profiles.add_subparsers(title="to write a profile", metavar="COMMAND")
    new = add_command(
        kit,
        "new",
        _new,
        summary="make a commented folder to fill in",
        description="""
            Make a folder in this home's folder 'profiles' with a commented profile.toml and a commented file for each
            operation: its parameters, its columns, their units and an example. Nothing that is there is overwritten.

            example:
              frontdesk profiles new mypms --database mariadb
            """,
        json=True,
    )
    new.add_argument("name", help="small letters, digits and underscores")
    new.add_argument("--database", choices=sorted(DIALECTS), default="mariadb", help="its kind (default: mariadb)")
    shown = add_command(
        kit,
        "explain",
        _explain,
        summary="what a profile makes of its system",
        description="""
            Show what a profile says: each operation with its file and its columns, what it can do, what its numbers
            count and what its codes mean. Of one that is still being written it shows what is there, and names what
            is missing. Nothing is connected to.

            exit codes: 0 it is complete, 1 something is missing.
            """,
        json=True,
    )
    _name_one(shown)

    tried = add_command(
        kit,
        "test",
        _test,
        summary="try a profile on a database, operation by operation",
        description="""
            Run every operation of a profile on a database and hold the answers against each other. Where something is
            wrong it names file, column and row, never a value, and what to do. Nothing is changed.

            With --write a booking for a patient called FRONTDESK-TEST is made, found, cancelled and withdrawn on the latest
            free slot of those weeks, in a transaction that is taken back. Use a copy of the database.

            The password is pms-password of 'frontdesk credentials', or the variable FRONTDESK_PMS_PASSWORD. It never
            stands in the connection.

            examples:
              frontdesk profiles test mypms --connection "Driver={MariaDB Unicode};Server=pms;Database=pms;UID=frontdesk"
              frontdesk profiles test mypms --connection copy.sqlite --carrier sqlite --date 2026-12-01 --write

            exit codes: 0 everything passes, 1 something does not, 2 the database cannot be reached.
            """,
        json=True,
    )
    _name_one(tried)
    tried.add_argument("--connection", required=True, metavar="TEXT", help="as in the settings")
    tried.add_argument("--carrier", choices=("odbc", "sqlite"), default="odbc", help="what runs the SQL (default: odbc)")
    tried.add_argument(
        "--date", type=calendar_date, metavar="DATE", help=f"the first of {DAYS} days that are read (default: today)"
    )
    tried.add_argument("--write", action="store_true", help="try booking and cancelling too")


def _name_one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="of a profile; 'frontdesk profiles' lists them")
    parser.add_argument("--database", choices=sorted(DIALECTS), default="", help="the profile's variant for this kind")


def _new(args: argparse.Namespace) -> int:
    files = draft(home_of(args).profiles, args.name, dialect=args.database)
    if args.as_json:
        print_json({"files": [str(file) for file in files]})
        return Exit.OK
    say(f"Made {files[0].parent}.")
    say(f"Fill in {SETTINGS} and each .sql file beside it; what only some systems need is in the folder {OPTIONAL}.")
    say(f'Then try it: frontdesk profiles test {args.name} --connection "..."')
    return Exit.OK


def _explain(args: argparse.Namespace) -> int:
    folders = profile_folders(args.name, dialect=args.database, home=home_of(args).profiles)
    profile, wrong = unfinished(*folders)
    told = explain(profile, wrong)
    outcome = Exit.ATTENTION if told.missing else Exit.OK
    if args.as_json:
        print_json(told)
        return outcome
    say(f"{profile.title if profile else args.name}: {', '.join(map(str, folders))}")
    print_table(
        "Operations",
        ("operation", "needed", "file", "what it gives", "columns"),
        ((o.name, meanings.needed(o.name), o.file or "-", o.about, ", ".join(o.columns)) for o in told.operations),
        one_of_several=True,
    )
    print_table("Settings", ("setting", "value"), told.settings.items(), one_of_several=True)
    print_table("Codes", ("table", "code", "means"), told.codes, one_of_several=True)
    if told.missing:
        print_table("Still to do", ("file", "what is missing", "what to do"), told.missing, one_of_several=True)
        say(f"The profile cannot be used yet: {len(told.missing)} of its files are missing or wrong.")
    return outcome


def _test(args: argparse.Namespace) -> int:
    home = home_of(args)
    folders = profile_folders(args.name, dialect=args.database, home=home.profiles)
    if wrong := mistakes(*folders):
        lines = [
            CheckLine(operation=name, ok=False, place=name, message=error.message, remedy=error.remedy)
            for name, error in wrong.items()
        ]
        return _report(lines, args)
    profile = load_profile(*folders)
    from agent.app.adapters import optional_credential  # noqa: PLC0415 - what builds the engine's parts is loaded only here

    password = optional_credential(Credentials(home), PMS_PASSWORD)
    connect = connector(profile, args.carrier, args.connection, password)
    first = args.date or datetime.now().astimezone().date()
    proof = Proof(profile, connect, DateRange.of_days(first, DAYS), lambda: datetime.now(UTC))
    lines = proof.reading()
    if args.write and all(line.ok for line in lines):
        lines += proof.writing()
    left_out = [name for name in OPERATIONS if not profile.has(name)]
    return _report(lines, args, left_out)


def _report(lines: Sequence[CheckLine], args: argparse.Namespace, left_out: Sequence[str] = ()) -> int:
    passed = all(line.ok for line in lines)
    if args.as_json:
        print_json({"ok": passed, "lines": lines, "left_out": left_out})
        return Exit.OK if passed else Exit.ATTENTION
    rows = [
        (line.operation, "passes" if line.ok else "WRONG", _counted(line.rows) if line.ok else line.message, line.remedy)
        for line in lines
    ]
    rows += [(name, "left out", f"{meanings.ABOUT[name]} ({_needed(name)})", "") for name in left_out]
    print_table("Profile", ("operation", "result", "detail", "what to do"), rows)
    if passed:
        say("Everything passes." if args.write else "Everything that reads passes; --write tries booking and cancelling.")
    else:
        say(f"{sum(not line.ok for line in lines)} of {len(lines)} operations are wrong.")
    return Exit.OK if passed else Exit.ATTENTION


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def _needed(operation: str) -> str:
    needed = meanings.needed(operation)
    return needed if needed == "optional" else f"needed {needed}"


def _list(args: argparse.Namespace) -> int:
    home = home_of(args)
    lines = [_profile_data(home, name, dialect) for name, dialect in _known(home)]
    if args.as_json:
        print_json(lines)
    else:
        columns = ("profile", "title", "database", "carriers", "bookings", "new patients", "cancel", "from", "problem")
        print_table("Profiles", columns, ([_cell(value) for value in line.values()] for line in lines))
    return Exit.ATTENTION if any(line["problem"] for line in lines) else Exit.OK


def _known(home: Home) -> Iterator[tuple[str, str]]:
    """
    Yield every profile with each kind of database it has a variant for; the empty text is its own.
    """
    builtin = builtin_profiles()
    own = {path.name for path in home.profiles.iterdir() if path.is_dir()} if home.profiles.is_dir() else set()
    for name in sorted({*builtin, *own}):
        yield name, ""
        if name in builtin:
            yield from ((name, variant.parent.name) for variant in sorted(builtin[name].glob(f"*/{SETTINGS}")))


def _profile_data(home: Home, name: str, dialect: str) -> dict[str, object]:
    problem = ""
    profile: Profile | None = None
    try:
        profile = load_profile(*profile_folders(name, dialect=dialect, home=home.profiles))
    except FrontdeskError as error:
        problem = f"{error.message} {error.remedy}".strip()
    return {
        "profile": name,
        "title": profile.title if profile else "",
        "database": profile.dialect.name if profile else dialect,
        "carriers": profile.carriers if profile else (),
        "booking": profile.capabilities.booking.value if profile else "",
        "create_patients": profile.capabilities.create_patients if profile else False,
        "cancel": profile.capabilities.cancel if profile else False,
        "from": "built in" if name in builtin_profiles() else "home",
        "problem": problem,
    }


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
