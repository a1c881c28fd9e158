"""
Where the home is.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent.domain.errors import Misconfigured
from agent.settings.paths import Home, find_home


def test_an_option_comes_before_the_variable(tmp_path: Path) -> None:
    """
    The option, else the variable.
    """
    environ = {"FRONTDESK_HOME": str(tmp_path / "variable")}

    assert tmp_path / "option" == find_home(tmp_path / "option", environ=environ).folder
    assert tmp_path / "variable" == find_home(environ=environ).folder


def test_a_relative_folder_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A later change of folder moves nothing.
    """
    monkeypatch.chdir(tmp_path)

    assert tmp_path / "home" == find_home(Path("home"), environ={}).folder


@pytest.mark.skipif(sys.platform == "win32", reason="user ids are POSIX's")
@pytest.mark.parametrize(("user", "ending"), [(0, "/var/lib/frontdesk"), (1000, "/share/frontdesk")])
def test_root_and_people_have_their_own_places(monkeypatch: pytest.MonkeyPatch, user: int, ending: str) -> None:
    """
    A system service keeps its state where system services do.
    """
    monkeypatch.setattr("os.geteuid", lambda: user)

    assert find_home(environ={}).folder.as_posix().endswith(ending)


def test_folders_are_created_closed(tmp_path: Path) -> None:
    """
    Other users of the machine read nothing.
    """
    home = Home(folder=tmp_path / "home")
    home.create()
    home.create()

    assert all(folder.is_dir() for folder in (home.state, home.logs, home.profiles, home.run))
    if sys.platform != "win32":
        assert 0o700 == home.state.stat().st_mode & 0o777


def test_a_home_that_cannot_be_created_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """
    A file in the way.
    """
    (tmp_path / "home").write_text("")

    with pytest.raises(Misconfigured) as caught:
        Home(folder=tmp_path / "home").create()

    assert "settings-home" == caught.value.code


def test_a_home_has_a_key_of_its_own(tmp_path: Path) -> None:
    """
    Names outside the folder do not collide.
    """
    assert Home(folder=tmp_path / "a").key == Home(folder=tmp_path / "a").key
    assert Home(folder=tmp_path / "a").key != Home(folder=tmp_path / "b").key
