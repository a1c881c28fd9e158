"""
Patients, the front desk, crashes and failures in any order: what must hold in the end, however they came.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sync_support import ANN, BEN, PRACTICE_ID, TEN, Crash, Saboteur, World, one_failure

from agent.domain.booking import Booking, BookingState
from agent.domain.diary import Appointment, AppointmentState
from agent.domain.errors import FrontdeskError
from agent.ports.tasks import TaskKind

SLOTS = st.integers(0, 3)
MOMENTS = st.integers(1, 60)


class Day(RuleBasedStateMachine):
    """
    One morning with few times, so that everybody wants the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self._folder.name))
        self.agent = self.world.agent()
        self.last = 0
        self.made: dict[int, Booking] = {}
        self.cancelled: set[int] = set()
        self.touched: set[int] = set()

    @rule(slot=SLOTS, person=st.sampled_from([ANN, BEN]))
    def a_patient_books(self, slot: int, person: object) -> None:
        self.last += 1
        self.made[self.last] = self.world.patient_books(self.last, start=TEN + timedelta(minutes=15 * slot), patient=person)

    @precondition(lambda self: self.last)
    @rule(data=st.data(), stays=st.booleans(), update=st.booleans())
    def a_patient_cancels(self, data: st.DataObject, *, stays: bool, update: bool) -> None:
        booking_id = data.draw(st.integers(1, self.last))
        listed = booking_id in self.world.market.bookings
        if booking_id in self.cancelled or not (listed or self.world.market.confirmed[booking_id]):
            return  # refused: the patient was told no
        self.cancelled.add(booking_id)
        self.world.patient_cancels(booking_id, stays=stays, update=update)

    @rule()
    def the_agent_polls(self) -> None:
        self._poll(self.agent)

    @rule(moment=MOMENTS)
    def the_agent_dies(self, moment: int) -> None:
        with suppress(Crash):
            self._poll(self.world.agent(saboteur := Saboteur(moment)))
            note(f"died {saboteur.where}")
        self.agent = self.world.agent()

    @rule(moment=MOMENTS)
    def something_fails(self, moment: int) -> None:
        self._poll(self.world.agent(Saboteur(moment, one_failure)))

    @rule(seconds=st.sampled_from([3, 10, 40]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds=seconds)

    @precondition(lambda self: self._confirmed())
    @rule(data=st.data())
    def healthengine_lists_a_booking_again(self, data: st.DataObject) -> None:
        booking_id = data.draw(st.sampled_from(self._confirmed()))
        self.world.market.bookings[booking_id] = self.made[booking_id]

    @rule(slot=SLOTS)
    def the_desk_books_as_we_do(self, slot: int) -> None:
        self.world.pms.between = lambda: self.the_desk_books_at(slot)

    @rule(slot=SLOTS)
    def the_desk_books(self, slot: int) -> None:
        self.the_desk_books_at(slot)

    def the_desk_books_at(self, slot: int) -> None:
        start = TEN + timedelta(minutes=15 * slot)
        if all(a.start != start for a in self.world.pms.live_appointments()):
            self.world.pms.add_appointment("1", start, patient_id="99")  # one of the same patient would be a move

    @precondition(lambda self: self._ours())
    @rule(data=st.data())
    def the_desk_cancels(self, data: st.DataObject) -> None:
        appointment = data.draw(st.sampled_from(self._ours()))
        self.touched.add(appointment.reference)
        self.world.pms.change_appointment(appointment.id, state=AppointmentState.CANCELLED)

    @precondition(lambda self: self._ours())
    @rule(data=st.data())
    def the_patient_arrives(self, data: st.DataObject) -> None:
        appointment = data.draw(st.sampled_from(self._ours()))
        self.touched.add(appointment.reference)
        self.world.pms.change_appointment(appointment.id, state=AppointmentState.ARRIVED)

    @rule()
    def the_agent_looks_for_changes(self) -> None:
        with suppress(FrontdeskError):
            self.agent.watch.run()

    @invariant()
    def nobody_shares_a_time(self) -> None:
        """
        But for what was found when it was too late to say no, which a person was told of, and what the next poll will find.
        """
        told = {task.booking_id for task in self.world.tasks() if task.kind is TaskKind.CONFLICT}
        found_later = {e.booking_id for e in self.world.store.ledger.bookings(PRACTICE_ID, states=(BookingState.INSERTING,))}
        starts = [a.start for a in self.world.pms.live_appointments() if a.reference not in told | found_later]

        assert sorted(set(starts)) == sorted(starts)

    @invariant()
    def a_booking_is_there_once_at_most(self) -> None:
        references = [a.reference for a in self._ours()]

        assert sorted(set(references)) == sorted(references)

    def _confirmed(self) -> list[int]:
        ended = {*self.cancelled, *self.touched, *self.world.market.cancelled}
        return [i for i in self.made if self.world.market.confirmed[i] and i not in ended and i not in self.world.market.bookings]

    def teardown(self) -> None:
        try:
            self._everything_is_settled()
        finally:
            self.world.store.close()
            self._folder.cleanup()

    def _everything_is_settled(self) -> None:
        world = self.world
        for _ in range(3):  # the last polls come after ten minutes, when tasks have been settled too
            for _ in range(3):
                self._poll(self.agent)
                world.clock.advance(seconds=65)
                self.agent.watch.run()
            world.clock.advance(minutes=4)
        live = {a.reference for a in self._ours()}
        for booking_id in range(1, self.last + 1):
            ids = set(world.market.confirmed[booking_id])
            known = world.store.ledger.booking(PRACTICE_ID, booking_id)
            assert 1 >= len(ids), "the same answer is given with the same ids"
            if booking_id in self.cancelled and booking_id in self.touched:
                # Somebody was quicker than the cancellation: a person looks at it.
                assert booking_id not in live or booking_id in {task.booking_id for task in world.tasks()}
                continue
            assert not (booking_id in live and not ids), "what is in the PMS was confirmed"
            assert not (booking_id in live and world.market.rejected[booking_id]), "what is in the PMS was not refused"
            if booking_id in self.cancelled:
                assert booking_id not in live, "what the patient cancelled is gone"
            elif known is not None and known.state is BookingState.CONFIRMED:
                assert booking_id in live, "what was cancelled in the PMS was told to Healthengine"
        assert not world.market.bookings, "every booking is answered"
        assert not world.market.updates, "every update is answered"

    def _ours(self) -> list[Appointment]:
        return [a for a in self.world.pms.live_appointments() if a.reference]

    def _poll(self, agent: object) -> None:
        assert hasattr(agent, "poll")
        with suppress(FrontdeskError):
            agent.poll()


TestRandomDays = Day.TestCase
TestRandomDays.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
