"""
Credentials: where they are looked for, and that they are never shown.
"""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from agent.domain.errors import AuthRequired, Misconfigured
from agent.domain.masked import Secret
from agent.settings.credentials import Credentials, Source, variable
from agent.settings.paths import Home
from agent.settings.protected import ProtectedFiles


class MemoryKeyring(KeyringBackend):
    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's own
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked("the words of the store")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise KeyringLocked("the words of the store")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not there")
        del self.kept[service, username]


@pytest.fixture
def store() -> MemoryKeyring:
    return MemoryKeyring()


def credentials(folder: Path, store: KeyringBackend | None = None, **environ: str) -> Credentials:
    return Credentials(Home(folder=folder), environ=environ, backend=store)


@pytest.mark.parametrize("name", ["api-key", "api-key-next", "practice-key:1001", "pms-password"])
def test_what_is_set_is_found_again_until_it_is_removed(tmp_path: Path, store: MemoryKeyring, name: str) -> None:
    """
    Set, get, remove.
    """
    mine = credentials(tmp_path, store)

    assert Source.SYSTEM_STORE == mine.set(name, Secret("s3cret"))
    assert Secret("s3cret") == mine.get(name)
    assert mine.remove(name)
    assert mine.get(name) is None
    assert not mine.remove(name)


def test_the_environment_comes_first(tmp_path: Path, store: MemoryKeyring) -> None:
    """
    A headless installation needs no store, and overrides one.
    """
    credentials(tmp_path, store).set("practice-key:1001", Secret("stored"))
    mine = credentials(tmp_path, store, FRONTDESK_PRACTICE_KEY_1001="given", FRONTDESK_PMS_PASSWORD="")

    assert Secret("given") == mine.get("practice-key:1001")
    assert mine.get("pms-password") is None


def test_two_homes_have_their_own_credentials(tmp_path: Path, store: MemoryKeyring) -> None:
    """
    A test installation never sends the real one's key.
    """
    credentials(tmp_path / "a", store).set("api-key", Secret("a"))

    assert credentials(tmp_path / "b", store).get("api-key") is None


def test_the_list_has_names_and_places_only(tmp_path: Path, store: MemoryKeyring) -> None:
    """
    Every credential that the engine may use, none of their values.
    """
    mine = credentials(tmp_path, store, FRONTDESK_API_KEY="v4lue")
    mine.set("practice-key:1001", Secret("v4lue"))
    lines = mine.list(["1001", "1002"])

    assert [
        ("api-key", Source.ENVIRONMENT),
        ("api-key-next", Source.MISSING),
        ("practice-key:1001", Source.SYSTEM_STORE),
        ("practice-key:1002", Source.MISSING),
        ("pms-password", Source.MISSING),
        ("pms-api-keys", Source.MISSING),
        ("smtp-password", Source.MISSING),
        ("webhook-secret", Source.MISSING),
    ] == [(line.name, line.source) for line in lines]
    assert "v4lue" not in repr(lines)


def test_a_missing_credential_says_how_to_set_it(tmp_path: Path, store: MemoryKeyring) -> None:
    """
    The remedy is a command that can be copied.
    """
    with pytest.raises(AuthRequired) as caught:
        credentials(tmp_path, store).require("practice-key:1001")

    assert "settings-credential-missing" == caught.value.code
    assert "frontdesk credentials set practice-key:1001" in caught.value.remedy
    assert variable("practice-key:1001") == "FRONTDESK_PRACTICE_KEY_1001"


@pytest.mark.parametrize("name", ["password", "practice-key", "practice-key:", "practice-key:a", "API-KEY", ""])
def test_other_names_are_refused(tmp_path: Path, store: MemoryKeyring, name: str) -> None:
    """
    A misspelt name would be stored and never found.
    """
    with pytest.raises(Misconfigured) as caught:
        credentials(tmp_path, store).set(name, Secret("x"))

    assert "settings-credential-name" == caught.value.code


def test_an_empty_value_is_refused(tmp_path: Path, store: MemoryKeyring) -> None:
    """
    Nothing is not a key.
    """
    with pytest.raises(Misconfigured) as caught:
        credentials(tmp_path, store).set("api-key", Secret(" \n"))

    assert "settings-credential-empty" == caught.value.code


def _no_keyring() -> KeyringBackend:
    return NoKeyring()  # type: ignore[no-untyped-call]  # keyring's own


def _plain_text_keyring() -> KeyringBackend:
    kind = type("PlaintextKeyring", (MemoryKeyring,), {"__module__": "keyrings.alt.file"})
    backend: KeyringBackend = kind()
    return backend


@pytest.mark.parametrize("chosen", [_no_keyring(), _plain_text_keyring()], ids=["none", "plain text"])
def test_without_a_store_that_encrypts_nothing_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: KeyringBackend
) -> None:
    """
    No store, and one that writes plain text, are both refused with the way out.
    """
    monkeypatch.setattr(keyring, "get_keyring", lambda: chosen)
    mine = credentials(tmp_path)

    with pytest.raises(Misconfigured) as caught:
        mine.set("api-key", Secret("x"))

    assert "settings-credential-store" == caught.value.code
    assert "FRONTDESK_API_KEY" in caught.value.remedy
    assert {Source.MISSING} == {line.source for line in mine.list(["1001"])}


def test_a_locked_store_is_an_error_in_our_words(tmp_path: Path, store: MemoryKeyring) -> None:
    """
    The store's own text is dropped.
    """
    store.is_locked = True

    with pytest.raises(Misconfigured) as caught:
        credentials(tmp_path, store).get("api-key")

    assert ("settings-credential-store", None) == (caught.value.code, caught.value.__cause__)
    assert "words of the store" not in str(caught.value)


def _turned(data: bytes) -> bytes:
    return bytes(byte ^ 0x5A for byte in data)


def _refuses(data: bytes) -> bytes:
    raise OSError(13, "another machine")


def test_sealed_files_come_before_the_store(tmp_path: Path, store: MemoryKeyring) -> None:
    """
    Where the system can seal files for the machine, a service finds what a person has set.
    """
    files = ProtectedFiles(folder=tmp_path / "protected", seal=_turned, unseal=_turned)
    store.set_password(f"Frontdesk:{Home(folder=tmp_path).key}", "api-key", "old")
    mine = Credentials(Home(folder=tmp_path), environ={}, backend=store, files=files)

    assert Secret("old") == mine.get("api-key")
    assert Source.PROTECTED_FILE == mine.set("api-key", Secret("new"))
    assert Secret("new") == mine.get("api-key")
    assert [b"new"] == [_turned(path.read_bytes()) for path in (tmp_path / "protected").iterdir()]
    assert mine.remove("api-key")
    assert mine.get("api-key") is None


def test_a_file_sealed_elsewhere_asks_for_the_value_again(tmp_path: Path, store: MemoryKeyring) -> None:
    """
    A home copied to another machine has no credentials.
    """
    folder = tmp_path / "protected"
    ProtectedFiles(folder=folder, seal=_turned, unseal=_turned).write("api-key", Secret("x"))
    files = ProtectedFiles(folder=folder, seal=_turned, unseal=_refuses)

    with pytest.raises(Misconfigured) as caught:
        Credentials(Home(folder=tmp_path), environ={}, backend=store, files=files).get("api-key")

    assert "settings-credential-sealed" == caught.value.code
