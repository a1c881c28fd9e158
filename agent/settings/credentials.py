"""
Keys and passwords: found in the environment, on Windows in files sealed for this machine, else in the system's own store.

Never in plain text on the disk. A Windows service and the person who sets it up have different credential stores, so there
the home's own files come first: the system seals them with the machine's key, and the home folder's permissions say who may
read them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from agent.domain.errors import AuthRequired, Misconfigured
from agent.domain.masked import Secret
from agent.settings.paths import Home
from agent.settings.protected import ProtectedFiles

API_KEY = "api-key"
API_KEY_NEXT = "api-key-next"
PMS_PASSWORD = "pms-password"  # noqa: S105 - the name of a password, not one
PMS_API_KEYS = "pms-api-keys"
SMTP_PASSWORD = "smtp-password"  # noqa: S105 - as above
WEBHOOK_SECRET = "webhook-secret"  # noqa: S105 - as above
ROAD_SECRETS = (SMTP_PASSWORD, WEBHOOK_SECRET)

_PRACTICE_KEY = re.compile(r"practice-key:[0-9]+")

# The stores that keep what they are given, encrypted. `keyrings.alt` would write plain text, and `null` forgets.
_TRUSTED = tuple(f"keyring.backends.{name}" for name in ("Windows", "macOS", "SecretService", "libsecret", "kwallet"))


class Source(StrEnum):
    """
    Where a credential is.
    """

    ENVIRONMENT = "environment"
    PROTECTED_FILE = "protected file"
    SYSTEM_STORE = "system store"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialLine:
    """
    One credential by name, without its value.
    """

    name: str
    source: Source


def practice_key(practice_id: str) -> str:
    """
    Return the name of a practice's key.
    """
    return f"practice-key:{practice_id}"


def credential_names(practice_ids: Iterable[str]) -> tuple[str, ...]:
    """
    Return the names of all credentials that an engine with these practices may use.
    """
    return (API_KEY, API_KEY_NEXT, *map(practice_key, practice_ids), PMS_PASSWORD, PMS_API_KEYS, *ROAD_SECRETS)


def check_name(name: str) -> str:
    """
    Return *name* if there is a credential of that name.

    Raises:
        Misconfigured: if there is none (`settings-credential-name`).
    """
    if name in (API_KEY, API_KEY_NEXT, PMS_PASSWORD, PMS_API_KEYS, *ROAD_SECRETS) or _PRACTICE_KEY.fullmatch(name):
        return name
    raise Misconfigured(
        "settings-credential-name",
        "there is no credential of that name",
        remedy=f"use {API_KEY}, {API_KEY_NEXT}, {PMS_PASSWORD}, {PMS_API_KEYS}, {', '.join(ROAD_SECRETS)}, "
        "or a practice's key such as practice-key:1001",
    )


def variable(name: str) -> str:
    """
    Return the environment variable that may hold the credential *name*, for example `FRONTDESK_PRACTICE_KEY_1001`.
    """
    return f"FRONTDESK_{re.sub('[-:]', '_', name).upper()}"


class Credentials:
    """
    The credentials of one home. Safe to call from several threads; nothing is kept in memory.

    Args:
        environ: Instead of the process's environment.
        backend: Instead of the system's own store, in tests.
        files: Instead of this system's way to seal files; None where it has none.
    """

    def __init__(
        self,
        home: Home,
        *,
        environ: Mapping[str, str] | None = None,
        backend: KeyringBackend | None = None,
        files: ProtectedFiles | None = None,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._backend = backend
        self._files = files or ProtectedFiles.of_this_system(home.protected)
        self._service = f"Frontdesk:{home.key}"

    def get(self, name: str) -> Secret | None:
        """
        Return the credential, or None if it is nowhere.

        Raises:
            Misconfigured: if the store cannot be read (`settings-credential-store`).
        """
        found, _ = self._find(check_name(name))
        return Secret(found) if found else None

    def require(self, name: str) -> Secret:
        """
        Return the credential.

        Raises:
            AuthRequired: if it is nowhere (`settings-credential-missing`).
            Misconfigured: if the store cannot be read (`settings-credential-store`).
        """
        secret = self.get(name)
        if secret is None:
            raise AuthRequired(
                "settings-credential-missing",
                f"the credential {name} is not set",
                remedy=f"store it by: frontdesk credentials set {name} (or set the variable {variable(name)})",
            )
        return secret

    def is_overruled(self, name: str) -> bool:
        """
        Return whether an environment variable comes before whatever is stored.
        """
        return bool(self._environ.get(variable(check_name(name)), ""))

    def set(self, name: str, secret: Secret) -> Source:
        """
        Store a credential, and return where.

        Raises:
            Misconfigured: if there is no such name, the text is empty, or there is no store for it
                (`settings-credential-name`, `settings-credential-empty`, `settings-credential-store`).
        """
        check_name(name)
        if not secret.reveal().strip():
            raise Misconfigured("settings-credential-empty", "the value is empty", remedy="enter the key or password itself")
        if self._files:
            self._files.write(name, secret)
            return Source.PROTECTED_FILE
        store = self._store()
        try:
            store.set_password(self._service, name, secret.reveal())
        except (KeyringError, RuntimeError, OSError):
            raise _store_fails() from None
        return Source.SYSTEM_STORE

    def remove(self, name: str) -> bool:
        """
        Delete a stored credential; return whether there was one. The environment is left as it is.

        Raises:
            Misconfigured: if the store cannot be changed (`settings-credential-store`).
        """
        check_name(name)
        had_file = self._files.remove(name) if self._files else False
        try:
            store = self._store()
        except Misconfigured:
            if self._files:
                return had_file
            raise
        try:
            store.delete_password(self._service, name)
        except PasswordDeleteError:
            return had_file
        except (KeyringError, RuntimeError, OSError):
            raise _store_fails() from None
        return True

    def list(self, practice_ids: Iterable[str]) -> tuple[CredentialLine, ...]:
        """
        Return where each credential is that an engine with these practices may use.
        """
        return tuple(CredentialLine(name=name, source=self._source(name)) for name in credential_names(practice_ids))

    def _source(self, name: str) -> Source:
        try:
            return self._find(name)[1]
        except Misconfigured:  # without a store nothing is in it; whoever needs the value is told why
            return Source.MISSING

    def _find(self, name: str) -> tuple[str, Source]:
        if value := self._environ.get(variable(name), ""):
            return value, Source.ENVIRONMENT
        if self._files and (secret := self._files.read(name)):
            return secret.reveal(), Source.PROTECTED_FILE
        store = self._store()
        try:
            found = store.get_password(self._service, name)
        except (KeyringError, RuntimeError, OSError):
            raise _store_fails() from None
        return (found, Source.SYSTEM_STORE) if found else ("", Source.MISSING)

    def _store(self) -> KeyringBackend:
        if self._backend is not None:
            return self._backend
        try:
            chosen = keyring.get_keyring()
        except (KeyringError, RuntimeError):
            raise _store_fails() from None
        candidates: Sequence[KeyringBackend] = getattr(chosen, "backends", None) or [chosen]  # the chainer asks several in turn
        trusted = [backend for backend in candidates if type(backend).__module__ in _TRUSTED]
        if not trusted:
            raise _store_fails()
        return trusted[0]


def _store_fails() -> Misconfigured:
    return Misconfigured(
        "settings-credential-store",
        "this system has no credential store that can be used, or it is locked",
        remedy=f"unlock the store, or give the engine the variables {variable(API_KEY)}, {variable(practice_key('ID'))} "
        f"and {variable(PMS_PASSWORD)}",
    )
