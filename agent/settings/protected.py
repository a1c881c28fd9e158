"""
Small files that only this machine can open: Windows' data protection, at machine scope.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.domain.errors import Misconfigured
from agent.domain.masked import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedFiles:
    """
    One sealed file for each credential.

    Attributes:
        seal, unseal: Turn bytes into sealed bytes and back; raise `OSError` if the system refuses.
    """

    folder: Path
    seal: Callable[[bytes], bytes]
    unseal: Callable[[bytes], bytes]

    @classmethod
    def of_this_system(cls, folder: Path) -> ProtectedFiles | None:
        """
        Return the files that this system can seal, or None where it has no such thing.
        """
        if sys.platform == "win32":
            return cls(folder=folder, seal=_seal, unseal=_unseal)
        return None

    def read(self, name: str) -> Secret | None:
        """
        Return what was written under *name*, or None.

        Raises:
            Misconfigured: if the file is there but was sealed on another machine (`settings-credential-sealed`).
        """
        path = self._path(name)
        try:
            return Secret(self.unseal(path.read_bytes()).decode())
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            raise Misconfigured(
                "settings-credential-sealed",
                f"the stored credential {name} cannot be opened by this account on this machine",
                remedy=f"store it again by: frontdesk credentials set {name}",
            ) from None

    def write(self, name: str, secret: Secret) -> None:
        """
        Seal and write *secret*, replacing what was there at once.

        Raises:
            Misconfigured: if the folder cannot be written (`settings-credential-store`).
        """
        path = self._path(name)
        fresh = path.with_suffix(".new")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_bytes(self.seal(secret.reveal().encode()))
            os.replace(fresh, path)  # noqa: PTH105 - pathlib's spelling hides that it replaces atomically
        except OSError:
            raise _cannot_write() from None

    def remove(self, name: str) -> bool:
        """
        Delete what was written under *name*; return whether there was anything.

        Raises:
            Misconfigured: if the folder cannot be written (`settings-credential-store`).
        """
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            return False
        except OSError:
            raise _cannot_write() from None
        return True

    def _path(self, name: str) -> Path:
        return self.folder / f"{name.replace(':', '-')}.sealed"


def _cannot_write() -> Misconfigured:
    return Misconfigured(
        "settings-credential-store",
        "the folder of stored credentials cannot be written",
        remedy="run this as an administrator",
    )


if sys.platform == "win32":
    import pywintypes
    import win32crypt

    _MACHINE, _NO_QUESTIONS = 0x4, 0x1

    def _seal(plain: bytes) -> bytes:
        try:
            return bytes(win32crypt.CryptProtectData(plain, "Frontdesk", None, None, None, _MACHINE | _NO_QUESTIONS))
        except pywintypes.error as error:
            raise OSError(error.winerror, "CryptProtectData") from None

    def _unseal(sealed: bytes) -> bytes:
        try:
            return bytes(win32crypt.CryptUnprotectData(sealed, None, None, None, _MACHINE | _NO_QUESTIONS)[1])
        except pywintypes.error as error:
            raise OSError(error.winerror, "CryptUnprotectData") from None
