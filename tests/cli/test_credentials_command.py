"""
`frontdesk credentials`, with and without an engine.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from cli_engine import Cli, FakeEngine
from keyring.backend import KeyringBackend

from agent.cli import keys
from agent.domain.masked import Secret
from agent.ipc.messages import Done, RemoveCredential, SetCredential
from agent.settings.credentials import Credentials
from agent.settings.paths import Home

CONFIG = """\
[vendor]
name = "Frontdesk"
email = "support@example.com"
[pms]
profile = "sandbox"
connection = "DSN=Practice"
[[practices]]
id = "1001"
name = "Sample Practice"
timezone = "Australia/Sydney"
live_hours = "Mon-Fri 08:00-18:00"
"""


class Store(KeyringBackend):
    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's own
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[username]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    """
    This account's store, in memory.
    """
    store = Store()
    monkeypatch.setattr(keys, "Credentials", lambda home: Credentials(home, environ={}, backend=store))
    return store


def test_a_value_is_read_from_standard_input_and_stored(store: Store, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without an engine this account stores it; the value is not repeated.
    """
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret\nmore\n"))
    ran = cli("credentials", "set", "api-key")

    assert (0, {"api-key": "s3cret"}) == (ran.code, store.kept)
    assert "s3cret" not in ran.out + ran.err


def test_a_value_is_asked_for_on_a_terminal(store: Store, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without showing it.
    """
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: f" {prompt[:12]} ")

    assert 0 == cli("credentials", "set", "pms-password").code
    assert {"pms-password": "pms-password"} == store.kept


def test_a_running_engine_stores_it_itself(engine: FakeEngine, store: Store, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Under its own account, not this one's.
    """
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret"))
    ran = cli("credentials", "set", "practice-key:1001")

    assert [("practice-key:1001", Secret("s3cret"))] == [
        (c.name, c.value) for c in engine.commands if isinstance(c, SetCredential)
    ]
    assert (0, "It is done.\n", {}) == (ran.code, ran.out, store.kept)


def test_an_empty_input_is_refused(store: Store, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A script whose variable is empty hears of it.
    """
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    ran = cli("credentials", "set", "api-key")

    assert 2 == ran.code
    assert "[cli-no-value]" in ran.err


def test_an_unknown_name_is_refused_before_the_value_is_asked_for(cli: Cli) -> None:
    """
    Nobody types a key for nothing.
    """
    ran = cli("credentials", "set", "apikey")

    assert 2 == ran.code
    assert "[settings-credential-name]" in ran.err


def test_a_value_is_never_an_argument(cli: Cli) -> None:
    """
    Arguments are seen by every user of the machine.
    """
    with pytest.raises(SystemExit) as caught:
        cli("credentials", "set", "api-key", "s3cret")

    assert 2 == caught.value.code


def test_the_list_without_an_engine_says_where_each_is(store: Store, home: Path, cli: Cli) -> None:
    """
    The practices' keys too, once there are settings.
    """
    store.kept = {"practice-key:1001": "v4lue"}

    assert "api-key\tmissing\n" in cli("credentials", "list").out

    (home / "config.toml").write_text(CONFIG)
    ran = cli("credentials", "list", "--json")

    assert {
        "api-key": "missing",
        "api-key-next": "missing",
        "practice-key:1001": "system store",
        "pms-password": "missing",
        "pms-api-keys": "missing",
        "smtp-password": "missing",
        "webhook-secret": "missing",
    } == {line["name"]: line["where"] for line in json.loads(ran.out)}
    assert "v4lue" not in ran.out


def test_the_list_with_an_engine_is_the_engines(engine: FakeEngine, store: Store, cli: Cli) -> None:
    """
    What counts is what the engine finds.
    """
    engine.answer = lambda _: Done(data={"names": ["api-key", "practice-key:1001"]})
    store.kept = {"pms-password": "not the engine's"}

    assert [
        "name\twhere",
        "api-key\tengine",
        "api-key-next\tmissing",
        "pms-password\tmissing",
        "pms-api-keys\tmissing",
        "smtp-password\tmissing",
        "webhook-secret\tmissing",
        "practice-key:1001\tengine",
    ] == cli("credentials", "list").out.splitlines()


def test_an_engine_that_answers_something_else_is_reported(engine: FakeEngine, cli: Cli) -> None:
    """
    An older or newer engine.
    """
    engine.answer = lambda _: Done(data={"names": 5})
    ran = cli("credentials", "list")

    assert 2 == ran.code
    assert "[ipc-bad-message]" in ran.err


@pytest.mark.parametrize(("kept", "words"), [({"api-key": "x"}, "is removed"), ({}, "was not stored")])
def test_removing_without_an_engine(store: Store, cli: Cli, kept: dict[str, str], words: str) -> None:
    """
    Removing what is not there is no fault.
    """
    store.kept = kept

    if not kept:
        from keyring.errors import PasswordDeleteError  # noqa: PLC0415 - needed in this case alone

        def nothing(service: str, username: str) -> None:
            raise PasswordDeleteError("not there")

        store.delete_password = nothing  # type: ignore[method-assign]  # one case of one test
    ran = cli("credentials", "remove", "api-key")

    assert (0, f"api-key {words}\n", {}) == (ran.code, ran.out, store.kept)


def test_removing_with_an_engine(engine: FakeEngine, cli: Cli) -> None:
    """
    The engine removes its own.
    """
    assert 0 == cli("credentials", "remove", "api-key-next").code
    assert ["api-key-next"] == [command.name for command in engine.commands if isinstance(command, RemoveCredential)]


def test_the_home_of_the_environment_is_used(home: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    As everywhere.
    """
    monkeypatch.setenv("FRONTDESK_HOME", str(home))
    monkeypatch.setattr("sys.stdin", io.StringIO("x"))

    from agent.cli.main import main  # noqa: PLC0415 - without the fixture's own --home

    assert 0 == main(["credentials", "set", "api-key"])
    assert {"api-key": "x"} == store.kept
    assert Home(folder=home).key
