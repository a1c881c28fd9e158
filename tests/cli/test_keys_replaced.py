"""
Keys that are replaced: tried with a simulated Healthengine before they are stored.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from keyring.backend import KeyringBackend

from agent.app.keys import replace_keys
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.masked import Secret
from agent.sandbox.installation import API_KEY, PRACTICE_ID, Installation
from agent.settings.credentials import Credentials
from agent.settings.paths import Home


class Store(KeyringBackend):
    """
    Keeps what it is given.
    """

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """
    A practice that is set up, without an engine.
    """
    with Installation.create(tmp_path_factory.mktemp("keys") / "sandbox", carrier="sqlite", patients=5, horizon_days=7) as made:
        yield made


def replaced(installation: Installation, store: Store, *, key: str, practice_id: str = PRACTICE_ID) -> tuple[str, ...]:
    home = Home(folder=installation.home)
    entered = {"api-key": Secret(API_KEY), f"practice-key:{PRACTICE_ID}": Secret(key)}
    return replace_keys(home, practice_id, entered, stored=Credentials(home, environ={}, backend=store))


def test_keys_that_healthengine_accepts_are_stored(installation: Installation) -> None:
    """
    What is said of it names no key.
    """
    store = Store()
    said = replaced(installation, store, key=installation.practice_key)

    assert {"api-key": API_KEY, f"practice-key:{PRACTICE_ID}": installation.practice_key} == store.kept
    assert not [secret for secret in store.kept.values() if secret in " ".join(said)]


def test_keys_that_it_refuses_are_not(installation: Installation) -> None:
    """
    What was stored before stays; why, and what to do, is said.
    """
    store = Store()
    with pytest.raises(FrontdeskError) as refused:
        replaced(installation, store, key="another-key")

    assert "keys-refused" == refused.value.code
    assert refused.value.message.startswith("nothing is stored: ")
    assert refused.value.remedy
    assert {} == store.kept


def test_a_practice_that_is_gone_is_named(installation: Installation) -> None:
    """
    Somebody took it out of the settings meanwhile.
    """
    store = Store()
    with pytest.raises(Misconfigured) as refused:
        replaced(installation, store, key=installation.practice_key, practice_id="4711")

    assert "settings-no-practice" == refused.value.code
    assert {} == store.kept
