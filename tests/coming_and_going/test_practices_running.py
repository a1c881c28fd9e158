"""
Several practices in one engine: one diary behind them, practices that come, go and change their id or key, and stopping.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest
from fake_marketplace import FakeMarketplace
from sync_support import LINK_DOWN, NOW, World

from agent.domain.booking import BookingState
from agent.domain.errors import AuthRequired, FrontdeskError, Misconfigured
from agent.domain.liveness import NOBODY_EXPECTED
from agent.domain.practice import Practice
from agent.engine.clock import SystemClock
from agent.engine.desk import PracticeDesk
from agent.engine.engine import Engine
from agent.engine.gate import PmsGate
from agent.engine.practices import Practices
from agent.engine.report import Facts
from agent.engine.stopping import CODE, Stopper, Stops, was_in_maintenance
from agent.ports.marketplace import Marketplace
from agent.ports.pms import Pms
from agent.sandbox.installation import wait_until
from agent.sync.context import Context

SCALE = 120.0
LIMIT_S = 60.0
NO_KEY = AuthRequired("settings-credential-missing", "the credential practice-key:1003 is not set")


class Office:
    """
    An engine in this process over a fake PMS, with a fake Healthengine for each practice (it is its own `DeskMaker`).
    """

    def __init__(self, world: World) -> None:
        self.world = world
        world.pms.add_location("2", "Hill Street")
        world.pms.add_practitioner("1", location_id="2")  # the first doctor works at both places
        for number in range(14):
            world.pms.add_session("1", (NOW + timedelta(days=number)).date(), 780, 900, location_id="2")
        self.clock = SystemClock(scale=SCALE, origin=time.time(), start=NOW.timestamp())
        self.markets: dict[str, FakeMarketplace] = {}
        self.keys_used: list[str] = []
        self.missing: dict[str, FrontdeskError] = {}
        self.changed: Mapping[str, Practice] | None = None
        self.is_held = False
        self.first = replace(world.practice, locations=("1",))
        self.second = replace(world.practice, id="1002", name="Hill Street", locations=("2",))
        self.begin()

    def begin(self) -> None:
        """
        Make an engine on what the last one left behind; it does not run yet.
        """
        store = self.world.store
        self.gate = PmsGate(cast(Pms, self.world.pms), shut=was_in_maintenance(store.published))
        self.answers = ThreadPoolExecutor(2)
        facts = Facts(version="0", pid=1, profile="fake", carrier="fake", time_scale=SCALE, workers=lambda: ())
        self.engine = Engine(
            store=store,
            clock=self.clock,
            answers=self.answers,
            facts=facts,
            pms=cast(Pms, self.gate),
            reload=self._reload,
            on_change=lambda: None,
            is_held=lambda: self.is_held,
        )
        self.stops = Stops(store.published, self.clock)
        self.stopper = Stopper(
            self.engine, self.stops, self.gate, notices=store.conditions, notes=store.published, clock=self.clock
        )
        self.practices = Practices(
            self.engine,
            self,
            stopper=self.stopper,
            stops=self.stops,
            notices=store.conditions,
            linked=store.practices,
            clock=self.clock,
        )

    def open(self, practice: Practice) -> PracticeDesk:
        """
        Make a desk whose Healthengine can be looked into.
        """
        if practice.id in self.missing:
            raise self.missing[practice.id]
        market = self.markets.setdefault(practice.id, FakeMarketplace(self.clock.now))
        store = self.world.store
        context = Context(
            practice=practice,
            pms=cast(Pms, self.gate),
            marketplace=cast(Marketplace, market),
            ledger=store.ledger,
            published=store.published,
            tasks=store.tasks,
            clock=self.clock,
            stop=lambda: self.stops.of(practice.id),
            availability_wanted=lambda: None,
            activity=lambda code, text: None,
        )
        return PracticeDesk(
            context,
            answers=self.answers,
            aside=self.answers,
            on_success=self.engine.channel_succeeded,
            on_failure=self.engine.channel_failed,
        )

    def close(self, practice_id: str) -> None:
        """
        Nothing to let go of.
        """

    def use_new_keys(self, practice_id: str) -> None:
        """
        Remember that it was asked.
        """
        self.keys_used.append(practice_id)

    def _reload(self) -> Mapping[str, Practice] | None:
        changed, self.changed = self.changed, None
        return changed

    def run(self, *practices: Practice) -> None:
        """
        Start with these practices and wait until each shows free times.
        """
        self.engine.start([self.open(practice) for practice in practices])
        self.practices.start()
        for practice in practices:
            self.until(lambda practice=practice: self.free(practice.id), f"{practice.id} shows free times")

    def settings(self, *practices: Practice) -> None:
        """
        Change the settings file.
        """
        self.changed = {practice.id: practice for practice in practices}

    def stop(self) -> None:
        """
        End the engine in good order.
        """
        self.engine.stop()
        self.practices.stop(5)

    def free(self, practice_id: str) -> int:
        """
        Return how many days with free times Healthengine shows.
        """
        return sum(bool(ranges) for ranges in list(self.markets[practice_id].published.values()))  # the engine adds to it

    def told(self, code: str) -> list[str]:
        """
        Return the lines of the timeline with that code.
        """
        return [line.text for line in self.world.store.activity.recent(200) if line.code == code]

    def until(self, condition: object, what: str) -> None:
        """
        Wait for it.
        """
        wait_until(condition, LIMIT_S, what)  # type: ignore[arg-type]  # every caller gives a function


@pytest.fixture
def office(world: World) -> Iterator[Office]:
    """
    An engine that has not been started.
    """
    made = Office(world)
    yield made
    made.stop()


def test_a_booking_in_one_practice_is_sent_in_the_other_at_once(office: Office) -> None:
    """
    L3: both work in one diary, and the other practice does not wait for its next look.
    """
    office.run(office.first, office.second)
    start = datetime(2026, 11, 24, 13, 30)
    other = office.markets["1002"]
    before = len(other.sent)
    desk = office.engine.desks[0]
    office.world.pms.add_appointment("1", start, 30)
    token = office.engine.desks[1].context.raised()
    desk.context.time_taken_or_freed("1", start, 30)
    is_too_old = office.engine.desks[1].context.raised_since(token, "1@2:gp", start.date())
    office.until(lambda: ("1@2:gp", start.date()) in other.sent[before:], "the sibling is sent")
    spans = [(r.start, r.end) for r in other.published["1@2:gp", start.date()]]

    assert is_too_old
    assert [(780, 810), (840, 900)] == spans


def test_a_practitioner_whom_the_other_practice_does_not_have_concerns_it_not(office: Office) -> None:
    """
    Nothing is sent for nothing.
    """
    office.run(office.first, office.second)
    token = office.engine.desks[1].context.raised()
    office.engine.desks[0].context.time_taken_or_freed("2", datetime(2026, 11, 24, 10, 0), 15)

    assert token == office.engine.desks[1].context.raised()


def test_a_practice_that_is_added_begins_without_a_restart(office: Office) -> None:
    """
    L3: full configuration, then availability.
    """
    office.run(office.first)
    office.settings(office.first, office.second)
    office.until(lambda: "1002" in office.markets and office.free("1002"), "the second practice shows free times")

    assert office.markets["1002"].contracts
    assert office.markets["1002"].resources
    assert [d.practice.id for d in office.engine.desks] == ["1001", "1002"]


def test_a_practice_that_is_removed_first_stops_and_then_is_silent(office: Office) -> None:
    """
    Rule 9: every day is stated as empty, what is outstanding is answered, and then nothing more is said.
    """
    office.run(office.first, office.second)
    market = office.markets["1002"]
    office.settings(office.first)
    office.until(lambda: office.told("practice-removed"), "it has left")
    calls = len(market.calls)
    begin = office.clock.now()
    office.until(lambda: office.clock.now() - begin > timedelta(minutes=2), "two minutes have passed")

    assert 0 == office.free("1002")
    assert ["outstanding", "send_liveness"] == market.calls[-2:]
    assert NOBODY_EXPECTED == market.contracts[-1]
    assert calls == len(market.calls)
    assert 0 < office.free("1001")
    assert "no free times of this practice any more" in office.told("practice-removed")[0]
    assert not [c for c in office.engine.status().conditions if "1002" in c.area]


def test_a_practice_leaves_although_healthengine_does_not_listen(office: Office) -> None:
    """
    And it is said that the times stay on show until Healthengine notices.
    """
    office.run(office.first, office.second)

    def away() -> None:
        raise LINK_DOWN

    office.markets["1002"].fail = dict.fromkeys(("outstanding", "send_availability"), away)
    office.settings(office.first)
    office.until(lambda: office.told("practice-removed"), "it has left")

    assert "could not be told" in office.told("practice-removed")[0]
    assert ["1001"] == [d.practice.id for d in office.engine.desks]


def test_a_practice_that_leaves_while_nothing_runs_is_emptied_at_the_next_start(office: Office) -> None:
    """
    As one that leaves while the engine runs, and with the settings it had: what waits is answered, and nobody is expected.
    """
    office.run(office.first, office.second)
    office.stop()
    market = office.markets["1002"]
    office.begin()
    office.run(office.first)
    office.until(lambda: office.told("practice-removed"), "it has left")

    assert 0 == office.free("1002")
    assert ["outstanding", "send_liveness"] == market.calls[-2:]
    assert NOBODY_EXPECTED == market.contracts[-1]
    assert [office.first] == office.world.store.practices.all()
    assert office.stops.of("1002") is None
    assert 0 < office.free("1001")


def test_who_leaves_without_the_key_is_forgotten(office: Office) -> None:
    """
    Healthengine listens to nobody without it.
    """
    office.run(office.first, office.second)
    office.stop()
    office.missing["1002"] = NO_KEY
    office.begin()
    office.run(office.first)
    office.until(lambda: office.told("practice-removed"), "it has left")

    assert NO_KEY.code in office.told("practice-removed")[0]
    assert [office.first] == office.world.store.practices.all()
    assert 0 < office.free("1002")


def test_whoever_could_not_be_emptied_is_emptied_later(office: Office) -> None:
    """
    The link is down when the practice leaves, which is shown; when it is back it is told.
    """
    office.run(office.first, office.second)
    is_down = threading.Event()
    is_down.set()

    def away() -> None:
        if is_down.is_set():
            raise LINK_DOWN

    office.markets["1002"].fail = dict.fromkeys(("outstanding", "send_availability"), away)
    office.settings(office.first)
    office.until(lambda: office.told("practice-removed"), "it has left")
    shown = [c.code for c in office.engine.status().conditions if c.area == "practice:1002"]
    is_down.clear()
    office.until(lambda: not office.free("1002"), "it is emptied")
    office.until(lambda: [office.first] == office.world.store.practices.all(), "it is forgotten")

    assert ["practice-not-emptied"] == shown
    assert not [c for c in office.engine.status().conditions if "1002" in c.area]


def test_another_id_takes_over_the_diary(office: Office) -> None:
    """
    L4: the old practice is emptied first; full configuration goes to the new one, and nothing more to the old one.
    """
    office.run(office.first)
    new = replace(office.first, id="1005")
    office.settings(new)
    office.until(lambda: "1005" in office.markets and office.free("1005"), "the new practice shows free times")
    old = office.markets["1001"]
    calls = len(old.calls)
    begin = office.clock.now()
    office.until(lambda: office.clock.now() - begin > timedelta(minutes=2), "two minutes have passed")

    assert 0 == office.free("1001")
    assert calls == len(old.calls)
    assert ["send_liveness", "send_resources", "send_types"] == [
        c for c in office.markets["1005"].calls if c.startswith("send_")
    ][:3]


def test_a_new_key_links_the_practice_anew(office: Office) -> None:
    """
    L4: configuration and every day are sent again, without a restart, and its times stay on show.
    """
    office.run(office.first, office.second)
    market = office.markets["1001"]
    before, free, days = len(market.contracts), office.free("1001"), len(market.sent)
    said = office.practices.credential_changed("practice-key:1001")
    office.until(lambda: len(market.contracts) > before and len(market.sent) >= days + 14, "it is linked anew")

    assert ["1001"] == office.keys_used
    assert "same free times" in said
    assert free == office.free("1001")


def test_the_vendors_key_is_used_by_every_practice(office: Office) -> None:
    """
    Without a restart.
    """
    office.run(office.first, office.second)
    office.practices.credential_changed("api-key")

    assert ["1001", "1002"] == sorted(office.keys_used)


def test_a_practice_without_its_key_waits_for_it(office: Office) -> None:
    """
    The others go on, the status says what to do, and the key sets it to work.
    """
    office.run(office.first)
    third = replace(office.second, id="1003")
    office.missing["1003"] = NO_KEY
    office.settings(office.first, third)
    office.until(lambda: office.told("practice-refused"), "it is refused")
    shown = [c.code for c in office.engine.status().conditions if c.area == "practice:1003"]
    del office.missing["1003"]
    office.practices.credential_changed("practice-key:1003")
    office.until(lambda: "1003" in office.markets and office.free("1003"), "it works")

    assert [NO_KEY.code] == shown
    assert [] == [c for c in office.engine.status().conditions if c.area == "practice:1003"]


def test_online_bookings_stop_and_start_by_one_word_each(office: Office) -> None:
    """
    One practice of two, with a booking on its way, which is answered.
    """
    office.run(office.first, office.second)
    said = office.stopper.stop("1001", None, by="mel")
    office.world.market = office.markets["1001"]
    office.world.patient_books(booked_at=office.clock.now())
    office.until(lambda: 0 == office.free("1001"), "no free times are shown")
    office.until(lambda: office.engine.status().practices[0].is_empty, "the status says so")
    office.until(lambda: office.world.market.confirmed.get(1), "the booking is answered")
    office.until(lambda: BookingState.CONFIRMED is office.world.state(), "that is written down")
    status = office.engine.status()

    assert "no free times" in said
    assert 0 < office.free("1002")
    assert (CODE in {c.code for c in status.conditions}, "mel") == (
        True,
        status.practices[0].stop and status.practices[0].stop.by,
    )
    assert status.practices[1].stop is None

    office.stopper.start("", by="mel")
    office.until(lambda: 0 < office.free("1001"), "the free times are back")

    assert [] == [c for c in office.engine.status().conditions if c.code == CODE]
    assert "not stopped" in office.stopper.start("", by="mel")


def test_a_stop_with_an_end_ends_by_itself(office: Office) -> None:
    """
    And the timeline says so.
    """
    office.run(office.first)
    office.stopper.stop("", office.clock.now() + timedelta(minutes=3), by="mel")
    office.until(lambda: 0 == office.free("1001"), "no free times are shown")
    office.until(lambda: 0 < office.free("1001"), "the free times are back")

    assert office.told("bookings-started")


@pytest.mark.parametrize(
    ("practice_id", "until", "code"), [("7", None, "practice-unknown"), ("", NOW - timedelta(days=1), "stop-until-past")]
)
def test_what_cannot_be_stopped_is_said(office: Office, practice_id: str, until: datetime | None, code: str) -> None:
    """
    Nothing happens then.
    """
    office.run(office.first)
    with pytest.raises(FrontdeskError) as caught:
        office.stopper.stop(practice_id, until, by="mel")

    assert code == caught.value.code
    assert office.engine.status().practices[0].stop is None


def test_a_paused_engine_cannot_stop_bookings(office: Office) -> None:
    """
    It tells Healthengine nothing, and promises nothing.
    """
    office.run(office.first)
    office.engine.pause(30, by="mel")
    with pytest.raises(Misconfigured, match="paused"):
        office.stopper.stop("", None, by="mel")


def test_a_stop_while_everything_is_held_says_so(office: Office) -> None:
    """
    It is kept for afterwards, and promises nothing for now.
    """
    office.is_held = True
    office.engine.start([office.open(office.first)])
    office.practices.start()
    said = office.stopper.stop("", None, by="mel")

    assert "frontdesk adopt" in said
    assert office.engine.status().practices[0].stop


def test_maintenance_lets_go_of_the_database_and_ends_by_itself(office: Office) -> None:
    """
    Nothing is read, written or polled; then everything goes on.
    """
    office.run(office.first)
    market, pms = office.markets["1001"], office.world.pms
    said = office.stopper.maintenance(12, by="mel")
    office.until(lambda: "close" in pms.calls, "the connections are closed")
    seen = len(pms.calls), len(market.calls)
    begin = office.clock.now()
    office.until(lambda: office.clock.now() - begin > timedelta(minutes=4), "four minutes have passed")
    meanwhile = len(pms.calls), len(market.calls)
    status = office.engine.status()
    office.until(lambda: len(market.calls) > meanwhile[1] and len(pms.calls) > meanwhile[0], "it ends by itself")

    assert "hides" in said
    assert seen == meanwhile
    assert status.in_maintenance
    assert not office.engine.status().in_maintenance


def test_maintenance_outlives_a_restart(office: Office) -> None:
    """
    The new engine does not touch the database before its end.
    """
    office.run(office.first)
    office.stopper.maintenance(20, by="mel")
    office.until(lambda: "close" in office.world.pms.calls, "the connections are closed")
    office.stop()
    calls = list(office.world.pms.calls)
    office.begin()
    office.engine.start([office.open(office.first)])
    office.practices.start()
    was_shut = office.engine.status().in_maintenance
    untouched = calls == office.world.pms.calls
    office.engine.resume(by="mel")
    office.until(lambda: len(office.world.pms.calls) > len(calls), "the database is read again")

    assert was_shut
    assert untouched
