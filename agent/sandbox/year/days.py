# ruff: noqa: PLR2004 (how often something happens in an invented year means nothing beyond its line)
"""
What happens on a day: the machine, patients, the desk, mishaps, by chance but the same for the same seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from agent.sandbox.year.life import ONLINE, SETTLE, Life
from agent.sandbox.year.market import Market, OnlineBooking, Opening, Told
from agent.sandbox.year.mishaps import Mishaps
from agent.sandbox.year.premises import DESK_PATIENTS, KNOWN_PATIENTS, Row, Slot, person
from agent.sandbox.year.world import christmas

CHECK_EVERY = 3
"""Days between two looks at everything."""


class Days:
    """
    Fills the days of a life with what happens in them.
    """

    def __init__(self, life: Life) -> None:
        self._life = life
        self._random = life.random
        self._mishaps = Mishaps(life)
        self._bookings = 0
        self._been_here = {number for number in range(1, KNOWN_PATIENTS + 1) if number % 3}

    def prepare(self, day: date) -> None:
        """
        Decide in the morning what the day will bring.
        """
        life, random = self._life, self._random
        if (day.month, day.day) == (12, 1):
            life.closures = (*life.closures, christmas(day.year))
            if life.room is not None:
                life.room.change(life.practices, life.lines)
        self._machine(day)
        is_open = life.is_working_day(day)
        for _ in range(_poisson(random.random, life.cast.online * (1 if is_open else 0.4))):
            self._some_time(day, 6.2, 22.5, *random.choice(self._patients()), looks=ONLINE)
        if not is_open:
            return
        for _ in range(_poisson(random.random, life.cast.desk)):
            self._some_time(day, 8.6, 17.3, *random.choice(self._desk()))
        if random.random() < 1 / life.cast.mishaps:
            self._some_time(day, 8.9, 15.5, *self._mishaps.draw())
        if day.toordinal() % CHECK_EVERY == 0:
            life.at(datetime.combine(day, time(11, 40)), "", life.check)
        closing = life.cast.hours[day.weekday()]
        if closing is not None:
            evening = datetime.combine(day, time()) + timedelta(minutes=closing.end - 25)
            life.at(evening, "", lambda: life.premises.end_day(life.now))
            life.at(evening + timedelta(minutes=5), "", life.people_answer)

    def _machine(self, day: date) -> None:
        life = self._life
        if life.cast.machine is None:
            life.at(datetime.combine(day, time(6, 1)), "", life.switch_on)
            return
        span = life.cast.machine[day.weekday()]
        if span is None or not life.is_working_day(day):
            return
        midnight = datetime.combine(day, time())
        early, late = self._random.randint(-9, 3), self._random.randint(-3, 14)
        power_fails = self._random.random() < 0.03
        life.at(midnight + timedelta(minutes=span.start + early), "machine on", life.switch_on)
        life.at(
            midnight + timedelta(minutes=span.end + late),
            "power cut in the evening" if power_fails else "machine off",
            lambda: life.switch_off(orderly=not power_fails, why="outage" if power_fails else "contract"),
        )

    def _some_time(
        self, day: date, first: float, last: float, name: str, act: Callable[[], None], *, looks: tuple[int, ...] = SETTLE
    ) -> None:
        seconds = self._random.uniform(first, last) * 3600
        self._life.at(datetime.combine(day, time()) + timedelta(seconds=round(seconds)), name, act, looks)

    # Patients.

    def _patients(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            *[("patient books", self.books)] * 9,
            *[("patient cancels", self.cancels)] * 3,
            ("patient cancels at once", self.cancels_at_once),
            ("patient rebooks the same slot", self.rebooks),
            ("stranger takes the slot just freed", self.stranger),
            ("family books", self.family),
            ("Healthengine asks again", self.asked_again),
            ("Healthengine asks what became of it", self.asked_about),
        ]

    def _market(self) -> Market:
        return self._random.choice(list(self._life.markets.values()))

    def _new_booking(self, market: Market, opening: Opening, minutes: int, who: int | None = None) -> OnlineBooking:
        self._bookings += 1
        number = self._bookings
        who = self._random.randint(1, KNOWN_PATIENTS) if who is None else who
        is_new = who not in self._been_here
        self._been_here.add(who)
        type_id = market.type_for(number, opening.type_ids)
        return market.book(number, opening, minutes, person(who), type_id=type_id, is_new=is_new)

    def books(self) -> None:
        """
        A patient takes any time that is shown.
        """
        market = self._market()
        minutes = self._life.cast.slot * self._random.choice((1, 1, 1, 2))
        found = list(market.openings(minutes))
        if found:
            # people want it soon, mostly
            opening = min(self._random.sample(found, min(3, len(found))), key=lambda item: item.start)
            self._new_booking(market, opening, minutes)

    def family(self) -> None:
        """
        Three of a family, one after another.
        """
        market = self._market()
        slot = self._life.cast.slot
        found = list(market.openings(3 * slot))
        if found:
            opening = self._random.choice(found)
            first = self._random.randint(1, KNOWN_PATIENTS - 3)
            for i in range(3):
                self._new_booking(market, opening._replace(start=opening.start + timedelta(minutes=i * slot)), slot, first + i)

    def _standing(self, market: Market) -> list[OnlineBooking]:
        now = self._life.now
        return [b for b in market.bookings.values() if b.told is Told.YES and b.booking.start > now]

    def cancels(self) -> None:
        """
        A patient cancels what was confirmed.
        """
        market = self._market()
        standing = self._standing(market)
        if standing:
            market.cancel(self._random.choice(standing), stays=False)

    def cancels_at_once(self) -> None:
        """
        A patient books and thinks better of it before anybody answered.
        """
        market = self._market()
        found = list(market.openings(self._life.cast.slot))
        if found:
            item = self._new_booking(market, self._random.choice(found), self._life.cast.slot)
            market.cancel(item, stays=self._random.random() < 0.5)

    def rebooks(self) -> None:
        """
        A patient cancels and books the same time again, before anybody has looked.
        """
        self._takes_over(same=True)

    def stranger(self) -> None:
        """
        Somebody else takes the time that a patient has just given up.
        """
        self._takes_over(same=False)

    def _takes_over(self, *, same: bool) -> None:
        market = self._market()
        standing = self._standing(market)
        if not standing:
            return
        item = self._random.choice(standing)
        if not any(row.start == item.booking.start for row in self._life.premises.of_booking(item.id)):
            return  # Healthengine would not show it: the desk has moved it, and somebody may have its time
        market.cancel(item, stays=False)
        booking = item.booking
        patient = booking.patient if same else person(self._random.randint(1, KNOWN_PATIENTS))
        self._bookings += 1
        freed = Opening(booking.resource_id or "", booking.start, ())
        market.book(self._bookings, freed, booking.minutes, patient, type_id=booking.type_id, is_new=booking.is_new_patient)

    def asked_again(self) -> None:
        """
        An answer was lost on the way: Healthengine lists the booking once more.
        """
        market = self._market()
        standing = self._standing(market)
        if standing:
            market.lists_again(self._random.choice(standing))

    def asked_about(self) -> None:
        """
        Healthengine asks what became of a booking.
        """
        market = self._market()
        standing = self._standing(market)
        if standing:
            market.ask_about(self._random.choice(standing))

    # The desk.

    def _desk(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            *[("desk books", self.desk_books)] * 8,
            *[("desk cancels its own", self.desk_cancels)] * 2,
            ("desk blocks time", self.desk_blocks),
            ("desk books across midnight", self.desk_books_across_midnight),
            ("desk books two at once", self.desk_books_two),
            *[("desk moves ours", self.moves)] * 2,
            ("desk gives ours to another doctor", self.reassigns),
            ("desk lengthens ours", self.lengthens),
            ("desk cancels ours", self.ends),
            ("desk cancels and restores ours", self.ends_and_restores),
            ("desk restores ours later", self.restores_late),
            ("desk deletes and types again", self.types_again),
            ("desk gives ours to another patient", self.reuses),
            ("desk merges patients", self.merges),
            ("leave is entered", self.leave),
        ]

    def _slot(self, minutes: int = 0, practitioner_id: int = 0) -> Slot | None:
        life = self._life
        for _ in range(4):
            day = life.now.date() + timedelta(days=self._random.randint(0, 9))
            found = life.premises.free_slots(day, after=life.now, minutes=minutes, practitioner_id=practitioner_id)
            if found:
                return self._random.choice(found)
        return None

    def _ours(self) -> Row | None:
        rows = self._life.premises.ours(self._life.now)
        return self._random.choice(rows) if rows else None

    def desk_books(self) -> None:
        """
        Somebody rings up.
        """
        slot = self._slot()
        if slot:
            self._life.premises.insert(slot, self._random.randint(DESK_PATIENTS, DESK_PATIENTS + 39))

    def desk_cancels(self) -> None:
        """
        Somebody rings up and cancels.
        """
        premises = self._life.premises
        rows = premises.rows("starts_at >= ? AND status = 0 AND notes = 'at the desk'", self._life.now)
        if rows:
            premises.change(self._random.choice(rows).id, "status = 3")

    def desk_blocks(self) -> None:
        """
        A stretch is blocked; now and then with no length at all, or beyond what is asked for.
        """
        slot = self._slot()
        if slot:
            length = self._random.choice((0, 10, slot.minutes))
            self._life.premises.insert(slot._replace(minutes=length), None, status=5, notes="blocked")

    def desk_books_across_midnight(self) -> None:
        """
        An appointment begins in the evening and ends the next morning; where somebody works at night, with them.
        """
        premises, today = self._life.premises, self._life.now.date()
        late = premises.query(
            "SELECT practitioner_id, location_id, roster_date FROM roster WHERE end_time = '24:00' AND roster_date > ?", today
        )
        who, where, day = late[0] if late else (premises.doctors()[0], self._life.cast.places[0].locations[0], str(today))
        evening = datetime.combine(date.fromisoformat(str(day)), time(23, 30))
        slot = Slot(int(who), int(where), evening, self._random.choice((31, 60, 120)))
        if premises.has_room(slot):
            premises.insert(slot, self._random.randint(DESK_PATIENTS, DESK_PATIENTS + 39))

    def desk_books_two(self) -> None:
        """
        Two of the desk's own share a time, which is the desk's own business.
        """
        slot = self._slot()
        if slot:
            for patient in (DESK_PATIENTS, DESK_PATIENTS + 1):
                self._life.premises.insert(slot, patient)

    def moves(self) -> None:
        """
        An appointment of ours goes to another time of the same doctor.
        """
        row = self._ours()
        slot = self._slot(row.minutes, row.practitioner_id) if row else None
        if row and slot:
            self._life.premises.change(row.id, "starts_at = ?, location_id = ?", slot.start, slot.location_id)

    def reassigns(self) -> None:
        """
        It goes to whoever has time.
        """
        row = self._ours()
        slot = self._slot(row.minutes) if row else None
        if row and slot:
            self._life.premises.change(
                row.id,
                "starts_at = ?, practitioner_id = ?, location_id = ?",
                slot.start,
                slot.practitioner_id,
                slot.location_id,
            )

    def lengthens(self) -> None:
        """
        It takes longer, where there is room.
        """
        row = self._ours()
        if row and self._life.premises.is_free(row, row.minutes + 10):
            self._life.premises.change(row.id, "minutes = minutes + 10")

    def ends(self) -> None:
        """
        It is cancelled.
        """
        row = self._ours()
        if row:
            self._life.premises.end_booking(row)

    def ends_and_restores(self) -> None:
        """
        It is cancelled by mistake and put back within the minute.
        """
        row = self._ours()
        if row:
            premises = self._life.premises
            premises.change(row.id, "status = 3")
            premises.on_their_way.add(row.booking_id)
            self._life.clock.advance(1)
            self._life.tick()
            self._life.clock.advance(34)
            self._life.tick()
            premises.change(row.id, "status = 0")
            premises.on_their_way.discard(row.booking_id)

    def restores_late(self) -> None:
        """
        It is cancelled, and put back ten minutes later if nobody has taken the time.
        """
        row = self._ours()
        if row:
            self._life.premises.end_booking(row)
            self._life.after(timedelta(minutes=10), "", lambda: self._put_back(row))

    def _put_back(self, row: Row) -> None:
        premises = self._life.premises
        there = premises.rows("id = ? AND status = 3 AND starts_at = ? AND patient_id = ?", row.id, row.start, row.patient_id)
        if there and premises.is_free(row, row.minutes):
            premises.change(row.id, "status = 0")
            self._life.settle()

    def types_again(self) -> None:
        """
        It is deleted and entered anew, as some people do to change it.
        """
        row = self._ours()
        if row:
            premises = self._life.premises
            premises.on_their_way.add(row.booking_id)
            premises.run("DELETE FROM appointments WHERE id = ?", row.id)
            for seconds in (2, 33):
                self._life.clock.advance(seconds)
                self._life.tick()
            if premises.is_free(row, row.minutes):
                premises.type_again(row, with_reference=self._random.random() < 0.3)
            else:
                premises.ended.add(row.booking_id)  # somebody online was quicker
            premises.on_their_way.discard(row.booking_id)

    def reuses(self) -> None:
        """
        The row is given to another patient, reference and all.
        """
        row = self._ours()
        if row:
            other = self._random.randint(DESK_PATIENTS, DESK_PATIENTS + 39)
            self._life.premises.change(row.id, "patient_id = ?", other)
            self._life.premises.given_away[row.id] = other
            self._life.premises.ended.add(row.booking_id)

    def merges(self) -> None:
        """
        Two records of one person become one.
        """
        row = self._ours()
        if row and row.patient_id:
            premises = self._life.premises
            heir = int(premises.query("SELECT MAX(id) + 1 FROM patients")[0][0])
            premises.run(
                "INSERT INTO patients (id, first_name, last_name, date_of_birth, sex, phone, email, address, suburb, state, "
                "postcode, medicare_number, medicare_irn, medicare_expiry, active) "
                "SELECT ?, first_name, last_name, date_of_birth, sex, phone, email, address, suburb, state, "
                "postcode, medicare_number, medicare_irn, medicare_expiry, 1 FROM patients WHERE id = ?",
                heir,
                row.patient_id,
            )
            premises.run(
                "UPDATE appointments SET patient_id = ?, version = version + 1 WHERE patient_id = ?", heir, row.patient_id
            )
            premises.run("UPDATE patients SET active = 0 WHERE id = ?", row.patient_id)

    def leave(self) -> None:
        """
        Somebody will be away, some day soon; what is booked is left for the desk to sort out.
        """
        premises = self._life.premises
        day = self._life.now.date() + timedelta(days=self._random.randint(2, 20))
        number = int(premises.query("SELECT COALESCE(MAX(id), 0) + 1 FROM absences")[0][0])
        premises.run(
            "INSERT INTO absences VALUES (?, ?, ?, '13:00', '24:00', 'away', 1)",
            number,
            self._random.choice(premises.doctors()),
            day,
        )


def _poisson(random: Callable[[], float], mean: float) -> int:
    limit, count, product = math.exp(-mean), 0, random()
    while product > limit:
        count += 1
        product *= random()
    return count
