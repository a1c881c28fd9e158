"""
Who may enter the folders of a Windows service, in Windows' own language for it (SDDL). Only a plan: nothing is touched here.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

_FULL, _CHANGE, _ENTER = "FA", "0x1301bf", "0x1200a9"  # all; read, write and delete; read and pass through
_TRUSTED_OWNERS = frozenset({"S-1-5-18", "S-1-5-32-544"})  # the system, administrators
_SERVICES = "S-1-5-80-"  # accounts that only the service control manager gives out


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """
    What the three kinds of things in a home get, each as an SDDL text without an owner's inheritance from above.

    Attributes:
        home: The home itself. Users may enter, for their trays know the engine by the owner of its lock; nothing is inherited
            from that.
        folder: A folder within.
        file: A file within.
    """

    home: str
    folder: str
    file: str


def rights_for(account_sid: str) -> Rights:
    """
    Return the rights: all for the system and administrators, who own everything; reading and writing for the engine's account.
    """
    inherited = f"(A;OICI;{_FULL};;;SY)(A;OICI;{_FULL};;;BA)(A;OICI;{_CHANGE};;;{account_sid})"
    plain = inherited.replace(";OICI;", ";;")
    return Rights(
        home=f"O:BAD:P{inherited}(A;;{_ENTER};;;BU)",
        folder=f"O:BAD:P{inherited}",
        file=f"O:BAD:P{plain}",
    )


def service_sid(name: str) -> str:
    """
    Return the id of a service's own account, one of `NT SERVICE`: Windows makes it from the name alone (`sc showsid`).
    """
    digest = hashlib.sha1(name.upper().encode("utf-16-le"), usedforsecurity=False).digest()
    return "-".join((_SERVICES.rstrip("-"), *map(str, struct.unpack("<5I", digest))))


def owner_is_trusted(owner: str, own: str, account: str) -> bool:
    """
    Return whether what *owner* has put into a home may be taken over: settings that somebody else left there may not.

    Args:
        own: The account that configures.
        account: The engine's.
    """
    return owner in {own, account} | _TRUSTED_OWNERS or owner.startswith(_SERVICES)
