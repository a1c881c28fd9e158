"""
Who may write the files that the engine obeys: its settings, which say where keys and bookings go, and a practice's own SQL,
which runs with the database login. Nobody but administrators and the engine's own account.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def writable_by_others(folder: Path, within: Iterable[Path] = ()) -> Path | None:
    """
    Return the first of the folders above *folder*, *folder* and what is *within* it that somebody else may change, or None.

    Somebody else is whoever is neither an administrator (on Unix: root) nor this process's own account.

    Raises:
        OSError: if one of them cannot be looked at.
    """
    here = folder.resolve()
    for path in here.parents:
        if _others_may_write(path, above=True):
            return path
    return next((path for path in (here, *within) if _others_may_write(path, above=False)), None)


def remedy(found: Path, folder: Path) -> str:
    """
    Return how to close *found*, which is *folder*, something within it or a folder above it.
    """
    if found in folder.resolve().parents:
        return f"Let only administrators write to {found}, or move {folder} to another place."
    return _CLOSING.format(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    One entry of a Windows access list.

    Attributes:
        sid: Whom it is for.
        is_allowed: False: it takes rights away.
        for_children_only: It says nothing of the folder itself.
    """

    sid: str
    mask: int
    is_allowed: bool = True
    for_children_only: bool = False


_ADD_FILE, _ADD_FOLDER, _DELETE_CHILD = 0x2, 0x4, 0x40
_DELETE, _WRITE_DAC, _WRITE_OWNER = 0x1_0000, 0x4_0000, 0x8_0000
_GENERIC_ALL, _GENERIC_WRITE = 0x1000_0000, 0x4000_0000
_REPLACING = _DELETE_CHILD | _WRITE_DAC | _WRITE_OWNER | _GENERIC_ALL
_WRITING = _REPLACING | _ADD_FILE | _ADD_FOLDER | _DELETE | _GENERIC_WRITE

_ADMINISTRATORS = frozenset({"S-1-5-18", "S-1-5-32-544", "S-1-3-0", "S-1-3-4"})  # the system, them, creator owner, owner rights
_SERVICES = "S-1-5-80-"  # accounts that only the service control manager gives out; the system's own installer is one


def access_list_is_open(owner: str, entries: Sequence[Entry] | None, own: str, *, above: bool) -> bool:
    """
    Return whether a Windows access list lets others change what it protects.

    Args:
        owner: Of the file or folder.
        entries: None: there is no list, and everybody may do everything.
        own: This process's account.
        above: It is a folder above the one that matters: others may make new folders there, as Windows lets them, but not
            replace those that are there.
    """

    def is_trusted(sid: str) -> bool:
        return sid == own or sid in _ADMINISTRATORS or sid.startswith(_SERVICES)

    unwanted = _REPLACING if above else _WRITING
    return (
        entries is None
        or not is_trusted(owner)
        or any(
            entry.is_allowed and entry.mask & unwanted and not (above and entry.for_children_only) and not is_trusted(entry.sid)
            for entry in entries
        )
    )


if sys.platform == "win32":
    import pywintypes
    import win32api
    import win32con
    import win32security

    _CLOSING = (
        'As an administrator: icacls "{}" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" '
        '"*S-1-5-32-545:(RX)" (the system, administrators, and users who may enter), and /grant the account of the engine too '
        "if it is another."
    )
    _DENYING = frozenset({1, 6, 10, 12})  # ACCESS_DENIED_ACE_TYPE and its relatives; whatever is none of them may allow

    def _others_may_write(path: Path, *, above: bool) -> bool:
        wanted = win32security.OWNER_SECURITY_INFORMATION | win32security.DACL_SECURITY_INFORMATION
        try:
            descriptor = win32security.GetFileSecurity(str(path), wanted)
        except pywintypes.error as error:
            raise OSError(error.winerror, "GetFileSecurity") from None
        token = win32security.OpenProcessToken(win32api.GetCurrentProcess(), win32con.TOKEN_QUERY)
        own = win32security.GetTokenInformation(token, win32security.TokenUser)[0]
        found = descriptor.GetSecurityDescriptorDacl()
        return access_list_is_open(
            _text(descriptor.GetSecurityDescriptorOwner()),
            None if found is None else [_entry(found.GetAce(number)) for number in range(found.GetAceCount())],
            _text(own),
            above=above,
        )

    def _entry(ace: Any) -> Entry:
        (kind, flags), mask, sid = ace[0], ace[1], ace[-1]  # some kinds have more in between
        return Entry(
            sid=_text(sid),
            mask=mask,
            is_allowed=kind not in _DENYING,
            for_children_only=bool(flags & win32security.INHERIT_ONLY_ACE),
        )

    def _text(sid: object) -> str:
        return str(win32security.ConvertSidToStringSid(sid))

else:
    import grp
    import pwd

    _CLOSING = "Run this as the account of the engine, which has to own {0}, and: chmod go-w {0}"

    def _others_may_write(path: Path, *, above: bool) -> bool:
        found = path.stat()
        if found.st_uid not in {0, os.geteuid()}:
            return True
        if above and found.st_mode & stat.S_ISVTX:
            return False  # in a sticky folder nobody can replace what is not theirs
        if found.st_mode & stat.S_IWOTH:
            return True
        return bool(found.st_mode & stat.S_IWGRP) and not _is_own_group(found.st_gid, found.st_uid)

    def _is_own_group(gid: int, uid: int) -> bool:
        """
        Return whether the group is the account's private one, as many systems give to each: then it is nobody else.
        """
        try:
            group, owner = grp.getgrgid(gid), pwd.getpwuid(uid)
        except KeyError:
            return False
        return group.gr_name == owner.pw_name and set(group.gr_mem) <= {owner.pw_name}
