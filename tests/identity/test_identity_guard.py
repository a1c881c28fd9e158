"""
The guard at work: what it stops, when it looks, and what an answer does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from sync_support import PMS_AWAY, TEN, World

from agent.domain.booking import BookRequest
from agent.domain.errors import AuthRequired, Cancelled, Misconfigured, Transient
from agent.domain.identity import HELD, Answer, Identity
from agent.domain.patients import PatientDetails
from agent.ports.pms import CheckLine, Pms
from agent.sync.identity import CHECK_FAILED, GuardedPms, IdentityGuard

REFUSED = AuthRequired("pms-login", "The database refuses the login.")


class Home:
    """
    A home whose engine can be started again, on another machine too.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.machine_id = "m1"
        self.missing = 0
        self.version = "1"
        self.said: list[tuple[str, str]] = []
        self.cleared: list[bool] = []
        identity: Callable[[], Any] = world.pms.identity
        world.pms.identity = lambda: replace(identity(), version=self.version)  # type: ignore[method-assign] # an upgrade
        for _ in range(50):
            world.pms.add_appointment("1", TEN)
        self.start()

    def start(self) -> None:
        self.pms = GuardedPms(cast(Pms, self.world.pms), self.world.clock)
        self.guard = IdentityGuard(
            cast(Pms, self.pms),
            machine_id=self.machine_id,
            home=self.world.store.identity,
            notices=self.world.store.conditions,
            clock=self.world.clock,
            ours_missing=lambda: self.missing,
            remember=lambda code, _text, by: self.said.append((code, by)),
            on_cleared=self.cleared.append,
        )
        self.pms.obey(self.guard)

    def asked(self) -> list[str]:
        return [c.code for c in self.world.store.conditions.open_conditions()]

    def later(self, **span: float) -> None:
        self.world.clock.advance(**span)

    def lose_changes(self, count: int = 40) -> None:
        """
        Put a backup of some time ago in the place of the database.
        """
        self.world.pms._newest -= count

    def known(self) -> Identity | None:
        return self.world.store.identity.known()

    def logins(self) -> int:
        return sum(name not in {"close", "renew"} for name in self.world.pms.calls)


@pytest.fixture
def home(world: World) -> Home:
    """
    A home that has been used once.
    """
    made = Home(world)
    made.guard.before_run()
    return made


def a_request() -> BookRequest:
    return BookRequest(
        booking_id=1,
        practitioner_id="1",
        location_id="1",
        type_id="1",
        start=TEN + timedelta(hours=1),
        minutes=15,
        note="",
        patient_id="7",
        patient=PatientDetails(first_name="Ann", last_name="Lee"),
        is_new_patient=False,
        withdraw_within=timedelta(),
    )


def test_a_new_home_remembers(home: Home) -> None:
    """
    Where it was set up is where it belongs.
    """
    assert home.known() == Identity(machine_id="m1", database_id="fake", newest_change="50".zfill(20), version="1")


def test_nothing_runs_before_the_first_look(world: World) -> None:
    """
    Neither polling nor anything else, as long as the PMS does not say which database it is.
    """
    made = Home(world)
    world.pms.fail("identity", PMS_AWAY, times=2)
    for waits in (True, False):
        with pytest.raises(Transient):
            made.guard.before_run(waits=waits)


def test_a_cloned_home_is_silent(home: Home) -> None:
    """
    On another machine no channel runs and nothing is written; the question is shown.
    """
    home.machine_id = "m2"
    home.start()
    for waits in (True, False):
        with pytest.raises(Cancelled):
            home.guard.before_run(waits=waits)
    with pytest.raises(Transient, match=HELD):
        home.pms.book(a_request())

    assert "book" not in home.world.pms.calls
    assert [HELD] == home.asked()


@pytest.mark.parametrize(
    ("happens", "answer"),
    [
        (lambda h: setattr(h, "machine_id", "m2"), Answer.THIS_MACHINE),
        (lambda h: setattr(h.world.pms, "database_id", "other"), Answer.THIS_DATABASE),
        (lambda h: h.lose_changes(), Answer.RESTORED),
    ],
    ids=["machine replaced", "database moved", "backup restored"],
)
def test_an_answer_lets_it_go_on(home: Home, happens: Callable[[Home], None], answer: Answer) -> None:
    """
    Whoever gave it is recorded, and what was adopted is known from then on, over restarts too.
    """
    happens(home)
    home.start()
    with pytest.raises(Cancelled):
        home.guard.before_run()
    home.guard.adopt(answer, by="mel")
    home.guard.before_run()
    home.start()
    home.guard.before_run()

    assert [] == home.asked()
    assert ("identity-adopted", "mel") in home.said
    assert [answer is not Answer.THIS_MACHINE] == home.cleared


def test_a_wrong_answer_is_refused(home: Home) -> None:
    """
    Somebody who types the wrong word changes nothing.
    """
    home.machine_id = "m2"
    home.start()
    with pytest.raises(Cancelled):
        home.guard.before_run()
    with pytest.raises(Misconfigured, match="identity-not-asked"):
        home.guard.adopt(Answer.RESTORED, by="mel")

    assert home.guard.is_held


def test_no_question_no_answer(home: Home) -> None:
    """
    Nothing can be adopted while nothing is in doubt.
    """
    with pytest.raises(Misconfigured, match="identity-not-asked"):
        home.guard.adopt(Answer.THIS_MACHINE, by="mel")


def test_a_restore_is_found_after_a_reconnect(home: Home) -> None:
    """
    The database was away, and what answers again has lost changes: nothing is written to it.
    """
    home.world.pms.fail("markers", PMS_AWAY)
    with pytest.raises(Transient):
        home.pms.markers(None)
    home.lose_changes()
    with pytest.raises(Transient, match=HELD):
        home.pms.book(a_request())

    assert "book" not in home.world.pms.calls


def test_a_silent_swap_is_found_within_a_minute(home: Home) -> None:
    """
    Even if no error was ever seen.
    """
    home.world.pms.database_id = "other"
    home.guard.before_run()
    home.later(seconds=60)
    with pytest.raises(Cancelled):
        home.guard.before_run()


def test_polling_never_waits_for_a_look(home: Home) -> None:
    """
    A patient waits for seconds only; what polling writes is checked by itself.
    """
    calls = home.world.pms.calls.count("identity")
    home.guard.in_trouble()
    home.later(minutes=5)
    home.guard.before_run(waits=False)

    assert calls == home.world.pms.calls.count("identity")


def test_the_first_write_of_a_day_is_checked(home: Home) -> None:
    """
    Even if nothing else has looked since yesterday.
    """
    home.later(days=1)
    home.world.pms.database_id = "other"
    with pytest.raises(Transient, match=HELD):
        home.pms.book(a_request())


def test_deleted_newest_rows_are_no_restore(home: Home) -> None:
    """
    The desk deletes what it has just typed, engine running or not.
    """
    home.lose_changes(1)
    home.later(minutes=2)
    home.guard.before_run()
    home.lose_changes(1)
    home.start()
    home.guard.before_run()

    assert [] == home.asked()


def test_what_we_wrote_is_remembered_at_the_next_run(home: Home) -> None:
    """
    A backup from just before our last booking is recognised.
    """
    home.pms.book(a_request())
    home.guard.before_run()
    known = home.known()

    assert known is not None
    assert "51".zfill(20) == known.newest_change


def test_the_backup_of_a_minute_ago_is_a_restore(home: Home) -> None:
    """
    A small step back that took an appointment of ours along.
    """
    home.missing = 1
    home.lose_changes(1)
    home.start()
    with pytest.raises(Cancelled):
        home.guard.before_run()


def test_the_right_database_coming_back_ends_it(home: Home) -> None:
    """
    A connection that led to a test database for a while needs no answer.
    """
    home.world.pms.database_id = "test"
    home.later(minutes=2)
    with pytest.raises(Cancelled):
        home.guard.before_run()
    home.world.pms.database_id = "fake"
    home.later(minutes=2)
    home.guard.before_run()

    assert [] == home.asked()
    assert [False] == home.cleared


def test_an_upgrade_that_fits(home: Home) -> None:
    """
    Connections are let go, every query is tried, and work goes on.
    """
    home.version = "2"
    home.later(minutes=2)
    home.guard.before_run()
    home.pms.book(a_request())

    assert {"close", "check", "book"} <= set(home.world.pms.calls)
    assert [] == home.asked()


def test_an_upgrade_that_does_not_fit_holds_writes(home: Home) -> None:
    """
    The condition names file and column; it ends when the profile fits again.
    """
    fits = home.world.pms.check
    home.world.pms.check = lambda: [  # type: ignore[method-assign] # the new version's answer
        CheckLine(operation="book", ok=False, place="book.sql", message="no column patient_id")
    ]
    home.version = "2"
    home.later(minutes=2)
    home.guard.before_run()
    with pytest.raises(Misconfigured, match=r"book\.sql"):
        home.pms.book(a_request())
    codes = home.asked()
    home.world.pms.check = fits  # type: ignore[method-assign] # as above
    home.later(minutes=2)
    home.guard.before_run()
    home.pms.book(a_request())

    assert [CHECK_FAILED] == codes
    assert [] == home.asked()


def test_a_refused_login_is_not_hammered(home: Home) -> None:
    """
    Whoever asks, the database sees two tries and then none for an hour.
    """
    before = home.logins()
    home.world.pms.fail("*", REFUSED, times=1000)
    for _ in range(360):
        for call in (home.pms.locations, lambda: home.pms.markers(None), home.pms.identity, home.guard.before_run):
            with pytest.raises(AuthRequired):
                call()
        home.later(seconds=10)
    tried = home.logins() - before

    assert 3 >= tried  # the third is an hour after the second


def test_a_person_may_try_a_refused_login_at_once(home: Home) -> None:
    """
    After the password was corrected nobody waits for an hour.
    """
    home.world.pms.fail("*", REFUSED, times=2)
    for _ in range(2):
        with pytest.raises(AuthRequired):
            home.pms.locations()
        home.later(minutes=1)
    home.pms.try_now()

    assert 1 == len(home.pms.locations())
