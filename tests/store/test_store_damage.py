"""
A damaged state file: kept aside, and followed by one that knows what people said and nothing of bookings.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.domain.errors import Misconfigured
from agent.domain.identity import Identity
from agent.store import Store
from agent.store.damage import began, open_or_begin_anew

NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
HOME = Identity(machine_id="m", database_id="d", newest_change="1", version="1")


def damage(path: Path, begin: int) -> bytes:
    contents = bytearray(path.read_bytes())
    contents[begin : begin + 3000] = b"\x5a" * 3000
    path.write_bytes(contents)
    return bytes(contents)


@pytest.mark.parametrize("begin", [0, 4096], ids=["head", "middle"])
def test_it_is_set_aside_and_a_new_one_begun(store: Store, store_path: Path, begin: int) -> None:
    """
    The damaged one is kept as it is, and the new one knows since when it knows.
    """
    store.close()
    contents = damage(store_path, begin)

    with open_or_begin_anew(store_path, NOW) as opened:
        assert NOW == began(opened)

    assert contents == store_path.with_name("state.db.damaged-20261123010203").read_bytes()
    with open_or_begin_anew(store_path, NOW + timedelta(hours=1)) as again:
        assert NOW == began(again)


def test_what_people_said_and_whose_home_it_is_are_taken_over_as_far_as_they_can_be_read(store: Store, store_path: Path) -> None:
    """
    A stop stays a stop; what Healthengine acknowledged counts as not sent.
    """
    store.identity.remember(HOME, NOW)
    store.published.set_note("1001", "stopped", "by hand")
    store.published.set_note("1001", "resources", "a fingerprint")
    with store._database.reading() as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'bookings_by_state'").fetchone()[0]
    store.close()
    damage(store_path, (page - 1) * 4096)

    with open_or_begin_anew(store_path, NOW) as opened:
        assert HOME == opened.identity.known()
        assert "by hand" == opened.published.note("1001", "stopped")
        assert not opened.published.note("1001", "resources")


def test_three_damaged_files_are_kept(store: Store, store_path: Path) -> None:
    """
    A disk that dies slowly does not fill up.
    """
    store.close()
    for number in range(5):
        damage(store_path, 0)
        open_or_begin_anew(store_path, NOW + timedelta(minutes=number)).close()

    assert 3 == len(list(store_path.parent.glob("*.damaged-*")))


def test_a_whole_file_is_left_alone(store: Store, store_path: Path) -> None:
    """
    Its ledger knows every booking there ever was.
    """
    store.close()

    with open_or_begin_anew(store_path, NOW) as opened:
        assert began(opened) is None


def test_a_newer_file_is_not_damaged(store: Store, store_path: Path) -> None:
    """
    Only damage is answered so; everything else is still refused.
    """
    with store._database.writing() as connection:
        connection.execute("PRAGMA user_version = 99")
    store.close()

    with pytest.raises(Misconfigured, match="store-newer"):
        open_or_begin_anew(store_path, NOW)
