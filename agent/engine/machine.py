"""
Which machine this is.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def machine_id() -> str:
    """
    Return a digest of the system's own machine id, which is made when the system is installed; empty where there is none.

    A digest, because the id itself is meant to stay on the machine and the state file may be sent to support.
    """
    text = _own_id().strip()
    return hashlib.blake2b(text.encode(), digest_size=16, person=b"frontdesk").hexdigest() if text else ""


if sys.platform == "win32":
    import winreg

    def _own_id() -> str:
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography", 0, access) as key:
                return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        except OSError:
            return ""

else:

    def _own_id() -> str:
        for path in _FILES:
            try:
                return path.read_text(encoding="ascii")
            except (OSError, ValueError):
                continue
        return ""
