"""
Changes to a settings file that somebody wrote by hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.changing import PracticeChange, PracticeShown
from agent.domain.errors import Misconfigured
from agent.domain.rule import Closure
from agent.settings.changing import change_settings, changed_text, shown
from agent.settings.config import SettingsError, parse_settings

CHRISTMAS = Closure(first=date(2026, 12, 24), last=date(2026, 12, 28), reason="Christmas")
ONE_DAY = Closure(first=date(2027, 1, 26), last=date(2027, 1, 26))

HEAD = """\
# Northside Clinic
[vendor]
name = "Frontdesk" # ours
email = "support@example.com"

[pms]
profile = "sample"
connection = 'DSN=Practice'
"""

TABLES = (
    HEAD
    + """
[[practices]]
id = "1001"
name = "Sample Practice"
timezone = "Australia/Sydney"
locations = ["1"] # the house
live_hours = "Mon-Fri 08:00-18:00"
horizon_days = 60 # two months

[[practices.closures]]
first = 2026-12-24 # from noon
last = 2026-12-28
reason = "Christmas"

[[practices.rules]]
name = "Skin checks"
type = "15"
on_the_day = true

[[practices]]
id = "1002"
name = "Beach Practice"
timezone = "Australia/Brisbane"
locations = ["2"]
live_hours = "auto"

[logging] # loud
level = "debug"
"""
)

INLINE = (
    HEAD
    + """
[[practices]]
id = "1001"
name = "Sample Practice"
timezone = "Australia/Sydney"
locations = ["1"] # the house
closures = [{ first = 2026-12-24, last = 2026-12-28, reason = "Christmas" }]
rules = [{ name = "Skin checks", type = "15", on_the_day = true }]
  [practices.live_hours]
  monday = ["08:00-18:00"]
  tuesday = ["08:00-18:00"]
  wednesday = ["08:00-18:00"]
  thursday = ["08:00-18:00"]
  friday = ["08:00-18:00"]

[[practices]]
id = "1002"
name = "Beach Practice"
timezone = "Australia/Brisbane"
locations = ["2"]
live_hours = "auto"

[logging] # loud
level = "debug"
"""
)

written = pytest.mark.parametrize("text", [TABLES, INLINE], ids=["tables", "inline"])


def practices(text: str) -> tuple[PracticeShown, PracticeShown]:
    first, second = map(shown, parse_settings(text, Path("config.toml")).practices)
    return first, second


def test_a_practice_is_shown_in_plain_words() -> None:
    """
    What the file says, and what holds where it says nothing.
    """
    assert (
        PracticeShown(
            id="1001",
            name="Sample Practice",
            timezone="Australia/Sydney",
            locations=("1",),
            live_hours="Mon-Fri 08:00-18:00",
            horizon_days=60,
            minimum_notice_minutes=60,
            closed_on_holidays=True,
            closures=(CHRISTMAS,),
            rules=("Skin checks (type 15): published on the day itself only",),
        )
        == practices(TABLES)[0]
    )
    assert practices(TABLES) == practices(INLINE)


changes = st.builds(
    PracticeChange,
    id=st.just("1001"),
    live_hours=st.sampled_from([None, "auto", "Mon-Fri 08:00-12:00 13:00-17:00, Sat 09:00-12:00, Holidays 10:00-12:00"]),
    horizon_days=st.none() | st.integers(1, 365),
    minimum_notice_minutes=st.none() | st.integers(0, 525_600),
    closed_on_holidays=st.none() | st.booleans(),
    close=st.none()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(lambda text: replace(ONE_DAY, reason=text)),
    reopen=st.sampled_from([None, CHRISTMAS]),
)


@written
@given(change=changes)
@settings(max_examples=40, deadline=None)
def test_what_is_changed_is_read_and_nothing_else_differs(text: str, change: PracticeChange) -> None:
    """
    However the file is written, and whatever a reason consists of; comments stay.
    """
    before, other = practices(text)
    changed = changed_text(text, change)
    after, still_other = practices(changed)
    named = ("live_hours", "horizon_days", "minimum_notice_minutes", "closed_on_holidays")
    stated = {name: getattr(change, name) for name in named if getattr(change, name) is not None}
    kept = () if change.reopen else (CHRISTMAS,)
    wanted = replace(before, closures=(*kept, change.close) if change.close else kept, **stated)

    assert wanted == replace(after, rules=before.rules)
    assert before.rules[0] == after.rules[0]
    assert other == still_other
    assert all(comment in changed for comment in ("# Northside Clinic", "# ours", "# the house", "# loud"))


@written
def test_public_holidays_change_where_they_stand(text: str) -> None:
    """
    There and back is one rule for the whole practice; one for a type alone stays.
    """
    opened = changed_text(text, PracticeChange(id="1001", closed_on_holidays=False))
    closed = changed_text(opened, PracticeChange(id="1001", closed_on_holidays=True))

    assert "The whole practice: open on public holidays" == practices(opened)[0].rules[-1]
    assert 2 == len(practices(closed)[0].rules)
    assert practices(closed)[0].closed_on_holidays


def test_line_ends_and_the_mark_of_windows_stay() -> None:
    """
    Windows' own editor writes both.
    """
    changed = changed_text("\ufeff" + TABLES.replace("\n", "\r\n"), PracticeChange(id="1001", close=ONE_DAY))

    assert changed.startswith("\ufeff# Northside")
    assert changed.count("\n") == changed.count("\r\n")
    assert practices(changed.removeprefix("\ufeff"))[0].closures == (CHRISTMAS, ONE_DAY)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (PracticeChange(id="1003", horizon_days=3), "settings-no-practice"),
        (PracticeChange(id="1001", reopen=ONE_DAY), "settings-no-closure"),
        (PracticeChange(id="1001", live_hours="always"), "settings-invalid"),
        (PracticeChange(id="1001", horizon_days=366), "settings-invalid"),
        (PracticeChange(id="1001", close=replace(ONE_DAY, last=date(2027, 1, 1))), "settings-invalid"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_leaves_the_file_as_it_is(tmp_path: Path, change: PracticeChange, code: str) -> None:
    """
    The refusal names what to do.
    """
    file = tmp_path / "config.toml"
    file.write_text(TABLES)
    file.chmod(0o600)
    with pytest.raises(Misconfigured) as refused:
        change_settings(file, change)

    assert code == refused.value.code
    assert refused.value.remedy
    assert TABLES == file.read_text()
    assert [file] == list(tmp_path.iterdir())


def test_a_mistake_names_key_and_line(tmp_path: Path) -> None:
    """
    As a mistake of one's own hand does.
    """
    file = tmp_path / "config.toml"
    file.write_text(TABLES)
    with pytest.raises(SettingsError) as refused:
        change_settings(file, PracticeChange(id="1002", live_hours="always"))

    assert "practices[2].live_hours" == refused.value.problems[0].key
    assert TABLES.splitlines().index('live_hours = "auto"') + 1 == refused.value.problems[0].line


def test_the_file_keeps_who_may_read_it(tmp_path: Path) -> None:
    """
    It is replaced whole, with nothing left beside it.
    """
    file = tmp_path / "config.toml"
    file.write_text(TABLES)
    file.chmod(0o640)
    change_settings(file, PracticeChange(id="1001", horizon_days=14))

    assert 14 == practices(file.read_text())[0].horizon_days
    assert 0o640 == file.stat().st_mode & 0o777
    assert [file] == list(tmp_path.iterdir())
