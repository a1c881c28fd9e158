"""
Who may change a profile: its SQL runs with the practice's database login, so only an administrator or the service may write it.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from agent.domain.errors import Misconfigured


def refuse_if_others_may_write(folder: Path) -> None:
    """
    Check *folder*, what is in it and what it lies in.

    Raises:
        Misconfigured: `pms-profile-writable`, naming the first file or folder that somebody else may write.
    """
    here = folder.resolve()
    for path in (*here.parents, here, *sorted(here.rglob("*"))):
        if _others_may_write(path, inside=path == here or here in path.parents):
            raise Misconfigured(
                "pms-profile-writable",
                f"{path} may be changed by others than administrators and the service, so the profile in it is not used.",
                remedy="Allow only administrators and the service's account to write there.",
            )


if sys.platform == "win32":
    import ntsecuritycon
    import win32security

    _WRITING = (
        ntsecuritycon.FILE_WRITE_DATA
        | ntsecuritycon.FILE_APPEND_DATA
        | ntsecuritycon.DELETE
        | ntsecuritycon.WRITE_DAC
        | ntsecuritycon.WRITE_OWNER
        | ntsecuritycon.GENERIC_WRITE
        | ntsecuritycon.GENERIC_ALL
    )
    # system, administrators, creator owner, owner rights, TrustedInstaller
    _TRUSTED = frozenset(
        {
            "S-1-5-18",
            "S-1-5-32-544",
            "S-1-3-0",
            "S-1-3-4",
            "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
        }
    )

    def _others_may_write(path: Path, *, inside: bool) -> bool:
        if not inside:
            return False  # Windows grants making new folders above; what counts is inherited into the folder itself
        wanted = win32security.OWNER_SECURITY_INFORMATION | win32security.DACL_SECURITY_INFORMATION
        descriptor = win32security.GetFileSecurity(str(path), wanted)
        own = win32security.GetTokenInformation(
            win32security.OpenProcessToken(-1, win32security.TOKEN_QUERY), win32security.TokenUser
        )[0]
        trusted = _TRUSTED | {win32security.ConvertSidToStringSid(own)}
        entries = descriptor.GetSecurityDescriptorDacl()
        if entries is None or win32security.ConvertSidToStringSid(descriptor.GetSecurityDescriptorOwner()) not in trusted:
            return True
        for number in range(entries.GetAceCount()):
            (kind, _flags), mask, sid = entries.GetAce(number)[:3]
            if (
                kind == win32security.ACCESS_ALLOWED_ACE_TYPE
                and mask & _WRITING
                and win32security.ConvertSidToStringSid(sid) not in trusted
            ):
                return True
        return False

else:

    def _others_may_write(path: Path, *, inside: bool) -> bool:
        found = path.stat()
        if found.st_uid not in {0, os.geteuid()}:
            return True
        if not inside and found.st_mode & stat.S_ISVTX:
            return False  # in a sticky folder nobody can replace what is not theirs
        return bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
