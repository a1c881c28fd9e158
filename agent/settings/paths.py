"""
Where everything of one installation lies. No other module works out a path of its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from agent.access import remedy, writable_by_others
from agent.domain.errors import Misconfigured

HOME_VARIABLE = "FRONTDESK_HOME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """
    The home folder of one engine. Nothing is created until `create` is called.

    Attributes:
        folder: Absolute.
    """

    folder: Path

    @property
    def config(self) -> Path:
        """
        The settings file.
        """
        return self.folder / "config.toml"

    @property
    def state(self) -> Path:
        """
        The folder of what the engine remembers.
        """
        return self.folder / "state"

    @property
    def state_db(self) -> Path:
        """
        The engine's SQLite database.
        """
        return self.state / "state.db"

    @property
    def logs(self) -> Path:
        """
        The folder of the rotating logs.
        """
        return self.folder / "logs"

    @property
    def profiles(self) -> Path:
        """
        The practice's own SQL profiles, which add to or override the built-in ones.
        """
        return self.folder / "profiles"

    @property
    def run(self) -> Path:
        """
        The folder of what exists only while an engine runs: the socket and the lock.
        """
        return self.folder / "run"

    @property
    def protected(self) -> Path:
        """
        The folder of credentials sealed for this machine (Windows).
        """
        return self.folder / "protected"

    @property
    def key(self) -> str:
        """
        A short text that tells this home from any other on the machine; part of names outside the folder.
        """
        return hashlib.blake2b(os.path.normcase(self.folder).encode(), digest_size=6).hexdigest()

    def create(self) -> None:
        """
        Create the folders that are missing, closed to other users where the system knows such modes.

        Raises:
            Misconfigured: if that is not allowed (`settings-home`).
        """
        try:
            # a system service's home can be passed through, because every user's tray reaches the socket below it
            self.folder.mkdir(mode=0o711 if _is_root() else 0o700, parents=True, exist_ok=True)
            for folder in (self.state, self.logs, self.profiles, self.run):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            raise Misconfigured(
                "settings-home",
                f"the home folder {self.folder} cannot be created or written",
                remedy=f"run as the engine's own account, or name another folder by --home or {HOME_VARIABLE}",
            ) from None

    def delete(self) -> None:
        """
        Delete what is this program's in the folder, and the folder if nothing else is in it.

        Raises:
            Misconfigured: if something of it cannot be deleted (`settings-home`).
        """
        try:
            for folder in (self.state, self.logs, self.profiles, self.run, self.protected):
                if folder.exists():
                    shutil.rmtree(folder)
            for file in (self.config, self.folder / "engine.lock"):
                file.unlink(missing_ok=True)
            if self.folder.exists() and not any(self.folder.iterdir()):
                self.folder.rmdir()
        except OSError:
            raise Misconfigured(
                "settings-home",
                f"something in the home folder {self.folder} cannot be deleted",
                remedy="stop the engine, and delete the folder as an administrator",
            ) from None

    def may_be_changed(self) -> bool:
        """
        Return whether this process may write settings here: on Windows as an administrator.
        """
        if sys.platform == "win32":
            import ctypes  # noqa: PLC0415 - used on Windows alone

            return bool(ctypes.windll.shell32.IsUserAnAdmin())
        there = next(folder for folder in (self.folder, *self.folder.parents) if folder.exists())
        return os.access(there, os.W_OK)

    def refuse_if_others_may_write(self) -> None:
        """
        Check that nobody but administrators and this account can change what the engine obeys or remembers.

        Raises:
            Misconfigured: `settings-home-writable`, naming the first file or folder that others may change.
        """
        inside = (self.config, self.state, self.state_db, self.profiles, self.logs, self.run, self.protected)
        try:
            found = writable_by_others(self.folder, filter(Path.exists, inside))
        except OSError:
            found = self.folder
        if found:
            raise Misconfigured(
                "settings-home-writable",
                f"{found} may be changed by others than administrators and the engine's account, so this home is not used",
                remedy=remedy(found, self.folder),
            )


def find_home(folder: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Home:
    """
    Return the home that *folder*, else the variable `FRONTDESK_HOME`, else the system's usual place.

    On Windows that is a folder for the whole machine (ProgramData), because a service and every user's tray share it.
    """
    named = (os.environ if environ is None else environ).get(HOME_VARIABLE, "")
    return Home(folder=Path(folder or named or _default_folder()).expanduser().absolute())


def _default_folder() -> Path:
    if sys.platform == "win32":
        return platformdirs.site_data_path("Frontdesk", appauthor=False)
    if _is_root():
        return Path("/var/lib/frontdesk")
    return platformdirs.user_data_path("frontdesk", appauthor=False)


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
