"""
Drafts of profiles, and what is said of operations: neither may fall behind what there is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain.errors import Misconfigured
from agent.pms.sql import meanings
from agent.pms.sql.dialects import DIALECTS
from agent.pms.sql.drafting import OPTIONAL, draft
from agent.pms.sql.explaining import explain
from agent.pms.sql.operations import OPERATIONS
from agent.pms.sql.profile import builtin_profiles, load_profile, unfinished

COLUMNS = {name for operation in OPERATIONS.values() for name in (*operation.columns, *operation.more_columns)}
PARAMETERS = {name for operation in OPERATIONS.values() for name in operation.parameters}


def test_everything_has_a_meaning_and_nothing_else() -> None:
    """
    Each operation, column and parameter is explained; what is gone is explained no more.
    """
    assert set(OPERATIONS) == set(meanings.ABOUT)
    assert set(meanings.COLUMNS) == COLUMNS
    assert set() == PARAMETERS - {*meanings.PARAMETERS, *COLUMNS}
    assert set() == set(meanings.PARAMETERS) - PARAMETERS


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_a_draft_says_what_every_operation_needs(tmp_path: Path, dialect: str) -> None:
    """
    There is a file for each operation, which names its parameters and columns; with a statement below, each can be read.
    """
    files = {file.stem: file for file in draft(tmp_path, "mypms", dialect=dialect) if file.suffix == ".sql"}

    assert set(OPERATIONS) == set(files)
    for name, operation in OPERATIONS.items():
        text = files[name].read_text("utf-8")
        assert [] == [each for each in (*operation.parameters, *operation.columns) if f"--   {each} " not in text]
        with files[name].open("a", encoding="utf-8") as file:
            file.write("SELECT 1")
    assert dialect == load_profile(tmp_path / "mypms").dialect.name


def test_a_draft_takes_no_place_that_is_taken(tmp_path: Path) -> None:
    """
    What is there is not overwritten, and a name that cannot be a folder everywhere is refused.
    """
    (tmp_path / "mypms").mkdir()
    for name in ("mypms", "My PMS", "../else", "openemr"):
        with pytest.raises(Misconfigured, match="pms-profile"):
            draft(tmp_path, name, dialect="mariadb")
    assert [] == list((tmp_path / "mypms").iterdir())
    assert not (tmp_path / "mypms" / OPTIONAL).exists()


def test_a_profile_is_explained() -> None:
    """
    Each operation with its file, what the profile can do, and what its codes mean.
    """
    told = explain(*unfinished(builtin_profiles()["sandbox"]))

    files = {operation.name: Path(operation.file).name for operation in told.operations}
    assert ("sessions.sql", "", set(OPERATIONS)) == (files["sessions"], files["free_slots"], set(files))
    assert ("transaction", "minutes", "note") == (
        told.settings["bookings"],
        told.settings["times of day count"],
        told.settings["reason goes to"],
    )
    assert ("status", "4", "did_not_attend") in told.codes
