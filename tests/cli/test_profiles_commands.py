"""
`profiles` and what helps to write one.
"""

from __future__ import annotations

import json
from pathlib import Path

from cli_engine import Cli

from agent.cli.output import Exit
from agent.pms.sql.operations import OPERATIONS


def test_profiles_lists_what_is_known(cli: Cli) -> None:
    """
    At least the sandbox, with what it can do.
    """
    lines = {(line["profile"], line["database"]): line for line in json.loads(cli("profiles", "--json").out)}
    sandbox = lines["sandbox", "sqlite"]

    assert ("transaction", True, "built in", "") == (
        sandbox["booking"],
        sandbox["cancel"],
        sandbox["from"],
        sandbox["problem"],
    )
    assert "sandbox\t" in cli("profiles").out


def test_a_broken_profile_of_the_home_is_named(home: Path, cli: Cli) -> None:
    """
    The others are listed all the same.
    """
    folder = home / "profiles" / "mine"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "profile.toml").write_text("format = 1\n")
    ran = cli("profiles", "--json")
    problems = {line["profile"]: bool(line["problem"]) for line in json.loads(ran.out)}

    assert (1, True, False) == (ran.code, problems["mine"], problems["sandbox"])


def test_new_makes_a_folder_that_the_list_knows(cli: Cli, home: Path) -> None:
    """
    The draft stands in home, and the list says what is to be done next.
    """
    made = cli("profiles", "new", "mypms", "--database", "postgresql")

    assert (Exit.OK, True) == (made.code, (home / "profiles" / "mypms" / "sessions.sql").is_file())
    assert "profiles test mypms" in made.out
    line = next(line for line in json.loads(cli("profiles", "--json").out) if line["profile"] == "mypms")
    assert "there is no SQL here" in line["problem"]
    again = cli("profiles", "new", "mypms")
    assert Exit.FAILED == again.code
    assert "is there already" in again.err


def test_explain_shows_the_mapping(cli: Cli) -> None:
    """
    Operations, settings and codes, for a person and for a program.
    """
    told = json.loads(cli("profiles", "explain", "sandbox", "--database", "mariadb", "--json").out)

    assert set(OPERATIONS) == {operation["name"] for operation in told["operations"]}
    assert "mariadb" == told["settings"]["database"]
    assert ["status", "3", "cancelled"] in told["codes"]
    assert "status\t3\tcancelled" in cli("profiles", "explain", "sandbox").out
    assert Exit.FAILED == cli("profiles", "explain", "nobody").code


def test_explain_shows_what_is_there_of_a_profile_that_is_being_written(cli: Cli, home: Path) -> None:
    """
    A folder is filled bit by bit: what can be read is explained, what is missing or wrong is named with its place.
    """
    cli("profiles", "new", "mypms", "--database", "mariadb")
    folder = home / "profiles" / "mypms"
    (folder / "locations.sql").write_text("SELECT id, name FROM places")
    (folder / "sessions.sql").unlink()
    (folder / "absences.sql").write_text("SELECT :nobody")
    ran = cli("profiles", "explain", "mypms", "--json")
    told = json.loads(ran.out)
    files = {operation["name"]: operation["file"] for operation in told["operations"] if operation["file"]}
    missing = {file: what for file, what, _ in told["missing"]}

    assert Exit.ATTENTION == ran.code
    assert {"locations": str(folder / "locations.sql")} == files
    assert "mariadb" == told["settings"]["database"]
    assert "has no sessions.sql" in missing["sessions.sql"]
    assert "line 1, column 8: :nobody" in missing["absences.sql"]
    assert "there is no SQL here" in missing["identity.sql"]
    assert all(remedy for _, _, remedy in told["missing"])

    (folder / "profile.toml").write_text("format = 2")
    ran = cli("profiles", "explain", "mypms")

    assert Exit.ATTENTION == ran.code
    assert f"profile.toml\t{folder / 'profile.toml'}, line 1: " in ran.out
    assert "cannot be used yet" in ran.out
