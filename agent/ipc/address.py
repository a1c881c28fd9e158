"""
Where the engine of a home folder is found.

On Unix it is a socket in the home's own `run` folder, which everybody may enter and connect to: the trays of other users
must reach a service's engine, and what they may do is decided by who they are, not by whether they can connect. A personal
home is closed to others by its own permissions. On Windows it is a named pipe whose name is made from the home folder.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Address:
    """
    Where the engine of *home* listens. *path* is a socket or the name of a pipe.
    """

    home: Path
    path: str


def address_of(home: Path) -> Address:
    """
    Return the address for a home folder; engine and clients come to the same one by themselves.
    """
    home = home.resolve()
    if sys.platform == "win32":
        name = hashlib.blake2b(os.path.normcase(home).encode(), digest_size=12).hexdigest()
        path = rf"\\.\pipe\frontdesk-{name}"
    else:
        path = str(home / "run" / "engine.sock")
    return Address(home, path)
