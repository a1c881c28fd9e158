"""
Who may enter a Windows service's folders, as a plan; that the engine itself accepts a home closed in this way.
"""

from __future__ import annotations

import re

import pytest

from agent.access import Entry, access_list_is_open
from agent.service.folders import owner_is_trusted, rights_for, service_sid

ACCOUNT = "S-1-5-80-1-2-3-4-5"
NAMES = {"SY": "S-1-5-18", "BA": "S-1-5-32-544", "BU": "S-1-5-32-545", "FA": "0x1f01ff"}


def entries(sddl: str) -> list[Entry]:
    """
    Read the entries of an SDDL text.
    """
    found = re.findall(r"\(A;([A-Z]*);([^;]+);;;([^)]+)\)", sddl)
    return [Entry(sid=NAMES.get(sid, sid), mask=int(NAMES.get(mask, mask), 16)) for _, mask, sid in found]


@pytest.mark.parametrize("part", ["home", "folder", "file"])
def test_the_engine_accepts_what_is_planned(part: str) -> None:
    """
    No right to write for anybody but administrators and the engine's account, and nothing inherited from above.
    """
    sddl = getattr(rights_for(ACCOUNT), part)

    assert sddl.startswith("O:BAD:P(")
    assert {ACCOUNT, "S-1-5-18", "S-1-5-32-544"} <= {entry.sid for entry in entries(sddl)}
    assert not access_list_is_open("S-1-5-32-544", entries(sddl), ACCOUNT, above=False)


def test_a_services_own_account_is_known_by_its_name() -> None:
    """
    As Windows itself makes it; the id of its own installer's service is the same everywhere.
    """
    known = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

    assert known == service_sid("TrustedInstaller") == service_sid("trustedinstaller")


def test_users_may_enter_the_home_and_nothing_in_it() -> None:
    """
    What they get on the home is not inherited.
    """
    rights = rights_for(ACCOUNT)

    assert "(A;;0x1200a9;;;BU)" in rights.home
    assert "BU" not in rights.folder + rights.file
    assert ";OICI;" not in rights.file


@pytest.mark.parametrize(
    ("owner", "trusted"),
    [
        ("S-1-5-18", True),
        ("S-1-5-32-544", True),
        (ACCOUNT, True),
        ("S-1-5-80-9", True),
        ("S-1-5-21-7-7-7-500", True),
        ("S-1-5-21-7-7-7-1001", False),
        ("S-1-5-32-545", False),
        ("S-1-5-8", False),
    ],
)
def test_what_others_left_there_is_not_taken_over(owner: str, trusted: bool) -> None:  # noqa: FBT001 - a table
    """
    Every user may make a folder in ProgramData before Frontdesk is installed, with settings in it.
    """
    assert trusted is owner_is_trusted(owner, own="S-1-5-21-7-7-7-500", account=ACCOUNT)
