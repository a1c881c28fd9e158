"""
What an installation without a person brings along.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from agent.domain.errors import Misconfigured
from agent.settings.credentials import Credentials
from agent.settings.handover import take_keys, take_settings
from agent.settings.paths import Home
from agent.settings.protected import ProtectedFiles


class EmptyKeyring(KeyringBackend):
    """
    A system's store with nothing in it.
    """

    def get_password(self, service: str, username: str) -> None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(folder=tmp_path / "home")
    home.create()
    return home


@pytest.fixture
def credentials(home: Home) -> Credentials:
    """
    Sealed files whose seal is the text turned round.
    """
    files = ProtectedFiles(folder=home.protected, seal=lambda text: text[::-1], unseal=lambda text: text[::-1])
    return Credentials(home, environ={}, files=files, backend=EmptyKeyring())  # type: ignore[no-untyped-call]  # keyring's own


def stored(credentials: Credentials, name: str) -> str:
    found = credentials.get(name)
    return found.reveal() if found else ""


def test_settings_are_copied_with_the_practices_id(home: Home, tmp_path: Path) -> None:
    """
    Once: what is there already is kept.
    """
    source = tmp_path / "shared.toml"
    source.write_text('id = "{PRACTICEID}"\n', encoding="utf-8")
    first = take_settings(source, home, "1001")
    again = take_settings(source, home, "2002")

    assert (True, False) == (first, again)
    assert 'id = "1001"\n' == home.config.read_text(encoding="utf-8")


def test_settings_that_leave_the_id_open_need_it(home: Home, tmp_path: Path) -> None:
    """
    And nothing is written without it.
    """
    source = tmp_path / "shared.toml"
    source.write_text('id = "{PRACTICEID}"\n', encoding="utf-8")

    with pytest.raises(Misconfigured, match="leave the practice's id open"):
        take_settings(source, home, "")

    assert not home.config.exists()


def test_settings_that_cannot_be_read_are_named(home: Home, tmp_path: Path) -> None:
    """
    The file, and why the system's account may not see it.
    """
    with pytest.raises(Misconfigured, match=r"nowhere\.toml"):
        take_settings(tmp_path / "nowhere.toml", home, "1001")


def test_the_file_of_keys_is_consumed_once(credentials: Credentials, tmp_path: Path) -> None:
    """
    It goes; and that it is gone does not matter when the same installation runs again.
    """
    source = tmp_path / "keys.txt"
    source.write_text("# made for 1001\n\napi-key = AAA\npractice-key = B=B\npms-password=CCC\n", encoding="utf-8")
    names = take_keys(source, credentials, "1001")
    again = take_keys(source, credentials, "1001")

    assert ("api-key", "practice-key:1001", "pms-password") == names
    assert ["AAA", "B=B", "CCC"] == [stored(credentials, name) for name in names]
    assert not source.exists()
    assert () == again


@pytest.mark.parametrize(
    ("text", "practice_id", "code"),
    [
        ("api-key = A\nnonsense\n", "1001", "handover-keys"),
        ("api-key =\n", "1001", "handover-keys"),
        ("practice-key = A\n", "", "handover-keys"),
        ("other-key = A\n", "1001", "settings-credential-name"),
    ],
    ids=["no-equals", "no-value", "whose-key", "no-such-name"],
)
def test_a_bad_file_of_keys_stays_and_nothing_is_stored(
    credentials: Credentials, tmp_path: Path, text: str, practice_id: str, code: str
) -> None:
    """
    And what is said does not quote it.
    """
    source = tmp_path / "keys.txt"
    source.write_text(text, encoding="utf-8")

    with pytest.raises(Misconfigured) as refused:
        take_keys(source, credentials, practice_id)

    assert code == refused.value.code
    assert "nonsense" not in str(refused.value)
    assert source.exists()
    assert "" == stored(credentials, "api-key")


def test_a_file_of_keys_that_never_was_is_an_error(credentials: Credentials, tmp_path: Path) -> None:
    """
    A path that was misspelt must not look like keys that were consumed.
    """
    with pytest.raises(Misconfigured, match="no key is stored yet"):
        take_keys(tmp_path / "nowhere.txt", credentials, "1001")
