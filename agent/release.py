"""
What this copy of the program calls itself: a signed release, or a build that nobody vouches for.
"""

from __future__ import annotations

import struct
import sys
from functools import cache
from pathlib import Path

from agent import __version__

_64_BITS = 0x20B
_SECURITY_DIRECTORY = 4
"""The place of the signatures among the directories of a Windows program's header."""


@cache
def full_version() -> str:
    """
    Return the version as people are told it, with "(unsigned build)" where a frozen program carries no signature.

    Whether a signature is to be trusted is Windows' business; this keeps a test build from passing for a release.
    """
    is_frozen = bool(getattr(sys, "frozen", False))
    return f"{__version__} (unsigned build)" if is_frozen and not is_signed(Path(sys.executable)) else __version__


def is_signed(program: Path) -> bool:
    """
    Return whether *program*, an executable or library of Windows, carries a signature; False if it is no such file.
    """
    try:
        with program.open("rb") as file:
            file.seek(0x3C)  # where the offset of the real header stands
            (begin,) = struct.unpack("<I", file.read(4))
            file.seek(begin)
            header = file.read(24 + 112 + 8 * (_SECURITY_DIRECTORY + 1))  # signature and machine, optional header, directories
    except (OSError, struct.error):
        return False
    if header[:4] != b"PE\0\0":
        return False
    (magic,) = struct.unpack_from("<H", header, 24)
    directories = 24 + (112 if magic == _64_BITS else 96)
    _, size = struct.unpack_from("<II", header, directories + 8 * _SECURITY_DIRECTORY)
    return bool(size > 0)
