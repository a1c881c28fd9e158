"""
`frontdesk set-up STEP`: what a program asks and reads; and what *finish* does, with a store and a service of the test's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from agent.app.setting_up import SetUp
from agent.domain.errors import FrontdeskError, Misconfigured
from agent.domain.masked import Secret
from agent.domain.setting_up import Answers, Step
from agent.service.service import Service, State
from agent.settings.config import load_settings
from agent.settings.credentials import Credentials
from agent.settings.paths import Home

ANSWERS = Answers(
    profile="sandbox",
    connection="DSN=Practice",
    practice_id="1001",
    practice_name="Example Street Clinic",
    vendor_name="Frontdesk",
    vendor_email="support@example.com",
)
KEYS = {"api-key": Secret("vendor-key"), "practice-key:1001": Secret("key-of-1001")}


class Store(KeyringBackend):
    """
    Keeps what it is given; *is_locked*: refuses.
    """

    priority = 1

    def __init__(self, *, is_locked: bool = False) -> None:
        self.kept: dict[str, str] = {}
        self._is_locked = is_locked

    def set_password(self, service: str, username: str, password: str) -> None:
        if self._is_locked:
            raise OSError
        self.kept[username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)


@dataclass
class Services:
    """
    A system with or without the service.
    """

    found: State = State.STOPPED
    started: list[bool] = field(default_factory=list)
    refusal: FrontdeskError | None = None

    def install(self, service: Service) -> None:
        raise NotImplementedError

    configure = install

    def remove(self) -> None:
        raise NotImplementedError

    stop = remove

    def state(self) -> State:
        return self.found

    def start(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.started.append(True)


def finish(home: Home, store: Store, services: Services, answers: Answers = ANSWERS) -> tuple[str, ...]:
    credentials = Credentials(home, environ={}, backend=store)
    return SetUp(home, answers, KEYS, credentials=credentials, services=services).do(Step.FINISH).said


def test_it_stores_the_keys_writes_the_settings_and_starts(tmp_path: Path) -> None:
    """
    The engine finds all it needs; no key is in the file.
    """
    home, store, services = Home(folder=tmp_path / "home"), Store(), Services()
    said = finish(home, store, services)

    assert {"api-key": "vendor-key", "practice-key:1001": "key-of-1001"} == store.kept
    assert "1001" == load_settings(home.config).practices[0].id
    assert [True] == services.started
    assert "The service Frontdesk is started." == said[-1]
    assert not [name for name in store.kept.values() if name in home.config.read_text()]


def test_without_a_store_nothing_is_written(tmp_path: Path) -> None:
    """
    Settings without keys would start an engine that can do nothing.
    """
    home, services = Home(folder=tmp_path / "home"), Services()
    with pytest.raises(Misconfigured) as refused:
        finish(home, Store(is_locked=True), services)

    assert "settings-credential-store" == refused.value.code
    assert not home.config.exists()
    assert [] == services.started


def test_what_is_wrong_changes_nothing(tmp_path: Path) -> None:
    """
    Neither an answer that cannot be nor settings that are there let a key be stored.
    """
    home, store = Home(folder=tmp_path / "home"), Store()
    with pytest.raises(Misconfigured):
        finish(home, store, Services(), replace(ANSWERS, practice_id=""))
    untouched = not home.folder.exists()
    home.create()
    home.config.write_text("# mine", encoding="utf-8")
    with pytest.raises(Misconfigured) as refused:
        finish(home, store, Services())

    assert untouched
    assert "settings-exist" == refused.value.code
    assert {} == store.kept


@pytest.mark.parametrize(
    ("services", "said"),
    [
        pytest.param(Services(found=State.NOT_INSTALLED), "There is no service on this computer", id="none"),
        pytest.param(
            Services(refusal=Misconfigured("service", "the system refuses", remedy="Be root.")),
            "The service could not be started: the system refuses. Be root.",
            id="refused",
        ),
    ],
)
def test_an_engine_that_does_not_start_is_said(tmp_path: Path, services: Services, said: str) -> None:
    """
    The settings stand all the same: it can be started later.
    """
    home = Home(folder=tmp_path / "home")

    assert finish(home, Store(), services)[-1].startswith(said)
    assert home.config.exists()
