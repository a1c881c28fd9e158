# ruff: noqa: PLR2004 (how often something happens in an invented year means nothing beyond its line)
"""
What goes wrong in a year, and what people do about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from agent.domain.errors import FrontdeskError
from agent.domain.rule import Newcomers
from agent.sandbox.year.life import Life
from agent.sandbox.year.line import KEY_REFUSED, LINK_DOWN, PMS_AWAY, PMS_REFUSES
from agent.sandbox.year.premises import Row, resource_id

HOUR = timedelta(hours=1)
MOST_LOGINS = 12
"""More attempts than this with a refused login within two hours would lock an account."""


class Mishaps:
    """
    Lets things go wrong in a life.
    """

    def __init__(self, life: Life) -> None:
        self._life = life
        self._random = life.random
        self._deck: list[tuple[str, Callable[[], None]]] = []

    def draw(self) -> tuple[str, Callable[[], None]]:
        """
        Return what goes wrong next, by name: everything once in random order, then everything again.
        """
        if not self._deck:
            self._deck = self._all()
            self._random.shuffle(self._deck)
        return self._deck.pop()

    def _all(self) -> list[tuple[str, Callable[[], None]]]:
        found = [
            ("PMS away", self.pms_away),
            ("PMS answers get lost", self.pms_answers_lost),
            ("link down", self.link_down),
            ("Healthengine answers get lost", self.he_answers_lost),
            ("power cut", self.power_cut),
            ("machine sleeps", self.sleeps),
            ("restart", self.restarts),
            ("PMS password changes", self.password),
            ("practice key refused", self.key_refused),
            ("practice key replaced", self.key_replaced),
            ("practice replaced by another id", self.practice_replaced),
            ("PMS upgrade", self.upgrade),
            ("pause", self.pause),
            ("maintenance", self.maintenance),
            ("online bookings stopped", self.stop_online),
            ("backup restored", self.restored),
            ("cloned server", self.cloned),
            ("test boot of a copy", self.test_boot),
            ("database moved", self.moved),
            ("machine replaced", self.machine_replaced),
            ("rosters vanish and come back", self.rosters_vanish),
            ("rosters are cleared for weeks", self.rosters_cleared),
            ("our bookings vanish", self.bookings_vanish),
            ("resync by hand", self.resync),
            ("new appointment type", self.new_type),
        ]
        if self._life.cast.doctors > 1:
            found += [("new doctor", self.new_doctor), ("doctor leaves", self.doctor_leaves)]
        return found

    def _minutes(self, least: int, most: int) -> timedelta:
        return timedelta(minutes=self._random.randint(least, most))

    def _later(self, span: timedelta, act: Callable[[], None]) -> None:
        self._life.after(span, "", act)

    # Lines.

    def pms_away(self) -> None:
        """
        The database does not answer for a while.
        """
        self._life.in_trouble("outage")
        self._life.pms.trouble = PMS_AWAY
        self._later(self._minutes(1, 50), self._pms_back)

    def _pms_back(self) -> None:
        self._life.pms.trouble = None
        self._life.settle()
        self._life.all_well()

    def pms_answers_lost(self) -> None:
        """
        The next writes are done, but their answers do not come back.
        """
        self._life.pms.lose = self._random.randint(1, 3)

    def link_down(self) -> None:
        """
        The practice is off line.
        """
        self._life.in_trouble("outage")
        for line in self._life.lines.values():
            line.trouble = LINK_DOWN
        self._later(self._minutes(1, 90), self._link_back)

    def _link_back(self) -> None:
        for line in self._life.lines.values():
            line.trouble = None
        self._life.settle()
        self._life.settle()
        self._life.all_well()

    def he_answers_lost(self) -> None:
        """
        Healthengine hears us, but its acknowledgements do not come back.
        """
        for line in self._life.lines.values():
            line.lose = self._random.randint(1, 4)

    # The machine.

    def power_cut(self) -> None:
        """
        Off at once, and on again.
        """
        if self._life.machine_is_on:
            self._life.switch_off(orderly=False, why="outage")
            self._later(self._minutes(4, 40), self._power_back)

    def _power_back(self) -> None:
        if self._life.is_working_day(self._life.now.date()):
            self._life.switch_on()
            self._life.settle()

    def restarts(self) -> None:
        """
        An update restarts the machine in good order.
        """
        if self._life.machine_is_on:
            self._life.switch_off()
            self._later(self._minutes(3, 9), self._power_back)

    def sleeps(self) -> None:
        """
        The machine sleeps: time passes, and nobody steps the agent.
        """
        life, room = self._life, self._life.room
        if room is None:
            return
        life.room, life.why_silent = None, "outage"
        life.pass_until(life.clock.now() + self._minutes(2, 25))
        life.room = room
        life.clock.is_waking = True
        life.tick()
        life.clock.is_waking = False
        life.all_well()

    # Keys and passwords.

    def password(self) -> None:
        """
        Somebody changes the database's password, and tells the agent later.
        """
        life = self._life
        if life.room is None:
            return
        life.in_trouble("outage")
        life.pms.trouble, life.pms.attempts = PMS_REFUSES, 0
        self._later(self._minutes(15, 110), self._new_password)

    def _new_password(self) -> None:
        life = self._life
        if life.pms.attempts > MOST_LOGINS:
            life.violations.add("a refused login was hammered", f"{life.pms.attempts} attempts")
        life.pms.trouble = None
        if life.room is not None:
            life.room.new_password()
        life.settle()
        life.all_well()

    def key_replaced(self) -> None:
        """
        A new key is set while the agent runs, before the old one ends.
        """
        life = self._life
        if life.room is not None:
            market = self._random.choice(list(life.markets.values()))
            before = market.statements
            life.room.new_key(market.place.id)
            life.settle()
            if market.statements == before and life.room.is_well:
                life.violations.add("not linked anew with a new key", f"practice {market.place.id}")

    def practice_replaced(self) -> None:
        """
        Healthengine gives a practice another id; the settings are changed while the agent runs.
        """
        life = self._life
        if life.room is None or life.why_silent or not life.room.is_well:
            return
        for line in life.lines.values():
            line.lose = 0
        market = self._random.choice(list(life.markets.values()))
        life.settle()
        life.replaces(market, replace(market.place, id=str(int(market.place.id) + 10)))

    def key_refused(self) -> None:
        """
        A practice's key ends at Healthengine; the new one is set later.
        """
        life = self._life
        life.in_trouble("outage")
        line = self._random.choice(list(life.lines.values()))
        line.trouble = KEY_REFUSED
        self._later(self._minutes(5, 60), self._new_key)

    def _new_key(self) -> None:
        life = self._life
        for line in life.lines.values():
            line.trouble = None
        if life.room is not None:
            for practice_id in life.lines:
                life.room.new_key(practice_id)
        life.settle()
        life.all_well()

    def upgrade(self) -> None:
        """
        The PMS is single-user for a while and then a new version.
        """
        self._life.in_trouble("outage")
        self._life.pms.trouble = PMS_AWAY
        self._later(self._minutes(20, 60), self._upgraded)

    def _upgraded(self) -> None:
        life = self._life
        life.premises.run("UPDATE practice_info SET schema_version = ?", f"{life.clock.now():%Y%m%d%H%M}")
        before = life.pms.calls["check"]
        self._pms_back()
        if life.room is not None and life.pms.calls["check"] == before:
            life.violations.add("no check after an upgrade", f"{life.now}")

    # People.

    def pause(self) -> None:
        """
        Somebody pauses for half an hour.
        """
        if self._life.room is not None:
            self._life.in_trouble("outage")
            self._life.room.engine.pause(30, by="desk")
            self._later(timedelta(minutes=33), self._resumed)

    def _resumed(self) -> None:
        self._life.settle()
        self._life.all_well()

    def maintenance(self) -> None:
        """
        Somebody works on the database; the agent lets go of it meanwhile.
        """
        if self._life.room is not None:
            self._life.in_trouble("outage")
            self._life.room.maintenance(25)
            self._life.pms.trouble, self._life.pms.attempts = PMS_AWAY, 0
            self._later(timedelta(minutes=24), self._maintained)

    def _maintained(self) -> None:
        life = self._life
        if life.pms.attempts:
            life.violations.add("asked the PMS during maintenance", f"{life.now}")
        life.pms.trouble = None
        life.pass_until(life.clock.now() + timedelta(minutes=5))
        life.settle()
        life.all_well()

    def stop_online(self) -> None:
        """
        A person stops online bookings for some hours.
        """
        life = self._life
        if life.room is not None:
            life.is_stopped = True
            life.room.stopper.stop("", None, by="manager")
            self._later(self._minutes(60, 300), self._go_on)

    def _go_on(self) -> None:
        life = self._life
        if life.room is None:
            self._later(HOUR, self._go_on)
            return
        life.room.stopper.start("", by="manager")
        life.is_stopped = False
        life.settle()

    def _please(self) -> None:
        if self._life.room is not None:
            self._life.room.now_please()
            self._life.settle()

    def resync(self) -> None:
        """
        Somebody presses *Resync now*.
        """
        if self._life.room is not None:
            for desk in self._life.room.desks:
                desk.resync_soon()

    # Copies.

    def restored(self) -> None:
        """
        Last hour's backup is put back; the desk types most of what is lost again, and then answers.
        """
        self._life.premises.backup("backup.sqlite")
        self._later(self._minutes(40, 90), self._restore)

    def _restore(self) -> None:
        life = self._life
        life.in_trouble("held")
        life.pms.trouble = PMS_AWAY
        life.settle()
        lost = life.premises.restore(life.folder / "backup.sqlite")
        life.sql.close()
        life.pms.trouble = None
        life.settle()
        for row in lost:
            if row.booking_id and self._random.random() < 0.8:
                self._type_again(row)
        life.pass_until(life.clock.now() + self._minutes(2, 12))
        self._answer()

    def _type_again(self, row: Row) -> None:
        premises = self._life.premises
        if row.start > self._life.now and premises.is_free(row, row.minutes):
            premises.type_again(row, with_reference=False)

    def _answer(self) -> None:
        life = self._life
        if life.room is not None:
            life.room.adopt()
            life.settle()
        life.all_well()

    def moved(self) -> None:
        """
        The database gets a new identity, as some moves to another server do.
        """
        life = self._life
        life.in_trouble("held")
        life.pms.trouble = PMS_AWAY
        life.settle()
        life.premises.run("UPDATE practice_info SET database_id = ?", f"moved-{life.clock.now():%Y%m%d%H%M}")
        life.pms.trouble = None
        life.settle()
        calls = sum(line.calls["outstanding"] for line in life.lines.values())
        life.pass_until(life.clock.now() + self._minutes(2, 9))
        if life.room is not None and calls != sum(line.calls["outstanding"] for line in life.lines.values()):
            life.violations.add("polled another database's practice", f"{life.now}")
        self._answer()

    def machine_replaced(self) -> None:
        """
        The home goes to a new machine.
        """
        life = self._life
        if not life.machine_is_on:
            return
        life.switch_off()
        life.machine_id = f"machine-{life.clock.now():%Y%m%d%H%M}"
        life.switch_on()
        life.in_trouble("held")
        life.settle()
        life.pass_until(life.clock.now() + self._minutes(1, 8))
        self._answer()

    def cloned(self) -> None:
        """
        A copy of the machine runs beside it: it must not say or write anything.
        """
        self._copy_runs("clone")

    def test_boot(self) -> None:
        """
        The IT provider boots last night's copy to see whether it works.
        """
        self._copy_runs("boot")

    def _copy_runs(self, name: str) -> None:
        life = self._life
        if life.room is None:
            return
        home = life.folder / f"home-{life.cast.name}-{name}"
        life.room.copy_state(home)
        pms = life.pms_line()
        lines = {key: life.market_line(market) for key, market in life.markets.items()}
        copy = life.new_room(home, f"another-{name}", pms, lines)
        for seconds in (1, 5, 31, 61, 61):
            life.clock.advance(seconds)
            copy.tick()
            life.tick()
        copy.stop(orderly=False)
        said = sum(sum(line.calls.values()) for line in lines.values())
        if said or pms.calls["book"] or pms.calls["cancel"]:
            life.violations.add("a copy spoke", f"{name}: {said} calls")

    # The diary as a whole.

    def rosters_vanish(self) -> None:
        """
        An import goes wrong: for a few minutes nobody works at all.
        """
        life = self._life
        rows = life.premises.query("SELECT * FROM roster WHERE roster_date >= ?", life.now.date())
        life.premises.run("DELETE FROM roster WHERE roster_date >= ?", life.now.date())
        life.settle()
        for row in rows:
            life.premises.run("INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)
        life.settle()

    def rosters_cleared(self) -> None:
        """
        Somebody takes a fortnight of one doctor out and puts it back the next morning.
        """
        life = self._life
        first = life.now.date() + timedelta(days=3)
        who = self._random.choice(life.premises.doctors())
        where = "practitioner_id = ? AND roster_date >= ? AND roster_date < ?"
        values = (who, first, first + timedelta(days=14))
        rows = life.premises.query(f"SELECT * FROM roster WHERE {where}", *values)  # noqa: S608 - our own text
        life.premises.run(f"DELETE FROM roster WHERE {where}", *values)  # noqa: S608 - our own text
        self._later(20 * HOUR, lambda: self._put_back(rows))

    def _put_back(self, rows: list[tuple[object, ...]]) -> None:
        life = self._life
        there = {row[0] for row in life.premises.query("SELECT id FROM roster")}
        for row in rows:
            if row[0] not in there and row[1] in life.premises.doctors():
                life.premises.run("INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)
        life.settle()

    def bookings_vanish(self) -> None:
        """
        Somebody's clean-up deletes half of our appointments; they are typed again within the hour.
        """
        life = self._life
        place = self._random.choice(life.cast.places)
        rows = [row for row in life.premises.ours(life.now) if row.location_id in place.locations]
        rows = [row for row in rows if self._random.random() < 0.6]
        if len(rows) < 4:
            return
        for row in rows:
            life.premises.on_their_way.add(row.booking_id)
            life.premises.run("DELETE FROM appointments WHERE id = ?", row.id)
        life.settle()
        life.settle()
        for row in rows:
            if life.premises.is_free(row, row.minutes):
                life.premises.type_again(row, with_reference=False)
            else:
                life.premises.ended.add(row.booking_id)
            life.premises.on_their_way.discard(row.booking_id)

    # Staff.

    def new_doctor(self) -> None:
        """
        Somebody begins.
        """
        life = self._life
        number = max(int(row[0]) for row in life.premises.query("SELECT id FROM practitioners")) + 1
        place = self._random.choice([n for p in life.cast.places for n in p.locations])
        life.premises.add_doctor(number, life.now.date() + timedelta(days=1), [place])
        for market in life.markets.values():
            if place in market.place.locations and any(rule.new_doctors is Newcomers.WAIT for rule in market.place.rules):
                life.waiting[market.place.id].add(resource_id(number, place, "GP"))

    def doctor_leaves(self) -> None:
        """
        Somebody leaves; the manager says that this is right.
        """
        life = self._life
        doctors = life.premises.doctors()
        if len(doctors) > 2:
            life.premises.remove_doctor(self._random.choice(doctors[1:]), life.now.date())
            life.settle()
            self._say_so()

    def new_type(self) -> None:
        """
        There is a new appointment type, and an old one is not used any more.
        """
        life = self._life
        number = int(life.premises.query("SELECT MAX(id) + 1 FROM appointment_types")[0][0])
        life.premises.run("INSERT INTO appointment_types VALUES (?, ?, 15, NULL, 1)", number, f"Type {number}")
        for market in life.markets.values():
            if any(rule.new_types is Newcomers.WAIT for rule in market.place.rules):
                life.waiting[market.place.id].add(str(number))
        if number > 5:
            life.premises.run("UPDATE appointment_types SET active = 0 WHERE id = ?", number - 1)
        self._please()
        self._say_so()

    def _say_so(self) -> None:
        room = self._life.room
        if room is None:
            return
        try:
            room.now_please()
        except FrontdeskError:
            return
        room.answers.release(by="manager")
        self._life.settle()
