"""
The settings file that a set-up writes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.errors import Misconfigured
from agent.domain.setting_up import Answers
from agent.settings.config import CarrierName, SettingsError
from agent.settings.paths import Home
from agent.settings.writing import field_of, settings_of, settings_text, write_settings

WHOLE = Answers(
    profile="opendental",
    connection="DSN=Practice;UID=frontdesk",
    practice_id="1001",
    practice_name="Example Street Clinic",
    locations=("1", "2"),
    vendor_name="Frontdesk",
    vendor_email="support@example.com",
)
FILE = Path("config.toml")

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: bool(text.strip()))
one_line = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: bool(text.strip()))


@given(name=texts, locations=st.lists(one_line, unique=True, max_size=4), database=one_line.filter(lambda text: "=" not in text))
def test_whatever_is_entered_comes_back(name: str, locations: list[str], database: str) -> None:
    """
    Quotes, backslashes and characters of every script stand in the file as they were entered.
    """
    connection = f"DSN=Practice;Database={database}"
    read = settings_of(replace(WHOLE, practice_name=name, locations=tuple(locations), connection=connection), FILE)

    assert (name, tuple(locations)) == (read.practices[0].name, read.practices[0].locations)
    assert connection == read.pms.connection


def test_what_a_person_chooses_is_what_the_engine_reads() -> None:
    """
    Every answer has its place in the file.
    """
    answers = replace(
        WHOLE,
        carrier="sqlite",
        dialect="mariadb",
        connection=r"C:\practice\practice.sqlite",
        read_only=True,
        base_url="http://127.0.0.1:9000/pms-api/v1",
        live_hours="Mon-Fri 08:00-18:00",
        horizon_days=30,
        minimum_notice_minutes=120,
    )
    read = settings_of(answers, FILE)
    (practice,) = read.practices

    assert (CarrierName.SQLITE, "mariadb", True) == (read.pms.carrier, read.pms.dialect, read.pms.read_only)
    assert answers.base_url == read.healthengine.base_url
    assert (30, 120) == (practice.horizon_days, practice.minimum_notice.total_seconds() // 60)
    assert not practice.learns_live_hours
    assert 1 == len(practice.rules)
    assert () == settings_of(replace(WHOLE, closed_on_holidays=False), FILE).practices[0].rules
    assert () == read.warnings


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"practice_id": "north"}, "practice_id"),
        ({"practice_name": " "}, "practice_name"),
        ({"vendor_name": "Front(desk)"}, "vendor_name"),
        ({"vendor_email": "support"}, "vendor_email"),
        ({"connection": "DSN=Practice;PWD=s3cret"}, "connection"),
        ({"live_hours": "always"}, "live_hours"),
        ({"timezone": "Australia/Atlantis"}, "timezone"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_is_told_by_the_name_of_the_answer(wrong: dict[str, str], field: str) -> None:
    """
    The page knows its own name for it.
    """
    with pytest.raises(SettingsError) as refused:
        settings_of(replace(WHOLE, **wrong), FILE)  # type: ignore[arg-type] # names of texts

    assert field == field_of(refused.value.problems[0])


def test_settings_that_are_there_stay(tmp_path: Path) -> None:
    """
    A set-up writes where there is nothing, and leaves nothing half done.
    """
    home = Home(folder=tmp_path)
    write_settings(WHOLE, home.config)
    written = home.config.read_text("utf-8")
    with pytest.raises(Misconfigured) as refused:
        write_settings(replace(WHOLE, practice_id="2002"), home.config)

    assert "settings-exist" == refused.value.code
    assert settings_text(WHOLE) == written == home.config.read_text("utf-8")
    assert [home.config] == list(tmp_path.iterdir())
