"""
Nobody but administrators and the engine's account can change what the engine obeys.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from agent.access import Entry, access_list_is_open
from agent.domain.errors import Misconfigured
from agent.settings.config import load_settings
from agent.settings.paths import Home

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists, not modes")

DAEMON = 1
"""An account and a group that every Unix system has."""

PARTS = (".", "..", "config.toml", "state", "state/state.db", "profiles", "logs", "run", "protected")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(folder=tmp_path / "above" / "home")
    home.create()
    home.protected.mkdir()
    for file in (home.config, home.state_db):
        file.write_text("")
    return home


def refused(home: Home) -> Misconfigured:
    with pytest.raises(Misconfigured) as raised:
        load_settings(home.config)
    return raised.value


@posix
@pytest.mark.parametrize("mode", [0o777, 0o722])
@pytest.mark.parametrize("part", PARTS)
def test_a_home_that_others_may_write_is_refused(home: Home, part: str, mode: int) -> None:
    """
    Whatever part of it, or a folder above: the error names it, and so does the remedy.
    """
    path = (home.folder / part).resolve()
    path.chmod(mode)
    error = refused(home)
    path.chmod(mode & ~0o022)

    assert "settings-home-writable" == error.code
    assert str(path) in error.message
    assert str(path) in error.remedy
    assert "settings-invalid" == refused(home).code


@posix
@pytest.mark.parametrize("part", PARTS)
def test_a_home_that_belongs_to_somebody_else_is_refused(home: Home, part: str) -> None:
    """
    An owner may always change what is theirs.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(home.folder / part, DAEMON, DAEMON)

    assert "settings-home-writable" == refused(home).code


@posix
def test_groups(home: Home) -> None:
    """
    An account's private group is the account itself; any other group is other people.
    """
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to a group")
    home.folder.chmod(0o770)
    os.chown(home.folder, 0, 0)
    own = refused(home).code
    os.chown(home.folder, 0, DAEMON)

    assert ("settings-invalid", "settings-home-writable") == (own, refused(home).code)


@posix
def test_a_sticky_folder_above_is_no_danger(home: Home) -> None:
    """
    As /tmp is: there nobody can replace what belongs to another.
    """
    home.folder.parent.chmod(0o1777)

    assert "settings-invalid" == refused(home).code


SYSTEM, ADMINISTRATORS, USERS, EVERYONE = "S-1-5-18", "S-1-5-32-544", "S-1-5-32-545", "S-1-1-0"
SERVICE = "S-1-5-80-1-2-3-4-5"
ME, OTHER = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002"
FULL, MODIFY, READ, ADD_FOLDER, ADD_FILE = 0x1F01FF, 0x1301BF, 0x1200A9, 0x4, 0x2


def entry(sid: str, mask: int, **more: bool) -> Entry:
    return Entry(sid=sid, mask=mask, **more)


GOOD = [entry(SYSTEM, FULL), entry(ADMINISTRATORS, FULL), entry(USERS, READ)]


@pytest.mark.parametrize(
    ("owner", "entries", "inside", "above"),
    [
        (ADMINISTRATORS, GOOD, False, False),
        (SYSTEM, [*GOOD, entry(ME, FULL), entry(SERVICE, MODIFY)], False, False),
        (SYSTEM, [*GOOD, entry(EVERYONE, FULL, is_allowed=False)], False, False),
        (OTHER, GOOD, True, True),
        (SYSTEM, None, True, True),
        (SYSTEM, [*GOOD, entry(OTHER, MODIFY)], True, False),
        (SYSTEM, [*GOOD, entry(EVERYONE, FULL)], True, True),
        (SYSTEM, [*GOOD, entry(USERS, ADD_FOLDER)], True, False),
        (SYSTEM, [*GOOD, entry(USERS, ADD_FILE, for_children_only=True)], True, False),
        (SYSTEM, [*GOOD, entry(USERS, 0x40)], True, True),
        (SYSTEM, [*GOOD, entry(USERS, 0x40, for_children_only=True)], True, False),
        (SYSTEM, [*GOOD, entry(USERS, 0x4_0000)], True, True),
        (SYSTEM, [*GOOD, entry(USERS, 0x4000_0000)], True, False),
        (SYSTEM, [*GOOD, entry(USERS, 0x1000_0000)], True, True),
    ],
)
def test_windows_access_lists(owner: str, entries: list[Entry] | None, inside: bool, above: bool) -> None:  # noqa: FBT001 - a table
    """
    As ProgramData gives them, and as they should be: what counts inside, and what counts for a folder above.
    """
    found = [access_list_is_open(owner, entries, ME, above=where) for where in (False, True)]

    assert [inside, above] == found


@pytest.mark.skipif(sys.platform != "win32", reason="Windows access lists")
def test_a_real_access_list_is_read(home: Home) -> None:
    """
    Closed to others it is accepted; with a right for everybody it is refused.
    """
    import win32security  # noqa: PLC0415 - there is none elsewhere

    codes = []
    for others in ("", "(A;OICI;0x1301bf;;;WD)"):
        rules = win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
            f"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW){others}", win32security.SDDL_REVISION_1
        )
        win32security.SetFileSecurity(str(home.folder), win32security.DACL_SECURITY_INFORMATION, rules)
        codes.append(refused(home).code)

    assert ["settings-invalid", "settings-home-writable"] == codes
