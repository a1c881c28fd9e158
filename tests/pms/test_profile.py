"""
Profiles: loading, layers, mistakes, who may write them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.domain.errors import Misconfigured
from agent.pms.sql.profile import builtin_profiles, load_profile, profile_folders


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """
    A practice's own copy of the sample profile.
    """
    return Path(shutil.copytree(builtin_profiles()["sandbox"], tmp_path / "profiles" / "sandbox"))


@pytest.mark.parametrize("dialect", ["", "sqlite", "mariadb", "postgresql"])
def test_built_in_profiles_load(dialect: str) -> None:
    """
    Every variant of the sample profile is complete.
    """
    profile = load_profile(*profile_folders("sandbox", dialect=dialect))

    assert (dialect or "sqlite") == profile.dialect.name
    assert profile.has("lock") == profile.has("unlock") == (dialect in {"mariadb", "postgresql"})


def test_own_folder_comes_last(own: Path) -> None:
    """
    A practice's own folder replaces single settings and whole files, and keeps the rest.
    """
    for file in own.glob("*.sql"):
        file.unlink()
    (own / "profile.toml").write_text('title = "Ours"\n[status]\n7 = "cancelled"\n')
    (own / "locations.sql").write_text("SELECT 1 AS id, 'One' AS name")

    profile = load_profile(*profile_folders("sandbox", home=own.parent))

    assert ("Ours", "sandbox") == (profile.title, profile.name)
    assert {"0", "7"} <= set(profile.status)
    assert str(own / "locations.sql") in profile.statements["locations"][0].place
    assert str(own) not in profile.statements["sessions"][0].place


def test_unknown_names() -> None:
    """
    A profile or variant that does not exist is said to be so.
    """
    for name, dialect in (("nobody", ""), ("sandbox", "oracle")):
        with pytest.raises(Misconfigured, match="pms-profile"):
            profile_folders(name, dialect=dialect)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("profile.toml", 'title = "Sample practice"', "title = ", "profile.toml: Invalid value (at line 4, column"),
        ("profile.toml", 'title = "Sample practice"', "title = 5", "profile.toml, line 4: title: Expected `str`"),
        ("profile.toml", 'booking = "transaction"', 'booking = "maybe"', "profile.toml, line 12: capabilities.booking"),
        ("profile.toml", "limit = 500", "limits = 500", "limit"),
        ("profile.toml", '0 = "booked"', '0 = "there"', "line 35: status"),
        ("profile.toml", 'type_id = "integer"', 'tipe_id = "integer"', "'tipe_id' is no parameter"),
        ("sessions.sql", ":first", ":start", "sessions.sql, line 10, column 24: :start is no parameter"),
        ("markers.sql", "-- step: roster expects=rows", "-- step: roster", "markers.sql, line 2, column 1"),
    ],
)
def test_mistakes_name_file_and_line(own: Path, file: str, old: str, new: str, told: str) -> None:
    """
    Whoever changes a profile is told where the mistake is and what to do.
    """
    text = (own / file).read_text("utf-8")
    assert old in text
    (own / file).write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(Misconfigured) as raised:
        load_profile(own)

    assert told in raised.value.message
    assert raised.value.remedy


@pytest.mark.parametrize("name", ["sessions", "book", "withdraw", "cancel", "create_patient", "markers"])
def test_missing_operations(own: Path, name: str) -> None:
    """
    What the capabilities promise has to be there.
    """
    (own / f"{name}.sql").unlink()

    with pytest.raises(Misconfigured, match=rf"has no {name}\.sql"):
        load_profile(own)


def test_unknown_and_unreadable_files(own: Path) -> None:
    """
    A file that belongs to no operation, or is no UTF-8, is not passed over.
    """
    (own / "sesions.sql").write_text("SELECT 1")
    with pytest.raises(Misconfigured, match="no operation of that name"):
        load_profile(own)
    (own / "sesions.sql").unlink()
    (own / "sessions.sql").write_bytes(b"SELECT '\xff'")
    with pytest.raises(Misconfigured, match="UTF-8"):
        load_profile(own)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists, not modes")
@pytest.mark.parametrize("what", ["folder", "file", "parent"])
def test_others_may_not_write(own: Path, what: str) -> None:
    """
    A folder, file or folder above that somebody else may change is refused.
    """
    writable = {"folder": own, "file": own / "sessions.sql", "parent": own.parent}[what]
    writable.chmod(0o777)

    with pytest.raises(Misconfigured) as raised:
        load_profile(own)

    assert "pms-profile-writable" == raised.value.code
    assert str(writable) in raised.value.message


TWO_AT_ONCE = """
import sys, threading
from agent.pms.sql.profile import load_profile, profile_folders

sys.setswitchinterval(1e-5)
together = threading.Barrier(2)


def load():
    together.wait()
    load_profile(*profile_folders("sandbox"))


threads = [threading.Thread(target=load) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_two_threads_load_a_profile_for_the_first_time_at_once() -> None:
    """
    The process survives: msgspec by itself does not in about every second run.
    """
    ended = [subprocess.run([sys.executable, "-c", TWO_AT_ONCE], check=False).returncode for _ in range(4)]

    assert [0] * 4 == ended
