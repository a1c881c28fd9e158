from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.domain.days import Span
from agent.domain.practice import LiveHours, Practice, Unanswered
from agent.domain.rule import Closure, Holidays, NewPatients, Rule
from agent.store import Store

CHRISTMAS = Closure(first=date(2026, 12, 24), last=date(2027, 1, 3), reason="Christmas")
PRACTICE = Practice(
    id="1002",
    name="Hill Street",
    locations=("2", "3"),
    zone=ZoneInfo("Australia/Sydney"),
    location_zones=(("3", ZoneInfo("Australia/Brisbane")),),
    live_hours=LiveHours(days=((Span(480, 1020),), *((),) * 6)),
    minimum_notice=timedelta(minutes=90),
    closures=(CHRISTMAS,),
    rules=(
        Rule(name="long ones", type="2", minimum_notice=timedelta(days=1), closures=(CHRISTMAS,)),
        Rule(public_holidays=Holidays.CLOSED, new_patients=NewPatients.HOLD),
    ),
    unanswered=Unanswered.OWN_IDS,
)


def test_a_practice_comes_back_as_it_was(store: Store) -> None:
    """
    With every setting it had, rules too; later settings replace it.
    """
    other = replace(PRACTICE, id="1001")
    store.practices.remember(PRACTICE)
    store.practices.remember(replace(other, name="Old"))
    store.practices.remember(other)

    assert [other, PRACTICE] == store.practices.all()

    store.practices.forget("1001")

    assert [PRACTICE] == store.practices.all()


def test_settings_that_cannot_be_read_keep_out_no_others(tmp_path: Path) -> None:
    """
    Another version of the program may have written them.
    """
    with Store.open(tmp_path / "state.db") as store:
        for practice_id in ("1", "2", "3"):
            store.practices.remember(replace(PRACTICE, id=practice_id))
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        connection.execute("UPDATE notes SET value = '{\"id\": 1}' WHERE practice_id = '1'")
        connection.execute("UPDATE notes SET value = replace(value, 'Sydney', 'Nowhere') WHERE practice_id = '2'")
        connection.commit()
    with Store.open(tmp_path / "state.db") as store:
        assert ["3"] == [practice.id for practice in store.practices.all()]
